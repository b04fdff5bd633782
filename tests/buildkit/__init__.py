"""BuildKit's own Dockerfile parser, and a parser of shells, asked from Python.

`built()` is the path of a Go program that answers as `tests.oracle.Oracle` has it; texts are
base64 (`tests.oracle.encoded`).

`{"op": "parse", "text": bytes}`
    `{"escape", "nodes": [...], "stages": [...], "globals": number}` or, where BuildKit refuses the
    file, `{"error", "line"}`. A node has `keyword`, `flags`, `words`, `json`, `first` and `last`
    line, `heredocs` (`name`, `expand`, `chomp`, `content`) and, for ONBUILD, `trigger`.

`{"op": "expand", "text": bytes, "env": {name: value}, "escape": "\\\\"}`
    `{"result", "unmatched": [names]}` or `{"error"}`.

`{"op": "shell", "text": bytes}`
    What mvdan.cc/sh reads as bash: `{"commands": [[[begin, end] of each word], ...], "pipes":
    [offset, ...]}`, offsets in bytes, or `{"error"}`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.oracle import toolchain

MODULE = Path(__file__).parent


def built() -> Path:
    """The program's path, built on first use; raises `UnavailableError` or `BuildError`."""
    files = sorted([*MODULE.glob("*.go"), MODULE / "go.mod", MODULE / "go.sum"])
    folder = toolchain.cache_folder() / f"buildkit-{toolchain.fingerprint(files)}"
    program = folder / "buildkit"
    with toolchain.locked(folder):
        if not program.exists():
            _compile(files, program)
    return program


def module_folder() -> Path:
    """Where Go keeps the sources of BuildKit, with the Dockerfiles of its own tests."""
    said = subprocess.run(
        [toolchain.find_go(), "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit"],
        cwd=MODULE,
        env={**os.environ, "GOFLAGS": "-mod=mod", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(said.stdout.strip())


def _compile(files: list[Path], program: Path) -> None:
    # Built from a copy, so that Go never writes into the repository.
    workplace = program.parent / "source"
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    for file in files:
        shutil.copy(file, workplace / file.name)
    command = [toolchain.find_go(), "build", "-trimpath", "-ldflags", "-s -w", "-o", str(program)]
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod -buildvcs=false", "GOWORK": "off"}
    done = subprocess.run(
        [*command, "."],
        cwd=workplace,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        toolchain.explain_failure(program.name, done.stderr)
    shutil.rmtree(workplace)
