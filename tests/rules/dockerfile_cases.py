"""The labelled Dockerfiles of the shared inputs: trivy's own cases of its checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.dockerfiles import dockerfile
from tests.shared import cases

_CHECKS = {"add_instead_of_copy": "DS-0005", "root_user": "DS-0002"}
"""What trivy's examples call the checks that rules of ours claim to agree with."""


class Case(NamedTuple):
    name: str
    alias: str
    fails: bool
    text: str


def dockerfile_cases() -> Iterator[Case]:
    """Each case of a Dockerfile."""
    for case in cases("trivy-examples", "trivy-rego"):
        check = _CHECKS.get(case["check"], case["check"])
        text = dockerfile(case)
        if text:
            yield Case(case["case"], f"trivy:{check}", case["expect"] == "fail", text)
