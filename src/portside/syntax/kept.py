"""Documents that were read before: charts make much of the same text in each of their environments.

What is kept are the bytes of a value and its places, not these: who judges a value changes it.
"""

from __future__ import annotations

import marshal

from portside.syntax.document import Document, Lines

_MOST_CHARACTERS = 32 << 20
"""Of the texts of all that is kept; the bytes take less than that again."""


class Kept:
    """What texts were read as, the oldest forgotten first."""

    __slots__ = ("_left", "_made")

    def __init__(self) -> None:
        self._left = _MOST_CHARACTERS
        self._made: dict[str, bytes] = {}

    def document(self, lines: Lines) -> Document | None:
        """The document with the text of `lines`; None where none is kept."""
        known = self._made.get(lines.text)
        if known is None:
            return None
        value, places, start = marshal.loads(known)  # noqa: S302 - written below
        return Document(value, places, start, lines)

    def keep(self, document: Document) -> None:
        """Keep it, unless there is more to say of it than its value and its places."""
        text = document.lines.text
        if document.remarks or document.duplicates or document.has_alias:
            return
        try:
            made = marshal.dumps(document.built())
        except ValueError:
            # A number that is kept as it is written.
            return
        self._made[text] = made
        self._left -= len(text)
        while self._left < 0:
            oldest = next(iter(self._made))
            del self._made[oldest]
            self._left += len(oldest)
