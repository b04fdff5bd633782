"""Bytes as the API server writes them back; loaded where an object holds some."""

from __future__ import annotations

import binascii
from typing import Any


def canonical(item: str | list[Any]) -> str | None:
    """The base64 of what `item` holds, text in base64 or a list of bytes; None where it is none."""
    if type(item) is list:
        numbers = [0 if it is None else it for it in item]
        if not all(type(it) is int and 0 <= it < 256 for it in numbers):
            return None
        return _encoded(bytes(numbers))
    assert isinstance(item, str)  # noqa: S101 - the caller has looked
    # Go's decoder skips line breaks wherever they are.
    text = item.replace("\n", "").replace("\r", "")
    if len(text) % 4:
        return None
    try:
        return _encoded(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        return None


def _encoded(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode()
