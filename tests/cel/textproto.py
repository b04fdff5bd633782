"""A small reader of protobuf's text format: all that the files of cel-spec need.

A message is a dict from field name to the list of its values, in their order; a value is a str,
bytes-like text of a string literal (`Text`), a number's or name's text (`str`), or a message.
"""

from __future__ import annotations

import re
from typing import Any

Message = dict[str, list[Any]]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<name>\[[\w./]+\]|[A-Za-z_][\w.]*)
  | (?P<number>-?(?:inf|nan|0x[0-9a-fA-F]+|[0-9.]+(?:[eE][-+]?[0-9]+)?))
  | (?P<sign>[{}<>:;,\[\]-])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_LETTERS = {
    **{b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"},
}


class Text(bytes):
    """A string literal's content."""


def read(text: str) -> Message:
    """The message that `text` writes. Raises ValueError where it does not parse."""
    tokens = _tokens(text)
    message, at = _message(tokens, 0, "")
    if at != len(tokens):
        raise ValueError(f"unexpected {tokens[at][1]!r}")
    return message


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected text: {text[at : at + 40]!r}")
        if match.lastgroup != "space":
            found.append((str(match.lastgroup), match.group()))
        at = match.end()
    return found


def _message(tokens: list[tuple[str, str]], at: int, closing: str) -> tuple[Message, int]:
    message: Message = {}
    while at < len(tokens) and tokens[at][1] != closing:
        if tokens[at][1] in ";,":
            at += 1
            continue
        kind, name = tokens[at]
        if kind != "name":
            raise ValueError(f"expected a field, got {name!r}")
        at += 1
        if tokens[at][1] == ":":
            at += 1
        values, at = _values(tokens, at)
        message.setdefault(name, []).extend(values)
    return message, at


def _values(tokens: list[tuple[str, str]], at: int) -> tuple[list[Any], int]:
    if tokens[at][1] != "[":
        value, at = _value(tokens, at)
        return [value], at
    values: list[Any] = []
    at += 1
    while tokens[at][1] != "]":
        if tokens[at][1] == ",":
            at += 1
            continue
        value, at = _value(tokens, at)
        values.append(value)
    return values, at + 1


def _value(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    kind, text = tokens[at]
    if text in ("{", "<"):
        message, at = _message(tokens, at + 1, "}" if text == "{" else ">")
        return message, at + 1
    if kind != "text":
        if text == "-":
            return "-" + tokens[at + 1][1], at + 2
        return text, at + 1
    content = b""
    while at < len(tokens) and tokens[at][0] == "text":
        content += _ESCAPE.sub(_unescaped, tokens[at][1][1:-1].encode())
        at += 1
    return Text(content), at


def _unescaped(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, short, long, letter = match.groups()
    if octal:
        return bytes([int(octal, 8)])
    if hexadecimal:
        return bytes([int(hexadecimal, 16)])
    if short or long:
        return chr(int(short or long, 16)).encode()
    return _LETTERS.get(letter, letter)
