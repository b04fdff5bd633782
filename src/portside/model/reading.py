"""What a source says of one file: the objects in it, and what became of the rest."""

from __future__ import annotations

from typing import NamedTuple

from portside.model.finding import Comment, FileFate, ObjectFate, Unread
from portside.model.resource import Resource


class Root(NamedTuple):
    """A chart or a kustomization that can be rendered."""

    kind: str
    """`helm` or `kustomize`."""
    path: str
    """The folder, or the archive of a packed chart, to open it by."""
    name: str
    """What it is called."""
    identity: str
    """What it is called in identities."""
    within: str
    """The folder out of which nothing is read for it."""
    library: bool = False
    """Whether it is a chart of helpers, which makes nothing by itself."""


class ReadFile(NamedTuple):
    """One input file, read. `settled` are objects whose fate is known without asking a rule."""

    fate: FileFate
    resources: tuple[Resource, ...] = ()
    unread: tuple[Unread, ...] = ()
    comments: tuple[Comment, ...] = ()
    settled: tuple[ObjectFate, ...] = ()
    root: Root | None = None
    """What the file is the head of, if it is; the rest says what is true where none renders it."""
