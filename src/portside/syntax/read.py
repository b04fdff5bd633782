"""Bytes → documents: decoded, split as Kubernetes splits them, each read by itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from portside.syntax.construct import Constructor, Unreadable, parse_events
from portside.syntax.document import DEFAULT, Broken, Document, Limits, Path, Remark
from portside.syntax.libyaml import MarkedYAMLError, StreamEndEvent, YAMLError
from portside.syntax.split import Chunk, split

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TooLarge(ValueError):
    """The text is larger than the limit, and was not parsed."""


def read(data: bytes, limits: Limits = DEFAULT) -> Iterator[Document | Broken]:
    """The documents of `data`, in order. Documents without any content are left out.

    Raises TooLarge where `data` is larger than `limits.size` bytes. Nothing else is raised: what
    cannot be read is a `Broken` with its line, and costs no other document.
    """
    if len(data) > limits.size:
        raise TooLarge(f"{len(data):,} bytes, more than the limit of {limits.size:,}")
    text, replaced = decode(data)
    for chunk in split(text):
        document = _document(chunk, limits)
        if document is None:
            continue
        if replaced and isinstance(document, Document):
            document.remarks.append(
                Remark(replaced, "bytes that are not UTF-8 read as U+FFFD", False)
            )
            replaced = 0
        yield document


def decode(data: bytes) -> tuple[str, int]:
    """The text of `data`, and the first line (from 1) with bytes that had to be replaced, or 0."""
    encoding = "utf-8"
    for mark, name in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode(encoding, "replace"), line


def _document(chunk: Chunk, limits: Limits) -> Document | Broken | None:
    if chunk.fault:
        said = f"a line that begins with --- may hold only a comment behind it, not {chunk.fault[:40]!r}"
        return Broken(chunk.line + 1, 4, said)
    try:
        return _build(chunk, limits)
    except Unreadable as error:
        return _broken(chunk, error.message, error.mark)
    except MarkedYAMLError as error:
        return _broken(chunk, _said(chunk, error), error.problem_mark or error.context_mark)
    except YAMLError as error:
        return _unreadable_character(chunk, error)
    except (RecursionError, ValueError) as error:
        return Broken(chunk.line + 1, 1, f"not readable: {error}")


def _build(chunk: Chunk, limits: Limits) -> Document | None:
    parser = parse_events(chunk.text)
    constructor = Constructor(limits)
    try:
        document = constructor.build(parser, chunk.line)
        if document is None:
            return None
        document.duplicates = _duplicates(document, constructor)
        _note_the_rest(parser, constructor, document)
    finally:
        parser.dispose()
    return document


def _note_the_rest(parser: Any, constructor: Constructor, document: Document) -> None:
    """Say what stands behind the document's end: kubectl reads the first document of a chunk only."""
    try:
        following = parser.get_event()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = document.first_line + (
            mark.line if mark else constructor.document_end.start_mark.line
        )
    else:
        if isinstance(following, StreamEndEvent):
            return
        line = document.first_line + following.start_mark.line
    said = "text behind the end of the document, which kubectl drops in silence: begin it with ---"
    document.remarks.append(Remark(line + 1, said, True))


def _duplicates(document: Document, constructor: Constructor) -> list[Any]:
    if not constructor.duplicates:
        return []
    paths = _paths_by_id(document)
    found = []
    for container, key, first, last in constructor.duplicates:
        if container in paths:
            position = document._position
            found.append(((*paths[container], key), position(first), position(last)))
    return found


def _paths_by_id(document: Document) -> dict[int, Path]:
    paths: dict[int, Path] = {id(document.value): ()}
    pending: list[tuple[Path, Any]] = [((), document.value)]
    while pending:
        path, value = pending.pop()
        items = value.items() if type(value) is dict else enumerate(value)
        for step, item in items:
            if type(item) in (dict, list):
                paths[id(item)] = (*path, step)
                pending.append(((*path, step), item))
    return paths


def _broken(chunk: Chunk, message: str, mark: Any) -> Broken:
    if mark is None:
        return Broken(chunk.line + 1, 1, message)
    return Broken(chunk.line + mark.line + 1, mark.column + 1, message)


def _said(chunk: Chunk, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    lines = chunk.text.splitlines()
    here = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in str(error.problem):
        return "not YAML: a tab indents the line; indent with spaces"
    context = f" {error.context}" if error.context else ""
    if mark is not None and not chunk.text[mark.index :].strip():
        return f"not YAML: the text ends{context}: {error.problem}; is it cut off?"
    return f"not YAML:{context} {error.problem}".replace(":  ", ": ")


def _unreadable_character(chunk: Chunk, error: YAMLError) -> Broken:
    position = getattr(error, "position", None)
    line = chunk.text.count("\n", 0, position) if isinstance(position, int) else 0
    reason = str(getattr(error, "reason", error))
    return Broken(chunk.line + line + 1, 1, f"not YAML: {reason}")
