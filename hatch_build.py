"""Generates the built-in rules' modules into a wheel, so that no scan compiles a rule."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path(__file__).parent / "src"


class GeneratedRules(BuildHookInterface[Any]):
    """Runs before a wheel is built; `WHEEL` in the folder says that nothing need be checked."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(SOURCE))
        try:
            from portside.policy.checkout import GENERATED, ensure_generated

            ensure_generated(force=True)
        finally:
            sys.path.remove(str(SOURCE))
        if version == "standard":
            mark = GENERATED / "WHEEL"
            mark.write_text("generated when the wheel was built\n", encoding="utf-8")
            build_data["force_include"][str(mark)] = "portside/rules/generated/WHEEL"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        (SOURCE / "portside" / "rules" / "generated" / "WHEEL").unlink(missing_ok=True)
