"""Measures a scan beside its peers in one run: `python -m benchmarks.run [--quick]`.

Prints medians of wall time and peak memory of whole processes, and ratios to a bare Python and to
each peer. Peers that are not installed are left out, and said; `benchmarks.peers` installs them.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.corpus import DEPLOYMENT, make
from benchmarks.peers import Peer, installed

PYTHON = sys.executable


class Measured(NamedTuple):
    seconds: float
    megabytes: float


def measure(command: Sequence[str], runs: int, folder: Path) -> Measured:
    """The median wall time and the largest peak memory of `runs` runs, after one to warm up."""
    times, peak = [], 0.0
    for number in range(runs + 1):
        seconds, megabytes = _once(command, folder)
        if number:
            times.append(seconds)
            peak = max(peak, megabytes)
    return Measured(median(times), peak)


def _once(command: Sequence[str], folder: Path) -> tuple[float, float]:
    begin = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, cwd=folder, stdout=nothing, stderr=nothing)
        _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - begin, used.ru_maxrss / 1024


def portside(*words: str, cache: bool = False) -> list[str]:
    return [PYTHON, "-m", "portside", "scan", *words, *([] if cache else ["--no-cache"])]


def table(title: str, rows: list[tuple[str, Measured]]) -> None:
    """One table: each row with its ratio to the first."""
    print(f"\n{title}")
    base = rows[0][1].seconds
    for name, it in rows:
        print(f"  {name:44} {it.seconds:8.3f} s {it.megabytes:7.1f} MB {it.seconds / base:8.2f}x")


def one_deployment(folder: Path, peers: Sequence[Peer], runs: int) -> None:
    (folder / "one").mkdir()
    (folder / "one" / "web.yaml").write_text(DEPLOYMENT)
    rows = [
        ("python -c pass", measure([PYTHON, "-c", "pass"], runs, folder)),
        ("portside scan, one Deployment", measure(portside("one/web.yaml"), runs, folder)),
    ]
    rows += [(peer.name, measure(peer.command("one"), peer.runs(runs), folder)) for peer in peers]
    table("one Deployment (ratio to a bare Python)", rows)


def many(folder: Path, documents: int, peers: Sequence[Peer], runs: int) -> None:
    name = f"documents-{documents}"
    files = make(documents, folder / name)
    os.environ["PORTSIDE_CACHE_DIR"] = str(folder / "cache")
    rows = [
        ("portside scan, cold", measure(portside(name), runs, folder)),
        ("portside scan, warm", measure(portside(name, cache=True), runs, folder)),
    ]
    rows += [(peer.name, measure(peer.command(name), peer.runs(runs), folder)) for peer in peers]
    table(f"{documents} documents in {files} files (ratio to the cold scan)", rows)


def cold_caches(folder: Path, runs: int) -> None:
    """As in a fresh container: no .pyc file of anything is there before each run."""
    program = folder / "fresh"
    source = Path(__file__).resolve().parent.parent / "src" / "portside"
    times = []
    for _ in range(runs):
        shutil.rmtree(program, ignore_errors=True)
        shutil.copytree(source, program / "portside", ignore=shutil.ignore_patterns("__pycache__"))
        (program / "portside" / "rules" / "generated" / "WHEEL").write_text("")
        environment = {**os.environ, "PYTHONPATH": str(program)}
        begin = time.perf_counter()
        subprocess.run(
            portside("one/web.yaml"), cwd=folder, env=environment, capture_output=True, check=False
        )
        times.append(time.perf_counter() - begin)
    print(f"  {'portside scan, nothing of it compiled yet':44} {median(times):8.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, no slow peers")
    parser.add_argument("--documents", type=int, nargs="*", default=[2500, 10000])
    options = parser.parse_args()
    peers = [it for it in installed() if not (options.quick and it.slow)]
    runs = 5 if options.quick else 15
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores, {limit[0]} files at once")
    with tempfile.TemporaryDirectory(prefix="portside-bench-") as name:
        folder = Path(name)
        one_deployment(folder, peers, runs)
        cold_caches(folder, 5)
        for documents in options.documents:
            quick = [it for it in peers if not it.slow or documents <= it.most_documents]
            many(folder, documents, quick, 5 if options.quick else 7)


if __name__ == "__main__":
    main()
