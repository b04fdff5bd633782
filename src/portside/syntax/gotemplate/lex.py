"""The text of a template → its actions, and the tokens of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from portside.records import NamedTuple

WORD, FIELD, VARIABLE, TEXT, NUMBER, MARK = "word", "field", "variable", "text", "number", "mark"
"""Kinds of tokens: `include`, `.Values.a` (a step of it), `$x`, a quoted text, a number, a sign."""
_SPACE = re.compile(r"[ \t\r\n]*")
_NAME = r"[^\W\d]\w*"
_TOKEN = re.compile(
    r"(?P<end>[ \t\r\n]+-\}\}|[ \t\r\n]*\}\})|[ \t\r\n]*(?:"
    rf"(?P<field>\.{_NAME})|(?P<variable>\$(?:{_NAME})?)|(?P<word>{_NAME})"
    r"|(?P<number>[+-]?(?:0[xXbBoO]\w|\.?\d)[\w.]*)"
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    r"|(?P<char>'(?:[^'\\\n]|\\.)*')"
    r"|(?P<mark>:=|[()|=,.]))"
)
_COMMENT = "/*"


class TemplateError(Exception):
    """Go refuses the template; `at` is the index at which it does."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Token(NamedTuple):
    kind: str
    text: str
    at: int
    spaced: bool
    """Whether a blank stands before it: `a .b` is two operands, `a.b` is one."""


class Raw(NamedTuple):
    """An action as it is written: from `{{` to behind `}}`."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    comment: bool = False


def actions(text: str) -> Iterator[Raw]:
    """Every action of the template, in order. Raises TemplateError."""
    at = text.find("{{")
    while at >= 0:
        found = _action(text, at)
        yield found
        at = text.find("{{", found.end)


@lru_cache(maxsize=256)
def raw_actions(text: str) -> tuple[Raw, ...]:
    """The same, found once for all who ask."""
    return tuple(actions(text))


def _action(text: str, start: int) -> Raw:
    at = start + 2
    if text.startswith("-", at) and text[at + 1 : at + 2] in (" ", "\t", "\r", "\n"):
        at += 2
    if text.startswith(_COMMENT, at):
        return _comment(text, start, at)
    tokens: list[Token] = []
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _refused(text, at, start)
        kind = match.lastgroup
        if kind == "end":
            return Raw(start, match.end(), tuple(tokens))
        begin = match.start(kind)
        tokens.append(Token(NUMBER if kind == "char" else kind, match[kind], begin, begin > at))
        at = match.end()


def _comment(text: str, start: int, at: int) -> Raw:
    close = text.find("*/", at + 2)
    if close < 0:
        raise TemplateError("a comment that does not end", start)
    at = close + 2
    if text.startswith("}}", at):
        return Raw(start, at + 2, (), comment=True)
    if text[at : at + 1] in (" ", "\t", "\r", "\n") and text.startswith("-}}", at + 1):
        return Raw(start, at + 4, (), comment=True)
    raise TemplateError("a comment that its action goes on behind", start)


def _refused(text: str, at: int, start: int) -> TemplateError:
    space = _SPACE.match(text, at)
    at = space.end() if space else at
    if at >= len(text):
        return TemplateError("an action that does not end", start)
    what = "a text that does not end" if text[at] in "\"'`" else f"{text[at]!r} in an action"
    return TemplateError(what, at)
