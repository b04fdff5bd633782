"""The expression language of GitHub Actions: `${{ … }}` in texts, parsed and analysed.

Source: GitHub's reference of expressions, and the limits and the grammar of the runner
(actions/runner, `DistributedTask.Expressions2`).
"""

from portside.workflows.expression.fence import Fenced, condition, fenced, only_fence
from portside.workflows.expression.lexer import ExpressionError
from portside.workflows.expression.parser import parse
from portside.workflows.expression.tree import (
    Binary,
    Call,
    Literal,
    Node,
    Reference,
    Step,
    Unary,
    walk,
)

__all__ = [
    "Binary",
    "Call",
    "ExpressionError",
    "Fenced",
    "Literal",
    "Node",
    "Reference",
    "Step",
    "Unary",
    "condition",
    "fenced",
    "only_fence",
    "parse",
    "walk",
]
