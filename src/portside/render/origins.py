"""Where a rendered field was made, and where it would be made if it were not absent (D6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Protocol

from portside.model.finding import Step
from portside.model.place import FieldPath
from portside.records import NamedTuple

EXACT: Final = "exact"
"""Changing the place changes the field; putting the wanted value there makes an absent one."""
TEMPLATE: Final = "template"
"""The line had a part in making the field, or its nearest ancestor."""
GUESS: Final = "guess"
"""The file made the object; nothing is known of the line."""

CHANGE, INSERT, REPLACE, SET = "change", "insert", "replace", "set"


class Way(NamedTuple):
    """The edit that an exact origin stands for.

    `change` alters the value of the key that the line writes; where `missing` is not there yet, in
    the map that stands behind it on the line. `insert` puts a new line before
    `line`, indented by `column - 1`, with the first of `missing` as its key. `replace` does so in
    place of the empty map that stands behind the key of the line. `set` gives the key `path` a
    value in the file of values (or of a patch or base) `file`, where `missing` is not there yet.
    """

    how: str
    role: str
    file: str
    """As `Origin.file`; for a template its name with Helm."""
    line: int
    column: int
    path: FieldPath = ()
    missing: FieldPath = ()
    document: int = 0
    """Which document of the file, where it is one of many."""
    inside: FieldPath | None = None
    """Where `path` leads to a text that is itself a document (a patch): the key in that."""


class Origin(NamedTuple):
    """The place to edit, how sure that is, and all places that the field comes from."""

    file: str
    line: int
    column: int
    width: int
    chain: tuple[Step, ...]
    confidence: str
    way: Way | None = None


class Origins(Protocol):
    """Asked where the fields of the objects of one render come from.

    `file` counts the files of the render (`Rendered.files`), `document` the documents in it, and
    `path` is the field's in the document.
    """

    def begin(self, files: Collection[int]) -> None:
        """Have the renderer do what answers of those files need, while something else is done."""

    def of(self, file: int, document: int, path: FieldPath) -> Origin: ...
