"""The renderer's program, built for tests once for each change of its sources.

`built()` is the program's path, `helm()` a real helm of the version that it is built with. Both
are kept in the cache for test programs.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

from portside.render.process import Limits, Program
from tests.oracle import toolchain

MODULE = Path(__file__).resolve().parents[2] / "renderer"


def built() -> Path:
    """The program; raises `UnavailableError` without Go or modules, `BuildError` if Go refuses."""
    files = sorted(
        [
            *(file for file in MODULE.glob("*.go") if not file.name.endswith("_test.go")),
            MODULE / "go.mod",
            MODULE / "go.sum",
        ]
    )
    folder = toolchain.cache_folder() / f"renderer-{toolchain.fingerprint(files)}"
    program = folder / "portside-render"
    with toolchain.locked(folder):
        if not program.exists():
            _compile(folder, program)
    return program


def helm() -> Path:
    """A real helm, built from the module that our program is built with."""
    version = _builder().version(MODULE)
    folder = toolchain.cache_folder() / f"helm-{version.removeprefix('v')}"
    program = folder / "helm"
    with toolchain.locked(folder):
        if not program.exists():
            stamp = f"-s -w -X helm.sh/helm/v4/internal/version.version={version}"
            install = [toolchain.find_go(), "install", "-trimpath", "-ldflags", stamp]
            done = subprocess.run(
                [*install, f"helm.sh/helm/v4/cmd/helm@{version}"],
                env={**os.environ, "CGO_ENABLED": "0", "GOBIN": str(folder), "GOFLAGS": ""},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                toolchain.explain_failure("helm", done.stderr)
    return program


def limited(program: Path, seconds: float = 3, memory: int = 512, output: int = 8) -> Program:
    """The renderer under tighter limits than usual."""
    return Program(str(program), Limits(seconds, memory, output))


def chart(folder: Path, template: str, values: str = "", **more: str) -> Path:
    """A chart named `c` with one template; `more` are files by their path, `__` for `/`."""
    files = {
        "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "values.yaml": values,
        "templates/a.yaml": template,
        **{name.replace("__", "/"): text for name, text in more.items()},
    }
    write(folder, files)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Files by their path below the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _compile(folder: Path, program: Path) -> None:
    # Built from a copy, so that a change while Go runs is not called by the wrong name.
    workplace = folder / "source"
    shutil.rmtree(workplace, ignore_errors=True)
    shutil.copytree(MODULE, workplace, ignore=shutil.ignore_patterns("portside_render", "*.py"))
    fresh = program.with_name("portside-render.new")
    try:
        _builder().build(workplace, fresh, toolchain.find_go())
    except RuntimeError as reason:
        toolchain.explain_failure("portside-render", str(reason))
    fresh.rename(program)
    shutil.rmtree(workplace)


def _builder() -> ModuleType:
    """What the wheel is built with: the tests' program is the wheel's."""
    spec = importlib.util.spec_from_file_location("render_toolchain", MODULE / "toolchain.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
