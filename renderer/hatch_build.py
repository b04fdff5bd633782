"""Builds the Go program into the wheel."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
NAME = "portside-render.exe" if os.name == "nt" else "portside-render"


class GoProgram(BuildHookInterface[Any]):
    """Runs before a wheel is built: the wheel is of this platform, and of any Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(HERE))
        try:
            from toolchain import build
        finally:
            sys.path.remove(str(HERE))
        build(HERE, HERE / "portside_render" / NAME)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version == "standard":
            (HERE / "portside_render" / NAME).unlink(missing_ok=True)


def _platform() -> str:
    """The platform's tag; the program needs no C library, so that any Linux of the machine fits."""
    tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if tag.startswith("linux_"):
        machine = tag.removeprefix("linux_")
        return f"manylinux2014_{machine}.musllinux_1_1_{machine}"
    return tag
