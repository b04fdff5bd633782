"""The Common Expression Language, compiled to Python. Usable by itself: knows nothing of rules.

    program = compile("object.spec.replicas > minimum", {"object": "dyn", "minimum": "int"})
    program(object={"spec": {"replicas": 3}}, minimum=2)

Source: github.com/google/cel-spec (langdef.md), k8s.io/apiserver/pkg/cel for Kubernetes' dialect.
Nothing is imported before it is asked for: scans import `cel.runtime` and no compiler.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.cel.errors import (
        CelError,
        CelEvaluationError,
        CelSyntaxError,
        CelTypeError,
        CelUndecidedError,
    )
    from portside.cel.program import Program, compile  # noqa: A004 - the word of the trade

_HOMES = {
    "Program": "program",
    "compile": "program",
    "CelError": "errors",
    "CelEvaluationError": "errors",
    "CelSyntaxError": "errors",
    "CelTypeError": "errors",
    "CelUndecidedError": "errors",
}
__all__ = [
    "CelError",
    "CelEvaluationError",
    "CelSyntaxError",
    "CelTypeError",
    "CelUndecidedError",
    "Program",
    "compile",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"portside.cel.{home}"), name)
