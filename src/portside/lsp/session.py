"""What an editor has open, what was said of it, and what follows from each change."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from portside.lsp.desk import Desk
from portside.lsp.marks import Mark, marks, problem
from portside.lsp.pages import Pages
from portside.lsp.project import Projects, problem_place
from portside.lsp.rendered import Rendered
from portside.lsp.schedule import Schedule, delay_after
from portside.lsp.shown import Marks, Publish, Shown
from portside.lsp.surroundings import Build, is_around
from portside.lsp.verdict import StaleError, Verdict, judge
from portside.model.evaluation import Evaluation
from portside.render.process import renderer

_ENDINGS = {"json": ".json", "dockerfile": ".Dockerfile"}
"""By the language: how a text without a file is called."""

T = TypeVar("T")


class Session:
    """All open documents. `options` are those of a scan, `publish` sends diagnostics.

    `tell` shows a line to whoever writes.
    """

    def __init__(
        self, options: argparse.Namespace, publish: Publish, tell: Callable[[str], None]
    ) -> None:
        self.projects = Projects(options)
        self.pages = Pages(cache_folder())
        self.buffers: dict[str, Buffer] = {}
        self.folders: Callable[[], Iterable[str]] = tuple
        """The folders of the workspace."""
        self.schedule = Schedule(self._work)
        self._rendered = Rendered(options, self.pages.link)
        self._shown = Shown(publish)
        self._tell = tell
        self._told: set[str] = set()
        self._verdicts: dict[str, Verdict] = {}
        self._builds: dict[str, list[Build]] = {}
        """The charts and overlays that each document is a part of."""
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
        builds = [it.name for it in self._builds.pop(uri, ())]
        for known in (self.buffers, self._verdicts, self._took):
            known.pop(uri, None)
        left = {it.name for listed in self._builds.values() for it in listed}
        gone = [it for it in builds if it not in left]
        for name in gone:
            self._rendered.drop(name)
        self._shown.drop(uri, gone)
        # What was typed there and not saved is in them no longer.
        self._again(set(builds) - set(gone))
        self._tell_problems()

    def reload(self) -> None:
        """Read every configuration anew, and judge all that is open by it."""
        self.projects.forget()
        self._rendered.projects.forget()
        self._rendered.forget()
        for uri in self.buffers:
            self.schedule.soon(uri)

    def files_changed(self, uris: Iterable[str]) -> None:
        """Judge anew what depends on files that were saved, came or went."""
        folders = [os.path.realpath(it) + os.sep for it in self.projects.folders()]
        paths = [os.path.realpath(path_of(it) or "") for it in uris]
        if any(os.path.basename(it) == NAME or it.startswith(tuple(folders)) for it in paths):
            self.reload()
            return
        self._rendered.forget()
        self._again({it.name for listed in self._builds.values() for it in listed})

    async def settled(self, uri: str) -> tuple[Verdict, list[Mark]] | None:
        """What is said of the newest text; None where that is not known."""
        await self.schedule.settled(uri)
        verdict = self._verdicts.get(uri)
        return None if verdict is None else (verdict, self._shown.at(uri))

    @property
    def has_builds(self) -> bool:
        """Whether something that is open is a part of a chart or of an overlay."""
        return any(self._builds.values())

    async def trial(self, uri: str, work: Callable[[], T]) -> T:
        """What `work` gives, which asks `evaluation` of the document `uri`."""
        if self._builds.get(uri):
            return await self._rendered.run(work)
        return await self._background(work)

    def evaluation(self, text: str, uri: str, verdict: Verdict) -> Evaluation | None:
        """What would be said of `text` in the document `uri`, which `verdict` is about."""
        if verdict.project is None:
            return None
        builds = self._builds.get(uri)
        if builds:
            texts = {**self._desk().unsaved(), os.path.realpath(verdict.path): text}
            return self._rendered.trial(verdict.path, builds, texts)
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
        known = next((uri for uri in list(self.buffers) if path_of(uri) == file), None)
        return known or from_fs_path(file) or ""

    def end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._rendered.end()

    async def _background(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _again(self, builds: set[str]) -> None:
        """Judge anew what is open of these charts and overlays."""
        for uri, listed in self._builds.items():
            if any(it.name in builds for it in listed):
                self.schedule.soon(uri)

    async def _work(self, uri: str) -> None:
        buffer = self.buffers.get(uri)
        if buffer is None:
            return
        verdict = Verdict(self._path(buffer), buffer.version)
        begin = time.perf_counter()

        def stale() -> bool:
            return self.buffers.get(uri) is not buffer or buffer.version != verdict.version

        if is_around(verdict.path) or self._builds.get(uri):
            await self._find(uri, verdict)
        builds = self._builds.get(uri, [])
        if builds and not stale():
            desk = self._desk()
            made = await self._rendered.run(lambda: self._made(verdict, builds, desk, stale))
            # A keystroke ends it between two targets.
            begin += (time.perf_counter() - begin) * (1 - 1 / max(1, sum(map(_parts, builds))))
        else:
            data, made = buffer.data(), {}
            await self._background(lambda: self._judged(data, verdict, stale))
        if stale():
            return
        self._verdicts[uri] = verdict
        self._took[uri] = time.perf_counter() - begin
        self._tell_problems()
        self._shown.show(uri, verdict.version, self._marks(verdict, buffer), made)
        if uri not in self._builds:
            await self._find(uri, verdict)
            if self._builds.get(uri):
                self.schedule.soon(uri)

    async def _find(self, uri: str, verdict: Verdict) -> None:
        """Note which charts and overlays the file is a part of: values may stand anywhere."""
        if path_of(uri) is None or _is_configuration(uri):
            self._builds[uri] = []
            return
        folders = list(self.folders())
        found = await self._rendered.run(lambda: self._around(verdict, folders))
        if uri not in self.buffers:
            return
        before = {it.name for it in self._builds.get(uri, ())}
        self._builds[uri] = found
        left = {it.name for listed in self._builds.values() for it in listed}
        self._shown.leave(before - left)
        if found and renderer() is None:
            self._tell_once(f"portside: {found[0].head.unread[0].reason}")

    def _around(self, verdict: Verdict, folders: Sequence[str]) -> list[Build]:
        try:
            return self._rendered.builds(verdict.path, folders)
        except ExpectedError as error:
            verdict.error = error
        except Exception as error:  # noqa: BLE001 - a text may not end the server: it is told there
            _note_crash(verdict, error)
        return []

    def _made(
        self, verdict: Verdict, builds: Sequence[Build], desk: Desk, stale: Callable[[], bool]
    ) -> Mapping[str, Marks]:
        """What is shown of each build by its name, and its part of `verdict`."""
        try:
            verdict.project = self._rendered.projects.of(verdict.path)
            return self._rendered.marks(verdict.path, builds, desk, stale)
        except StaleError:
            return {}
        except ExpectedError as error:
            verdict.error = error
        except Exception as error:  # noqa: BLE001 - a text may not end the server: it is told there
            _note_crash(verdict, error)
        return {it.name: {} for it in builds}

    def _tell_once(self, said: str) -> None:
        if said not in self._told:
            self._told.add(said)
            self._tell(said)

    def _desk(self) -> Desk:
        """What is open now."""
        files = [(path_of(it.uri), it) for it in list(self.buffers.values())]
        named = [(path, it) for path, it in files if path is not None]
        return Desk(named, self._encoding, self.uri_of)

    @property
    def _encoding(self) -> str:
        return next((it.encoding for it in list(self.buffers.values())), "utf-16")

    def _marks(self, verdict: Verdict, buffer: Buffer) -> list[Mark]:
        try:
            return marks(verdict, buffer, self.link(verdict))
        except Exception as error:  # noqa: BLE001 - no text is without an answer
            _note_crash(verdict, error)
            return marks(verdict, buffer, self.link(verdict))

    def _judged(self, data: bytes, verdict: Verdict, stale: Callable[[], bool]) -> None:
        """Fill in `verdict`, if it is still wanted."""
        if stale() or verdict.error is not None or verdict.crash:
            return
        try:
            if os.path.basename(verdict.path) == NAME:
                judge_configuration(data, verdict, self.projects)
            else:
                judge(data, verdict, self.projects.of(verdict.path), stale)
        except StaleError:
            return
        except ExpectedError as error:
            verdict.error = error
        except Exception as error:  # noqa: BLE001 - a text may not end the server: it is told there
            _note_crash(verdict, error)

    def _path(self, buffer: Buffer) -> str:
        """The file of `buffer`; one that has none yet is called as if it were in the workspace."""
        path = path_of(buffer.uri)
        if path is not None:
            return path
        name = os.path.basename(buffer.uri.partition(":")[2].partition("?")[0]) or "untitled"
        if "." not in name:
            name += _ENDINGS.get(buffer.language, ".yaml")
        return os.path.join(next(iter(self.folders()), os.getcwd()), name)

    def _tell_problems(self) -> None:
        """Publish what is wrong with configurations and own rules in the files themselves."""
        self._shown.tell(dict(self._found_problems()))

    def _found_problems(self) -> Iterator[tuple[str, types.Diagnostic]]:
        for verdict in self._verdicts.values():
            if verdict.error is None:
                continue
            file = problem_place(verdict.error)[0]
            uri = self.uri_of(file) if file and file != verdict.path else ""
            # While the configuration is open, its text says it.
            if uri and not (uri in self.buffers and _is_configuration(uri)):
                yield uri, problem(verdict.error, self._desk().buffer(file))


def path_of(uri: str) -> str | None:
    """The path of a file's URI; None for what is no file."""
    path = to_fs_path(uri)
    return None if path is None else os.path.normpath(path)


def _parts(build: Build) -> int:
    return sum(1 for _ in build.targets)


def _is_configuration(uri: str) -> bool:
    return os.path.basename(path_of(uri) or "") == NAME


def _note_crash(verdict: Verdict, error: Exception) -> None:
    sys.stderr.write(traceback_of(error))
    verdict.crash = told(error)
