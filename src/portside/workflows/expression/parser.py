"""Tokens → a tree.

or      := and ("||" and)*
and     := equal ("&&" equal)*
equal   := order (("==" | "!=") order)*
order   := unary (("<" | "<=" | ">" | ">=") unary)*
unary   := "!" unary | primary step*
primary := literal | name | name "(" (or ("," or)*)? ")" | "(" or ")"
step    := "." name | "." "*" | "[" or "]" | "[" "*" "]"
"""

from __future__ import annotations

from collections.abc import Callable

from portside.workflows.expression.lexer import (
    END,
    NAME,
    NUMBER,
    SIGN,
    STRING,
    WORD,
    ExpressionError,
    Token,
    tokens,
)
from portside.workflows.expression.tree import (
    ANY,
    Binary,
    Call,
    Literal,
    Node,
    Reference,
    Step,
    Unary,
)

DEEPEST = 50
"""Expressions within expressions: the runner's own limit."""
MANY = 255
_ARGUMENTS = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, MANY),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "hashfiles": (1, MANY),
    "case": (3, MANY),
    "success": (0, MANY),
    "failure": (0, MANY),
    "always": (0, 0),
    "cancelled": (0, 0),
}


def parse(code: str) -> Node:
    """The tree of the expression `code`, without its fence. Raises ExpressionError."""
    parser = _Parser(tokens(code))
    node = parser.either()
    parser.expect_end()
    return node


class _Parser:
    __slots__ = ("at", "depth", "tokens")

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0

    def either(self) -> Node:
        return self._series("||", lambda: self._series("&&", self._equal))

    def expect_end(self) -> None:
        token = self._now()
        if token.kind != END:
            raise ExpressionError(f"unexpected {token.text[:40]!r}", token.start)

    def _series(self, sign: str, operand: Callable[[], Node]) -> Node:
        """`operand`s with `sign` between them: one node for all, however many they are."""
        found = [operand()]
        while self._takes(sign):
            found.append(operand())
        if len(found) == 1:
            return found[0]
        return Binary(sign, tuple(found), found[0].start, found[-1].end)

    def _equal(self) -> Node:
        return self._chain(("==", "!="), self._order)

    def _order(self) -> Node:
        return self._chain(("<", "<=", ">", ">="), self._unary)

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        left = operand()
        deeper = 0
        while self._now().kind == SIGN and self._now().text in signs:
            token = self._next()
            deeper += 1
            self._bound(deeper, token)
            right = operand()
            left = Binary(token.text, (left, right), left.start, right.end)
        return left

    def _unary(self) -> Node:
        token = self._now()
        if not self._takes("!"):
            return self._steps()
        self._enter(token)
        operand = self._unary()
        self.depth -= 1
        return Unary(operand, token.start, operand.end)

    def _steps(self) -> Node:
        first = self._now()
        node = self._primary()
        steps: list[Step] = []
        while self._now().kind == SIGN and self._now().text in (".", "["):
            steps.append(self._step())
        if isinstance(node, Reference) and not node.steps and node.base is None:
            end = steps[-1].end if steps else node.end
            return Reference(node.head, None, tuple(steps), node.start, end)
        if not steps:
            return node
        if isinstance(node, Literal):
            raise ExpressionError("a literal has no properties", steps[0].start)
        return Reference("", node, tuple(steps), first.start, steps[-1].end)

    def _step(self) -> Step:
        token = self._next()
        following = self._now()
        if token.text == ".":
            if following.kind not in (NAME, WORD) and following.text != ANY:
                raise ExpressionError("a property's name belongs behind the dot", following.start)
            self._next()
            return Step(following.text, None, token.start, following.end)
        if self._takes(ANY):
            return Step(ANY, None, token.start, self._close("]"))
        self._enter(token)
        index = self.either()
        self.depth -= 1
        name = index.value if isinstance(index, Literal) and type(index.value) is str else ""
        return Step(str(name), index, token.start, self._close("]"))

    def _primary(self) -> Node:
        token = self._next()
        if token.kind in (STRING, NUMBER, WORD):
            return Literal(token.value, token.start, token.end)
        if token.kind == NAME:
            if self._takes("("):
                return self._call(token)
            return Reference(token.text, None, (), token.start, token.end)
        if token.text == "(":
            self._enter(token)
            node = self.either()
            self.depth -= 1
            self._close(")")
            return node
        what = f"unexpected {token.text[:40]!r}" if token.text else "the expression ends early"
        raise ExpressionError(what, token.start)

    def _call(self, name: Token) -> Node:
        self._enter(name)
        arguments: list[Node] = []
        if self._now().text != ")" or self._now().kind != SIGN:
            arguments.append(self.either())
            while self._takes(","):
                arguments.append(self.either())
        self.depth -= 1
        end = self._close(")")
        self._check(name, len(arguments))
        return Call(name.text.lower(), tuple(arguments), name.start, end)

    def _check(self, name: Token, count: int) -> None:
        known = _ARGUMENTS.get(name.text.lower())
        if known is None:
            raise ExpressionError(f"there is no function {name.text[:40]}", name.start)
        if not known[0] <= count <= known[1] or (name.text.lower() == "case" and count % 2 == 0):
            raise ExpressionError(f"{name.text} takes no {count} arguments", name.start)

    def _enter(self, token: Token) -> None:
        self.depth += 1
        self._bound(self.depth, token)

    def _bound(self, depth: int, token: Token) -> None:
        if depth > DEEPEST:
            raise ExpressionError(f"nested more than {DEEPEST} levels deep", token.start)

    def _close(self, sign: str) -> int:
        token = self._now()
        if not self._takes(sign):
            raise ExpressionError(f"{sign} is missing", token.start)
        return token.end

    def _takes(self, sign: str) -> bool:
        token = self._now()
        if token.kind == SIGN and token.text == sign:
            self.at += 1
            return True
        return False

    def _now(self) -> Token:
        return self.tokens[self.at]

    def _next(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != END:
            self.at += 1
        return token
