"""A stream of YAML cut into documents as Kubernetes cuts it, before any parser sees it.

apimachinery's YAMLReader ends a document at a line that begins with `---` and holds nothing else
but a comment; anything else behind the dashes is an error. One broken document therefore costs
itself only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Chunk(NamedTuple):
    """The text of one document, and the line of the file (from 0) on which it begins."""

    text: str
    line: int
    fault: str = ""
    """Why the separator at its end is none; the text is then not to be read."""


def split(text: str) -> Iterator[Chunk]:
    """The documents of `text`, in order; those of nothing but blank lines are left out."""
    if text.startswith("---") is False and "\n---" not in text:
        yield Chunk(text, 0)
        return
    begin = line = 0
    begin_line = 0
    position = 0
    while 0 <= position < len(text):
        end = text.find("\n", position) + 1 or len(text)
        if text.startswith("---", position):
            after = text[position + 3 : end].strip()
            if after and not after.startswith("#"):
                yield from _chunk(text, begin, position, begin_line)
                yield Chunk("", line, after)
                begin, begin_line = end, line + 1
            elif position > begin:
                yield from _chunk(text, begin, position, begin_line)
                begin, begin_line = end, line + 1
        line += 1
        position = end
        next_mark = text.find("\n---", position - 1) + 1
        if not next_mark:
            break
        if next_mark > position:
            line += text.count("\n", position, next_mark)
            position = next_mark
    yield from _chunk(text, begin, len(text), begin_line)


def _chunk(text: str, begin: int, end: int, line: int) -> Iterator[Chunk]:
    part = text[begin:end]
    if part and not part.isspace():
        yield Chunk(part, line)
