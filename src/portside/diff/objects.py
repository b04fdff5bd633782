"""Objects that a change adds, removes, changes or moves, and which of their fields."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.diff.model import ADDED, CHANGED, MOVED, REMOVED, Field, ObjectChange
from portside.engine.identity import named_path
from portside.model.resource import FileResource
from portside.records import NamedTuple
from portside.secrets.veil import veiled

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.model.resource import Resource

    _Left = tuple[Resource, tuple[str, ...]]

_MOST_FIELDS = 40
_DEEPEST = 60
_GROUPS = frozenset(("", "apps", "batch", "networking.k8s.io", "autoscaling"))
_SHOWN = frozenset(
    (
        *("image", "replicas", "privileged", "allowPrivilegeEscalation", "readOnlyRootFilesystem"),
        *("runAsNonRoot", "runAsUser", "runAsGroup", "hostNetwork", "hostPID", "hostIPC"),
        *("automountServiceAccountToken", "serviceAccountName", "port", "targetPort", "nodePort"),
        *("containerPort", "hostPort", "imagePullPolicy", "minReplicas", "maxReplicas"),
        *("suspend", "ingressClassName", "hostUsers", "immutable", "cpu", "memory"),
    )
)
"""Fields of Kubernetes' own whose values are no secrets, and worth a look."""
_LONGEST = 120


class Group(NamedTuple):
    """What may differ: objects of files, or what a chart or an overlay makes of them."""

    before: Sequence[Resource]
    after: Sequence[Resource]
    environments: tuple[str, ...] = ()
    """In which they are so; empty for objects of files, and where there is only one."""


def object_changes(groups: Iterable[Group], renamed: Mapping[str, str]) -> list[ObjectChange]:
    """What became of the objects, in the order of their files and lines.

    `renamed` leads from the old name of a file, a chart or an overlay to its new one, as identities
    have them. The objects must be as they are written: the judged form has fields that nobody
    wrote.
    """
    found: dict[ObjectChange, dict[str, None] | None] = {}
    for change in _changes(groups, renamed):
        key = change._replace(environments=())
        known = found.setdefault(key, {})
        if known is not None:
            found[key] = known | dict.fromkeys(change.environments) if change.environments else None
    changes = (it._replace(environments=tuple(names or ())) for it, names in found.items())
    return sorted(changes, key=lambda it: (it.file, it.line, it.resource))


def _changes(groups: Iterable[Group], renamed: Mapping[str, str]) -> Iterator[ObjectChange]:
    left_then: list[_Left] = []
    left_now: list[_Left] = []
    for group in groups:
        pairs = list(_paired(group.before, group.after, renamed))
        for one, other in pairs:
            yield from (_in(group.environments, it) for it in _difference(one, other))
        then, now = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
        left_then += ((it, group.environments) for it in group.before if id(it) not in then)
        left_now += ((it, group.environments) for it in group.after if id(it) not in now)
    yield from _moved(left_then, left_now)


def _moved(left_then: Sequence[_Left], left_now: Sequence[_Left]) -> Iterator[ObjectChange]:
    """What became of objects that are no more in the file, chart or overlay that they were in.

    One of a file may be what a chart makes of it in each of its environments, and the other way
    round.
    """
    by_key: dict[Hashable, list[_Left]] = {}
    for it in left_then:
        by_key.setdefault(_anywhere(it[0]), []).append(it)
    matched: set[int] = set()
    for other, names in left_now:
        known = [it for it in by_key.get(_anywhere(other), ()) if _meet(it[1], names) is not None]
        for one, others in known:
            matched |= {id(one), id(other)}
            both = _meet(others, names) or ()
            yield from (_in(both, it) for it in _difference(one, other))
    for kind, left in ((REMOVED, left_then), (ADDED, left_now)):
        yield from (_in(names, _whole(kind, it)) for it, names in left if id(it) not in matched)


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """The environments that two objects are both in; None where there are none."""
    if not one or not other:
        return one or other
    return tuple(it for it in one if it in other) or None


def _in(environments: tuple[str, ...], it: ObjectChange) -> ObjectChange:
    return it._replace(environments=environments)


def _paired(
    then: Sequence[Resource], now: Sequence[Resource], renamed: Mapping[str, str]
) -> Iterator[tuple[Resource, Resource]]:
    left_then, left_now = list(then), list(now)
    for one, other in (
        (_in_file, _in_file),
        (lambda it: (renamed.get(it.identity_file), *_in_file(it)[1:]), _in_file),
        (_anywhere, _anywhere),
    ):
        by_key: dict[Hashable, list[Resource]] = {}
        for it in left_now:
            by_key.setdefault(other(it), []).append(it)
        matched: set[int] = set()
        for it in left_then:
            known = by_key.get(one(it))
            if known:
                found = known.pop(0)
                matched |= {id(it), id(found)}
                yield it, found
        left_then = [it for it in left_then if id(it) not in matched]
        left_now = [it for it in left_now if id(it) not in matched]


def _in_file(it: Resource) -> tuple[Hashable, ...]:
    return it.identity_file, it.group, it.kind, it.ref.namespace, it.ref.name, it.twin


def _anywhere(it: Resource) -> Hashable:
    """Its name without its file; a file that is no object is only ever itself."""
    if type(it) is FileResource:
        return id(it)
    return _in_file(it)[1:5]


def _whole(kind: str, it: Resource) -> ObjectChange:
    return ObjectChange(kind, it.ref, it.file, it.line)


def _difference(one: Resource, other: Resource) -> Iterator[ObjectChange]:
    was = one.file if one.file != other.file else ""
    fields = list(_fields(one, other))
    if type(other) is FileResource and not fields and not was:
        fields = [Field("its text", CHANGED)]  # a comment, or how it is laid out
    if not fields and not was:
        return
    kind = CHANGED if fields else MOVED
    more = max(0, len(fields) - _MOST_FIELDS)
    yield ObjectChange(
        kind, other.ref, other.file, other.line, was, tuple(fields[:_MOST_FIELDS]), more
    )


def _fields(one: Resource, other: Resource) -> Iterator[Field]:
    shown = other.group in _GROUPS and other.kind not in ("Secret", "ConfigMap")
    shown = shown and type(other) is not FileResource
    seen: set[tuple[str, str]] = set()
    for path, in_both, then, now in _differing(one, other):
        source = one if in_both == REMOVED else other
        name = veiled(named_path(source.value, path, source.named_lists)) or "the object"
        if (name, in_both) in seen:
            continue
        seen.add((name, in_both))
        last = path[-1] if path else ""
        if shown and last in _SHOWN:
            yield Field(name, in_both, _value(then), _value(now))
        else:
            yield Field(name, in_both)


def _value(value: Any) -> str:
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)[:_LONGEST] if type(value) in (int, float, str) else ""


def _differing(one: Resource, other: Resource) -> Iterator[tuple[FieldPath, str, Any, Any]]:
    """The outermost fields that only one has, and the innermost that both have otherwise."""
    pending: list[tuple[FieldPath, FieldPath, Any, Any]] = [((), (), one.value, other.value)]
    while pending:
        old, new, then, now = pending.pop()
        deep = len(new) >= _DEEPEST
        if type(then) is dict and type(now) is dict and not deep:
            yield from _keys(old, new, then, now)
            both = [key for key in now if key in then]
            pending += [((*old, it), (*new, it), then[it], now[it]) for it in reversed(both)]
        elif type(then) is list and type(now) is list and not deep:
            same, gone, come = _items(one, other, (old, then), (new, now))
            yield from (((*old, at), REMOVED, then[at], None) for at in gone)
            yield from (((*new, at), ADDED, None, now[at]) for at in come)
            pending += [((*old, a), (*new, b), then[a], now[b]) for a, b in reversed(same)]
            if not (gone or come) and any(a != b for a, b in same):
                yield new, CHANGED, None, None  # the same items in another order
        elif type(then) is not type(now) or then != now:  # true is not 1
            yield new, CHANGED, then, now


def _keys(
    old: FieldPath, new: FieldPath, then: dict[str, Any], now: dict[str, Any]
) -> Iterator[tuple[FieldPath, str, Any, Any]]:
    yield from (((*old, key), REMOVED, then[key], None) for key in then if key not in now)
    yield from (((*new, key), ADDED, None, now[key]) for key in now if key not in then)


def _items(
    one: Resource,
    other: Resource,
    old: tuple[FieldPath, list[Any]],
    new: tuple[FieldPath, list[Any]],
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Which items of two lists are the same by name; those without a name by their number."""
    names = [_names(one, *old), _names(other, *new)]
    at_new = {name: at for at, name in enumerate(names[1])}
    same = [(at, at_new[name]) for at, name in enumerate(names[0]) if name in at_new]
    gone = [at for at, name in enumerate(names[0]) if name not in at_new]
    known = {at for _, at in same}
    return same, gone, [at for at in range(len(names[1])) if at not in known]


def _names(resource: Resource, path: FieldPath, items: list[Any]) -> list[str]:
    return [
        named_path(resource.value, (*path, at), resource.named_lists).rpartition("[")[2]
        for at in range(len(items))
    ]
