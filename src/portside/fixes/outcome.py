"""The edits that should end one finding, and a file before and after them."""

from __future__ import annotations

from typing import NamedTuple

from portside.model.finding import Finding
from portside.model.mending import LineEdit, NewObject
from portside.syntax.change import Change


class Placed(NamedTuple):
    """A change of one of the documents of a file, by its number."""

    document: int
    change: Change


class Proposal(NamedTuple):
    """The edits that should end one finding: of lines, of fields, and of whole objects."""

    finding: Finding
    fields: tuple[Placed, ...] = ()
    lines: tuple[LineEdit, ...] = ()
    objects: tuple[NewObject, ...] = ()


class FileFix(NamedTuple):
    """A file before and after, and the edits between the two."""

    name: str
    before: bytes
    after: bytes
    made: tuple[Proposal, ...]
