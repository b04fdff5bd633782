"""Integers and bytes as text in another base, as every form of `format` writes them."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError
from portside.cel.values import Uint


def binary(value: Any, _: int) -> str:
    if type(value) is bool:
        return "1" if value else "0"
    if type(value) in (int, Uint):
        return f"{int(value):b}"
    raise CelEvaluationError("only integers and bools can be formatted as binary")


def octal(value: Any, _: int) -> str:
    if type(value) in (int, Uint):
        return f"{int(value):o}"
    raise CelEvaluationError("octal clause can only be used on integers")


def hexadecimal(value: Any, _: int) -> str:
    if type(value) in (int, Uint):
        return f"{int(value):x}"
    if type(value) is str:
        return value.encode().hex()
    if type(value) is bytes:
        return value.hex()
    raise CelEvaluationError("only integers, byte buffers, and strings can be formatted as hex")
