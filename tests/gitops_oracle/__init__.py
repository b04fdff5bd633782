"""Argo CD's and Flux' own code, asked from Python: small Go programs, one JSON object a line.

`argo` answers what applications an ApplicationSet makes, `flux` what its substitution makes of an
object; see their main.go. Both are built once into the cache for test programs, which takes minutes
with an empty cache of Go.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.oracle.toolchain import (
    cache_folder,
    explain_failure,
    find_go,
    fingerprint,
    locked,
)

_HERE = Path(__file__).parent
_SECONDS = 300


class Program:
    """A program of this folder: `argo` or `flux`.

    Raises UnavailableError without Go or its modules, BuildError where ours does not compile.
    """

    def __init__(self, name: str) -> None:
        files = sorted((_HERE / name).iterdir())
        folder = cache_folder() / f"gitops-{name}-{fingerprint(files)}"
        self.path = folder / name
        with locked(folder):
            if not self.path.exists():
                _compile(files, self.path)

    def ask(self, questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers, in order."""
        told = "".join(json.dumps(it) + "\n" for it in questions)
        done = subprocess.run(
            [self.path], input=told, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(questions), done.stderr[-2000:]
        return answers


def _compile(files: Sequence[Path], program: Path) -> None:
    # Built from a copy, so that Go never writes into the repository.
    workplace = program.parent / "source"
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    for file in files:
        shutil.copy(file, workplace / file.name)
    fresh = program.with_name(f"{program.name}.new")
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod -buildvcs=false", "GOWORK": "off"}
    done = subprocess.run(
        [
            "nice",
            find_go(),
            "build",
            "-ldflags",
            "-s -w",
            "-o",
            fresh,
            ".",
        ],
        cwd=workplace,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        explain_failure(program.name, done.stderr)
    fresh.rename(program)
    shutil.rmtree(workplace)
