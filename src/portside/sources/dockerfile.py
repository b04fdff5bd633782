"""A Dockerfile → the one resource that it is, with the excuses in its comments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from portside.model.finding import JUDGED, PARTLY_READ, UNREAD, Comment, FileFate, Unread
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import FileResource
from portside.sources.comments import MOST, excuse_in
from portside.sources.directive import Directive
from portside.sources.files import DOCKERFILE
from portside.sources.templates import ENGINES
from portside.syntax.dockerfile.commands import shell_comments
from portside.syntax.dockerfile.instruction import Instruction, Source
from portside.syntax.dockerfile.read import read_fragment
from portside.syntax.dockerfile.stages import Dockerfile, resolved
from portside.syntax.dockerfile.text import BrokenError

_TEMPLATE = "a template of a Dockerfile: scan what it makes"


def parse_dockerfile(data: bytes, name: str, identity: str) -> ReadFile:
    """What the Dockerfile called `name` holds; one that BuildKit refuses is unread."""
    if name.lower().endswith(ENGINES):
        return _unread(name, _TEMPLATE, 0, 0)
    try:
        source = read_fragment(data)
    except BrokenError as error:
        return _unread(name, error.message, error.at.line, error.at.column)
    if source.fault is None:
        return _judged(resolved(source), data, name, identity)
    return _fragment(source, data, name, identity)


def _fragment(source: Source, data: bytes, name: str, identity: str) -> ReadFile:
    """A part of a Dockerfile, for something to put together: judged, and yet unread as a whole."""
    fault = source.fault
    assert fault is not None  # noqa: S101 - asked before
    refused = _unread(name, f"{fault.message}, so it is judged as a part of one", *fault.at)
    if all(it.keyword == "ARG" for it in source.instructions):
        return _unread(name, fault.message, *fault.at)
    found = _judged(resolved(source), data, name, identity)
    fate = FileFate(name, PARTLY_READ, 1, refused.fate.reason)
    return found._replace(fate=fate, unread=refused.unread)


def _judged(dockerfile: Dockerfile, data: bytes, name: str, identity: str) -> ReadFile:
    text = Places(dockerfile)
    resource = FileResource(DOCKERFILE, text.value, text, name, dockerfile)
    resource.identity_file = identity
    found = ReadFile(FileFate(name, JUDGED, 1, ""), (resource,))
    if b"portside:ignore" not in data:
        return found
    return found._replace(comments=tuple(_comments(resource, text)))


def _unread(name: str, reason: str, line: int, column: int) -> ReadFile:
    unread = Unread(name, reason, name, line, column)
    return ReadFile(FileFate(name, UNREAD, 0, reason), unread=(unread,))


class Places:
    """Where instructions stand. A path may go on below its instruction."""

    __slots__ = ("instructions", "source", "value")

    def __init__(self, dockerfile: Dockerfile) -> None:
        self.source = dockerfile.source
        self.instructions: dict[FieldPath, Instruction] = dict(dockerfile.paths.items())
        self.value: dict[str, Any] = {}
        """The keywords by path: what a path can be asked of, without any value."""
        for stage, keyword, _ in dockerfile.paths:
            self.value.setdefault(stage, {}).setdefault(keyword, []).append(keyword)

    def nearest(self, path: FieldPath) -> tuple[int, int]:
        return (self.instructions.get(path[:3]) or self.source.instructions[0]).at

    def width(self, path: FieldPath) -> int:
        found = self.instructions.get(path[:3])
        return len(found.keyword) if found is not None else 1

    def mark(self, path: FieldPath) -> tuple[int, int, int]:
        return (*self.nearest(path), self.width(path))


def other_comments(
    resource: FileResource, marks: tuple[str, ...]
) -> Iterator[tuple[str, int, Comment]]:
    """The comments of a Dockerfile that hold one of `marks`: the words, the line of the instruction
    that each is about (0 where none is), and as an excuse of that instruction, without rules."""
    text: Places = resource.text  # type: ignore[assignment]
    instructions = sorted(text.instructions.items(), key=lambda it: it[1].line.first)
    ends = [it[1].last for it in instructions]
    for line, column, words in sorted(_written(resource.source, instructions)):
        if any(mark in words for mark in marks):
            at = bisect_left(ends, line)
            about = instructions[at] if at < len(ends) else None
            first = about[1].line.first if about else 0
            yield words, first, _comment(resource, (line, column, len(words)), Directive(), about)


def _comments(resource: FileResource, text: Places) -> Iterator[Comment]:
    """The excuses in comments: for the instruction around them, or else the next one below."""
    dockerfile: Dockerfile = resource.source
    instructions = sorted(text.instructions.items(), key=lambda it: it[1].line.first)
    count = 0
    for line, column, words in sorted(_written(dockerfile, instructions)):
        for directive, whole_file, offset, width in excuse_in(words):
            count += 1
            if count > MOST + 1:
                return
            about = None if whole_file else _about(line, instructions)
            comment = _comment(resource, (line, column + offset, width), directive, about)
            if whole_file:
                comment = comment._replace(scope="file", resource=None)
            elif about is None:
                comment = comment._replace(
                    fault=directive.fault or "stands at nothing that is judged"
                )
            if count > MOST:
                comment = comment._replace(fault=f"is one of more than {MOST:,} in its file")
            yield comment


_Instructions = list[tuple[FieldPath, Instruction]]


def _written(dockerfile: Dockerfile, instructions: _Instructions) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of comments: those of the file, and those of its shell commands."""
    for comment in dockerfile.source.comments:
        yield comment.at.line, comment.at.column, f"#{comment.text}"
    for stage in dockerfile.stages:
        for step in stage.steps:
            for place, text in shell_comments(step):
                yield place.line, place.column, text


def _about(line: int, instructions: _Instructions) -> tuple[FieldPath, Instruction] | None:
    """The first instruction that does not end above the line."""
    return next((it for it in instructions if it[1].last >= line), None)


def _comment(
    resource: FileResource,
    place: tuple[int, int, int],
    directive: Directive,
    about: tuple[FieldPath, Instruction] | None,
) -> Comment:
    path, lines = (
        ((), (0, 0)) if about is None else (about[0], (about[1].line.first, about[1].last))
    )
    return Comment(
        kind="comment",
        rules=directive.rules,
        reason=directive.reason,
        until=directive.until,
        scope="subtree" if about else "field",
        resource=resource.ref if about else None,
        path=path,
        file=resource.file,
        line=place[0],
        column=place[1],
        width=place[2],
        first=lines[0],
        last=lines[1],
        object_key=resource.object_key(),
        fault=directive.fault,
    )
