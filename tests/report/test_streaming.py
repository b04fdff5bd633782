"""Reports are made piece by piece, the same for the same input, and bound to no day."""

from __future__ import annotations

import re
import tracemalloc
from types import GeneratorType

import pytest

from portside.report import REPORTS, report
from tests.report.examples import context, many, on_screen, rendered, shop

MEGABYTE = 1 << 20


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_a_generator(name: str) -> None:
    assert isinstance(report(name)(shop(), context()), GeneratorType)


@pytest.mark.parametrize("name", REPORTS)
def test_a_large_report_is_never_held_whole(name: str) -> None:
    evaluation = many(files=50, each=100)
    told = context()
    render = report(name)
    "".join(render(many(files=1), told))

    tracemalloc.start()
    try:
        size = sum(map(len, render(evaluation, told)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    if name != "summary":
        assert size > (50_000 if name == "markdown" else MEGABYTE / 3)
    assert peak < MEGABYTE / 2


@pytest.mark.parametrize("name", REPORTS)
def test_the_same_input_gives_the_same_report_with_no_day_or_time_in_it(name: str) -> None:
    text = rendered(name, shop(), verbose=True)

    assert text == rendered(name, shop(), verbose=True)
    without = text.replace("2027-01-31", "").replace("YYYY-MM-DD", "")
    assert not re.search(r"\b20\d\d-\d\d|\d\d:\d\d:\d\d", without)


def test_the_screen_is_the_same_each_time() -> None:
    assert on_screen(many(30)) == on_screen(many(30))
