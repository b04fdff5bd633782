"""Text in double quotes as Go's `%q` writes it: Kubernetes' own messages hold such text."""

from __future__ import annotations

_SHORT = {
    **{"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"},
    **{"\v": "\\v", '"': '\\"', "\\": "\\\\"},
}


def quoted(text: str) -> str:
    """`text` in double quotes, what cannot be printed escaped; bytes by `surrogateescape`."""
    return f'"{"".join(_escaped(it) for it in text)}"'


def _escaped(character: str) -> str:
    short = _SHORT.get(character)
    if short is not None:
        return short
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:
        # The second range is how Python keeps bytes that are no UTF-8.
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
