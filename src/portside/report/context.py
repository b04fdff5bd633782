"""What a report needs besides the evaluation: words, source lines, and what it is written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText


class Context(NamedTuple):
    words: Callable[[str], RuleText]
    """The words of a rule."""
    source: Callable[[str], Sequence[str] | None]
    """The lines of a file, for excerpts; None where they are not to be had."""
    version: str
    """Of this product."""
    fail_on: int
    target: str
    """What was scanned, as the user named it: for the commands that a report suggests."""
    terminal: bool = False
    color: bool = False
    links: bool = False
    width: int = 100
    verbose: bool = False
    strict: bool = False
    allow_unread: bool = False


_UNSAFE = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
_UNSAFE |= {9: "\\t", 10: "\\n", 13: "\\r"}
_UNSAFE |= {
    code: f"\\u{code:04x}"
    for code in (0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
}


def shown(text: str) -> str:
    """`text` with everything spelt out that could move a cursor, break a line or reverse it."""
    if text.isascii() and text.isprintable():
        return text
    safe = text.translate(_UNSAFE)
    return safe.encode("utf-8", "backslashreplace").decode("utf-8")
