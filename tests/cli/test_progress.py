"""The progress line: on a terminal, in long scans, and nowhere else; a step costs nothing."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portside.cli import progress
from portside.cli.progress import Progress
from tests.patience import slowness


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def standard_error(stream: io.StringIO | None) -> Iterator[None]:
    before, sys.stderr = sys.stderr, stream
    try:
        yield
    finally:
        sys.stderr = before


def run(stream: io.StringIO | None, total: int, pause: float = 0.0) -> str:
    with standard_error(stream):
        made = Progress(total)
        for number in range(total):
            if pause and number % 32 == 0:
                time.sleep(pause)
            made.step()
        made.end()
    return stream.getvalue() if stream else ""


def test_a_short_scan_shows_nothing_even_on_a_terminal() -> None:
    assert run(Terminal(), 1_000) == ""


def test_a_long_scan_shows_a_line_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.02)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    said = run(Terminal(), 320, pause=0.005)
    assert "[##############################] 320 of 320 files" in said
    assert said.endswith("\r\x1b[K")
    assert "\n" not in said


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_a_pipe_and_a_closed_stream_stay_empty(
    stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    assert run(stream, 1_000, pause=0.001) == ""


def test_a_step_costs_less_than_a_microsecond() -> None:
    """Counted in steps of a bare loop, since the machine may be busy with something else."""
    with standard_error(Terminal()):
        made = Progress(10**9)
        step = made.step
        best = min(_time(step) for _ in range(5))
        bare = min(_time(_nothing) for _ in range(5))
        made.end()
    assert best < bare + 1e-6 * slowness()


def _nothing() -> None:
    pass


def _time(step: object) -> float:
    assert callable(step)
    begun = time.perf_counter()
    for _ in range(20_000):
        step()
    return (time.perf_counter() - begun) / 20_000


def test_nothing_to_do_is_no_error() -> None:
    assert run(Terminal(), 0) == ""
