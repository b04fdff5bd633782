"""A stream of YAML cut into documents as Kubernetes cuts it, before any parser sees it.

apimachinery's YAMLReader ends a document at a line that begins with `---` and holds nothing else
but a comment; anything else behind the dashes is an error. One broken document therefore costs
itself only.
"""

from __future__ import annotations

from collections.abc import Iterator

from portside.records import NamedTuple


class Chunk(NamedTuple):
    """The text of one document, and the line of the file (from 0) on which it begins."""

    text: str
    line: int
    fault: str = ""
    """What stands behind the dashes of a separator that is none; the text is then empty."""


def split(text: str, line: int = 0) -> Iterator[Chunk]:
    """The documents of `text`, in order; those of nothing but blank lines are left out.

    `text` is as `in_lines` leaves it; `line` is how many lines of the file stand before it.
    """
    returns = "\r" in text
    begin, at = 0, 0 if text.startswith("---") else text.find("\n---") + 1
    found = at > 0 or text.startswith("---")
    while found:
        end = text.find("\n", at) + 1
        after = text[at + 3 : end].strip()
        fault = after if after and after[0] != "#" else ""
        # A separator at the very beginning ends nothing: it stays in the text of the document.
        if fault or at > begin:
            yield from _chunk(text[begin:at], line)
            line += text.count("\n", begin, at)
            if returns:
                line += text.count("\r", begin, at)
            if fault:
                yield Chunk("", line, fault)
            begin = end
            line += 1
        at = text.find("\n---", end - 1) + 1
        found = at > 0
    yield from _chunk(text[begin:] if begin else text, line)


def in_lines(text: str) -> str:
    """`text` as YAMLReader leaves it: its lines end with LF, the last one too."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return text if text[-1:] == "\n" else text + "\n"


def _chunk(text: str, line: int) -> Iterator[Chunk]:
    if text and not (text.isspace() and not text.strip(" \n\r")):
        yield Chunk(text, line)
