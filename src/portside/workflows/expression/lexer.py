"""The text of an expression → tokens."""

from __future__ import annotations

import math

from portside.records import NamedTuple

LONGEST = 21_000
"""Characters of an expression: the runner's own limit."""
NAME, NUMBER, STRING, WORD, SIGN, END = "name", "number", "string", "word", "sign", "end"

_SPACE = " \t\n\r\v\f"
_SIGNS = ("==", "!=", "<=", ">=", "&&", "||", *"()[],*!<>.")
_BOUNDARY = frozenset(_SPACE + "()[],.!<>=&|'*")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME = _LETTERS | frozenset("0123456789-")
_WORDS: dict[str, float | bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}


class ExpressionError(ValueError):
    """No expression; `offset` is where in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int
    value: str | float | bool | None = None
    """Of a literal."""


def tokens(code: str) -> list[Token]:
    """The tokens of `code`, an END at the end. Raises ExpressionError."""
    if len(code) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST:,} characters", 0)
    found: list[Token] = []
    at = 0
    while True:
        while at < len(code) and code[at] in _SPACE:
            at += 1
        if at == len(code):
            found.append(Token(END, "", at, at))
            return found
        token = _token(code, at, found[-1] if found else None)
        found.append(token)
        at = token.end


def _token(code: str, at: int, before: Token | None) -> Token:
    first = code[at]
    if first == "'":
        return _string(code, at)
    if first in "+-0123456789" or (first == "." and not _may_be_followed(before)):
        return _number(code, at)
    for sign in _SIGNS:
        if code.startswith(sign, at):
            return Token(SIGN, sign, at, at + len(sign))
    return _name(code, at, before)


def _may_be_followed(before: Token | None) -> bool:
    """Whether a dot behind `before` leads to a property, and begins no number."""
    return before is not None and (before.kind == NAME or before.text in ("]", ")", "*"))


def _string(code: str, at: int) -> Token:
    """'…', in which two quotes are one."""
    end = at + 1
    while True:
        end = code.find("'", end)
        if end < 0:
            raise ExpressionError("a text that is never closed", at)
        if not code.startswith("''", end):
            text = code[at + 1 : end].replace("''", "'")
            return Token(STRING, code[at : end + 1], at, end + 1, text)
        end += 2


def _number(code: str, at: int) -> Token:
    end = at + 1
    while end < len(code) and (code[end] not in _BOUNDARY or code[end] == "."):
        end += 1
    value = number(code[at:end])
    if math.isnan(value):
        raise ExpressionError(f"{code[at:end][:40]!r} is no number", at)
    return Token(NUMBER, code[at:end], at, end, value)


def _name(code: str, at: int, before: Token | None) -> Token:
    end = at
    while end < len(code) and code[end] not in _BOUNDARY:
        end += 1
    text = code[at:end]
    if not text or text[0] not in _LETTERS or not set(text) <= _NAME:
        raise ExpressionError(f"unexpected {(text or code[at])[:40]!r}", at)
    is_property = before is not None and before.text == "."
    if text in _WORDS and not is_property:
        return Token(WORD, text, at, end, _WORDS[text])
    return Token(NAME, text, at, end)


def number(text: str) -> float:
    """The number that `text` is to the runner; NaN where it is none.

    Decimal, hexadecimal (0x…) and octal (0o…) in 32 bits; the empty text is 0.
    """
    text = text.strip(_SPACE)
    if not text:
        return 0.0
    if text.lstrip("+-").lower() == "infinity":
        return -math.inf if text[0] == "-" else math.inf
    for prefix, base in (("0x", 16), ("0o", 8)):
        if text.startswith(prefix):
            return _of_base(text[2:], base)
    if not set(text) <= frozenset("0123456789+-.eE"):
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _of_base(digits: str, base: int) -> float:
    if not digits or len(digits) > 11 or not set(digits.lower()) <= set("0123456789abcdef"[:base]):
        return math.nan
    value = int(digits, base)
    if value >= 1 << 32:
        return math.nan
    return float(value - (1 << 32) if value >= 1 << 31 else value)
