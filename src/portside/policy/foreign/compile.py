"""The expressions of a policy, compiled as the API server compiles them.

Source: k8s.io/apiserver/pkg/admission/plugin/cel, and …/apis/admissionregistration/validation.
"""

from __future__ import annotations

from portside.cel import CelError, CelTypeError, Program
from portside.cel import compile as compile_cel
from portside.cel.dialect import walk
from portside.cel.parser import parse
from portside.cel.tree import Ident, Node, Select
from portside.policy.foreign.policy import Expression
from portside.policy.section import Section

COST_LIMIT = 1_000_000
"""Of one expression: PerCallLimit of k8s.io/apiserver/pkg/apis/cel."""
_REQUEST = {
    **{f"request.{it}": "dyn" for it in ("kind", "resource", "requestKind", "requestResource")},
    **{f"request.{it}": "string" for it in ("name", "namespace", "operation", "subResource")},
    **{"request.requestSubResource": "string", "request.dryRun": "bool"},
    **{"request.userInfo": "dyn", "request.options": "dyn"},
}
"""The fields of a request by type, for the checker: the values are in one record."""
_AUTHORIZER = {
    "authorizer": "kubernetes.authorization.Authorizer",
    "authorizer.requestResource": "kubernetes.authorization.ResourceCheck",
}
_BASE = dict.fromkeys(("object", "oldObject", "request", "namespaceObject"), "dyn")


class Compiler:
    """Compiles the expressions of one policy, its variables in their order first."""

    def __init__(self, version: str, *, has_params: bool) -> None:
        self.version = version
        self.base = {**_BASE, **({"params": "dyn"} if has_params else {})}
        self.variables: dict[str, str] = {}
        """The types of the variables so far, by name."""

    def variable(self, name: str, section: Section) -> Program:
        """The variable `name`, which those after it may use."""
        made = self.expression(section, "expression")
        self.variables[name] = made.program.result_type
        return made.program

    def expression(
        self,
        section: Section,
        key: str,
        wanted: str = "",
        *,
        composed: bool = True,
        authorizer: bool = True,
    ) -> Expression:
        """The expression at `key`, whose type must be `wanted` if that is given.

        `composed` says whether it sees the variables. Raises PolicyError with place and reason.
        """
        text = section.required(key)
        if not text.strip():
            section.fail("may not be empty", key)
        known = {**self.base, **(_AUTHORIZER if authorizer else {})}
        seen = self.variables if composed else {}
        typed = {f"variables.{name}": kind for name, kind in seen.items()}
        try:
            checked = self._compile(text, {**known, **_REQUEST, **typed})
            _refuse_unknown_fields(text)
            program = self._compile(text, {**known, **({"variables": "dyn"} if seen else {})})
        except CelError as error:
            place = f" at line {error.line}, column {error.column} of the expression"
            hint = f"Kubernetes {self.version} refuses the policy, too"
            section.fail(f"{error.message}{place if error.line else ''}", key, hint=hint)
        if wanted and checked.result_type != wanted:
            section.fail(f"must evaluate to {wanted} but got {checked.result_type}", key)
        program.result_type = checked.result_type
        return Expression(text, program)

    def _compile(self, text: str, names: dict[str, str]) -> Program:
        return compile_cel(text, names, version=self.version, cost_limit=COST_LIMIT)


def _refuse_unknown_fields(text: str) -> None:
    """Raise CelTypeError for a field that no request has; the rest of it is dyn to our checker."""
    for node in walk(parse(text)):
        if not isinstance(node, Select) or not _is_request(node.operand):
            continue
        if f"request.{node.field}" not in _REQUEST:
            raise CelTypeError(f"undefined field '{node.field}'", *node.place)


def _is_request(node: Node) -> bool:
    return isinstance(node, Ident) and node.name == "request"
