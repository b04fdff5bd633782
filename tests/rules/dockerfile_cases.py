"""The labelled Dockerfiles of the shared inputs: trivy's own cases of its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.shared import cases

_CHECKS = {"add_instead_of_copy": "DS-0005", "root_user": "DS-0002"}
"""What trivy's examples call the checks that rules of ours claim to agree with."""


class Case(NamedTuple):
    name: str
    alias: str
    fails: bool
    text: str


def dockerfile_cases() -> Iterator[Case]:
    """Each case as a Dockerfile; those that are trivy's own tree are written out again."""
    for case in cases("trivy-examples", "trivy-rego"):
        check = _CHECKS.get(case["check"], case["check"])
        text = case["text"] if case.get("framework") == "dockerfile" else _written(case)
        if text:
            yield Case(case["case"], f"trivy:{check}", case["expect"] == "fail", text)


def _written(case: dict[str, Any]) -> str:
    stages = case.get("object", {}).get("Stages") if "object" in case else None
    lines: list[str] = []
    for stage in stages or ():
        commands = stage["Commands"]
        if not commands or commands[0]["Cmd"] != "from":
            lines.append(f"FROM {stage['Name']}")
        lines += [_instruction(it) for it in commands]
    return "".join(f"{line}\n" for line in lines)


def _instruction(command: dict[str, Any]) -> str:
    values = command["Value"]
    keyword = command["Cmd"].upper()
    words = json.dumps(values) if command.get("JSON") else " ".join(values)
    return " ".join([keyword, *command.get("Flags", ()), words.removeprefix(f"{keyword} ")])
