"""Bytes → documents: decoded, split as Kubernetes splits them, each read by itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.syntax import simple
from portside.syntax.document import DEFAULT, Broken, Document, Limits, Lines, Remark
from portside.syntax.simple_line import says_nothing
from portside.syntax.split import Chunk, in_lines, split

if TYPE_CHECKING:
    from portside.syntax.kept import Kept

_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM = "\ufeff"
_NO_CHARACTER = "\ufffd"
_MOST_NO_CHARACTERS = 10_000
_PIECE = 1 << 16
"""Bytes that are decoded before what is no character among them is counted."""


class TooLargeError(ValueError):
    """The text is larger than the limit, and was not parsed."""


def read(
    data: bytes, limits: Limits = DEFAULT, kept: Kept | None = None
) -> Iterator[Document | Broken]:
    """The documents of `data`, in order. Documents without any content are left out.

    `kept` knows documents that were read within the same limits, and is told of these.

    Raises TooLargeError where `data` is larger than `limits.size` bytes. Nothing else is raised:
    what cannot be read is a `Broken` with its line, and costs no other document.
    """
    if len(data) > limits.size:
        raise TooLargeError(f"{len(data):,} bytes, more than the limit of {limits.size:,}")
    text, no_character = decode(data)
    if no_character and text.count(_NO_CHARACTER) > _MOST_NO_CHARACTERS:
        yield Broken(no_character, 1, "no text: it is neither UTF-8 nor, by a mark, UTF-16")
        return
    text = in_lines(text)
    left = limits.documents
    for document in _documents(text, limits, kept):
        if not left:
            line = document.line
            said = f"more than {limits.documents:,} documents in one file"
            yield Broken(line, 1, said, "documents")
            return
        left -= 1
        if no_character and isinstance(document, Document):
            said = "bytes that are not UTF-8, read as U+FFFD as kubectl does"
            document.remarks.append(Remark(no_character, said, False))
            no_character = 0
        yield document


def decode(data: bytes) -> tuple[str, int]:
    """The text of `data` as kubectl has it, and the line of the first byte that is no character's.

    A byte order mark decides between UTF-8 and UTF-16; what is no character becomes U+FFFD. The
    line is 0 where there is none of it. Where there is more of it than any text has, the text ends
    soon behind that.
    """
    data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
    for mark, name in _UTF_16:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        return _replaced(data, encoding), before.count("\n") + 1


def _replaced(data: bytes, encoding: str) -> str:
    """The text of `data` with U+FFFD for what is no character, each of which costs much."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    made, count = [], 0
    for begin in range(0, len(data), _PIECE):
        made.append(decoder.decode(data[begin : begin + _PIECE], begin + _PIECE >= len(data)))
        count += made[-1].count(_NO_CHARACTER)
        if count > _MOST_NO_CHARACTERS:
            break
    return "".join(made)


def _documents(text: str, limits: Limits, kept: Kept | None) -> Iterator[Document | Broken]:
    if text[:1] == "{" or text[:99].lstrip()[:1] == "{":
        from portside.syntax.json_text import json_documents

        chunks = yield from json_documents(text, limits)
    else:
        chunks = split(text)
    for chunk in chunks:
        document = read_chunk(chunk, limits, kept)
        if document is not None:
            yield document


def read_chunk(chunk: Chunk, limits: Limits, kept: Kept | None = None) -> Document | Broken | None:
    """The document of `chunk`; None where there is no content in it."""
    if chunk.fault:
        said = "a line that begins with --- may hold only a comment behind it"
        return Broken(chunk.line + 1, 4, said)
    text = chunk.text
    lines = Lines(text.removeprefix(_BOM) if text[0] == _BOM else text, chunk.line)
    if kept is None:
        return _document(lines, limits)
    known = kept.document(lines)
    if known is not None:
        return known
    document = _document(lines, limits)
    if isinstance(document, Document):
        kept.keep(document)
    return document


def _document(lines: Lines, limits: Limits) -> Document | Broken | None:
    built = simple.build(lines.text, limits)
    if built is not None:
        return Document(*built, lines)
    if says_nothing(lines.text):
        return None
    from portside.syntax.general import document_of

    return document_of(lines, limits)
