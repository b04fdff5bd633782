"""JSON5 as far as YAML does not have it: comments (RFC 8259 has none, json5.org section 7)."""

from __future__ import annotations

import re

# A text that does not end goes on to the end of its line, so that nothing is looked at twice.
_TOKEN = re.compile(
    rb'"(?:[^"\\\n]|\\.)*"?'  # texts, in which nothing is a comment
    rb"|'(?:[^'\\\n]|\\.)*'?"
    rb"|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)


def without_comments(data: bytes) -> bytes:
    """`data` with spaces in place of its comments: everything else stays where it was."""
    return _TOKEN.sub(lambda it: _blank(it[0]), data)


def _blank(token: bytes) -> bytes:
    if token[:1] != b"/":
        return token
    return b"\n".join(b" " * len(line) for line in token.split(b"\n"))
