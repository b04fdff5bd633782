"""Bytes → documents: decoded, split as Kubernetes splits them, each read by itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from portside.syntax.construct import Constructor, UnreadableError
from portside.syntax.document import DEFAULT, Broken, Document, Limits, Lines, Remark
from portside.syntax.libyaml import MarkedYAMLError, Parser, StreamEndEvent, YAMLError
from portside.syntax.split import Chunk, in_lines, split

_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM = "\ufeff"
_NO_CHARACTER = "\ufffd"
_MOST_NO_CHARACTERS = 10_000
_PIECE = 1 << 16
"""Bytes that are decoded before what is no character among them is counted."""


class TooLargeError(ValueError):
    """The text is larger than the limit, and was not parsed."""


def read(data: bytes, limits: Limits = DEFAULT) -> Iterator[Document | Broken]:
    """The documents of `data`, in order. Documents without any content are left out.

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
    for document in _documents(text, limits):
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


def _documents(text: str, limits: Limits) -> Iterator[Document | Broken]:
    if text[:1] == "{" or text[:99].lstrip()[:1] == "{":
        from portside.syntax.json_text import json_documents

        chunks = yield from json_documents(text, limits)
    else:
        chunks = split(text)
    for chunk in chunks:
        document = read_chunk(chunk, limits)
        if document is not None:
            yield document


def read_chunk(chunk: Chunk, limits: Limits) -> Document | Broken | None:
    """The document of `chunk`; None where there is no content in it."""
    if chunk.fault:
        behind = repr(chunk.fault[:40])
        said = f"a line that begins with --- may hold only a comment behind it, not {behind}"
        return Broken(chunk.line + 1, 4, said)
    text = chunk.text
    lines = Lines(text.removeprefix(_BOM) if text[0] == _BOM else text, chunk.line)
    try:
        return build(lines, limits)
    except UnreadableError as error:
        return Broken(*lines(error.index), error.message, error.limit)
    except YAMLError as error:
        return _broken(lines, error)
    except (RecursionError, ValueError) as error:
        return Broken(chunk.line + 1, 1, f"not readable: {error}")


def _broken(lines: Lines, error: YAMLError) -> Broken:
    if not isinstance(error, MarkedYAMLError):
        return _unreadable_character(lines, error)
    mark = error.problem_mark or error.context_mark
    said = _said(lines.text, error)
    if mark and error.context_mark and not lines.text[mark.index :].strip():
        # What is cut off begins somewhere; that it ends at the end of the text is no news.
        mark = error.context_mark
    return Broken(*lines(mark.index if mark else 0), said)


def build(lines: Lines, limits: Limits) -> Document | None:
    """The document that the text of `lines` begins with. Raises YAMLError, UnreadableError."""
    parser = Parser(lines.text)
    constructor = Constructor(limits)
    try:
        built = constructor.build(parser)
        if built is None:
            return None
        value, places = built
        _refuse_what_kubernetes_refuses(lines.text, constructor)
        document = Document(value, places, constructor.start, lines)
        document.has_alias = constructor.aliased > 0
        document.duplicates = [
            (path, lines(first), lines(last)) for path, first, last in constructor.duplicates
        ]
        _note_the_rest(parser, constructor, document)
    finally:
        parser.dispose()
    return document


def _refuse_what_kubernetes_refuses(text: str, constructor: Constructor) -> None:
    flows = constructor.flows
    if _BOM in text:
        for ends in ("", *"\n\r\x85\u2028\u2029"):
            at = text.find(ends + _BOM)
            if at >= 0 and (ends or at == 0):
                raise UnreadableError(
                    "a byte order mark within the text begins a line", at + len(ends)
                )
    if (flows and ("?" in text or "!" in text)) or ("\\" in text and "\\/" in text):
        from portside.syntax.dialect import refused

        refusal = refused(text, flows)
        if refusal:
            raise UnreadableError(*refusal)


def _note_the_rest(parser: Any, constructor: Constructor, document: Document) -> None:
    """Say what stands behind the document's end: kubectl reads the first of a chunk only."""
    try:
        following = parser.get_event()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        index = mark.index if mark else constructor.ended
    else:
        if isinstance(following, StreamEndEvent):
            return
        index = following.start_mark.index
    said = "text behind the end of the document, which kubectl drops in silence: begin it with ---"
    document.remarks.append(Remark(document.lines(index)[0], said, True))


def _said(text: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark is not None else 0
    before = text[text.rfind("\n", 0, index) + 1 : index + 1]
    if "\t" in before[: len(before) - len(before.lstrip())] or "'\\t'" in str(error.problem):
        return "not YAML: a tab indents the line; indent with spaces"
    context = f" {error.context}" if error.context else ""
    if mark is not None and not text[index:].strip():
        return f"not YAML: the text ends{context}: {error.problem}; is it cut off?"
    return f"not YAML:{context} {error.problem}".replace(":  ", ": ")


def _unreadable_character(lines: Lines, error: YAMLError) -> Broken:
    """The position in a reader's error counts bytes of UTF-8."""
    position = getattr(error, "position", None)
    reason = str(getattr(error, "reason", error))
    if not isinstance(position, int):
        return Broken(lines.first + 1, 1, f"not YAML: {reason}")
    index = len(lines.text.encode()[:position].decode("utf-8", "ignore"))
    return Broken(*lines(index), f"not YAML: {reason}")
