"""The tests' own limits of time: what takes too long fails, whoever took it."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest

from tests.patience import within

BUSY = "from time import process_time\nwhile process_time() < 0.5: pass\n"


def test_what_keeps_to_its_time_passes() -> None:
    with within(5):
        subprocess.run([sys.executable, "-c", BUSY], check=True)


def test_what_takes_too_long_fails() -> None:
    with pytest.raises(AssertionError, match=r"0\.05 are allowed"), within(0.05):
        _keep_busy()


def test_what_a_process_takes_counts() -> None:
    with pytest.raises(AssertionError, match=r"0\.05 are allowed"), within(0.05):
        subprocess.run([sys.executable, "-c", BUSY], check=True)


def _keep_busy() -> None:
    end = process_time() + 0.5
    while process_time() < end:
        pass
