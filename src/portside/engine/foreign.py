"""The policies of others asked about an object: as the API server would ask them on its creation.

Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating (dispatcher.go, validator.go).
What only a request or a cluster can tell is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.cel.errors import CelEvaluationError, CelUndecidedError
from portside.cel.kubernetes.authorizer import AUTHORIZER, authorizer_group, group_resource
from portside.cel.record import Record
from portside.engine.identity import identity
from portside.engine.judge import Judgement
from portside.engine.request import DEFAULT_NAMESPACE, namespace_record, request_of, request_record
from portside.model.finding import Finding, Undecided
from portside.model.place import dotted
from portside.policy.apitypes.encode import encoded
from portside.policy.foreign.constraints import Request, UndecidedError
from portside.policy.foreign.policy import (
    AdmissionPolicy,
    Binding,
    Expression,
    Foreign,
    ParamRef,
    Validation,
)
from portside.policy.foreign.selector import Labels, selects
from portside.secrets.veil import veiled

UNBOUND = "no binding of this policy is among the files: run as if bound to everything, with Deny"
_EVERYWHERE = Binding("", ("Deny",), None, None)
_LONGEST_MESSAGE = 5 * 1024
_EXEMPT = frozenset(
    (
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        *("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"),
        *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    )
)
_REVIEWS = frozenset(("authentication.k8s.io", "authorization.k8s.io"))
_NULL: dict[str, Any] = {}
"""Stands for no parameter object at all: `params` is null."""


def ask_foreign(judgement: Judgement, foreign: Foreign) -> None:
    """Add to `judgement` what the policies say of its object, which has its judged form."""
    resource = judgement.resource
    if resource.group in _REVIEWS:
        return
    if resource.group == "admissionregistration.k8s.io" and resource.kind in _EXEMPT:
        return
    case = _Case(judgement, foreign)
    for policy in foreign.policies:
        case.ask(policy)


class _Case:
    """One object and all that the policies may ask of it, made once."""

    def __init__(self, judgement: Judgement, foreign: Foreign) -> None:
        self.judgement = judgement
        self.foreign = foreign
        self.request = request_of(judgement.resource, foreign)
        self._object: dict[str, Any] | None = None

    @property
    def object(self) -> dict[str, Any]:
        """The object as the API server shows it to policies."""
        if self._object is None:
            ref = self.judgement.resource.ref
            made = encoded(self.judgement.resource.value, ref.api_version, ref.kind)
            if self.request.namespace and type(made.get("metadata")) is dict:
                metadata = {"namespace": self.request.namespace, **made["metadata"]}
                made = {**made, "metadata": metadata}
            self._object = made
        return self._object

    def ask(self, policy: AdmissionPolicy) -> None:
        try:
            version = policy.constraints.matched(self.request)
        except UndecidedError as missing:
            self._doubt_whole(policy, str(missing))
            return
        if version is None:
            return
        self.judgement.rules += 1
        reason = self._unfit(version)
        if reason:
            self.doubt(policy, reason)
            return
        for binding in policy.bindings or (_EVERYWHERE,):
            self._ask_bound(policy, binding)

    def _unfit(self, version: str) -> str:
        """Why the object cannot be shown to a policy, where it cannot."""
        if version != self.request.version:
            return f"the API server would show it to the policy as version {version}"
        for path, expected, got in self.judgement.resource.mistyped:
            return f"the API server refuses it before: {dotted(path)} is {got}, expected {expected}"
        return ""

    def _ask_bound(self, policy: AdmissionPolicy, binding: Binding) -> None:
        try:
            if binding.constraints and binding.constraints.matched(self.request) is None:
                return
            params = _params(policy, binding, self.foreign, self.request)
        except UndecidedError as missing:
            self.doubt(policy, str(missing))
            return
        except _NoParamsError as reason:
            self.fail(policy, binding, f"failed to configure binding: {reason}")
            return
        for param in params:
            _Evaluation(self, policy, binding, param).run()

    def _doubt_whole(self, policy: AdmissionPolicy, missing: str) -> None:
        self.judgement.rules += 1
        self.doubt(policy, missing)

    def doubt(self, policy: AdmissionPolicy, missing: str) -> None:
        resource = self.judgement.resource
        doubt = Undecided(policy.name, resource.ref, missing, resource.file, resource.line)
        if doubt not in self.judgement.undecided:
            self.judgement.undecided.append(doubt)

    def fail(self, policy: AdmissionPolicy, binding: Binding, error: str) -> None:
        """What an error is: a denial where the policy fails closed, else nothing is known."""
        if policy.fails_closed:
            self.deny(policy, binding, error, 0)
        else:
            self.doubt(policy, f"{error} (failurePolicy: Ignore admits it)")

    def deny(self, policy: AdmissionPolicy, binding: Binding, message: str, number: int) -> None:
        """A finding, once for each validation and message; `number` is that of the validation."""
        resource = self.judgement.resource
        line, column = resource.place(())
        named = identity(policy.name, resource, ())
        made = Finding(
            rule=policy.name,
            severity=policy.severity,
            message=message,
            resource=resource.ref,
            path=(),
            subject=(),
            file=resource.file,
            line=line,
            column=column,
            width=0,
            identity=f"{named}#{number}" if number else named,
            note=_note(binding),
        )
        if not any(
            it.rule == made.rule and it.message == message for it in self.judgement.findings
        ):
            self.judgement.findings.append(made)


def _note(binding: Binding) -> str:
    if binding is _EVERYWHERE:
        return UNBOUND
    if "Deny" in binding.actions:
        return ""
    does = "warns" if "Warn" in binding.actions else "notes it in the audit log"
    return f"the API server admits it and {does}: binding {binding.name}"


class _NoParamsError(Exception):
    """The binding denies where there is no parameter object, and there is none."""


def _params(
    policy: AdmissionPolicy, binding: Binding, foreign: Foreign, request: Request
) -> list[dict[str, Any]]:
    """The parameter objects that the policy is run with, once with each.

    Raises UndecidedError where they were not given to us, _NoParamsError where the server denies.
    """
    if policy.param_kind is None or (binding is not _EVERYWHERE and binding.param_ref is None):
        return [_NULL]
    given = foreign.params.get(policy.param_kind, ())
    version, kind = policy.param_kind
    if binding.param_ref is None:
        found = list(given)
    else:
        found = [it for it in given if _is_meant(binding.param_ref, it, request)]
        by_selector = not binding.param_ref.name
        if given and not found and by_selector:
            if binding.param_ref.deny_without:
                said = "no params found for policy binding with `Deny` parameterNotFoundAction"
                raise _NoParamsError(said)
            return []
    if not found:
        name = binding.param_ref.name if binding.param_ref else ""
        raise UndecidedError(f"its parameter object: {kind} {name}".strip() + f" of {version}")
    return found


def _is_meant(ref: ParamRef, param: Mapping[str, Any], request: Request) -> bool:
    metadata = param.get("metadata") or {}
    namespace = metadata.get("namespace")
    wanted = ref.namespace or request.namespace or DEFAULT_NAMESPACE
    if namespace and namespace != wanted:
        return False
    if ref.name:
        return bool(metadata.get("name") == ref.name)
    return selects(ref.selector, Labels(metadata.get("labels") or {})) is True


class _Evaluation:
    """A policy run on an object through one binding, with one parameter object."""

    def __init__(
        self, case: _Case, policy: AdmissionPolicy, binding: Binding, param: dict[str, Any]
    ) -> None:
        self.case = case
        self.policy = policy
        self.binding = binding
        self.values: dict[str, Any] = {
            "object": case.object,
            "oldObject": None,
            "request": request_record(case.request),
            "namespaceObject": None,
            "params": None if param is _NULL else _shown(param),
            "authorizer": AUTHORIZER,
            "authorizer.requestResource": group_resource(authorizer_group(AUTHORIZER, ""), ""),
        }

    def run(self) -> None:
        if not self._applies():
            return
        self.values["namespaceObject"] = namespace_record(self.case.request, self.case.foreign)
        lazy = {name: self._variable(name, program) for name, program in self.policy.variables}
        self.values["variables"] = Record("variables", {}, lazy=lazy)
        for number, validation in enumerate(self.policy.validations):
            self._validate(number, validation)

    def _applies(self) -> bool:
        """Whether all match conditions hold; one that is false outweighs errors of others."""
        errors: list[str] = []
        missing: list[str] = []
        for condition in self.policy.conditions:
            try:
                if self._value(condition) is False:
                    return False
            except CelUndecidedError as error:
                missing.append(veiled(error.message))
            except CelEvaluationError as error:
                errors.append(_error(condition, error))
        if missing:
            self.case.doubt(self.policy, missing[0])
        elif errors:
            said = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
            self.case.fail(self.policy, self.binding, said)
        return not missing and not errors

    def _variable(self, name: str, program: Any) -> Any:
        def compute() -> Any:
            try:
                return program(**self.values)
            except CelUndecidedError:
                raise
            except CelEvaluationError as error:
                said = f'composited variable "{name}" fails to evaluate: {veiled(error.message)}'
                raise CelEvaluationError(said) from error

        return compute

    def _value(self, expression: Expression) -> Any:
        return expression.program(**self.values)

    def _validate(self, number: int, validation: Validation) -> None:
        try:
            answer = self._value(validation.expression)
        except CelUndecidedError as error:
            self.case.doubt(self.policy, veiled(error.message))
        except CelEvaluationError as error:
            self.case.fail(self.policy, self.binding, _error(validation.expression, error))
        else:
            if answer is not True:
                self.case.deny(self.policy, self.binding, self._message(validation), number)

    def _message(self, validation: Validation) -> str:
        """What the server says: what the expression makes, where that can be said at all."""
        made = ""
        if validation.message_expression is not None:
            try:
                said = self._value(validation.message_expression)
            except CelEvaluationError:
                said = ""
            made = said.strip() if type(said) is str else ""
        if not made or len(made.encode()) > _LONGEST_MESSAGE or "\n" in made:
            made = validation.message
        return made or f"failed expression: {validation.expression.text.strip()}"


def _error(expression: Expression, error: CelEvaluationError) -> str:
    return f"expression '{expression.text}' resulted in error: {veiled(error.message)}"


def _shown(param: dict[str, Any]) -> dict[str, Any]:
    return encoded(param, str(param.get("apiVersion")), str(param.get("kind")))
