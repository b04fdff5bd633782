"""The shared ValidatingAdmissionPolicies and their labelled objects, in the corpus' own layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from tests.shared import SHARED, cases

CORPUS = SHARED / "corpora"
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")

PARAMS = {
    "apiVersion": "kubescape.io/v1",
    "kind": "ControlConfiguration",
    "metadata": {"name": "basic-control-configuration"},
    "settings": {
        "memoryRequestMin": "128Mi",
        "memoryRequestMax": "4Gi",
        "memoryLimitMin": "128Mi",
        "memoryLimitMax": "4Gi",
        "cpuLimitMin": "500m",
        "cpuLimitMax": 5,
        "recommendedLabels": ["app", "tier", "phase", "version", "owner", "env"],
        "imageRepositoryAllowList": ["docker.io", "gcr.io"],
    },
}
"""The parameter object that the cases were written for: the corpus names it and leaves it out."""


class Case(NamedTuple):
    name: str
    policy: dict[str, Any]
    text: str
    """Of the policy."""
    document: dict[str, Any]
    fails: bool
    """A warning counts as one: the policy does not hold."""

    @property
    def needs_params(self) -> bool:
        return "paramKind" in self.policy["spec"]


def library() -> Iterator[Case]:
    """Every case, in its order; none where the inputs are absent."""
    for case in cases("cel-admission-library"):
        text = (CORPUS / case["policy"]).read_text(encoding="utf-8")
        template = (CORPUS / case["template"]).read_text(encoding="utf-8")
        document = yaml.safe_load(template)
        for change in case["field_change_list"] or ():
            _change(document, change)
        yield Case(
            case["case"], yaml.safe_load(text), text, document, case["expect"] in ("fail", "warn")
        )


def _change(document: dict[str, Any], change: str) -> None:
    path, _, text = change.partition("=")
    steps = [int(it[1]) if it[1] else it[2] for it in _STEP.finditer(path)]
    at: Any = document
    for step in steps[:-1]:
        if isinstance(at, dict) and at.get(step) is None:
            at[step] = {}
        at = at[step]
    at[steps[-1]] = yaml.safe_load(text)
