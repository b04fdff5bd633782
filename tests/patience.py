"""How long a test lets something take: on a machine slower than the one it was written on, longer.

All of it is processor time, so that a busy machine fails no test. The seconds that a test names are
those of the machine that `_UNHURRIED` was measured on.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

_WORK = """
import yaml
text = "".join(f"k{at}: {{a: b{at}, c: [d, 'e']}}\\n" for at in range(18_000))
seen = {}
for event in yaml.parse(text, Loader=yaml.CLoader):
    if type(event) is yaml.ScalarEvent:
        seen[event.value] = event.start_mark.index, event.end_mark.index
assert len(seen) > 36_000
"""
"""What a scan does, without a line of Portside's: Python starts, libyaml reads, and all is kept."""
_UNHURRIED = 0.195
"""Seconds that this takes on a machine with nothing else to do."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Assert that what is done here, and the processes that end in it, take less than `seconds`."""
    begin = _used()
    yield
    used = _used() - begin
    assert used < seconds or used < seconds * slowness(), f"{used:.2f} s, and {seconds} are allowed"


def slowness() -> float:
    """How many times slower this machine is just now, in work like a scan's; 1 if it is faster.

    The least of several: a moment in which something else ran says nothing of the machine.
    """
    return max(1.0, min(_worked() for _ in range(3)) / _UNHURRIED)


def _worked() -> float:
    begin = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _WORK], check=True)
    end = getrusage(RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime


def _used() -> float:
    """Seconds of processor time of this process and of all that it has waited for."""
    of_all = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(it.ru_utime + it.ru_stime for it in of_all)
