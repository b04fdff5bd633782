"""What a source says of one file: the objects in it, and what became of the rest."""

from __future__ import annotations

from typing import NamedTuple

from portside.model.finding import Comment, FileFate, ObjectFate, Unread
from portside.model.resource import Resource


class ReadFile(NamedTuple):
    """One input file, read. `settled` are objects whose fate is known without asking a rule."""

    fate: FileFate
    resources: tuple[Resource, ...] = ()
    unread: tuple[Unread, ...] = ()
    comments: tuple[Comment, ...] = ()
    settled: tuple[ObjectFate, ...] = ()
