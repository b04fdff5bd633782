"""Patterns that mean the same in RE2 and in Python, and run in linear time there too."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 500
_PLAIN = re.compile(
    r"""(?x)
    (?: [\w\ \-/:@,=~%#<>;"'&!]          # characters that stand for themselves
      | \\[.\-/+*?()\[\]{}|^$]           # escaped signs
      | \[ \^? -? (?: [\w\ /:@,=~%.] | \w-\w | \\[.\-/] )+ -? \]   # a class of the same
        [+*?]?                           # which may repeat, see _repeats
      | \^ | \$ | \( (?:\?:)? | \) | \|  # anchors, groups and alternatives
    )*
    """
)
_REPEAT = re.compile(r"[+*]")


def in_python(pattern: str) -> Any:
    """`pattern` compiled by Python, or None where that could mean or cost something else.

    Accepted are literals, classes, groups and alternatives with at most one repetition, of a class:
    with no second one there is nothing to backtrack into.
    """
    if len(pattern) > _LONGEST or not pattern.isascii() or not _PLAIN.fullmatch(pattern):
        return None
    bare = re.sub(r"\\.", "", pattern)
    if len(_REPEAT.findall(re.sub(r"\[[^\]]*\]", "[]", bare))) > 1 or "$" in bare[:-1]:
        return None
    try:
        # RE2's $ is the end of the text; Python's is also the place before a last line break.
        return re.compile(pattern[:-1] + r"\Z" if bare.endswith("$") else pattern, re.ASCII)
    except re.error:
        return None
