"""A ValidatingAdmissionPolicy ready to run, and its bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.cel import Program
from portside.policy.foreign.constraints import Constraints
from portside.policy.foreign.selector import Selector
from portside.records import NamedTuple

ParamKind = tuple[str, str]
"""apiVersion and kind."""


class Expression(NamedTuple):
    text: str
    program: Program


class Validation(NamedTuple):
    expression: Expression
    message: str
    message_expression: Expression | None


class ParamRef(NamedTuple):
    """Which parameter objects a binding takes: one by name, or all that a selector selects."""

    name: str
    namespace: str
    selector: Selector
    deny_without: bool
    """Whether the server denies where there is none."""


class Binding(NamedTuple):
    name: str
    actions: tuple[str, ...]
    constraints: Constraints | None
    param_ref: ParamRef | None


class AdmissionPolicy(NamedTuple):
    """`bindings` is empty where none is among the files: it is then run as if bound everywhere."""

    name: str
    severity: int
    fails_closed: bool
    """failurePolicy: Fail."""
    param_kind: ParamKind | None
    constraints: Constraints
    conditions: tuple[Expression, ...]
    variables: tuple[tuple[str, Program], ...]
    validations: tuple[Validation, ...]
    bindings: tuple[Binding, ...]
    where: str


class CustomKind(NamedTuple):
    """What a CustomResourceDefinition says."""

    resource: str
    namespaced: bool
    versions: frozenset[str]


class Foreign(NamedTuple):
    """All that is needed to run the policies of others."""

    policies: tuple[AdmissionPolicy, ...]
    params: Mapping[ParamKind, tuple[dict[str, Any], ...]]
    kinds: Mapping[tuple[str, str], CustomKind]
    namespaces: Mapping[str, dict[str, Any] | None]
    """The Namespace objects by name; None where two of one name differ."""
    notes: tuple[str, ...] = ()
    """What a user must know of how they are run."""

    def needs_namespaces(self) -> bool:
        """Whether an answer may hang on what a Namespace object says."""
        return any(_reads_namespaces(it) for it in self.policies)


def _reads_namespaces(policy: AdmissionPolicy) -> bool:
    bound = [it.constraints for it in policy.bindings if it.constraints is not None]
    if any(it.namespaces for it in (policy.constraints, *bound)):
        return True
    texts = [it.expression.text for it in policy.validations]
    texts += [it.message_expression.text for it in policy.validations if it.message_expression]
    texts += [program.source for _, program in policy.variables]
    return any("namespaceObject" in text for text in texts)
