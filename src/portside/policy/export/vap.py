"""Rules → ValidatingAdmissionPolicies with their bindings, for `kubectl apply`.

A rule becomes one policy for all kinds that it is about. Where waivers will go: each becomes an
item of `spec.matchConditions`, which exempts the object from the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from portside.cel.errors import CelError
from portside.cel.program import compile as compile_cel
from portside.model.severity import NAMES
from portside.model.workload import BUILT_IN, CONTAINER_LISTS
from portside.policy.apitypes import Fields, api_types
from portside.policy.export.rewrite import NotExportableError, literal, reads
from portside.policy.export.sentences import sentences
from portside.policy.resources import plural
from portside.policy.rule import CONTAINER, FILES, OBJECT, POD, POD_METADATA, Check, Rule
from portside.policy.says import message_expression
from portside.records import NamedTuple

OLDEST = 29
"""The first version whose policies may use variables and optional fields."""
GENERALLY_AVAILABLE = 30
POD_KINDS = tuple(key for key in BUILT_IN if key[0] != "extensions")
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")
_POD_SUBRESOURCES = ("pods/ephemeralcontainers", "pods/resize")
_PATHS = {
    "Pod": "object",
    "PodTemplate": "object.template",
    "CronJob": "object.spec.jobTemplate.spec.template",
}
_TEMPLATE = "object.spec.template"
_TEMPLATED = "(has(object.spec) && has(object.spec.template) && has(object.spec.template.spec))"
_UNSEEN = {
    "written": "it is about the written text, which no API server sees",
    "text": "it is about the written text, which no API server sees",
    "excuse": "it is about exceptions, which no API server knows",
    "object": "its condition is a program, which no policy of the API server can hold",
    "facts": "it is about several objects, and a policy of the API server sees one",
}
"""Why a rule of another form than the judged one is not exported."""
_EXEMPT = "admissionregistration.k8s.io"
"""The group whose objects the API server shows to no policy, lest one locks it."""
_METADATA = ("labels", "annotations", "ownerReferences")


class Settings(NamedTuple):
    """What is exported besides the rule: for which version, and what is denied."""

    minor: int
    deny_from: int
    """The least severity that is denied; below it the client is warned and the audit log told."""


class Exported(NamedTuple):
    """A policy and its binding."""

    policy: dict[str, Any]
    binding: dict[str, Any]


def exported(
    rule: Rule, settings: Settings, params: Mapping[str, Any], severity: int | None = None
) -> tuple[Exported, ...]:
    """`rule` with these parameters; a policy for each severity that its checks have.

    `severity` is that of the whole rule where it is set. Raises NotExportableError with the reason.
    """
    checks = [it for it in rule.checks if it.since <= settings.minor < it.until]
    if FILES.keys() & set(rule.text.kinds):
        raise NotExportableError("it is about files that no API server sees")
    if rule.form != "judged":
        raise NotExportableError(_UNSEEN[rule.form])
    if not _kinds(rule):
        raise NotExportableError("it is about admission itself, which no policy is asked about")
    if not checks:
        raise NotExportableError(f"it has nothing to say of Kubernetes 1.{settings.minor}")
    levels: dict[int, list[Check]] = {}
    for it in checks:
        own = rule.text.severity if it.severity is None else it.severity
        levels.setdefault(own if severity is None else severity, []).append(it)
    main = rule.text.severity if severity is None else severity
    return tuple(
        _exported(
            _Spec(rule, asked, params, settings),
            policy_name(rule.id) if level == main else f"{policy_name(rule.id)}-{NAMES[level]}",
            level,
        )
        for level, asked in levels.items()
    )


def _exported(made: _Spec, name: str, severity: int) -> Exported:
    spec, settings = made.made(), made.settings
    _check(spec, settings.minor)
    metadata = _metadata(made.rule, name, severity)
    head = {"apiVersion": f"admissionregistration.k8s.io/{_version(settings.minor)}"}
    denied = severity >= settings.deny_from
    binding = {
        "policyName": name,
        "validationActions": ["Deny"] if denied else ["Warn", "Audit"],
        "matchResources": {"namespaceSelector": _outside_the_system()},
    }
    policy_kind, binding_kind = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
    return Exported(
        {**head, "kind": policy_kind, "metadata": metadata, "spec": spec},
        {**head, "kind": binding_kind, "metadata": metadata, "spec": binding},
    )


def policy_name(rule: str) -> str:
    """What the policy of a rule is called."""
    return f"portside-{rule}"


def _metadata(rule: Rule, name: str, severity: int) -> dict[str, Any]:
    return {
        "name": name,
        "labels": {"app.kubernetes.io/managed-by": "portside", "portside.dev/rule": rule.id},
        "annotations": {
            "portside.dev/severity": NAMES[severity],
            "portside.dev/title": rule.text.title,
        },
    }


def _version(minor: int) -> str:
    return "v1" if minor >= GENERALLY_AVAILABLE else "v1beta1"


def _outside_the_system() -> dict[str, Any]:
    expression = {
        "key": "kubernetes.io/metadata.name",
        "operator": "NotIn",
        "values": list(SYSTEM_NAMESPACES),
    }
    return {"matchExpressions": [expression]}


def _kinds(rule: Rule) -> list[tuple[str, str]]:
    """(group, kind) of everything the rule is about."""
    if not rule.text.kinds:
        return list(POD_KINDS)
    return [found for it in rule.text.kinds if (found := _kind(it))[0] != _EXEMPT]


def _kind(name: str) -> tuple[str, str]:
    group, _, kind = name.rpartition("/")
    if group or kind == "*":
        return group, kind
    names = (it.rsplit("/", 1) for it in api_types().kinds)
    groups = [version.rpartition("/")[0] for version, known in names if known == kind]
    return ("" if "" in groups or not groups else groups[0]), kind


class _Spec:
    """The spec of a policy in the making."""

    def __init__(
        self,
        rule: Rule,
        checks: Sequence[Check],
        params: Mapping[str, Any],
        settings: Settings,
    ) -> None:
        self.rule = rule
        self.checks = checks
        self.kinds = _kinds(rule)
        self.params = params
        self.settings = settings
        self.reads: set[str] = set()
        for check in checks:
            self.reads |= {check.root} | reads(check.condition) | _reads_of(check.says)

    def made(self) -> dict[str, Any]:
        names = self._param_names()
        said = list(self._sentences(names))
        text = " ".join(it["expression"] for it in said)
        variables = [*self._constants(names, text), *self._subjects(), *said]
        spec: dict[str, Any] = {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": self._resource_rules()},
        }
        if conditions := self._conditions():
            spec["matchConditions"] = conditions
        spec["variables"] = variables
        spec["validations"] = [
            {
                "expression": "size(variables.findings) == 0",
                "messageExpression": 'variables.findings.join("; ")',
                "message": self.rule.text.title,
                "reason": "Forbidden",
            }
        ]
        return spec

    def _param_names(self) -> dict[str, str]:
        """The policy's variable for each parameter: a name of ours gives way to none."""
        taken = {"pod", "podMetadata", "containers", "target", "findings"}
        names = {it: _one_word(it) for it in self.params}
        return {it: f"{name}Param" if name in taken else name for it, name in names.items()}

    def _constants(self, names: Mapping[str, str], text: str) -> Iterator[dict[str, str]]:
        """The parameters that `text` reads, and the version."""
        for name, value in self.params.items():
            if f"variables.{names[name]}" in text:
                yield _variable(names[name], literal(value))
        if "target" in self.reads:
            minor = self.settings.minor
            yield _variable(
                "target", f'{{"major": dyn(1), "minor": dyn({minor}), "level": dyn("")}}'
            )

    def _subjects(self) -> Iterator[dict[str, str]]:
        if self.reads & {POD, CONTAINER}:
            yield _variable("pod", _by_kind(self.kinds, _pod_path))
        if any(_asks_all(check) for check in self.checks):
            yield _variable("containers", _lists(CONTAINER_LISTS))
        if POD_METADATA in self.reads:
            text = _by_kind(self.kinds, _metadata_path)
            yield _variable("podMetadata", text)

    def _sentences(self, names: Mapping[str, str]) -> Iterator[dict[str, str]]:
        params = {name: f"variables.{it}" for name, it in names.items()}
        if len(self.checks) == 1:
            yield _variable("findings", self._of_check(self.checks[0], params))
            return
        numbered = [f"findings{number}" for number in range(1, len(self.checks) + 1)]
        for name, check in zip(numbered, self.checks, strict=True):
            yield _variable(name, self._of_check(check, params))
        yield _variable("findings", " + ".join(f"variables.{it}" for it in numbered))

    def _of_check(self, check: Check, params: Mapping[str, str]) -> str:
        said = sentences(check, params, self._fields(check.each), _containers(check))
        if check.root in (POD, POD_METADATA) and not _all_bear_pods(self.kinds):
            return f"!({_bears_pods()}) ? [] : ({said})"
        return said

    def _fields(self, each: Sequence[str]) -> Fields | None:
        """The fields of the first of the rule's kinds that has them at `each`."""
        types = api_types()
        named = tuple(takewhile(str.isidentifier, each))
        known = [it for kind in self.kinds if (it := _fields_of(kind)) is not None]
        for fields in known:
            below: Fields | None = fields
            for step in named[:-1]:
                below = types.below(below, step) if below is not None else None
            if named and below is not None and named[-1] in below:
                return fields
        return known[0] if known else None

    def _resource_rules(self) -> list[dict[str, Any]]:
        groups: dict[str, list[str]] = {}
        pods = all(it in BUILT_IN for it in self.kinds)
        for group, kind in self.kinds:
            resources = groups.setdefault("*" if kind == "*" and not group else group, [])
            resources.append("*" if kind == "*" else plural(kind))
            if (group, kind) == ("", "Pod"):
                resources += _POD_SUBRESOURCES
        return [
            {
                "apiGroups": [group],
                "apiVersions": ["v1" if pods else "*"],
                "operations": ["CREATE", "UPDATE"],
                "resources": resources,
            }
            for group, resources in groups.items()
        ]

    def _conditions(self) -> list[dict[str, str]]:
        """An update that leaves alone what the rule reads passes: finalizers must be removable."""
        if any(it not in BUILT_IN for it in self.kinds):
            return []
        changes = ["object.?spec != oldObject.?spec"]
        if ("", "PodTemplate") in self.kinds:
            changes.append("object.?template != oldObject.?template")
        if self.reads & {OBJECT, POD_METADATA}:
            changes += [f"object.metadata.?{it} != oldObject.metadata.?{it}" for it in _METADATA]
        expression = " || ".join(['request.operation == "CREATE"', *changes])
        return [{"name": "created-or-changed", "expression": expression}]


def _fields_of(wanted: tuple[str, str]) -> Fields | None:
    types = api_types()
    for name in types.kinds:
        version, kind = name.rsplit("/", 1)
        if (version.rpartition("/")[0], kind) == wanted:
            return types.fields(version, kind)
    return None


def _one_word(name: str) -> str:
    """`encrypted-by-default` as a variable of CEL can be called: `encryptedByDefault`."""
    first, *others = name.split("-")
    return first + "".join(it.capitalize() for it in others)


def _reads_of(says: str) -> set[str]:
    expression = message_expression(says)
    return reads(expression) if expression else set()


def _variable(name: str, expression: str) -> dict[str, str]:
    return {"name": name, "expression": expression}


def _pod_path(kind: str) -> str:
    return f"{_PATHS.get(kind, _TEMPLATE)}.spec"


def _metadata_path(kind: str) -> str:
    path = _PATHS.get(kind, _TEMPLATE)
    return "object.metadata" if kind == "Pod" else f"{path}.?metadata.orValue({{}})"


def _by_kind(kinds: Sequence[tuple[str, str]], path: Callable[[str], str]) -> str:
    """The expression that picks among the paths of the kinds; most kinds have the last one."""
    special = [kind for _, kind in kinds if kind in _PATHS]
    others = [kind for _, kind in kinds if kind not in _PATHS]
    last = path(others[0]) if others else path(special.pop())
    choices = [f'object.kind == "{kind}" ? {path(kind)} : ' for kind in special]
    if not _all_bear_pods(kinds):
        last = f"{_TEMPLATED} ? {last} : {{}}"
    return "".join([*choices, last])


def _all_bear_pods(kinds: Iterable[tuple[str, str]]) -> bool:
    return all(it in BUILT_IN for it in kinds)


def _bears_pods() -> str:
    return " || ".join([*(f'object.kind == "{kind}"' for kind in _PATHS), _TEMPLATED])


def _containers(check: Check) -> str:
    if _asks_all(check):
        return "variables.containers"
    names = [it for it in CONTAINER_LISTS if it in check.containers]
    return f"({_lists(names)})" if len(names) > 1 else _lists(names)


def _asks_all(check: Check) -> bool:
    return check.root == CONTAINER and set(check.containers) == set(CONTAINER_LISTS)


def _lists(names: Iterable[str]) -> str:
    return " + ".join(f"variables.pod.?{name}.orValue([])" for name in names)


def _check(spec: Mapping[str, Any], minor: int) -> None:
    """Compile every expression as the API server will: for the version before its own.

    Source: k8s.io/apiserver/pkg/cel/environment, DefaultCompatibilityVersion.
    """
    known = dict.fromkeys(("object", "oldObject", "request", "variables"), "dyn")
    texts = [it["expression"] for it in spec.get("matchConditions", ())]
    texts += [it["expression"] for it in spec["variables"]]
    for text in texts:
        try:
            # With a limit nothing but its types is looked at now.
            compile_cel(text, known, version=f"1.{minor - 1}", cost_limit=0)
        except CelError as error:
            raise NotExportableError(f"Kubernetes 1.{minor} refuses it: {error.message}") from error
