"""The tokens of actions → pipelines, calls and the blocks that they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from portside.records import NamedTuple
from portside.syntax.gotemplate.lex import (
    FIELD,
    MARK,
    NUMBER,
    TEXT,
    VARIABLE,
    WORD,
    Raw,
    TemplateError,
    Token,
    raw_actions,
)

_OPENING = frozenset(("if", "range", "with", "define", "block"))
_KEYWORDS = _OPENING | {"else", "end", "template", "break", "continue"}
_WITHOUT_PIPE = ("end", "break", "continue")
_CONSTANTS = frozenset(("true", "false", "nil"))
_DEEPEST = 200
"""Parentheses within parentheses, and blocks within blocks."""


class Operand(NamedTuple):
    """A value: a text, a number, a word, a path of fields; `inner` is what brackets hold."""

    kind: str
    text: str
    at: int
    fields: tuple[str, ...] = ()
    inner: Pipe | None = None

    @property
    def constant(self) -> str | None:
        """The text that it is, if it is one that is written here."""
        if self.kind != TEXT:
            return None
        return self.text[1:-1] if self.text[:1] == "`" else _unquoted(self.text[1:-1])

    @property
    def path(self) -> tuple[str, ...]:
        """The fields that it reads from the dot or from `$`; empty for anything else."""
        return self.fields if self.kind in (FIELD, VARIABLE) else ()


class Pipe(NamedTuple):
    """Commands, each of which gives its value to the next: `a b | c`."""

    commands: tuple[tuple[Operand, ...], ...]
    at: int


class Call(NamedTuple):
    """A function that is called: the arguments that are written, and the pipeline before it."""

    name: str
    arguments: tuple[Operand, ...]
    piped: tuple[tuple[Operand, ...], ...]
    at: int


class Action:
    """An action, of which Go would take what it holds."""

    __slots__ = ("_pipe", "_raw", "blocks", "defined", "end", "keyword", "start")

    def __init__(
        self,
        raw: Raw,
        keyword: str,
        pipe: Pipe | None,
        defined: str = "",
        blocks: tuple[int, ...] = (),
    ) -> None:
        self.start = raw.start
        self.end = raw.end
        self.keyword = keyword
        """`if`, `end`, `define`…; empty for a value or an assignment, `comment` for a comment."""
        self.defined = defined
        """The name of the template that is defined around it; empty outside of each."""
        self.blocks = blocks
        """The indices at which the blocks begin that it stands in, outermost first."""
        self._raw = raw
        self._pipe = pipe

    @property
    def pipe(self) -> Pipe:
        """What it holds behind its keyword; made when it is first asked, which is mostly never."""
        if self._pipe is None:
            self._pipe = _pipe_of(self._raw, self.keyword)
        return self._pipe

    @property
    def shows(self) -> bool:
        """Whether it may write something where it stands."""
        return self.keyword in ("", "template", "block")


class Template(NamedTuple):
    text: str
    actions: tuple[Action, ...]
    words: frozenset[str]
    """The words in its actions: what it calls is among them."""


@lru_cache(maxsize=256)
def parse(text: str) -> Template:
    """The template `text`. Raises TemplateError where Go would refuse it.

    Who judges a template and who leads findings back to it ask for the same.
    """
    blocks: list[tuple[str, int, str]] = []
    found = [_action(raw, blocks) for raw in raw_actions(text)]
    if blocks:
        raise TemplateError(f"{blocks[-1][0]} without its end", blocks[-1][1])
    words = (it.text for raw in raw_actions(text) for it in raw.tokens if it.kind == WORD)
    return Template(text, tuple(found), frozenset(words))


def calls(pipe: Pipe) -> Iterator[Call]:
    """Every function that `pipe` calls, those in brackets too."""
    for number, command in enumerate(pipe.commands):
        for place, operand in enumerate(command):
            if operand.kind == WORD and operand.text not in _CONSTANTS:
                given = (command[1:], pipe.commands[:number]) if place == 0 else ((), ())
                yield Call(operand.text, *given, operand.at)
            if operand.inner is not None:
                yield from calls(operand.inner)


def commands_of(pipe: Pipe) -> Iterator[tuple[Operand, ...]]:
    """Every command in `pipe`, those in brackets too."""
    for command in pipe.commands:
        yield command
        for operand in command:
            if operand.inner is not None:
                yield from commands_of(operand.inner)


def operands_of(listed: Iterable[Operand]) -> Iterator[Operand]:
    """Every operand of `listed`, and those in their brackets."""
    for operand in listed:
        yield operand
        if operand.inner is not None:
            for command in operand.inner.commands:
                yield from operands_of(command)


def _action(raw: Raw, blocks: list[tuple[str, int, str]]) -> Action:
    """One action; `blocks` are those open around it: (keyword, where, the name it defines)."""
    if raw.comment:
        return _made(raw, "comment", Pipe((), raw.start), blocks)
    if not raw.tokens:
        raise TemplateError("an action without a value", raw.start)
    first = raw.tokens[0]
    keyword = first.text if first.kind == WORD and first.text in _KEYWORDS else ""
    if keyword == "else" and not blocks:
        raise TemplateError("else without a block", first.at)
    if keyword == "end":
        _close(blocks, first)
    pipe = None if _is_plain(raw.tokens, keyword) else _pipe_of(raw, keyword)
    made = _made(raw, keyword, pipe, blocks)
    if keyword in _OPENING:
        if len(blocks) >= _DEEPEST:
            raise TemplateError("blocks nested too deep", first.at)
        name = _name(made.pipe) if keyword in ("define", "block") else ""
        blocks.append((keyword, raw.start, name))
    return made


def _made(raw: Raw, keyword: str, pipe: Pipe | None, blocks: list[tuple[str, int, str]]) -> Action:
    if not blocks:
        return Action(raw, keyword, pipe)
    defined = next((name for _, _, name in reversed(blocks) if name), "")
    return Action(raw, keyword, pipe, defined, tuple(at for _, at, _ in blocks))


def _close(blocks: list[tuple[str, int, str]], first: Token) -> None:
    if not blocks:
        raise TemplateError("end without a block", first.at)
    blocks.pop()


def _is_plain(tokens: tuple[Token, ...], keyword: str) -> bool:
    """Whether there is no doubt that a pipeline stands behind the keyword; False is no answer.

    To find that out is several times as fast as to make the pipeline, which few ask for.
    """
    at = 1 if keyword else 0
    if keyword == "else" and len(tokens) > 1:
        if tokens[1].text not in ("if", "with"):
            return False
        at = 2
    elif keyword == "else" or keyword in _WITHOUT_PIPE:
        return len(tokens) == 1
    return len(tokens) < _DEEPEST and _is_sound(tokens[_behind_declared(tokens, at) :])


def _is_sound(tokens: tuple[Token, ...]) -> bool:
    """Whether brackets close, and a value stands in all of them and on both sides of each bar."""
    depth, lacks = 0, True
    for token in tokens:
        text = token.text
        if token.kind != MARK or text == ".":
            lacks = False
        elif text == "(":
            depth, lacks = depth + 1, True
        elif lacks or text not in ("|", ")"):
            return False
        else:
            depth, lacks = depth - (text == ")"), text == "|"
            if depth < 0:
                return False
    return not lacks and not depth


def _behind_declared(tokens: tuple[Token, ...], at: int) -> int:
    """The index behind `$x :=`, `$x =` or `$k, $v :=` at `at`."""
    for length in (1, 3):
        names = tokens[at : at + length + 1]
        if len(names) > length and names[length].text in (":=", "="):
            return at + length + 1 if all(it.kind == VARIABLE for it in names[:length:2]) else at
    return at


def _pipe_of(raw: Raw, keyword: str) -> Pipe:
    """What the action holds behind its keyword. Raises TemplateError."""
    reader = _Reader(raw.tokens[1:] if keyword else raw.tokens, raw.tokens[0].at)
    if keyword in _WITHOUT_PIPE:
        if reader.left():
            raise TemplateError(f"something behind {keyword}", reader.at())
        return Pipe((), reader.at())
    if keyword == "else":
        if not reader.left():
            return Pipe((), reader.at())
        following = reader.next()
        if following.text not in ("if", "with"):
            raise TemplateError(f"{following.text} behind else", following.at)
    pipe = reader.pipe(0)
    if reader.left():
        raise TemplateError(f"{reader.peek().text!r} where the action should end", reader.at())
    return pipe


def _name(pipe: Pipe) -> str:
    if not pipe.commands:
        return ""
    return pipe.commands[0][0].constant or ""


class _Reader:
    """The tokens of one action."""

    __slots__ = ("_at", "_end", "_tokens")

    def __init__(self, tokens: tuple[Token, ...], at: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._end = tokens[-1].at if tokens else at

    def left(self) -> bool:
        return self._at < len(self._tokens)

    def peek(self) -> Token:
        return self._tokens[self._at]

    def next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def at(self) -> int:
        """Where the next token stands, or else the last."""
        return self.peek().at if self.left() else self._end

    def pipe(self, depth: int) -> Pipe:
        """A pipeline up to its end or to the bracket that closes it."""
        begin = self.at()
        self._declared()
        commands = [self._command(depth)]
        while self.left() and self.peek().text == "|":
            self.next()
            # Go takes a pipeline that ends in a bar.
            if self.left() and self.peek().text != ")":
                commands.append(self._command(depth))
        return Pipe(tuple(commands), begin)

    def _declared(self) -> None:
        """Pass over `$x :=`, `$x =` and `$k, $v :=`."""
        self._at = _behind_declared(self._tokens, self._at)

    def _command(self, depth: int) -> tuple[Operand, ...]:
        found: list[Operand] = []
        while self.left() and self.peek().text not in ("|", ")"):
            found.append(self._operand(depth))
        if not found:
            raise TemplateError("a pipeline that lacks a value", self.at())
        return tuple(found)

    def _operand(self, depth: int) -> Operand:
        token = self.next()
        if token.text == "(" and token.kind == MARK:
            return self._bracket(token, depth)
        if token.kind == MARK and token.text != ".":
            raise TemplateError(f"{token.text!r} where a value should stand", token.at)
        kind = FIELD if token.kind == MARK else token.kind
        fields = (token.text[1:],) if token.kind == FIELD else ()
        if kind in (TEXT, NUMBER):
            return Operand(kind, token.text, token.at)
        return Operand(kind, token.text, token.at, fields + self._fields())

    def _bracket(self, token: Token, depth: int) -> Operand:
        if depth >= _DEEPEST:
            raise TemplateError("brackets nested too deep", token.at)
        inner = self.pipe(depth + 1)
        if not self.left() or self.next().text != ")":
            raise TemplateError("a bracket that does not close", token.at)
        return Operand(MARK, "(", token.at, self._fields(), inner)

    def _fields(self) -> tuple[str, ...]:
        """The fields that follow without a blank."""
        found = []
        while self.left() and self.peek().kind == FIELD and not self.peek().spaced:
            found.append(self.next().text[1:])
        return tuple(found)


def _unquoted(text: str) -> str:
    """A quoted text without its escapes; those of characters by number stay as they are."""
    if "\\" not in text:
        return text
    simple = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
    made, at = [], 0
    while at < len(text):
        following = text[at + 1 : at + 2]
        if text[at] == "\\" and following in simple:
            made.append(simple[following])
            at += 2
        else:
            made.append(text[at])
            at += 1
    return "".join(made)
