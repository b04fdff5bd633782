"""Measures charts and overlays beside Helm and its like in one run: `python -m benchmarks.charts`.

`portside` and `portside-render` must be installed where it runs (`pip install ./renderer .` into a
fresh environment); nothing of the checkout is measured. Each command of a table runs in turn, so
that a busy moment meets all; the least and the median of wall time count, and how busy the machine
was besides is said. helm, kubectl, kube-linter and trivy are measured where they are there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.overlays import CHARTS, CORPORA, OVERLAYS, repository
from benchmarks.peers import known

PYTHON = sys.executable
CACHE = Path.home() / ".cache" / "portside-tests"
_TICK = 0.02


class Once(NamedTuple):
    """One run of a command and all that it started."""

    seconds: float
    processor: float
    megabytes: float
    """The most that all its processes held at a time."""


def portside(*words: str) -> list[str]:
    return [PYTHON, "-m", "portside", *words]


def helm() -> str:
    """The helm to measure: the tests' own, or the one on PATH; empty without one."""
    own = CACHE / "helm-4.3.1" / "helm"
    return str(own) if own.is_file() else shutil.which("helm") or ""


def once(command: Sequence[str]) -> Once:
    """Runs a command. Raises RuntimeError where it cannot do its work."""
    begin = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=nothing, start_new_session=True)
        held = _Held(process.pid)
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Once(seconds, used.ru_utime + used.ru_stime, max(held.end(), used.ru_maxrss / 1024))


class _Held:
    """What the processes of a session hold, looked at now and then."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._most = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        self._done.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._done.wait(_TICK):
            self._most = max(self._most, sum(_held(it) for it in _members(self._session)))


def _members(session: int) -> Iterator[str]:
    for pid in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        try:
            if pid.isdigit() and os.getsid(int(pid)) == session:
                yield pid
        except OSError:
            continue


def _held(pid: str) -> float:
    """The MiB that are a process's own: what it shares with others is parted among them."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return sum(int(it.split()[1]) for it in file if it.startswith("Pss:")) / 1024
    except OSError:
        return 0.0


def table(title: str, rows: dict[str, Callable[[], Once]], runs: int) -> None:
    """One table: the rows are run in turn, and have their ratios to the first."""
    said = busy()
    measured: dict[str, list[Once]] = {name: [] for name in rows}
    for number in range(runs + (runs > 1)):
        for name, run in rows.items():
            result = run()
            if number or runs == 1:
                measured[name].append(result)
    print(f"\n{title} ({runs} runs each in turn; {said})")
    print(f"  {'':44} {'least':>8} {'':>7} {'median':>8} {'':>7} {'processor':>9} {'memory':>9}")
    base = next(iter(measured.values()))
    for name, found in measured.items():
        least, middle = (_of(found, it) for it in (min, median))
        print(
            f"  {name:44} {least:7.3f}s {least / _of(base, min):6.2f}x {middle:7.3f}s"
            f" {middle / _of(base, median):6.2f}x {min(it.processor for it in found):8.3f}s"
            f" {max(it.megabytes for it in found):6.0f} MB"
        )


def _of(found: Sequence[Once], what: Callable[[list[float]], float]) -> float:
    return what([it.seconds for it in found])


def busy(seconds: float = 0.5) -> str:
    """How busy the processors are with something else."""
    try:
        before = _ticks()
        time.sleep(seconds)
        idle, whole = (b - a for a, b in zip(before, _ticks(), strict=True))
    except OSError:
        return "how busy the machine is cannot be told"
    share = 100 * (1 - idle / max(1, whole))
    return f"the machine was {share:.0f} % busy before" + (", NOT IDLE" if share > 10 else "")


def _ticks() -> tuple[int, int]:
    with open("/proc/stat") as file:
        numbers = [int(it) for it in file.readline().split()[1:9]]
    return numbers[3] + numbers[4], sum(numbers)


def one_chart(folder: Path, source: Path, runs: int) -> None:
    """A chart with its own values: rendered; rendered and judged; and by peers."""
    chart = folder / source.parent.name / source.name
    shutil.copytree(source, chart, ignore=shutil.ignore_patterns("ci", "values-*", "*-values.yaml"))
    path = str(chart)
    silent = folder / source.parent.name / "silent.yaml"
    _silence(path, silent)
    commands = {
        "helm template": [helm(), "template", "release-name", path],
        "portside render": portside("render", path),
        "portside scan --no-cache, nothing found": portside(
            "scan", "--no-cache", "--config", str(silent), path
        ),
        "portside scan --no-cache, with template lines": portside("scan", "--no-cache", path),
    }
    for peer in known():
        if peer.program.exists() and peer.name in ("kube-linter", "trivy config"):
            commands[peer.name] = peer.command(path)
    rows = {name: _runner(it) for name, it in commands.items() if it[0]}
    table(f"one chart: {source.parent.name} {source.name}", rows, runs)


def _silence(chart: str, into: Path) -> None:
    """A configuration under which the same rules are asked, but for those that find something."""
    done = subprocess.run(
        portside("scan", "--no-cache", "-o", "json", chart), capture_output=True, check=False
    )
    found = {it["rule"] for it in json.loads(done.stdout)["findings"]}
    into.write_text("rules:\n" + "".join(f"  {it}: off\n" for it in sorted(found)) or "{}\n")


def _runner(command: Sequence[str]) -> Callable[[], Once]:
    return lambda: once(command)


def many(folder: Path, runs: int) -> None:
    """A repository of charts and overlays: scanned, and each rendered by a process of its own."""
    root = folder / "repository"
    charts, overlays = repository(root)
    os.environ["PORTSIDE_CACHE_DIR"] = str(folder / "cache")
    alone = [[helm(), "template", "release-name", str(it)] for it in charts if helm()]
    kubectl = shutil.which("kubectl")
    alone += [[kubectl, "kustomize", str(it)] for it in overlays if kubectl]
    scan = portside("scan", str(root))
    rows: dict[str, Callable[[], Once]] = {
        "helm template or kubectl kustomize of each": lambda: _two_at_a_time(alone),
        "portside scan, cold": lambda: once([*scan, "--no-cache"]),
        "portside scan, warm": lambda: once(scan),
    }
    once(scan)
    title = f"{len(charts)} charts and {len(overlays)} overlays, two processes at a time"
    table(title, rows, runs)


def _two_at_a_time(commands: Sequence[Sequence[str]]) -> Once:
    """All of them, the next as soon as one of two has ended."""
    pending, results = list(commands), list[Once]()

    def work() -> None:
        while pending:
            results.append(once(pending.pop()))

    begin = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    seconds = time.perf_counter() - begin
    most = 2 * max(it.megabytes for it in results)
    return Once(seconds, sum(it.processor for it in results), most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--chart", type=Path, nargs="*", default=[], help="charts of your own, too")
    parser.add_argument("--one", action="store_true", help="single charts only")
    parser.add_argument("--many", action="store_true", help="the repository only")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sources = [CORPORA / name / "chart" for name in CHARTS] + options.chart
    with tempfile.TemporaryDirectory(prefix="portside-bench-") as name:
        folder = Path(name)
        for source in () if options.many else sources:
            if source.is_dir():
                one_chart(folder, source, options.runs)
            else:
                print(f"not there, left out: {source}")
        if not options.one and OVERLAYS.is_dir():
            many(folder, max(1, options.runs // 5))


if __name__ == "__main__":
    main()
