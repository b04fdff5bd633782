"""Runs the command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = str(Path(__file__).resolve().parent.parent.parent / "src")
COMMAND = (sys.executable, "-m", "portside")


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of a run; None removes a variable."""
    known: dict[str, str | None] = {**os.environ, "PYTHONPATH": SOURCE, "COLUMNS": "100", **changes}
    return {name: value for name, value in known.items() if value is not None}


def portside(
    *words: str,
    stdin: str | bytes = b"",
    cwd: Path | str | None = None,
    env: Mapping[str, str | None] | None = None,
    **more: Any,
) -> Ran:
    """What `portside WORDS` says. It must never say a traceback."""
    ran = subprocess.run(
        [*COMMAND, *words],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**dict(env or {})),
        timeout=120,
        **more,
    )
    err = ran.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err, err
    return Ran(ran.returncode, ran.stdout.decode("utf-8", "replace"), err)


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: true
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "yes", b: "0644"}
"""
