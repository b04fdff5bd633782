"""Tokens → tree. Source: the CEL language definition, "Syntax" and "Macros"."""

from __future__ import annotations

from portside.cel.deep import DEEPEST, refuse_too_deep, room
from portside.cel.errors import CelSyntaxError
from portside.cel.lexer import Lexer, Token
from portside.cel.macros import MACROS, expand
from portside.cel.tree import (
    Call,
    Ident,
    Index,
    ListLiteral,
    Literal,
    MapLiteral,
    Node,
    Place,
    Select,
    Struct,
)

RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "in"),
        *("let", "loop", "package", "namespace", "return", "var", "void", "while"),
        *("true", "false", "null"),
    )
)
_RELATIONS = ("==", "!=", "<", "<=", ">", ">=")
_LITERALS = {"true": ("bool", True), "false": ("bool", False), "null": ("null", None)}


def parse(source: str) -> Node:
    """The tree of `source`. Raises CelSyntaxError with line and column."""
    with room():
        tree = _Parser(Lexer(source).tokens()).whole()
    refuse_too_deep(tree)
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def fail(self, message: str, token: Token | None = None) -> CelSyntaxError:
        token = token or self.token
        return CelSyntaxError(message, token.line, token.column)

    def take(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at(self, *ops: str) -> bool:
        return self.token.kind == "op" and self.token.text in ops

    def accept(self, op: str) -> Token | None:
        return self.take() if self.at(op) else None

    def expect(self, op: str) -> Token:
        if not self.at(op):
            got = self.token.text or "the end" if self.token.kind != "string" else "a string"
            raise self.fail(f"expected {op!r}, got {got}")
        return self.take()

    def whole(self) -> Node:
        node = self.expression()
        if self.token.kind != "end":
            raise self.fail(f"unexpected {self.token.text or self.token.kind!r}")
        return node

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"nested too deep: more than {DEEPEST} levels")
        node = self.ternary()
        self.depth -= 1
        return node

    def ternary(self) -> Node:
        node = self.disjunction()
        token = self.accept("?")
        if token is None:
            return node
        then = self.disjunction()
        self.expect(":")
        otherwise = self.expression()
        return Call("_?_:_", None, (node, then, otherwise), _place(token))

    def disjunction(self) -> Node:
        return self.chain("||", self.conjunction)

    def conjunction(self) -> Node:
        return self.chain("&&", self.relation)

    def chain(self, op: str, part: object) -> Node:
        """`a op b op c` as one call: its operands are equal before error absorption."""
        assert callable(part)  # noqa: S101 - the grammar's own methods
        first: Node = part()
        if not self.at(op):
            return first
        place = _place(self.token)
        parts = [first]
        while self.accept(op):
            parts.append(part())
        return Call(f"_{op}_", None, tuple(parts), place)

    def relation(self) -> Node:
        node = self.addition()
        while self.at(*_RELATIONS) or (self.token.kind == "name" and self.token.text == "in"):
            token = self.take()
            name = "_in_" if token.text == "in" else f"_{token.text}_"
            node = Call(name, None, (node, self.addition()), _place(token))
        return node

    def addition(self) -> Node:
        node = self.multiplication()
        while self.at("+", "-"):
            token = self.take()
            node = Call(f"_{token.text}_", None, (node, self.multiplication()), _place(token))
        return node

    def multiplication(self) -> Node:
        node = self.unary()
        while self.at("*", "/", "%"):
            token = self.take()
            node = Call(f"_{token.text}_", None, (node, self.unary()), _place(token))
        return node

    def unary(self) -> Node:
        if not self.at("!", "-"):
            return self.member()
        signs: list[Token] = []
        while (
            self.at(self.token.text)
            and self.at("!", "-")
            and (not signs or self.token.text == signs[0].text)
        ):
            signs.append(self.take())
        first = signs[0]
        following = self.token
        if first.text == "-" and following.kind in ("int", "float") and len(signs) % 2:
            return self.member(negative=True)
        if self.at("!", "-"):
            raise self.fail(f"unexpected {self.token.text!r}")
        node = self.member()
        if len(signs) % 2 == 0:
            return node if not isinstance(node, Literal) else self.doubled(node, first)
        return Call("!_" if first.text == "!" else "-_", None, (node,), _place(first))

    def doubled(self, node: Literal, sign: Token) -> Node:
        """Two signs before a literal are two calls, so that their types are still checked."""
        name = "!_" if sign.text == "!" else "-_"
        return Call(name, None, (Call(name, None, (node,), _place(sign)),), _place(sign))

    def member(self, *, negative: bool = False) -> Node:
        node = self.primary(negative)
        links = 0
        while self.at(".", "[", "{"):
            links += 1
            if links > DEEPEST:
                raise self.fail(f"nested too deep: more than {DEEPEST} fields in a chain")
            if self.at("{"):
                name = _qualified(node)
                if name is None:
                    return node
                node = self.struct(name)
            elif self.at("["):
                node = self.index(node)
            else:
                node = self.field(node)
        return node

    def index(self, node: Node) -> Node:
        token = self.take()
        optional = self.accept("?") is not None
        index = self.expression()
        self.expect("]")
        return Index(node, index, optional, _place(token))

    def field(self, node: Node) -> Node:
        token = self.take()
        optional = self.accept("?") is not None
        name = self.take()
        if name.kind == "quoted":
            return Select(node, name.text[1:-1], False, optional, _place(token))
        if name.kind != "name" or (name.text in ("in", "true", "false", "null")):
            raise self.fail(f"expected the name of a field, got {name.text or name.kind!r}", name)
        if not self.at("(") or optional:
            return Select(node, name.text, False, optional, _place(token))
        args = self.arguments()
        return self.call(name.text, node, args, name)

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        args: list[Node] = []
        while not self.at(")"):
            args.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        return tuple(args)

    def call(self, name: str, target: Node | None, args: tuple[Node, ...], token: Token) -> Node:
        if (name, len(args), target is not None) in MACROS:
            made = expand(name, target, args, _place(token))
            if made is not None:
                return made
        return Call(name, target, args, _place(token))

    def primary(self, negative: bool) -> Node:  # noqa: C901  - one return for each form
        token = self.token
        if token.kind in ("int", "uint", "float", "string", "bytes"):
            return self.literal(self.take(), negative)
        if token.kind == "name":
            return self.name(self.take())
        if self.at("."):
            self.take()
            name = self.take()
            if name.kind != "name" or name.text in RESERVED:
                raise self.fail("expected a name", name)
            if self.at("("):
                return self.call(name.text, None, self.arguments(), name)
            return Ident(f".{name.text}", _place(name))
        if self.at("("):
            self.take()
            node = self.expression()
            self.expect(")")
            return node
        if self.at("["):
            return self.list()
        if self.at("{"):
            return self.map()
        raise self.fail(f"expected an expression, got {token.text or 'the end'!r}")

    def name(self, token: Token) -> Node:
        if token.text in _LITERALS:
            return Literal(*_LITERALS[token.text], _place(token))
        if token.text in RESERVED:
            raise self.fail(f"{token.text} is a reserved word", token)
        if self.at("("):
            return self.call(token.text, None, self.arguments(), token)
        return Ident(token.text, _place(token))

    def literal(self, token: Token, negative: bool) -> Node:
        place = _place(token)
        if token.kind in ("string", "bytes"):
            return Literal(token.kind, token.value, place)
        if token.kind == "float":
            value = float(token.text) * (-1 if negative else 1)
            if value in (float("inf"), float("-inf")):
                raise self.fail(f"{token.text} does not fit a double", token)
            return Literal("double", value, place)
        text = token.text.rstrip("uU")
        number = int(text, 16 if text[:2] == "0x" else 10) * (-1 if negative else 1)
        low, high = (0, 1 << 64) if token.kind == "uint" else (-(1 << 63), 1 << 63)
        if not low <= number < high:
            raise self.fail(f"{token.text} does not fit 64 bits", token)
        return Literal(token.kind, number, place)

    def list(self) -> Node:
        token = self.take()
        elements: list[tuple[Node, bool]] = []
        while not self.at("]"):
            optional = self.accept("?") is not None
            elements.append((self.expression(), optional))
            if not self.accept(","):
                break
        self.expect("]")
        return ListLiteral(tuple(elements), _place(token))

    def map(self) -> Node:
        token = self.take()
        entries: list[tuple[Node, Node, bool]] = []
        while not self.at("}"):
            optional = self.accept("?") is not None
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression(), optional))
            if not self.accept(","):
                break
        self.expect("}")
        return MapLiteral(tuple(entries), _place(token))

    def struct(self, name: str) -> Node:
        token = self.take()
        fields: list[tuple[str, Node, bool]] = []
        while not self.at("}"):
            optional = self.accept("?") is not None
            field = self.take()
            if field.kind not in ("name", "quoted"):
                raise self.fail("expected the name of a field", field)
            self.expect(":")
            fields.append((field.text.strip("`"), self.expression(), optional))
            if not self.accept(","):
                break
        self.expect("}")
        return Struct(name, tuple(fields), _place(token))


def _place(token: Token) -> Place:
    return Place(token.line, token.column)


def _qualified(node: Node) -> str | None:
    """`node` as a dotted name, where it is one."""
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select) and not node.test and not node.optional:
        above = _qualified(node.operand)
        return None if above is None else f"{above}.{node.field}"
    return None
