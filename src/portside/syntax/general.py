"""Any document, as libyaml reads it and Kubernetes takes it."""

from __future__ import annotations

from typing import Any

from portside.syntax.construct import Constructor, UnreadableError
from portside.syntax.document import Broken, Document, Limits, Lines, Remark
from portside.syntax.libyaml import MarkedYAMLError, Parser, StreamEndEvent, YAMLError

_BOM = "\ufeff"


def document_of(lines: Lines, limits: Limits) -> Document | Broken | None:
    """The document that the text of `lines` begins with; None where there is no content in it."""
    try:
        return _document(lines, limits)
    except UnreadableError as error:
        return Broken(*lines(error.index), error.message, error.limit)
    except YAMLError as error:
        return _broken(lines, error)
    except (RecursionError, ValueError) as error:
        return Broken(lines.first + 1, 1, f"not readable: {error}")


def _document(lines: Lines, limits: Limits) -> Document | None:
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


def _broken(lines: Lines, error: YAMLError) -> Broken:
    if not isinstance(error, MarkedYAMLError):
        return _unreadable_character(lines, error)
    mark = error.problem_mark or error.context_mark
    said = _said(lines.text, error)
    if mark and error.context_mark and not lines.text[mark.index :].strip():
        # What is cut off begins somewhere; that it ends at the end of the text is no news.
        mark = error.context_mark
    return Broken(*lines(mark.index if mark else 0), said)


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
