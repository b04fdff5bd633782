"""What an expression is made of. Offsets count from the beginning of the expression's text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ANY = "*"


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, `true`, `false` or `null`."""

    value: str | float | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """`.name`, `.*`, `['name']`, `[0]`, `[*]` or `[computed]`."""

    name: str
    """What is looked up, as it is written; `*` for each and every one; empty where computed."""
    index: Node | None
    """What stands in brackets, but for a star."""
    start: int
    end: int

    @property
    def is_computed(self) -> bool:
        return self.index is not None and not isinstance(self.index, Literal)


@dataclass(frozen=True, slots=True)
class Reference:
    """A context with the way into it, `github.event.issue.title`, or a step behind a call."""

    head: str
    """The context's name as it is written; empty where `base` is what is gone into."""
    base: Node | None
    steps: tuple[Step, ...]
    start: int
    end: int

    @property
    def path(self) -> str:
        """`github.event.commits.*.message`: in lower case, a star for what is computed.

        Empty where it begins with no context.
        """
        if not self.head:
            return ""
        return ".".join((self.head, *(it.name or ANY for it in self.steps))).lower()

    @property
    def key(self) -> str:
        """The one property that is looked up: `NAME` of `secrets.NAME`; else empty."""
        return self.steps[0].name if self.head and len(self.steps) == 1 else ""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    """In lower case."""
    arguments: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!operand`."""

    operand: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and a comparison, or two and more of one `&&` or `||`."""

    sign: str
    operands: tuple[Node, ...]
    start: int
    end: int


Node = Literal | Reference | Call | Unary | Binary


def children(node: Node) -> Iterator[Node]:
    """What `node` is made of, in the order of the text; indices of a reference too."""
    if isinstance(node, Binary):
        yield from node.operands
    elif isinstance(node, Call):
        yield from node.arguments
    elif isinstance(node, Unary):
        yield node.operand
    elif isinstance(node, Reference):
        if node.base is not None:
            yield node.base
        yield from (it.index for it in node.steps if it.index is not None)


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything within it, outer ones before inner ones, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)
