"""Excuses that stand in the manifest: `# portside:ignore …` comments and `portside.dev/ignore`.

libyaml drops comments, so they are looked for in the text, and only in files that hold the word. A
`#` within a value is no comment: libyaml's events say where the values are. What follows from an
excuse, and whether it is well formed, is decided after the scan (cli/excuses.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from portside.model.finding import Comment
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import Resource, escaped
from portside.records import NamedTuple
from portside.sources.directive import Directive, parse_directive
from portside.syntax import Document
from portside.syntax.libyaml import Parser, ScalarEvent, StreamEndEvent, YAMLError
from portside.syntax.read import decode
from portside.syntax.split import in_lines, split

ANNOTATION = "portside.dev/ignore"
MOST = 1_000
"""Excuses that one file may hold: more are not asked, and that is said."""
_ENDS = r"\r\n\x85\u2028\u2029"
_BREAK = re.compile(rf"\r\n|[{_ENDS}]")
_COMMENT = re.compile(
    rf"(?<!\S)#+[ \t]*portside:ignore([\w-]*)([^{_ENDS}]*?)"
    rf"(?=[ \t]#+[ \t]*portside:ignore|[{_ENDS}]|\Z)"
)
_TOP = ("apiVersion", "kind", "items")
_NO_KEY = re.compile(r"[\s?-]*$")
_CONTENT = re.compile(r"^(?!---)[ \t]*[^#\s]", re.MULTILINE)


Extent = tuple[tuple[int, int], tuple[int, int]]
"""Where a value begins and ends: rows and columns from 0."""


class Written(NamedTuple):
    """A comment in the text: lines and columns count from 1."""

    line: int
    column: int
    width: int
    alone: bool
    """Whether nothing that could be excused stands before it on its line."""
    whole_file: bool
    directive: Directive
    document: int
    """The line (from 0) on which its document begins; -1 where the next document is meant."""


def with_comments(found: ReadFile, data: bytes, documents: Sequence[Document]) -> ReadFile:
    """`found` with the excuses that stand in its text and in its annotations."""
    places = Places(found, documents)
    excuses = chain(
        filter(None, (places.reach(it) for it in _written(decode(data)[0]))),
        (it for resource in found.resources for it in _annotations(resource)),
    )
    comments = list(islice(excuses, MOST))
    surplus = next(excuses, None)
    if surplus is not None:
        comments.append(surplus._replace(fault=f"is one of more than {MOST:,} in its file"))
    return found._replace(comments=tuple(comments))


def excuse_in(text: str) -> Iterator[tuple[Directive, bool, int, int]]:
    """The excuses in one comment that is no YAML: each with whether it is for the whole file, and
    where in `text` it begins and how long it is."""
    for match in _COMMENT.finditer(text):
        directive = _directive(match[1], match[2])
        yield directive, match[1] == "-file", match.start(), len(match[0].rstrip())


def _written(text: str) -> Iterator[Written]:
    """The comments of ours in `text`, in order."""
    for match, written in matches(text, _COMMENT, ("portside:ignore",)):
        yield written._replace(
            whole_file=match[1] == "-file", directive=_directive(match[1], match[2])
        )


def matches(
    text: str, pattern: re.Pattern[str], words: Sequence[str]
) -> Iterator[tuple[re.Match[str], Written]]:
    """Where `pattern` finds a comment in the YAML `text`, with a directive yet to be filled in.

    Documents without any of `words` are passed over. What stands within a value is no comment.
    """
    for line, part in _parts(text):
        if not any(word in part for word in words):
            continue
        starts = [0, *(it.end() for it in _BREAK.finditer(part))]
        document = line if _CONTENT.search(part) else -1
        values: list[Extent] | None = None
        for match in pattern.finditer(part):
            row = bisect_right(starts, match.start()) - 1
            column = match.start() - starts[row]
            if values is None:
                values = list(_values(part))
            if _within(values, (row, column)):
                continue
            before = part[starts[row] : match.start()]
            yield (
                match,
                Written(
                    line=line + row + 1,
                    column=column + 1,
                    width=len(match[0].rstrip()),
                    alone=bool(_NO_KEY.match(before)),
                    whole_file=False,
                    directive=Directive(),
                    document=document,
                ),
            )


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The documents of `text` with the line (from 0) each begins on, and the separators between."""
    line = position = 0
    text = in_lines(text)
    for chunk in split(text):
        begin = text.index(chunk.text, position)
        between = text[position:begin]
        if between:
            yield line, between
        if chunk.text:
            yield chunk.line, chunk.text
        line = chunk.line + chunk.text.count("\n")
        position = begin + len(chunk.text)
    if position < len(text):
        yield line, text[position:]


def _directive(suffix: str, text: str) -> Directive:
    if suffix in ("", "-file"):
        return parse_directive(text)
    said = f"says portside:ignore{suffix}: only portside:ignore and portside:ignore-file are known"
    return Directive(fault=said)


def _values(text: str) -> Iterator[Extent]:
    """Where the scalars of `text` that may hold a `#` begin and end."""
    parser = Parser(text)
    try:
        while type(event := parser.get_event()) is not StreamEndEvent:
            if type(event) is ScalarEvent and "#" in event.value:
                yield _extent(event)
    except YAMLError:
        return
    finally:
        parser.dispose()


def _extent(event: Any) -> Extent:
    start, end = event.start_mark, event.end_mark
    if event.style in ("|", ">"):
        # What stands behind the | is a comment; the value begins on the line below it.
        return (start.line + 1, 0), (end.line, end.column)
    return (start.line, start.column), (end.line, end.column)


def _within(values: Sequence[Extent], place: tuple[int, int]) -> bool:
    at = bisect_right(values, (place, (1 << 60, 0))) - 1
    return at >= 0 and values[at][0] <= place < values[at][1]


class Places:
    """What stands where in one file: finds what a comment is about."""

    __slots__ = ("_by_line", "_documents", "_file_key", "_resources", "file", "lines_by_document")

    def __init__(self, found: ReadFile, documents: Sequence[Document]) -> None:
        self.file = found.fate.file
        called = found.resources[0].identity_file if found.resources else self.file
        self._file_key = f"{escaped(called)}|"
        self._documents = documents
        self._by_line = {document.first_line: document for document in documents}
        self._resources: dict[int, list[Resource]] = {}
        for resource in found.resources:
            self._resources.setdefault(id(resource.text), []).append(resource)
        self.lines_by_document: dict[int, list[_Line]] = {}

    def reach(self, written: Written) -> Comment | None:
        """The comment, with what it excuses; None in a document that is unread."""
        if written.whole_file:
            return self._comment(written, "file", None, (), (0, 0))
        document = self._document(written)
        if document is None:
            return None if written.document >= 0 else self._nothing(written)
        line = self._line(document, written)
        if line is None:
            return self._nothing(written)
        return self._about(written, "subtree" if written.alone else "field", document, line)

    def _document(self, written: Written) -> Document | None:
        """The document a comment belongs to: the one around it, or the next where none is."""
        if written.document >= 0:
            return self._by_line.get(written.document)
        return next((it for it in self._documents if it.first_line >= written.line - 1), None)

    def _line(self, document: Document, written: Written) -> _Line | None:
        """The line of keys that a comment is about: its own, or the next."""
        lines = self.lines_by_document.get(id(document))
        if lines is None:
            lines = self.lines_by_document[id(document)] = _lines(document)
        at = bisect_right(lines, written.line, key=lambda it: it.number)
        if written.alone:
            return lines[at] if at < len(lines) else None
        if at and lines[at - 1].number == written.line:
            return lines[at - 1]
        # Behind the end of a value of several lines: its field.
        return next((it for it in reversed(lines[:at]) if it.last >= written.line), None)

    def _about(self, written: Written, scope: str, document: Document, line: _Line) -> Comment:
        resources = self._resources.get(id(document), [])
        lines = (line.number, line.last if scope == "subtree" else line.number)
        path = line.path
        for resource in resources:
            prefix = resource.prefix
            if path[: len(prefix)] != prefix:
                continue
            below = path[len(prefix) :]
            if scope == "subtree" and (not below or _begins(resource, below)):
                scope = "object"
            return self._comment(written, scope, resource, below, lines)
        if scope == "subtree" and path[0] in _TOP and resources:
            # At the top of a List: all that is in it.
            last = max(it.last for it in self.lines_by_document[id(document)])
            return self._comment(written, scope, None, (), (line.number, last))
        if any(it.prefix[: len(path)] == path for it in resources):
            return self._comment(written, scope, None, (), lines)
        return self._nothing(written)

    def _nothing(self, written: Written) -> Comment:
        comment = self._comment(written, "field", None, (), (0, 0))
        return comment._replace(fault=comment.fault or "stands at nothing that is judged")

    def _comment(
        self,
        written: Written,
        scope: str,
        resource: Resource | None,
        path: FieldPath,
        lines: tuple[int, int],
    ) -> Comment:
        directive = written.directive
        return Comment(
            kind="comment",
            rules=directive.rules,
            reason=directive.reason,
            until=directive.until,
            scope=scope,
            resource=resource.ref if resource else None,
            path=path,
            file=self.file,
            line=written.line,
            column=written.column,
            width=written.width,
            first=lines[0],
            last=lines[1],
            object_key=resource.object_key() if resource else self._file_key,
            fault=directive.fault,
        )


class _Line(NamedTuple):
    """A line on which keys or items begin, and the outermost of them."""

    number: int
    column: int
    depth: int
    path: FieldPath
    last: int
    """The line its value ends on."""


def _lines(document: Document) -> list[_Line]:
    """The lines of `document` on which something begins, in order."""
    found: dict[int, _Line] = {}
    for path, (number, column), last in document.keys():  # noqa: SIM118 - a method, and no map
        known = found.get(number)
        if known is None or (column, len(path)) < (known.column, known.depth):
            found[number] = _Line(number, column, len(path), path, last)
    return [found[number] for number in sorted(found)]


def _begins(resource: Resource, path: FieldPath) -> bool:
    """Whether the key at `path` is the top of its object: `apiVersion`, `kind` or the first."""
    return len(path) == 1 and (path[0] in _TOP[:2] or path[0] == next(iter(resource.value)))


def _annotations(resource: Resource) -> Iterator[Comment]:
    """The excuses in the annotations of `resource` and of its pod templates."""
    for place, about, text in annotated(resource):
        key = place[-1]
        if isinstance(key, str) and key.startswith(ANNOTATION):
            for directive in _directives(key, text):
                yield annotation(resource, place, about, directive)


def annotated(resource: Resource) -> Iterator[tuple[FieldPath, FieldPath, Any]]:
    """The annotations of `resource` and of its pod templates: where each stands, what it is about
    (the empty path: the object), and its value."""
    yield from _annotated(resource, ("metadata",), ())
    for pod in resource.pods():
        if pod.metadata_path == ("metadata",):
            continue
        common = 0
        for one, other in zip(pod.path, pod.metadata_path, strict=False):
            if one != other:
                break
            common += 1
        template = pod.metadata_path[:common] or pod.path
        yield from _annotated(resource, pod.metadata_path, template)


def _annotated(
    resource: Resource, metadata: FieldPath, about: FieldPath
) -> Iterator[tuple[FieldPath, FieldPath, Any]]:
    value: Any = resource.value
    for step in (*metadata, "annotations"):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return
    if type(value) is not dict:
        return
    for key, text in value.items():
        yield (*metadata, "annotations", key), about, text


def _directives(key: str, text: Any) -> Iterator[Directive]:
    """One excuse a line."""
    if key != ANNOTATION:
        yield Directive(fault=f"has the key {key}: only {ANNOTATION} is known")
    elif type(text) is not str:
        yield Directive(fault="is no text: quote it")
    else:
        for line in text.splitlines() or [""]:
            if line.strip() or not text.strip():
                yield parse_directive(line)


def annotation(
    resource: Resource, place: FieldPath, about: FieldPath, directive: Directive
) -> Comment:
    """The excuse in the annotation at `place`, which is about the field `about`."""
    line, column = resource.place(place)
    return Comment(
        kind="annotation",
        rules=directive.rules,
        reason=directive.reason,
        until=directive.until,
        scope="subtree" if about else "object",
        resource=resource.ref,
        path=about,
        file=resource.file,
        line=line,
        column=column,
        width=resource.text.width(resource.prefix + place),
        first=0,
        last=0,
        object_key=resource.object_key(),
        fault=directive.fault,
    )
