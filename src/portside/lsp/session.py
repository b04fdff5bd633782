"""What an editor has open, what was said of it, and what follows from each change."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from portside.cli.cache_folder import cache_folder
from portside.cli.config import NAME
from portside.crash import told, traceback_of
from portside.errors import ExpectedError
from portside.lsp.buffer import Buffer
from portside.lsp.configuration import judge_configuration
from portside.lsp.marks import Mark, marks, problem
from portside.lsp.pages import Pages
from portside.lsp.project import Projects, problem_place
from portside.lsp.schedule import Schedule, delay_after
from portside.lsp.verdict import StaleError, Verdict, judge
from portside.model.evaluation import Evaluation

_ENDINGS = {"json": ".json", "dockerfile": ".Dockerfile"}
"""By the language: how a text without a file is called."""

T = TypeVar("T")
Publish = Callable[[types.PublishDiagnosticsParams], None]


class Session:
    """All open documents. `options` are those of a scan, `publish` sends diagnostics."""

    def __init__(self, options: argparse.Namespace, publish: Publish) -> None:
        self.projects = Projects(options)
        self.pages = Pages(cache_folder())
        self.buffers: dict[str, Buffer] = {}
        self.folders: Callable[[], Iterable[str]] = tuple
        """The folders of the workspace."""
        self.schedule = Schedule(self._work)
        self._publish = publish
        self._verdicts: dict[str, Verdict] = {}
        self._marks: dict[str, list[Mark]] = {}
        self._problems: dict[str, types.Diagnostic] = {}
        self._took: dict[str, float] = {}
        # One at a time: plans fill themselves while they are asked.
        self._pool = ThreadPoolExecutor(1, "portside-judge")

    def open(self, item: types.TextDocumentItem, encoding: str) -> None:
        self.buffers[item.uri] = Buffer(item, encoding)
        self.schedule.soon(item.uri)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        buffer = self.buffers.get(uri)
        if buffer is not None:
            buffer.change(params.content_changes, params.text_document.version)
            self.schedule.soon(uri, delay_after(self._took.get(uri, 0.0)))

    def close(self, uri: str) -> None:
        self.schedule.drop(uri)
        for known in (self.buffers, self._verdicts, self._marks, self._took):
            known.pop(uri, None)
        self._send(uri)
        self._tell_problems()

    def reload(self) -> None:
        """Read every configuration anew, and judge all that is open by it."""
        self.projects.forget()
        for uri in self.buffers:
            self.schedule.soon(uri)

    def saved(self, uri: str) -> None:
        """Judge all anew where what was saved decides how the rest is judged."""
        path = path_of(uri) or ""
        folders = (os.path.abspath(it) + os.sep for it in self.projects.folders())
        if os.path.basename(path) == NAME or any(path.startswith(it) for it in folders):
            self.reload()

    async def settled(self, uri: str) -> tuple[Verdict, list[Mark]] | None:
        """What is said of the newest text; None where that is not known."""
        await self.schedule.settled(uri)
        verdict = self._verdicts.get(uri)
        return None if verdict is None else (verdict, self._marks.get(uri, []))

    async def background(self, work: Callable[[], T]) -> T:
        """What `work` gives, which is done where texts are judged."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def evaluation(self, text: str, verdict: Verdict) -> Evaluation | None:
        """What would be said of `text` in the file that `verdict` is about."""
        if verdict.project is None:
            return None
        trial = Verdict(verdict.path, verdict.version)
        return judge(text.encode("utf-8", "replace"), trial, verdict.project).evaluation

    def link(self, verdict: Verdict) -> Callable[[str], str]:
        """What gives the page of each rule that `verdict` may name."""
        project = verdict.project
        if project is None:
            return lambda _: ""
        return lambda rule: self.pages.link(project.words(rule))

    def uri_of(self, file: str) -> str:
        """The URI of a file: the client's, where it has the file open."""
        known = next((uri for uri in self.buffers if path_of(uri) == file), None)
        return known or from_fs_path(file) or ""

    def end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _work(self, uri: str) -> None:
        buffer = self.buffers.get(uri)
        if buffer is None:
            return
        version, data = buffer.version, buffer.data()
        verdict = Verdict(self._path(buffer), version)
        begin = time.perf_counter()

        def stale() -> bool:
            return self.buffers.get(uri) is not buffer or buffer.version != version

        if not await self.background(lambda: self._judged(data, verdict, stale)) or stale():
            return
        self._verdicts[uri] = verdict
        self._marks[uri] = self._shown(verdict, buffer)
        self._took[uri] = time.perf_counter() - begin
        self._send(uri)
        self._tell_problems()

    def _shown(self, verdict: Verdict, buffer: Buffer) -> list[Mark]:
        try:
            return marks(verdict, buffer, self.link(verdict))
        except Exception as error:  # noqa: BLE001 - no text is without an answer
            _note_crash(verdict, error)
            return marks(verdict, buffer, self.link(verdict))

    def _judged(self, data: bytes, verdict: Verdict, stale: Callable[[], bool]) -> bool:
        """Fill in `verdict`; whether it is still wanted."""
        if stale():
            return False
        try:
            if os.path.basename(verdict.path) == NAME:
                judge_configuration(data, verdict, self.projects)
            else:
                judge(data, verdict, self.projects.of(verdict.path), stale)
        except StaleError:
            return False
        except ExpectedError as error:
            verdict.error = error
        except Exception as error:  # noqa: BLE001 - a text may not end the server: it is told there
            _note_crash(verdict, error)
        return True

    def _path(self, buffer: Buffer) -> str:
        """The file of `buffer`; one that has none yet is called as if it were in the workspace."""
        path = path_of(buffer.uri)
        if path is not None:
            return path
        name = os.path.basename(buffer.uri.partition(":")[2].partition("?")[0]) or "untitled"
        if "." not in name:
            name += _ENDINGS.get(buffer.language, ".yaml")
        return os.path.join(next(iter(self.folders()), os.getcwd()), name)

    def _send(self, uri: str) -> None:
        """Publish what is known of `uri`, open or not."""
        found = [it.diagnostic for it in self._marks.get(uri, ())]
        told = self._problems.get(uri)
        if told is not None and not (uri in self.buffers and _is_configuration(uri)):
            found.append(told)
        buffer = self.buffers.get(uri)
        version = buffer.version if buffer else None
        self._publish(types.PublishDiagnosticsParams(uri, found, version))

    def _tell_problems(self) -> None:
        """Publish what is wrong with configurations and own rules in the files themselves."""
        now = dict(self._found_problems())
        before, self._problems = self._problems, now
        for uri in {*before, *now}:
            if before.get(uri) != now.get(uri):
                self._send(uri)

    def _found_problems(self) -> Iterator[tuple[str, types.Diagnostic]]:
        for verdict in self._verdicts.values():
            if verdict.error is None:
                continue
            file = problem_place(verdict.error)[0]
            if file and file != verdict.path:
                uri = self.uri_of(file)
                yield uri, problem(verdict.error, self._looked_at(uri, file))

    def _looked_at(self, uri: str, file: str) -> Buffer:
        known = self.buffers.get(uri)
        if known is not None:
            return known
        try:
            with open(file, encoding="utf-8", errors="replace", newline="") as opened:
                text = opened.read(1 << 20)
        except OSError:
            text = ""
        encoding = next((it.encoding for it in self.buffers.values()), "utf-16")
        return Buffer(types.TextDocumentItem(uri, "yaml", 0, text), encoding)


def path_of(uri: str) -> str | None:
    """The path of a file's URI; None for what is no file."""
    path = to_fs_path(uri)
    return None if path is None else os.path.normpath(path)


def _is_configuration(uri: str) -> bool:
    return os.path.basename(path_of(uri) or "") == NAME


def _note_crash(verdict: Verdict, error: Exception) -> None:
    sys.stderr.write(traceback_of(error))
    verdict.crash = told(error)
