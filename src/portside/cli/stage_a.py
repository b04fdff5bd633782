"""Stage A of a scan over many files: in one process or, for many, in as many as there are cores."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable, Sequence

from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.engine.wire import pack, unpack
from portside.model.finding import FileResult
from portside.model.reading import ReadFile
from portside.sources.read import read_file
from portside.sources.walk import Found
from portside.syntax import Limits

_WORTH_A_PROCESS = 150
"""Files that one more process must have to do, to be worth its start."""
_SLICE = 8
"""Files that a process takes at a time: neighbours are alike in size, so that work is even."""


def judge_all(
    files: Iterable[Found | ReadFile], plan: Plan, limits: Limits, *, cache: bool
) -> list[FileResult]:
    """Every file judged, in the order of `files`."""
    items = list(files)
    processes = _processes(items)
    if processes < 2:
        return [_judge(item, plan, limits) for item in items]
    return _in_parallel(items, plan, limits, processes)


def _judge(item: Found | ReadFile, plan: Plan, limits: Limits) -> FileResult:
    read = item if isinstance(item, ReadFile) else read_file(item, limits)
    return judge_file(read, plan)


def _processes(items: Sequence[Found | ReadFile]) -> int:
    if not hasattr(os, "fork") or not sys.platform.startswith("linux"):
        return 1
    to_read = sum(1 for item in items if isinstance(item, Found))
    return min(len(os.sched_getaffinity(0)), max(1, to_read // _WORTH_A_PROCESS), 8)


def _share(size: int, number: int, of: int) -> list[int]:
    """The positions, of `size`, that process `number` of `of` takes."""
    return [at for at in range(size) if at // _SLICE % of == number]


def _in_parallel(
    items: Sequence[Found | ReadFile], plan: Plan, limits: Limits, processes: int
) -> list[FileResult]:
    results: list[FileResult | None] = [None] * len(items)
    children = [
        _start([items[at] for at in _share(len(items), number, processes)], plan, limits)
        for number in range(1, processes)
    ]
    for at in _share(len(items), 0, processes):
        results[at] = _judge(items[at], plan, limits)
    for number, (pid, pipe) in enumerate(children, start=1):
        share = _share(len(items), number, processes)
        made = _collect(pid, pipe)
        for position, at in enumerate(share):
            packed = made[position] if position < len(made) else None
            # A process that died took its answers with it: its files are judged here once more.
            results[at] = unpack(packed) if packed else _judge(items[at], plan, limits)
    return [result for result in results if result is not None]


def _start(items: Sequence[Found | ReadFile], plan: Plan, limits: Limits) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    os.close(reading)
    try:
        with os.fdopen(writing, "wb", buffering=1 << 16) as pipe:
            for item in items:
                marshal.dump(pack(_judge(item, plan, limits)), pipe)
    finally:
        os._exit(0)


def _collect(pid: int, pipe: int) -> list[object]:
    found: list[object] = []
    with os.fdopen(pipe, "rb", buffering=1 << 16) as stream:
        while True:
            try:
                found.append(marshal.load(stream))  # noqa: S302 - written by our own process
            except (EOFError, ValueError, TypeError):
                break
    os.waitpid(pid, 0)
    return found
