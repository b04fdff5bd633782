"""Files are judged by several processes: none waits for another, and none is relied upon."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from portside.cli import processes, stage_a
from portside.cli.stage_a import StageA, judge_all
from portside.engine.plan import Plan
from portside.model.finding import FileResult
from portside.model.reading import ReadFile
from portside.policy import builtin
from portside.sources.walk import Found, find
from portside.syntax import DEFAULT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux only")

_POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: shop-{number}}}
spec: {{hostPID: true, containers: [{{name: web, image: nginx}}]}}
"""
_FILES = 230
_PARENT = os.getpid()
Given = tuple[bytes, FileResult | None]


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_a, "_processes", lambda files: 3 if files > 1 else 1)


@pytest.fixture
def files(tmp_path: Path) -> list[Found]:
    for number in range(_FILES):
        (tmp_path / f"{number:03}.yaml").write_text(_POD.format(number=number))
    listed = find([str(tmp_path)], lambda _: lambda path, is_folder: "")
    return [it for it in listed if isinstance(it, Found)]


def _judged(files: list[Found]) -> list[FileResult]:
    return judge_all(files, Plan(builtin.rules(), builtin.checks, 37), DEFAULT)


def _alone(files: list[Found]) -> list[FileResult]:
    return [result for it in files for result in _judged([it])]


class Work:
    """What a process is made to do before it judges a file; counts those of this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = self.seconds_here = self.seconds_there = 0.0
        self.there_until = _FILES
        self._done = 0
        answer = StageA.answer

        def slow(stage: StageA, item: Found | ReadFile) -> Given:
            self._before()
            return answer(stage, item)

        monkeypatch.setattr(StageA, "answer", slow)

    def _before(self) -> None:
        if os.getpid() == _PARENT:
            self.here += 1
            time.sleep(self.seconds_here)
            return
        self._done += 1
        if self._done > self.there_until:
            os._exit(1)
        time.sleep(self.seconds_there)


def test_results_come_in_the_order_of_the_files(files: list[Found]) -> None:
    results = _judged(files)

    assert [it.fate.file for it in results] == [it.name for it in files]
    assert results == _alone(files)


@pytest.mark.parametrize("done", [0, 1, 5, 30])
def test_what_a_process_had_when_it_died_is_judged_here(
    files: list[Found], monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    expected = _alone(files)
    work = Work(monkeypatch)
    work.there_until = done

    assert _judged(files) == expected
    assert work.here >= _FILES - 2 * done


def test_a_process_that_is_slow_takes_fewer_files(
    files: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(monkeypatch)
    work.seconds_there = 0.05

    assert [it.fate.file for it in _judged(files)] == [it.name for it in files]
    assert work.here > _FILES / 2


def test_no_process_waits_until_what_it_found_is_taken(
    files: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their answers, which no pipe could hold, are in the way of nobody while this one is busy."""
    for it in files:
        Path(it.path).write_text("---\n".join(_POD.format(number=part) for part in range(5)))
    work = Work(monkeypatch)
    work.seconds_here = 0.5

    results = _judged(files)

    assert work.here <= 2 * processes._FEWEST
    assert sum(len(it.findings) for it in results) >= 5 * _FILES


def test_very_many_files_are_shared_in_larger_slices(
    files: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _alone(files)
    monkeypatch.setattr(processes, "_MOST_SLICES", 7)

    assert _judged(files) == expected
