"""Real scans of files written for a test: in this process, or in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from portside.cli import main
from tests.shared import ROOT

NOW = "2026-07-01"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: true
"""


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        value: dict[str, Any] = json.loads(self.out)
        return value

    def of(self, rule: str) -> list[dict[str, Any]]:
        """The findings of one rule."""
        return [it for it in self.report["findings"] if it["rule"] == rule]

    def excused(self, rule: str) -> list[bool]:
        """For each finding of `rule`, in order, whether it is excused."""
        return [it["waived"] is not None for it in self.of(rule)]

    @property
    def told(self) -> list[tuple[str, int, str]]:
        """What is said of excuses: (rule, line, message)."""
        return [
            (it["rule"], it["line"], it["message"])
            for it in self.report["findings"]
            if it["rule"].endswith("-waiver")
        ]


def portside(folder: Path, *words: str) -> Answer:
    """`portside WORDS` in `folder`, as the command's own entry point answers it."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    for stream in (out, err):
        stream.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    assert "Traceback" not in texts[1], texts[1]
    return Answer(code, *texts)


def process(folder: Path, *words: str, stdin: str = "") -> Answer:
    """`python -m portside WORDS` in `folder`, with `stdin` as its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "portside", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


def scan(folder: Path, *words: str) -> Answer:
    """The answer to `portside scan -o json WORDS` in `folder`, on a fixed day."""
    now = () if "--now" in words else ("--now", NOW)
    return portside(folder, "scan", "-o", "json", "--no-cache", *now, *words)


def scan_text(folder: Path, text: str | bytes, *words: str) -> Answer:
    """The answer to a scan of one file `shop.yaml` that holds `text`."""
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "shop.yaml").write_bytes(data)
    return scan(folder, "shop.yaml", *words)
