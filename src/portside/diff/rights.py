"""Rights that bindings give after a change and did not before, and the other way round.

RBAC adds up: who has a right in the whole cluster, or by a wildcard, gains nothing where the same
is given once more (Kubernetes documentation, "Using RBAC Authorization").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from portside.diff.model import ADDED, REMOVED, Right
from portside.model.accounts import BINDINGS
from portside.model.fields import maps, text, texts
from portside.model.grants import ADMIN, Roles
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.facts import Fact, Facts

MOST = 200_000
ALL, EVERYWHERE, UNNAMED = "*", "", "default"
_ROLE = "role"


class _Grant(NamedTuple):
    """One right of one subject, as small as can be."""

    subject: str
    scope: str
    """A namespace; empty for the whole cluster."""
    what: str
    """`resource` or `resource.group`, `/path` outside of resources, or a role that is no file."""
    name: str
    """Of the one object that it is about; empty for all."""
    verb: str


class TooManyError(Exception):
    """The bindings give more rights than can be compared."""


def right_changes(before: Facts, after: Facts) -> list[Right]:
    """What the subjects of bindings gain and lose. Raises TooManyError."""
    then, now = set(_grants(before)), set(_grants(after))
    gained = [it for it in now - then if not _has(then, it)]
    lost = [it for it in then - now if not _has(now, it)]
    return [*_joined(ADDED, gained), *_joined(REMOVED, lost)]


def _has(grants: set[_Grant], it: _Grant) -> bool:
    """Whether one of `grants` gives as much as `it`."""
    plain, _, group = it.what.partition(".")
    what = {it.what, ALL, f"{ALL}.{group}" if group else it.what, f"{plain}.{ALL}"}
    if plain.startswith("/"):
        what = {it.what, ALL, "/*"}
    return any(
        _Grant(it.subject, *parts) in grants
        for parts in product({it.scope, EVERYWHERE}, what, {it.name, ""}, {it.verb, ALL})
    )


def _joined(kind: str, grants: list[_Grant]) -> list[Right]:
    """The rights as people read them: verbs of one subject on one thing are one."""
    verbs: defaultdict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for it in grants:
        verbs[it[:4]].add(it.verb)
    return [
        Right(kind, subject, tuple(sorted(found)), _what(what, name), _scope(scope))
        for (subject, scope, what, name), found in sorted(verbs.items())
    ]


def _what(what: str, name: str) -> str:
    said = "everything" if what == ALL else what
    return f"{said} called {name}" if name else said


def _scope(scope: str) -> str:
    return f"namespace {scope}" if scope else "the whole cluster"


def _grants(facts: Facts) -> Iterator[_Grant]:
    roles = facts.once(Roles)
    left = MOST
    for binding in facts.of(*BINDINGS):
        scope = EVERYWHERE
        if binding.ref.kind == "RoleBinding":
            scope = binding.namespace or UNNAMED
        subjects = list(_subjects(binding))
        for what, name, verb in _rights(binding, roles) if subjects else ():
            left -= len(subjects)
            if left < 0:
                raise TooManyError
            yield from (_Grant(it, scope, what, name, verb) for it in subjects)


def _subjects(binding: Fact) -> Iterator[str]:
    for _, it in maps(binding.value, "subjects"):
        kind, name = text(it, "kind"), text(it, "name")
        if kind == "ServiceAccount" and name:
            yield f"{kind} {text(it, 'namespace') or binding.namespace or UNNAMED}/{name}"
        elif name:
            yield f"{kind} {name}"


def _rights(binding: Fact, roles: Roles) -> Iterator[tuple[str, str, str]]:
    """(what, name, verb) of each right that the binding gives."""
    if not roles.of(binding):
        name = text(binding.value, "roleRef", "name")
        kind = text(binding.value, "roleRef", "kind")
        # Without its rules all that is known of a role is its name.
        yield (ALL, "", ALL) if name == ADMIN else (f"what {kind} {name} gives", "", _ROLE)
        return
    for rule in roles.rules_of(binding):
        verbs = _texts(rule, "verbs")
        names = _texts(rule, "resourceNames") or [""]
        kinds = product(_texts(rule, "apiGroups") or [""], _texts(rule, "resources"))
        things = [_thing(group, resource) for group, resource in kinds]
        yield from product(things, names, verbs)
        yield from product(_texts(rule, "nonResourceURLs"), [""], verbs)


def _thing(group: str, resource: str) -> str:
    if (group, resource) == (ALL, ALL):
        return ALL
    return f"{resource}.{group}" if group else resource


def _texts(rule: dict[str, Any], field: str) -> list[str]:
    return [it for _, it in texts(rule, field)]
