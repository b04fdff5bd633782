"""Gets the two programs of a control plane: kube-apiserver, built once, and etcd."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.oracle import toolchain
from tests.oracle.toolchain import UnavailableError

_PACKAGE = "k8s.io/kubernetes/cmd/kube-apiserver"
_VERSION_PACKAGE = "k8s.io/component-base/version"


def api_server() -> Path:
    """The path of kube-apiserver: from `KUBEBUILDER_ASSETS`, or built, which takes some minutes.

    Raises `UnavailableError` without Go, and `BuildError` when it does not compile.
    """
    given = _from_assets("kube-apiserver")
    if given:
        return given
    go_mod = toolchain.MODULE / "go.mod"
    stamps = _stamps(go_mod.read_text())
    key = toolchain.fingerprint([go_mod, toolchain.MODULE / "go.sum"], stamps)
    return toolchain.build(_PACKAGE, "kube-apiserver", stamps=stamps, key=f"kube-apiserver-{key}")


def etcd() -> Path:
    """The path of etcd: from `KUBEBUILDER_ASSETS`, PATH, or Debian's package unpacked in the cache.

    Raises `UnavailableError` when none of them is to be had.
    """
    found = _from_assets("etcd") or shutil.which("etcd")
    if found:
        return Path(found)
    folder = toolchain.cache_folder() / "etcd"
    program = folder / "usr" / "bin" / "etcd"
    with toolchain.locked(folder):
        if not program.exists():
            _unpack_debian_package("etcd-server", folder)
    if not program.exists():
        raise UnavailableError(
            "no etcd on PATH or in KUBEBUILDER_ASSETS, and Debian's has another form"
        )
    return program


def _from_assets(name: str) -> Path | None:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return None
    program = Path(folder) / name
    return program if program.is_file() else None


def _stamps(go_mod: str) -> str:
    # Without them the server says v0.0.0 and keeps features back.
    version = re.search(r"^\s*k8s\.io/kubernetes v(\d+)\.(\d+)\.(\d+)$", go_mod, re.MULTILINE)
    assert version is not None, "go.mod requires no release of k8s.io/kubernetes"
    major, minor, patch = version.groups()
    values = {
        "gitVersion": f"v{major}.{minor}.{patch}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    return " ".join(f"-X {_VERSION_PACKAGE}.{name}={value}" for name, value in values.items())


def _unpack_debian_package(name: str, folder: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise UnavailableError(
            "no etcd on PATH or in KUBEBUILDER_ASSETS, and no apt-get to fetch it"
        )
    if not _fetch(name, folder) and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
        _fetch(name, folder)
    packages = list(folder.glob(f"{name}_*.deb"))
    if not packages:
        raise UnavailableError(
            f"no etcd on PATH or in KUBEBUILDER_ASSETS, and apt-get has no {name}"
        )
    subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(folder)], check=True)


def _fetch(name: str, folder: Path) -> bool:
    done = subprocess.run(
        ["apt-get", "download", "-qq", name], cwd=folder, capture_output=True, check=False
    )
    return done.returncode == 0
