"""Is an exact place true: edit it, render and judge again, and look at the field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from benchmarks.provenance_cases import Case, Place
from portside.cli.plan import choose
from portside.engine.across import judge_across
from portside.engine.stage import judge_file
from portside.model.finding import Finding
from portside.model.place import FieldPath
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.origins import Origin, Way
from portside.render.wire import Rendered
from portside.sources.manifest import parse
from portside.syntax import Document

_BOOLS = (True, False)
_CONTEXT = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
_PROBE = {"tcpSocket": {"port": 8080}, "periodSeconds": 10, "timeoutSeconds": 2}
_RESOURCES = {
    "requests": {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
    "limits": {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
}
_SPREAD = [
    {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {},
    }
]
WANTED: dict[str, tuple[Any, ...]] = {
    **{key: (value,) for key, value in _CONTEXT.items()},
    "securityContext": (
        _CONTEXT,
        {key: _CONTEXT[key] for key in ("runAsNonRoot", "runAsUser", "runAsGroup")}
        | {"fsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
    ),
    "fsGroup": (10001,),
    "drop": (["ALL"],),
    "type": ("RuntimeDefault", "ClusterIP"),
    "resources": (_RESOURCES,),
    "requests": (_RESOURCES["requests"],),
    "limits": (_RESOURCES["limits"],),
    "cpu": ("100m",),
    "memory": ("64Mi",),
    "ephemeral-storage": ("64Mi",),
    "livenessProbe": (_PROBE,),
    "readinessProbe": (_PROBE,),
    "startupProbe": (_PROBE,),
    "imagePullPolicy": ("Always", "IfNotPresent"),
    "automountServiceAccountToken": _BOOLS,
    "enableServiceLinks": _BOOLS,
    "hostUsers": _BOOLS,
    "priorityClassName": ("shop",),
    "topologySpreadConstraints": (_SPREAD,),
    "namespace": ("shop",),
    "revisionHistoryLimit": (3,),
    "minReadySeconds": (5,),
    "terminationGracePeriodSeconds": (30,),
    "runtimeClassName": ("gvisor",),
    "timeoutSeconds": (5,),
    "failureThreshold": (3,),
    "internalTrafficPolicy": ("Local", "Cluster"),
    "immutable": (True,),
    "serviceAccountName": ("shop",),
    "replicas": (2, 3),
    "strategy": ({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},),
    "lifecycle": ({"preStop": {"sleep": {"seconds": 5}}},),
    "policyTypes": (["Ingress", "Egress"], ["Ingress"], ["Egress"]),
}
_ANY: tuple[Any, ...] = ("portside", True, 1, {"portside": "changed"}, ["portside"])


class Answer(NamedTuple):
    """Whether the field changed or appeared, and whether the finding ended.

    `ended` is None for fields that are there, and where no value is known that the rule wants.
    """

    true: bool
    ended: bool | None = None
    why: str = ""


class Judge:
    """The profile auditor, asked about renders."""

    def __init__(self) -> None:
        self._plan = choose("auditor", "").plan
        self._tried: dict[Any, Answer] = {}

    def findings(self, case: Case, rendered: Rendered) -> Iterator[tuple[Finding, Place]]:
        """What is found in a render, each with its place."""
        results = [
            judge_file(parse(it.text.encode("utf-8", "surrogateescape"), f"{number}"), self._plan)
            for number, it in enumerate(rendered.files)
        ]
        results = judge_across(results, self._plan, lambda fact, _: fact.place, whole=True)
        read = [documents(it.text) for it in rendered.files]
        for it in chain.from_iterable(result.findings for result in results):
            file = int(it.file)
            number = _document(read[file], it.line)
            found = read[file][number]
            value = found.value if isinstance(found, Document) else None
            path = _prefix(value, it) + it.path
            held = at(value, path)
            whole = isinstance(held, dict | list)
            yield it, Place(file, number, path, held is not ABSENT, whole)

    def tried(self, case: Case, finding: Finding, place: Place, origin: Origin) -> Answer:
        """Whether the way that an exact origin names does what it says."""
        way = origin.way
        if way is None:
            return Answer(False, None, "exact without a way")
        if place.present:
            key = (case.name, place, way)
            if key not in self._tried:
                self._tried[key] = self._changed(case, place, way)
            return self._tried[key]
        return self._appeared(case, finding, place, way)

    def _changed(self, case: Case, place: Place, way: Way) -> Answer:
        before = _field(case.plain, case.plain, place)
        why = ""
        for value in _others(case.held(way) if way.how == "set" else before):
            after = case.edited(way, value)
            if after.error is not None:
                why = after.error.message[:150]
                continue
            if _field(case.plain, after, place) != before:
                return Answer(True)
            why = "the same after the edit"
        return Answer(False, None, why)

    def _appeared(self, case: Case, finding: Finding, place: Place, way: Way) -> Answer:
        leaf = place.path[-1]
        below = place.path[len(place.path) - len(way.missing) :]
        true, ended, why = False, False, ""
        known = WANTED.get(str(leaf))
        for wanted in known or _ANY:
            inner = way.missing[1:] if way.how != "set" else ()
            value = wanted
            for step in reversed(inner):
                value = {step: value}
            after = case.edited(way, value)
            if after.error is not None:
                why = after.error.message[:150]
                continue
            if _field(case.plain, after, place) is ABSENT:
                why = f"absent after the edit ({below})"
                continue
            true = True
            identities = {it.identity for it, _ in self.findings(case, after)}
            ended = finding.identity not in identities
            if ended or not known:
                break
        return Answer(true, ended if known and true else None, why if not true else "")


def _others(value: Any) -> Iterable[Any]:
    """Values that are not `value`, the likeliest to be accepted first."""
    if type(value) is bool:
        return (not value,)
    if type(value) is int:
        return (value + 1, value - 1)
    if isinstance(value, str):
        return (f"{value}x", "portside", "8081", f"{value}/x", "1.2.3", "100m", "true", "false")
    if isinstance(value, list):
        return ([*value[1:]], [*value, *value[:1]], ["portside"], [1])
    if isinstance(value, dict):
        return ({**value, "portside": "changed"}, {}, None)
    return ("portside", True, 1)


def _document(read: list[Any], line: int) -> int:
    found = 0
    for number, it in enumerate(read):
        if it.line <= line:
            found = number
    return found


def _prefix(value: Any, finding: Finding) -> FieldPath:
    if isinstance(value, dict) and value.get("kind") == "List":
        for number, it in enumerate(value.get("items") or ()):
            if (it.get("kind"), it.get("metadata", {}).get("name")) == finding.resource[1::2]:
                return ("items", number)
    return ()


def _field(plain: Rendered, after: Rendered, place: Place) -> Any:
    """The field in another render: of the document of the same template and kind and name."""
    name = plain.files[place.file].name
    own = documents(plain.files[place.file].text)[place.document]
    wanted = own.value if isinstance(own, Document) else {}
    same = [
        it.value
        for file in after.files
        if file.name == name
        for it in documents(file.text)
        if isinstance(it, Document) and isinstance(it.value, dict)
    ]
    named = [it for it in same if _id(it) == _id(wanted)]
    if named:
        return at(named[0], place.path)
    kinds = [it for it in same if it.get("kind") == wanted.get("kind")]
    if len(kinds) == 1:
        return at(kinds[0], place.path)
    position = sum(
        1
        for file in plain.files[: place.file]
        if file.name == name
    )  # fmt: skip
    files = [file for file in after.files if file.name == name]
    if place.path[:1] in (("kind",), ("apiVersion",), ("metadata",), ()) and len(files) > position:
        return "another object"
    return ABSENT


def _id(value: Any) -> tuple[Any, Any]:
    return value.get("kind"), (value.get("metadata") or {}).get("name")
