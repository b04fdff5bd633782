"""The edits that should end one finding, and files before and after them."""

from __future__ import annotations

from collections.abc import Mapping

from portside.model.finding import Finding
from portside.model.mending import LineEdit, NewObject
from portside.records import NamedTuple
from portside.render.origins import Way
from portside.syntax.change import Change

Texts = Mapping[str, bytes]
"""What files hold, by their names."""


class Placed(NamedTuple):
    """A change of one of the documents of a file, by its number."""

    document: int
    change: Change


class Sited(NamedTuple):
    """A change where a field of a rendered object comes from.

    The path of the change leads from what `way` names: from the document, or, in a line of a
    template, from what stands behind the key.
    """

    file: str
    way: Way
    change: Change


class Meant(NamedTuple):
    """What is to become of an object that is rendered, by the number of its target."""

    target: int
    object_key: str
    changes: tuple[Change, ...]


class Proposal(NamedTuple):
    """The edits that should end one finding: of lines, of fields, and of whole objects.

    Where the object is rendered, they are `sites`, and `meant` is what is to follow from them.
    """

    finding: Finding
    fields: tuple[Placed, ...] = ()
    lines: tuple[LineEdit, ...] = ()
    objects: tuple[NewObject, ...] = ()
    sites: tuple[Sited, ...] = ()
    meant: tuple[Meant, ...] = ()


class Mended(NamedTuple):
    """Files before and after, and the edits between the two."""

    before: Texts
    after: Texts
    made: tuple[Proposal, ...]

    def changed(self) -> dict[str, bytes]:
        """The files that are not as they were."""
        return {name: data for name, data in self.after.items() if data != self.before[name]}
