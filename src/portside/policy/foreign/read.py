"""Files with ValidatingAdmissionPolicies, their bindings and parameter objects → `Foreign`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from portside.errors import PolicyError
from portside.model.severity import MEDIUM, NAMES, severity
from portside.policy.foreign.compile import Compiler
from portside.policy.foreign.constraints import read_constraints
from portside.policy.foreign.policy import (
    AdmissionPolicy,
    Binding,
    CustomKind,
    Expression,
    Foreign,
    ParamKind,
    ParamRef,
    Validation,
)
from portside.policy.foreign.selector import read_selector
from portside.policy.section import Origin, Section
from portside.syntax import Broken, TooLargeError, read

GROUP = "admissionregistration.k8s.io"
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
SEVERITY = "portside.dev/severity"
_POLICY_KEYS = (
    *("failurePolicy", "paramKind", "matchConstraints", "matchConditions", "variables"),
    *("validations", "auditAnnotations"),
)
_BINDING_KEYS = ("policyName", "paramRef", "matchResources", "validationActions")
_REASONS = ("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLargeError")
_NOT_RUN = {
    "MutatingAdmissionPolicy": "it changes objects and refuses none",
    "MutatingAdmissionPolicyBinding": "it changes objects and refuses none",
    "ValidatingWebhookConfiguration": "what it refuses is decided elsewhere",
    "MutatingWebhookConfiguration": "what it does is decided elsewhere",
}

Files = Iterable[tuple[str, bytes]]
"""Names and contents."""


def read_policies(policies: Files, params: Files, version: str) -> Foreign:
    """The policies in the files `policies`, for Kubernetes `version`; `params` hold parameters.

    Raises PolicyError where a file cannot be read, a policy is not one, or there is none.
    """
    objects = [it for name, data in policies for it in _objects(data, name)]
    given = [it for name, data in params for it in _objects(data, name)]
    bindings = [_binding(it) for it in objects if _is(it, BINDING)]
    made = [_policy(it, bindings, version) for it in objects if _is(it, POLICY)]
    if not made:
        raise PolicyError(f"no {POLICY} is in the files given", hint="--policy FILE names them")
    _refuse_twins(made)
    names = {it.name for it in made}
    others = [it for it in (*objects, *given) if not _is(it, POLICY) and not _is(it, BINDING)]
    return Foreign(
        policies=tuple(made),
        params=_by_kind(others),
        kinds=dict(_custom_kinds(others)),
        namespaces={},
        notes=tuple(_notes(made, bindings, others, names)),
    )


def _objects(data: bytes, file: str) -> Iterator[Section]:
    """Every object of a file, Lists unrolled."""
    try:
        documents = list(read(data))
    except TooLargeError as refused:
        raise PolicyError(f"not read: {refused}", where=file) from refused
    for document in documents:
        if isinstance(document, Broken):
            where = f"{file}:{document.line}:{document.column}"
            raise PolicyError(document.message, where=where)
        if document.value is None:
            continue
        if type(document.value) is not dict:
            where = f"{file}:{document.line}:1"
            raise PolicyError("expected a Kubernetes object", where=where)
        yield from _unrolled(Section(document.value, Origin(document, file, data, PolicyError)))


def _unrolled(section: Section) -> Iterator[Section]:
    if section.required("kind").endswith("List") and "items" in section.value:
        for item in section.sections("items"):
            item.required("kind")
            yield item
    else:
        section.required("apiVersion")
        yield section


def _is(section: Section, kind: str) -> bool:
    group = section.text("apiVersion").rpartition("/")[0]
    return section.text("kind") == kind and group == GROUP


def _name(section: Section) -> str:
    return section.section("metadata").required("name")


def _refuse_twins(policies: Sequence[AdmissionPolicy]) -> None:
    seen: dict[str, str] = {}
    for it in policies:
        if it.name in seen:
            said = f"another policy is called {it.name}: {seen[it.name]}"
            raise PolicyError(said, where=it.where)
        seen[it.name] = it.where


def _policy(
    section: Section, bindings: Sequence[tuple[str, Binding]], version: str
) -> AdmissionPolicy:
    name = _name(section)
    spec = section.section("spec")
    spec.only(_POLICY_KEYS)
    if not spec.value.get("matchConstraints"):
        spec.fail("is required", "matchConstraints")
    constraints = read_constraints(spec.section("matchConstraints"))
    if not constraints.rules:
        spec.fail("is required", "matchConstraints", "resourceRules")
    kind = _param_kind(spec)
    compiler = Compiler(version, has_params=kind is not None)
    variables = tuple((it.required("name"), it) for it in spec.sections("variables"))
    validations = tuple(spec.sections("validations"))
    if not validations and not spec.value.get("auditAnnotations"):
        spec.fail("is required", "validations")
    return AdmissionPolicy(
        name=name,
        severity=_severity(section),
        fails_closed=spec.word("failurePolicy", ("Fail", "Ignore"), "Fail") == "Fail",
        param_kind=kind,
        constraints=constraints,
        conditions=tuple(_conditions(spec, compiler)),
        variables=tuple((it, compiler.variable(it, at)) for it, at in variables),
        validations=tuple(_validation(it, compiler) for it in validations),
        bindings=tuple(binding for policy, binding in bindings if policy == name),
        where=f"{section.file}:{section.line()}",
    )


def _severity(section: Section) -> int:
    annotations = section.section("metadata").section("annotations")
    if SEVERITY not in annotations.value:
        return MEDIUM
    return severity(annotations.word(SEVERITY, NAMES))


def _param_kind(spec: Section) -> ParamKind | None:
    if spec.value.get("paramKind") is None:
        return None
    section = spec.section("paramKind")
    section.only(("apiVersion", "kind"))
    return section.required("apiVersion"), section.required("kind")


def _conditions(spec: Section, compiler: Compiler) -> Iterator[Expression]:
    for it in spec.sections("matchConditions"):
        it.only(("name", "expression"))
        it.required("name")
        yield compiler.expression(it, "expression", "bool", composed=False)


def _validation(section: Section, compiler: Compiler) -> Validation:
    section.only(("expression", "message", "messageExpression", "reason"))
    section.word("reason", _REASONS, "Invalid")
    said = None
    if section.value.get("messageExpression"):
        said = compiler.expression(section, "messageExpression", "string", authorizer=False)
    return Validation(
        expression=compiler.expression(section, "expression", "bool"),
        message=section.text("message").strip(),
        message_expression=said,
    )


def _binding(section: Section) -> tuple[str, Binding]:
    """The name of its policy, and the binding."""
    spec = section.section("spec")
    spec.only(_BINDING_KEYS)
    actions = spec.texts("validationActions")
    for index, it in enumerate(actions):
        if it not in ("Deny", "Warn", "Audit"):
            spec.fail(f"{it!r} is none of Deny, Warn, Audit", "validationActions", index)
    if not actions:
        spec.fail("is required", "validationActions")
    resources = spec.value.get("matchResources")
    return spec.required("policyName"), Binding(
        name=_name(section),
        actions=actions,
        constraints=None if resources is None else read_constraints(spec.section("matchResources")),
        param_ref=_param_ref(spec),
    )


def _param_ref(spec: Section) -> ParamRef | None:
    if spec.value.get("paramRef") is None:
        return None
    section = spec.section("paramRef")
    section.only(("name", "namespace", "selector", "parameterNotFoundAction"))
    name, selector = section.text("name"), section.value.get("selector")
    if bool(name) is (selector is not None):
        section.fail("expected either name or selector")
    return ParamRef(
        name=name,
        namespace=section.text("namespace"),
        selector=read_selector(section.section("selector")),
        deny_without=section.word("parameterNotFoundAction", ("Allow", "Deny")) == "Deny",
    )


def _by_kind(sections: Iterable[Section]) -> dict[ParamKind, tuple[dict[str, Any], ...]]:
    found: dict[ParamKind, list[dict[str, Any]]] = {}
    for it in sections:
        found.setdefault((it.text("apiVersion"), it.text("kind")), []).append(dict(it.value))
    return {kind: tuple(values) for kind, values in found.items()}


def _custom_kinds(sections: Iterable[Section]) -> Iterator[tuple[tuple[str, str], CustomKind]]:
    for section in sections:
        if section.text("kind") == "CustomResourceDefinition":
            spec = section.section("spec")
            names = spec.section("names")
            versions = [it.required("name") for it in spec.sections("versions")]
            kind = CustomKind(
                names.required("plural"),
                spec.word("scope", ("Namespaced", "Cluster")) == "Namespaced",
                frozenset(versions or [spec.required("version")]),
            )
            yield (spec.required("group"), names.required("kind")), kind


def _notes(
    policies: Sequence[AdmissionPolicy],
    bindings: Sequence[tuple[str, Binding]],
    others: Sequence[Section],
    names: set[str],
) -> Iterator[str]:
    for it in policies:
        if not it.bindings:
            yield (
                f"policy {it.name}: no binding of it is among the files: "
                "it is run as if bound to everything, with Deny"
            )
    for policy, binding in bindings:
        if policy not in names:
            yield f"binding {binding.name}: its policy {policy} is not among the files: not run"
    for section in others:
        reason = _NOT_RUN.get(section.text("kind"))
        if reason:
            where = f"{section.file}:{section.line()}"
            yield f"{where}: {section.text('kind')}: not run: {reason}"
