"""What of an expression may become its value, and what of it is written in a roundabout way."""

from __future__ import annotations

from collections.abc import Iterator

from portside.workflows.expression.constant import is_constant
from portside.workflows.expression.tree import (
    Binary,
    Call,
    Literal,
    Node,
    Reference,
    Step,
    Unary,
    children,
    walk,
)

_PASSING = frozenset(("tojson", "format", "join"))
"""Functions whose value holds the text of their arguments."""


def leaves(node: Node) -> Iterator[Node]:
    """The parts of `node` one of which is its value: `a && b || c` comes to `b` or to `c`."""
    if isinstance(node, Binary) and node.sign == "||":
        for operand in node.operands:
            yield from leaves(operand)
    elif isinstance(node, Binary) and node.sign == "&&":
        yield from leaves(node.operands[-1])
    else:
        yield node


def flowing(node: Node) -> Iterator[Reference]:
    """The references whose text may become a part of the value of `node`.

    What is compared, negated or asked of by `contains` comes to true or false, and flows nowhere.
    """
    for leaf in leaves(node):
        if isinstance(leaf, Reference):
            yield leaf
        elif isinstance(leaf, Call) and leaf.name in _PASSING:
            for argument in leaf.arguments:
                yield from flowing(argument)


def references(node: Node) -> Iterator[Reference]:
    """Every reference in `node`, those in indices too."""
    return (it for it in walk(node) if isinstance(it, Reference))


def is_under(reference: Reference, *pattern: str) -> bool:
    """Whether it is the context `pattern` or something in it: `is_under(it, "github", "event")`.

    `*` in the pattern stands for any one step.
    """
    steps = reference.path.split(".") if reference.head else []
    return len(steps) >= len(pattern) and all(
        asked in ("*", step) for asked, step in zip(pattern, steps, strict=False)
    )


def is_exactly(reference: Reference, *pattern: str) -> bool:
    """Whether it is the context `pattern`, `*` standing for any one step."""
    return len(reference.steps) + 1 == len(pattern) and is_under(reference, *pattern)


def constant_parts(node: Node) -> Iterator[Node]:
    """The largest parts of `node` that are more than a literal and yet always come to the same."""
    if not isinstance(node, Literal) and is_constant(node):
        yield node
        return
    for child in children(node):
        yield from constant_parts(child)


def computed_steps(node: Node) -> Iterator[Step]:
    """Steps whose property is known at run time only: `inputs[inputs.name]`."""
    for it in references(node):
        yield from (step for step in it.steps if step.is_computed)


def alternatives(node: Node) -> Iterator[Node]:
    """The operands of `||`, those of one in parentheses too; `node` itself where it is none."""
    if isinstance(node, Binary) and node.sign == "||" and not is_constant(node):
        for operand in node.operands:
            yield from alternatives(operand)
    else:
        yield node


def same(one: Node, other: Node) -> bool:
    """Whether the two mean the same, whatever the order of what may change places."""
    if isinstance(one, Binary) and isinstance(other, Binary):
        if one.sign != other.sign or len(one.operands) != len(other.operands):
            return False
        pairs = [zip(one.operands, other.operands, strict=True)]
        if one.sign in ("&&", "||", "==", "!="):
            pairs.append(zip(one.operands, reversed(other.operands), strict=True))
        return any(all(same(a, b) for a, b in pair) for pair in pairs)
    if isinstance(one, Reference) and isinstance(other, Reference):
        return bool(one.path) and one.path == other.path
    if isinstance(one, Literal) and isinstance(other, Literal):
        return one.value == other.value and type(one.value) is type(other.value)
    if isinstance(one, Call) and isinstance(other, Call):
        same_size = len(one.arguments) == len(other.arguments)
        pairs_of = zip(one.arguments, other.arguments, strict=False)
        return one.name == other.name and same_size and all(same(a, b) for a, b in pairs_of)
    return isinstance(one, Unary) and isinstance(other, Unary) and same(one.operand, other.operand)
