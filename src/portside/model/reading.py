"""What a source says of one file: the objects in it, and what became of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.model.finding import Comment, FileFate, ObjectFate, Unread
from portside.model.resource import Resource
from portside.records import NamedTuple


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
    alone: bool = True
    """Whether it makes something by itself: a library chart and a component do not."""
    uses: tuple[str, ...] = ()
    """The folders of kustomizations that it builds on, as it writes them."""


class ReadFile(NamedTuple):
    """One input file, read. `settled` are objects whose fate is known without asking a rule."""

    fate: FileFate
    resources: tuple[Resource, ...] = ()
    unread: tuple[Unread, ...] = ()
    comments: tuple[Comment, ...] = ()
    settled: tuple[ObjectFate, ...] = ()
    root: Root | None = None
    """What the file is the head of, if it is; the rest says what is true where none renders it."""


class Target(NamedTuple):
    """One way to render a root: what is to be judged in place of its files."""

    root: Root
    head: ReadFile
    """What is said of it where nothing renders it."""
    request: Any
    """What the renderer is asked: a HelmRequest or a KustomizeRequest."""
    environment: str = ""
    """Empty where it has only one."""
    values: tuple[str, ...] = ()
    """The files of values, by their paths."""
    after: Any = None
    """The Environment whose `substitution` and `post` change what was rendered; None without."""
    called: str = ""
    """What the environment is called, whether it is the only one or not."""
    texts: Mapping[str, str] = {}
    """What files, by their real paths, hold in place of what stands on the disk."""
