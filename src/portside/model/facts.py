"""What rules across objects know: a small part of each object, never its secrets (D13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from portside.model.fields import at, mapping
from portside.model.finding import ResourceRef
from portside.model.kinds import is_of
from portside.model.place import FieldPath
from portside.model.resource import NamedLists
from portside.model.selector import has_all, matches
from portside.model.workload import Pod, pods

Made = TypeVar("Made")


Place = tuple[int, int, int]
"""Line, column and width; the width of a field that is absent is 0."""
_ABSENT = frozenset(("readinessProbe", "livenessProbe", "namespace", "serviceAccountName"))
"""Fields whose absence is a fault: they stand, or would, right in a container, pod or metadata."""
_NO_PLACES: Mapping[FieldPath, Place] = {}


_STEPS = 4_000_000
"""Objects that rules may look at in all, to compare them with others: seconds of work."""


class TooMuchError(Exception):
    """So many objects have to do with so many that comparing them would take forever."""


class Fact:
    """One object, of which `value` is the part that other objects may have to do with.

    It has the judged form. Values of Secrets, ConfigMaps, environment variables and arguments are
    gone (their keys stay, with an empty text), and so are fields of a wrong type.
    """

    __slots__ = (
        *("_key", "_pods", "doubtful", "file", "folder", "name", "named_lists", "namespace"),
        *("number", "place", "places", "ref", "value"),
    )

    def __init__(  # noqa: PLR0913 - one object has as many sides
        self,
        ref: ResourceRef,
        value: dict[str, Any],
        *,
        file: str,
        key: str,
        place: Place,
        number: int,
        doubtful: bool = False,
        places: Mapping[FieldPath, Place] = _NO_PLACES,
        bare: bool = False,
    ) -> None:
        self.ref = ref
        self.value = value
        self.name = ref.name
        self.namespace = ref.namespace
        self.file = file
        self.folder = _folder(file)
        self.place = place
        """Line, column and width of the object itself."""
        self.places = places
        """Where some of its fields stand, or would stand, that findings are often about."""
        self.number = number
        """Its position among the objects of its file."""
        self.doubtful = doubtful
        """Whether a field of it has a type that the API server refuses."""
        self.named_lists: NamedLists = {}
        self._key = key
        self._pods: tuple[Pod, ...] | None = () if bare else None
        """Empty at once where it is known to bear none: nobody need look for them."""

    @property
    def labels(self) -> dict[str, Any]:
        return mapping(self.value, "metadata", "labels")

    def pods(self) -> tuple[Pod, ...]:
        """Its pod templates; the paths are those of the whole object."""
        if self._pods is None:
            self._pods = pods(self.value, self.ref.group, self.ref.kind)
        return self._pods

    def __eq__(self, other: object) -> bool:
        return type(other) is Fact and (
            (self._key, self.number, self.place, self.value)
            == (other._key, other.number, other.place, other.value)
        )

    __hash__ = None  # type: ignore[assignment]

    def place_of(self, path: FieldPath) -> Place | None:
        """Where the field at `path` stands, if that is known without its text."""
        found = self.place if not path else self.places.get(path)
        if found is None and path and path[-1] in _ABSENT:
            around = self.places.get(path[:-1])
            if around is not None and at(self.value, *path) is None:
                return around[0], around[1], 0
        return found

    def object_key(self) -> str:
        """What it is called in identities."""
        return self._key

    @property
    def is_bare(self) -> bool:
        """Whether it is known to bear no pods."""
        return self._pods == ()


class Facts:
    """All objects of a scan. `whole` says whether they are all that there is to know.

    Where they are not, a rule that concludes from the absence of an object has no verdict.
    """

    __slots__ = ("_by_kind", "_by_name", "_of", "_once", "_steps", "_workloads", "listed", "whole")

    def __init__(self, listed: Sequence[Fact], *, whole: bool) -> None:
        self.listed = listed
        self.whole = whole
        self._by_kind: dict[str, list[Fact]] | None = None
        self._by_name: dict[tuple[str, str, str], list[Fact]] | None = None
        self._workloads: list[Fact] | None = None
        self._of: dict[tuple[str, ...], list[Fact]] = {}
        self._once: dict[Callable[[Facts], Any], Any] = {}
        self._steps = _STEPS

    def once(self, make: Callable[[Facts], Made]) -> Made:
        """What `make` makes of these facts, made once: an index that a rule asks often."""
        if make not in self._once:
            self._once[make] = make(self)
        made: Made = self._once[make]
        return made

    def spend(self, objects: int) -> None:
        """Count objects that were looked at for another. Raises TooMuchError after too many."""
        self._steps -= objects
        if self._steps < 0:
            raise TooMuchError

    def of(self, *kinds: str) -> Iterator[Fact]:
        """The objects of these kinds, written as in a rule's `kinds`."""
        found = self._of.get(kinds)
        if found is None:
            found = self._of[kinds] = [
                fact
                for kind in dict.fromkeys(it.rpartition("/")[2] for it in kinds)
                for fact in self._kinds().get(kind, ())
                if is_of(fact.ref.group, kind, kinds)
            ]
        return iter(found)

    def all_named(self, kind: str, namespace: str, name: str) -> Iterator[Fact]:
        """The objects of that name: several where a tree holds several applications."""
        if self._by_name is None:
            self._by_name = {}
            for fact in self.listed:
                key = (fact.ref.kind, fact.ref.namespace, fact.ref.name)
                self._by_name.setdefault(key, []).append(fact)
        plain = kind.rpartition("/")[2]
        for fact in self._by_name.get((plain, namespace, name), ()):
            self.spend(1)
            if is_of(fact.ref.group, plain, (kind,)):
                yield fact

    def named(self, kind: str, namespace: str, name: str) -> Fact | None:
        """The first object of that name; `namespace` is empty for kinds that have none."""
        return next(self.all_named(kind, namespace, name), None)

    def workloads(self, namespace: str | None = None) -> Iterator[Fact]:
        """The objects that bear pods; those of one namespace, or all."""
        if self._workloads is None:
            self._workloads = [fact for fact in self.listed if fact.pods()]
        if namespace is None:
            return iter(self._workloads)
        return iter(self.once(_by_namespace).get(namespace, ()))

    def selected(self, selector: Any, namespace: str) -> Iterator[Fact]:
        """The workloads in `namespace` of whose pods the label selector selects some."""
        wanted = mapping(selector, "matchLabels")
        for fact in self._bearing(wanted, namespace):
            self.spend(1)
            if any(matches(selector, labels_of(pod)) for pod in fact.pods()):
                yield fact

    def labelled(self, wanted: Mapping[str, Any], namespace: str) -> Iterator[Fact]:
        """The workloads in `namespace` of which some pod has all of these labels."""
        for fact in self._bearing(wanted, namespace):
            self.spend(1)
            if any(has_all(wanted, labels_of(pod)) for pod in fact.pods()):
                yield fact

    def served(self, service: Fact) -> Iterator[Fact]:
        """The workloads that the Service selects; none where it has no selector."""
        wanted = mapping(service.value, "spec", "selector")
        return self.labelled(wanted, service.ref.namespace) if wanted else iter(())

    def serving(self, workload: Fact) -> Sequence[Fact]:
        """The Services that select some pod of the workload."""
        groups = self.once(_by_served).get(id(workload), ())
        return groups[0] if len(groups) == 1 else [it for group in groups for it in group]

    def _bearing(self, wanted: Mapping[str, Any], namespace: str) -> Iterable[Fact]:
        """The workloads that may bear these labels: those of the one that fewest bear."""
        index = self.once(_by_label)
        found: Sequence[Fact] | None = None
        for key, value in wanted.items():
            if type(value) is str:
                bearing = index.get((namespace, key, value), ())
                if found is None or len(bearing) < len(found):
                    found = bearing
        return self.workloads(namespace) if found is None else found

    def namespaces(self) -> list[str]:
        """The namespaces that objects are in, in the order of their first; `""` is unnamed."""
        found = [it.ref.namespace for it in self.listed if it.ref.kind != "Namespace"]
        return list(dict.fromkeys(found))

    @staticmethod
    def together(one: Fact, other: Fact) -> bool:
        """Whether both seem to be of one application: in one folder, or one folder above the other.

        A tree may hold many applications, or one for many environments, which never meet.
        """
        return one.folder.startswith(other.folder) or other.folder.startswith(one.folder)

    def _kinds(self) -> dict[str, list[Fact]]:
        if self._by_kind is None:
            self._by_kind = {}
            for fact in self.listed:
                self._by_kind.setdefault(fact.ref.kind, []).append(fact)
        return self._by_kind


def _by_namespace(facts: Facts) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts.workloads():
        found.setdefault(fact.ref.namespace, []).append(fact)
    return found


def _by_served(facts: Facts) -> dict[int, list[list[Fact]]]:
    """The Services by the workloads that they select; those of one selector are one list."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for service in facts.of("Service"):
        key = (service.namespace, repr(mapping(service.value, "spec", "selector")))
        groups.setdefault(key, []).append(service)
    found: dict[int, list[list[Fact]]] = {}
    for group in groups.values():
        for workload in facts.served(group[0]):
            found.setdefault(id(workload), []).append(group)
    return found


def _by_label(facts: Facts) -> dict[tuple[str, str, str], list[Fact]]:
    """The workloads by each label of their pods, in their order."""
    found: dict[tuple[str, str, str], list[Fact]] = {}
    for fact in facts.workloads():
        labels = {item for pod in fact.pods() for item in label_pairs(labels_of(pod))}
        for key, value in labels:
            found.setdefault((fact.ref.namespace, key, value), []).append(fact)
    return found


def label_pairs(labels: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The labels whose values are texts, as all are but those of unchecked custom resources."""
    return ((key, value) for key, value in labels.items() if type(value) is str)


def labels_of(pod: Pod) -> dict[str, Any]:
    """The labels that a pod of this template has."""
    return mapping(pod.metadata, "labels")


def _folder(file: str) -> str:
    folder = file[: file.rfind("/") + 1]
    return folder if folder not in ("/", "./") else ""
