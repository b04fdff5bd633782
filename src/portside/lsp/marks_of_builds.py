"""What was said of a chart or an overlay → what an editor shows of it, file by file.

A finding stands where it is to be mended, be that file open or not; the places that lead there are
its related information.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lsprotocol.types import Diagnostic, DiagnosticSeverity, Location

from portside.cli.config import NAME
from portside.lsp.marks import (
    MOST,
    SOURCE,
    Mark,
    causes_of,
    finding_mark,
    more_mark,
    undecided_marks,
    unread_mark,
    worst,
)
from portside.report.context import shown
from portside.report.words import many, unread_sentence

if TYPE_CHECKING:
    from portside.lsp.buffer import Buffer
    from portside.lsp.builds import Judged
    from portside.lsp.desk import Desk
    from portside.lsp.surroundings import Build
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, Undecided, Unread

WARNING = "render-warning"


def marks_of_build(
    build: Build, judged: Judged, desk: Desk, link: Callable[[str], str]
) -> dict[str, list[Mark]]:
    """All that is shown of `judged`, by the URIs of files."""
    is_rendered = any(build.targets)
    head = build.head.unread[0].file if build.head.unread else build.root.name
    made: dict[str, list[Mark]] = {}
    for file, mark in (
        *_findings(judged.evaluation, desk, link),
        *_unread(judged.evaluation, desk, is_rendered),
        *_undecided(judged.evaluation, desk),
        *((head, _warning(it, desk.buffer(head))) for it in judged.warnings),
    ):
        made.setdefault(desk.buffer(file).uri, []).append(mark)
    return made


def _findings(
    evaluation: Evaluation, desk: Desk, link: Callable[[str], str]
) -> Iterator[tuple[str, Mark]]:
    causes = causes_of([it for it, _ in evaluation.findings()])

    def place(file: str, line: int, column: int, width: int) -> Location:
        there = desk.buffer(file)
        return Location(there.uri, there.range(line, column, width))

    for file, found in _by_file(evaluation).items():
        buffer = desk.buffer(file)
        kept = worst(found) if len(found) > MOST else found
        for it, excuse in kept:
            yield file, finding_mark(it, excuse, causes, buffer, link, place)
        if len(kept) < len(found):
            yield file, more_mark(len(found) - len(kept), buffer)


def _by_file(evaluation: Evaluation) -> dict[str, list[tuple[Finding, Excuse | None]]]:
    found: dict[str, list[tuple[Finding, Excuse | None]]] = {}
    for it, excuse in evaluation.findings():
        # What is to be said of waivers is, where portside.yaml is open.
        if os.path.basename(it.file) != NAME:
            found.setdefault(it.file, []).append((it, excuse))
    return found


def _unread(evaluation: Evaluation, desk: Desk, is_rendered: bool) -> Iterator[tuple[str, Mark]]:
    """Each reason at a place once, and in how many more environments it is the same."""
    found: dict[tuple[str, str, int, int], list[Unread]] = {}
    for it in evaluation.unread():
        found.setdefault((it.file, it.reason, it.line, it.column), []).append(it)
    for first, *others in found.values():
        said = unread_sentence(first)
        if others:
            said += f" (and in {many(len(others), 'environment')} more)"
        told = first._replace(reason=said)
        yield first.file, unread_mark(told, desk.buffer(first.file), is_rendered)


def _undecided(evaluation: Evaluation, desk: Desk) -> Iterator[tuple[str, Mark]]:
    doubts: dict[str, list[Undecided]] = {}
    for it in evaluation.undecided():
        if desk.is_open(it.file):
            doubts.setdefault(it.file, []).append(it)
    for file, listed in doubts.items():
        for mark in undecided_marks(listed, desk.buffer(file)):
            yield file, mark


def _warning(said: str, buffer: Buffer) -> Mark:
    return Mark(
        Diagnostic(
            range=buffer.rest(1, 0),
            message=f"when it was rendered: {shown(said.removeprefix('warning: '))}",
            severity=DiagnosticSeverity.Information,
            code=WARNING,
            source=SOURCE,
            data={"kind": WARNING},
        )
    )
