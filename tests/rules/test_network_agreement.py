"""What the rules about networks, exposure, storage and namespaces claim to share with peers holds.

The cases are the shared ones, with the verdict of their authors; where we differ, the reason stands
in EXPLAINED.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rules.asking import judged, plan_of, rules, told
from tests.shared import SHARED, cases

FOLDERS = {"network", "exposure", "storage", "namespace"}
TOOLS = {
    **{"trivy-rego": "trivy", "trivy-examples": "trivy", "polaris": "polaris", "datree": "datree"},
    **{"kyverno-policies": "kyverno", "regolibrary": "kubescape"},
}
NAMES = {
    "protect_core_components_namespace": ("KSV-0037",),
    "selector_usage_in_network_policies": ("KSV-0038",),
    "dangling-networkpolicy": ("C-0299",),
    "exposed-sensitive-interfaces-v1": ("C-0021",),
}
"""What the checks of corpora are called where peers use another name in their reports."""
EXPLAINED = {
    "add-psa-labels": "it adds the label; whether it is there afterwards says nothing of before",
}


def _of_ours() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule in rules():
        if Path(rule.file).parent.name in FOLDERS:
            for alias in rule.text.aliases:
                found.setdefault(alias, []).append(rule.id)
    return found


def _shared_cases() -> Iterator[Any]:
    ours = _of_ours()
    for case in cases(*TOOLS):
        check = str(case["check"])
        aliases = [f"{TOOLS[case['corpus']]}:{it}" for it in NAMES.get(check, (check,))]
        asked = [rule for alias in aliases for rule in ours.get(alias, ())]
        if asked and case["expect"] in ("pass", "fail") and check not in EXPLAINED:
            yield pytest.param(case, asked, id=f"{case['corpus']}: {case['case']}")


@pytest.mark.parametrize(("case", "asked"), list(_shared_cases()))
def test_a_shared_case_has_the_verdict_of_its_author(
    case: dict[str, Any], asked: list[str]
) -> None:
    result = judged(_text(case), plan_of(asked))
    assert bool(result.findings) == (case["expect"] == "fail"), told(result)


def test_every_reason_is_about_a_check_that_a_rule_claims() -> None:
    claimed = {alias.partition(":")[2] for alias in _of_ours()}
    assert EXPLAINED.keys() <= claimed


def _text(case: dict[str, Any]) -> str:
    if "object" in case:
        return json.dumps(case["object"])
    if "text" in case:
        return str(case["text"])
    read = [(SHARED / "corpora" / it).read_text(encoding="utf-8") for it in case["files"]]
    documents = [it for text in read for it in re.split(r"(?m)^---.*$", text)]
    if case["corpus"] == "kyverno-policies":
        documents = [it for it in documents if _is_about(it, case)]
        assert documents
    return "\n---\n".join(documents)


def _is_about(document: str, case: dict[str, Any]) -> bool:
    """Whether it is the object that the case names: others of its file have other verdicts."""
    name = re.escape(str(case["resource"]).rpartition("/")[2])
    kind = re.escape(str(case["kind"]))
    named = re.search(rf"""(?m)^  name: ["']?{name}["']?\s*$""", document)
    return bool(named and re.search(rf"(?m)^kind: {kind}\s*$", document))
