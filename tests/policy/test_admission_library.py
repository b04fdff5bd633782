"""The shared ValidatingAdmissionPolicies run as they are, through `scan --policy`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.cli import main
from tests.policy.admission_library import PARAMS, Case, library

CASES = list(library())
pytestmark = pytest.mark.skipif(not CASES, reason="the shared inputs are not beside the project")


def scan(case: Case, folder: Path, *options: str) -> dict[str, Any]:
    manifest, policy, report = (folder / it for it in ("object.yaml", "policy.yaml", "out.json"))
    manifest.write_text(yaml.safe_dump(case.document), encoding="utf-8")
    policy.write_text(case.text, encoding="utf-8")
    main(["scan", str(manifest), "--policy", str(policy), "-o", f"json={report}", *options])
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def of_policy(case: Case, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [it for it in listed if it["rule"] == case.policy["metadata"]["name"]]


@pytest.mark.parametrize("case", CASES, ids=lambda it: it.name)
def test_the_verdict_is_the_expected_one(case: Case, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(yaml.safe_dump(PARAMS), encoding="utf-8")
    report = scan(case, tmp_path, "--params", str(params))
    assert bool(of_policy(case, report["findings"])) is case.fails
    assert not of_policy(case, report["undecided"])


@pytest.mark.parametrize("case", [it for it in CASES if it.needs_params], ids=lambda it: it.name)
def test_without_its_parameter_object_a_policy_is_undecided(case: Case, tmp_path: Path) -> None:
    report = scan(case, tmp_path)
    assert not of_policy(case, report["findings"])
    (doubt,) = of_policy(case, report["undecided"])
    assert doubt["missing"] == "its parameter object: ControlConfiguration of kubescape.io/v1"


def test_all_fifteen_policies_are_covered() -> None:
    by_policy = Counter(it.policy["metadata"]["name"] for it in CASES)
    assert len(by_policy) == 15
    assert len(CASES) > 120
