"""The words of a comparison: what reports of a change are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ResourceRef, Unread

NEW, FIXED, UNCHANGED = STATES = ("new", "fixed", "unchanged")
ADDED, REMOVED, CHANGED, MOVED = KINDS = ("added", "removed", "changed", "moved")
LOOSENED = "loosened-configuration"
"""What findings about a change of what is excused or asked are called."""


class Field(NamedTuple):
    """A field that is not what it was, called as in identities; `before` and `after` are values
    where they may be shown, and else empty."""

    name: str
    kind: str
    """`added`, `removed` or `changed`."""
    before: str = ""
    after: str = ""


class ObjectChange(NamedTuple):
    """What became of one object."""

    kind: str
    resource: ResourceRef
    file: str
    """Where it stands now, or stood, where it is gone."""
    line: int
    was: str = ""
    """The file it stood in, where that is another one."""
    fields: tuple[Field, ...] = ()
    more_fields: int = 0
    """How many more fields than those changed."""
    environments: tuple[str, ...] = ()
    """In which it is so; empty where there are none, or it is so in all."""


class Connection(NamedTuple):
    """Who reaches whom by other ports than before; `before` and `after` are empty for none."""

    kind: str
    """`added`, `removed` or `changed`."""
    source: str
    target: str
    before: str
    after: str
    environments: tuple[str, ...] = ()


class Right(NamedTuple):
    """What a subject may do by a binding; `verbs` are those that it had not, or has not now."""

    kind: str
    """`added` or `removed`."""
    subject: str
    verbs: tuple[str, ...]
    what: str
    scope: str
    """`namespace shop`, or `the whole cluster`."""
    environments: tuple[str, ...] = ()


class Path(NamedTuple):
    """Somebody who can now become what he could not, or no more can."""

    kind: str
    source: str
    target: str
    environments: tuple[str, ...] = ()


class Reach(NamedTuple):
    """What a change does to connections and rights; `notes` say what is not known of it."""

    connections: tuple[Connection, ...] = ()
    rights: tuple[Right, ...] = ()
    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


class Side(NamedTuple):
    """One side of a comparison."""

    name: str
    """As people call it: `main`, `the work tree`."""
    commit: str
    """Empty for the work tree."""

    def __str__(self) -> str:
        return f"{self.name} ({self.commit[:12]})" if self.commit else self.name


class Compared(NamedTuple):
    """Findings of both sides, held against each other."""

    states: tuple[str, ...]
    """`new` or `unchanged` for each finding of the new side, in order."""
    fixed: tuple[tuple[Finding, Excuse | None], ...]
    """Those of the old side that are not there any more; one that is gone in some environments,
    and stays in others, is here with those that it is gone in."""
    new_in: Mapping[int, tuple[str, ...]] = {}
    """By the number of a new finding: the environments that it is new in, where it was there in
    others."""


class Change(NamedTuple):
    """A whole comparison."""

    before: Side
    after: Side
    evaluation: Evaluation
    """All of the new side, with what is loosened among its later findings."""
    judged: Evaluation
    """The same where what is unchanged is excused, so that only what is new counts."""
    compared: Compared
    objects: Sequence[ObjectChange]
    reach: Reach
    unread_before: Sequence[Unread]
    """What could not be read of the old side, and was not unread on the new side as well."""
    notes: Sequence[str] = ()

    @property
    def loosened(self) -> list[Finding]:
        return [it for it in self.evaluation.later if it.rule == LOOSENED]

    @property
    def complete(self) -> bool:
        return self.evaluation.complete and not self.unread_before
