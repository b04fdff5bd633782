"""Stage A of a scan over many files: from the cache, here, or in as many processes as cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.progress import Progress
from portside.engine.stage import judge_file
from portside.engine.wire import pack, unpack
from portside.model.reading import Target
from portside.sources.known import UNKNOWN
from portside.sources.read import beside, content, parsed, unreadable
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    from portside.cli.cache import Cache
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult
    from portside.model.reading import ReadFile
    from portside.syntax import Limits

    Item = Found | ReadFile | Target
    Answer = tuple[bytes, FileResult | None]

_WORTH_A_PROCESS = 100
"""Files that one more process must have to do, to be worth its start."""
_WORTH_A_CACHE = 40
"""Files for which reading the cache costs less than judging them."""
_COMMON = (
    ("apps/v1", "Deployment"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
)
"""Kinds that most charts make, by their version: what these take, others take for the most part."""
_FILES_OF_A_TARGET = 50
"""As many files as rendering a chart or an overlay, and judging it, takes the time of."""


class StageA:
    """How files are judged: the plan, the limits, and the cache, if any."""

    __slots__ = ("_common", "cache", "limits", "plan", "same")

    def __init__(self, plan: Plan, limits: Limits, cache: Cache | None = None) -> None:
        self.plan = plan
        self.limits = limits
        self.cache = cache
        self._common = iter(_COMMON)
        self.same: dict[tuple[str, bytes], FileResult] = {}
        """What was said of rendered text, by the chart or overlay and a digest of the text."""

    def answer(self, item: Item) -> Answer:
        """What the plan says of one file, and its key; None in place of what the cache holds."""
        if isinstance(item, Target):
            return self.of_target(item, lambda: False)
        if not isinstance(item, Found):
            return b"", judge_file(item, self.plan)
        try:
            data = content(item, self.limits)
        except OSError as error:
            return b"", judge_file(unreadable(item, error), self.plan)
        key = b""
        if self.cache is not None and item.path != STDIN:
            key = self.cache.key(item.name, _told(item, self.limits), data)
            if key in self.cache:
                return key, None
        return key, judge_file(parsed(data, item, self.limits), self.plan)

    def of_target(self, target: Target, meanwhile: Callable[[], bool]) -> Answer:
        """As `answer`, of a target: `meanwhile` is called again and again while it is rendered,
        until it says that there is nothing left to do.
        """
        from portside.cli.rendering import judge_target

        steps = judge_target(target, self)
        while True:
            try:
                program = next(steps)
            except StopIteration as done:
                answer: Answer = done.value
                return answer
            while program.is_busy() and meanwhile():
                pass

    def prepared(self) -> bool:
        """Load what judging one more of the commonest kinds takes; False if that is done for all.

        For when there is nothing else to do.
        """
        common = next(self._common, None)
        if common is None:
            return False
        from portside.judged.admit import struct_of
        from portside.model.workload import bears_pods

        version, kind = common
        struct_of(version, kind)
        group = version.rpartition("/")[0]
        self.plan.of(group, kind, bears_pods(group, kind))
        return True

    def settled(self, item: Item, answer: Answer) -> FileResult:
        """The result behind an answer, which the cache keeps from here on."""
        key, result = answer
        if result is None and self.cache is not None:
            result = self.cache.get(key)
            if result is None:
                return self.settled(item, StageA(self.plan, self.limits).answer(item))
        elif key and result is not None and self.cache is not None:
            self.cache.put(key, result)
        assert result is not None  # noqa: S101 - only a cache leaves it out
        return result

    def sendable(self, item: Item) -> tuple[bytes, Any]:
        """The answer for one file as plain values, for another process."""
        key, result = self.answer(item)
        return key, None if result is None else pack(result)

    def received(self, item: Item, key: bytes, packed: Any) -> FileResult:
        """The result behind what another process sent of one file."""
        if packed is None:
            return self.settled(item, (key, None))
        if key and self.cache is not None:
            self.cache.keep(key, packed)
        return unpack(packed)


def judge_all(
    files: Iterable[Item], plan: Plan, limits: Limits, fingerprint: Sequence[object] | None = None
) -> list[FileResult]:
    """Every file judged, in the order of `files`.

    `fingerprint` is all that decides the results besides the files; without one nothing is cached.
    """
    items = list(files)
    number = sum(_weight(item) for item in items)
    cache = None
    if fingerprint is not None and number >= _WORTH_A_CACHE:
        from portside.cli.cache import Cache

        cache = Cache([*fingerprint, limits])
    stage = StageA(plan, limits, cache)
    kept = len(cache) if cache is not None else 0
    processes = _processes(number - kept)
    progress = Progress(len(items))
    try:
        results = _judged(items, stage, processes, progress)
    finally:
        progress.end()
    if cache is not None:
        cache.save()
    return results


def with_texts(items: Iterable[Item], texts: Mapping[str, bytes]) -> list[Item]:
    """`items`, where files hold `texts`, by their real paths, in place of what is on the disk."""
    if not texts:
        return list(items)
    decoded = {path: data.decode("utf-8", "surrogateescape") for path, data in texts.items()}
    found: list[Item] = []
    for it in items:
        if isinstance(it, Target):
            found.append(it._replace(texts=decoded))
        elif isinstance(it, Found):
            data = texts.get(os.path.realpath(it.path))
            found.append(it if data is None else it._replace(data=data))
        else:
            found.append(it)
    return found


def _weight(item: Item) -> int:
    if isinstance(item, Target):
        return _FILES_OF_A_TARGET
    return 1 if isinstance(item, Found) else 0


def _told(item: Found, limits: Limits) -> str:
    """Its identity, and all that the folder around it tells, on which its results depend."""
    if item.known == UNKNOWN:
        return item.identity
    held = sorted(beside(item, limits).items())
    return repr((item.identity, item.known.kind, item.known.rest, item.known.names, held))


def _judged(
    items: Sequence[Item], stage: StageA, processes: int, progress: Progress
) -> list[FileResult]:
    if processes > 1:
        # What all processes need is loaded before they part.
        stage.plan.of("", "Pod", bears_pods=True)
        targets = [at for at, it in enumerate(items) if isinstance(it, Target)]
        if len(targets) == 1:
            return _beside_target(targets[0], items, stage, processes, progress)
        from portside.cli.processes import Parallel

        return Parallel(items, stage).run(processes, progress)
    return _OneByOne(items, stage, progress).run()


class _OneByOne:
    """Judges all items in this process: files while a target is rendered."""

    __slots__ = ("_files", "_items", "_progress", "_results", "_stage")

    def __init__(self, items: Sequence[Item], stage: StageA, progress: Progress) -> None:
        self._items = items
        self._stage = stage
        self._progress = progress
        self._files = iter([at for at, it in enumerate(items) if not isinstance(it, Target)])
        self._results: dict[int, FileResult] = {}

    def run(self) -> list[FileResult]:
        for at, item in enumerate(self._items):
            if isinstance(item, Target):
                self._keep(at, self._stage.of_target(item, self._one_more))
        while len(self._results) < len(self._items):
            self._one_more()
        return [self._results[at] for at in range(len(self._items))]

    def _one_more(self) -> bool:
        """Judge the next file, if there is one left."""
        at = next(self._files, None)
        if at is None:
            return self._stage.prepared()
        self._keep(at, self._stage.answer(self._items[at]))
        return True

    def _keep(self, at: int, answer: Answer) -> None:
        self._results[at] = self._stage.settled(self._items[at], answer)
        self._progress.step()


def _beside_target(
    at: int, items: Sequence[Item], stage: StageA, processes: int, progress: Progress
) -> list[FileResult]:
    """All judged, the files in several processes while the target at `at` is rendered.

    That one is judged here, where what it makes is asked for once more.
    """
    from portside.cli.processes import Parallel

    files = [it for it in items if not isinstance(it, Target)]
    results: list[FileResult] = []

    def judge_files() -> bool:
        left = len(results) < len(files)
        if left:
            results.extend(Parallel(files, stage).run(processes, progress))
        return left

    target = items[at]
    assert isinstance(target, Target)  # noqa: S101 - who calls has looked
    answer = stage.of_target(target, judge_files)
    judge_files()
    results.insert(at, stage.settled(target, answer))
    progress.step()
    return results


def _processes(files: int) -> int:
    if not sys.platform.startswith("linux"):
        return 1
    return min(len(os.sched_getaffinity(0)), max(1, files // _WORTH_A_PROCESS), 8)
