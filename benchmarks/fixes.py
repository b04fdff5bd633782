"""What `--fix` does with the shared charts and overlays.

`python -m benchmarks.fixes [--unsafe] [NAME]` copies each of them, mends all that is safe (and what
is not), scans the copy anew from the disk, and prints what became of the findings. `--reasons`
lists why what was not mended was not. The shared corpora must be beside the project, and a renderer
must be there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.provenance_cases import CHARTS, OVERLAYS
from portside.render.process import renderer

_SCAN = (sys.executable, "-m", "portside", "scan", ".", "--profile", "strict", "--no-cache")
_JSON = ("-o", "json", "--allow-unread")


class Mended(NamedTuple):
    """What became of one chart, or a tree of overlays."""

    name: str
    outcomes: list[dict[str, Any]]
    before: int
    """Findings that `--fix` tries to mend."""
    after: list[str]
    """Of those that were mended, the identities that the scan afterwards still finds."""
    again: int
    """Findings that a second run mends."""
    seconds: float

    def number(self, state: str) -> int:
        return sum(it["state"] == state for it in self.outcomes)


def trees() -> Iterator[tuple[str, Path]]:
    """The shared charts and overlays. Raises FileNotFoundError without them or a renderer."""
    if not CHARTS.exists():
        raise FileNotFoundError("the shared corpora are not beside the project: ../shared/corpora")
    if renderer() is None:
        raise FileNotFoundError("no renderer: pip install ./renderer")
    for it in dict.fromkeys(it["chart"] for it in json.loads((CHARTS / "index.json").read_text())):
        yield it.rpartition("__")[2], CHARTS / it / "chart"
    yield "overlays", OVERLAYS / "kustomize"


def mended(name: str, source: Path, options: Sequence[str]) -> Mended:
    """What `--fix` does with a copy of `source`, and what is found in it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name
        shutil.copytree(source, copy)
        begin = time.perf_counter()
        report = _scan(copy, "--fix", "--allow-dirty", *options)
        seconds = time.perf_counter() - begin
        outcomes = report["fixes"]
        fixed = {it["id"] for it in outcomes if it["state"] == "fixed"}
        left = [it["id"] for it in _scan(copy)["findings"] if it["id"] in fixed]
        again = _scan(copy, "--fix", "--allow-dirty", *options)["fixes"]
        more = sum(it["state"] == "fixed" for it in again)
        return Mended(name, outcomes, len(outcomes), left, more, seconds)


def _scan(folder: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run([*_SCAN, *_JSON, *options], cwd=folder, capture_output=True, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:]) from error
    return report


def table(found: Sequence[Mended]) -> Iterator[str]:
    """The lines of the table."""
    yield "| chart or overlays | to mend | fixed | rolled back | refused | seconds |\n"
    yield "|---|---|---|---|---|---|\n"
    for it in found:
        numbers = [len(it.outcomes), *map(it.number, ("fixed", "rolled-back", "refused"))]
        yield f"| {it.name} | {' | '.join(map(str, numbers))} | {it.seconds:.1f} |\n"


def main(argv: Sequence[str]) -> int:
    """Print the table, then why what was not mended was not."""
    words = [it for it in argv if not it.startswith("-")]
    options = ["--unsafe"] if "--unsafe" in argv else []
    found = []
    for name, source in trees():
        if not words or words[0] in name:
            found.append(mended(name, source, options))
    sys.stdout.writelines(table(found))
    for it in found:
        for identity in it.after:
            print(f"still found in {it.name}: {identity}")
        if it.again:
            print(f"{it.name}: a second run mends {it.again} more")
    reasons = Counter(
        (one["state"], one["rule"], one["reason"] if "--reasons" in argv else _kind(one["reason"]))
        for it in found
        for one in it.outcomes
        if one["state"] != "fixed"
    )
    for (state, rule, reason), number in reasons.most_common():
        print(f"{number:4} {state} {rule}: {reason}")
    return 1 if any(it.after or it.again for it in found) else 0


def _kind(reason: str) -> str:
    """The reason without the names and places in it."""
    return " ".join("…" if "/" in it or it[-1:].isdigit() else it for it in reason.split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
