"""Dockerfiles of cases: trivy's own tree of one, written out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def dockerfile(case: Mapping[str, Any]) -> str:
    """The Dockerfile that `case` is about; empty where it is about something else."""
    if case.get("framework") == "dockerfile":
        return str(case["text"])
    stages = case["object"].get("Stages") if "object" in case else None
    lines: list[str] = []
    for stage in stages or ():
        commands = stage["Commands"]
        if not commands or commands[0]["Cmd"] != "from":
            lines.append(f"FROM {stage['Name']}")
        lines += [_instruction(it) for it in commands]
    return "".join(f"{line}\n" for line in lines)


def _instruction(command: Mapping[str, Any]) -> str:
    values = command["Value"]
    keyword = command["Cmd"].upper()
    words = json.dumps(values) if command.get("JSON") else " ".join(values)
    return " ".join([keyword, *command.get("Flags", ()), words.removeprefix(f"{keyword} ")])
