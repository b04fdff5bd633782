"""Ctrl-C ends a scan at once: one line, exit 130, no traceback, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, POD, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
FILES = 3_000
PATIENCE = 5.0
"""Seconds in which a scan ends that is interrupted."""
START = 60.0
"""Seconds in which a scan has come to its files, on whatever machine."""
SAID = "portside: interrupted: the answer is not complete\n"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose scan lasts long enough to be interrupted."""
    folder = tmp_path_factory.mktemp("large")
    documents = "---\n".join(POD.replace("name: web,", f"name: web{it},") for it in range(6))
    for number in range(FILES):
        (folder / f"{number}.yaml").write_text(documents)
    return folder


class Scan:
    """A scan in a process group of its own, as a shell gives a command."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "scan", "--no-cache", *words, "."],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment(),
            start_new_session=True,
            # Where the tests run in the background of a script, they ignore the signal themselves.
            preexec_fn=_listen,
        )

    def wait_until_many(self) -> None:
        """Until it has child processes, or, where it needs none, is well on its way."""
        if len(os.sched_getaffinity(0)) < 2:
            time.sleep(0.5)
            return
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        assert soon(lambda: listed.read_text() != "", START), "it never had child processes"

    def ended(self) -> tuple[int, str, str, float]:
        """Exit code, what it said, and how long that took."""
        begun = time.monotonic()
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err, time.monotonic() - begun

    def left(self) -> list[str]:
        """The processes of its group that still run."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(stat[2]) == self.process.pid and stat[0] != "Z":
                    found.append(entry.name)
        return found


def _listen() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def soon(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.005)
    return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc for the processes")
@pytest.mark.parametrize("way", ["the terminal", "one process"])
def test_an_interrupted_scan_ends_at_once(way: str, large: Path) -> None:
    scan = Scan(large)
    scan.wait_until_many()
    if way == "the terminal":
        os.killpg(scan.process.pid, signal.SIGINT)
    else:
        os.kill(scan.process.pid, signal.SIGINT)
    code, out, err, seconds = scan.ended()
    assert (code, out, err) == (130, "", SAID)
    assert seconds < PATIENCE
    assert soon(lambda: not scan.left()), "a process outlives the scan"


def test_a_second_interrupt_changes_nothing(large: Path) -> None:
    scan = Scan(large)
    scan.wait_until_many()
    for _ in range(5):
        os.killpg(scan.process.pid, signal.SIGINT)
        time.sleep(0.002)
    code, out, err, _ = scan.ended()
    assert (code, out, err) == (130, "", SAID)


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.5, 0.8])
def test_whenever_it_comes_there_is_no_traceback_of_ours(delay: float, large: Path) -> None:
    scan = Scan(large, "-o", "json")
    time.sleep(delay)
    os.killpg(scan.process.pid, signal.SIGINT)
    code, _, err, seconds = scan.ended()
    # Python itself may be interrupted before it has come to our code; a fast scan may be done.
    assert code in (130, -signal.SIGINT, 1)
    assert "portside/cli" not in err
    assert seconds < PATIENCE
    assert soon(lambda: not scan.left())


def test_a_report_to_a_file_is_whole_or_not_there(large: Path, tmp_path: Path) -> None:
    target = tmp_path / "found.json"
    target.write_text("before\n")
    scan = Scan(large, "-o", f"json={target}")
    scan.wait_until_many()
    os.killpg(scan.process.pid, signal.SIGINT)
    assert scan.ended()[0] == 130
    assert target.read_text() == "before\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_terminated_scan_leaves_no_process(large: Path) -> None:
    scan = Scan(large)
    scan.wait_until_many()
    os.kill(scan.process.pid, signal.SIGTERM)
    assert scan.ended()[0] == -signal.SIGTERM
    assert soon(lambda: not scan.left()), "a process outlives the scan"
