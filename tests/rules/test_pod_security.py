"""The Pod Security profiles say what Kubernetes' own admission says, check by check."""

from __future__ import annotations

import json
import os
from functools import cache
from random import Random
from typing import Any

import pytest

from portside.engine.plan import Plan
from portside.model.finding import FileResult
from portside.model.resource import Resource
from portside.policy.profile import NEWEST
from portside.sources.manifest import parse
from tests.oracle import Oracle
from tests.rules.asking import judged, profile_plan, rules, told
from tests.rules.mutants import KINDS, Json, mistyped, mutants, templated
from tests.shared import cases, shared

FACTOR = int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "1"))
LEVELS = ("baseline", "restricted")
VERSIONS = (*(f"v1.{minor}" for minor in range(NEWEST + 1)), "latest")
OVERRIDDEN = {
    "hostPathVolumes": 0,
    "seccompProfile_baseline": 19,
    "capabilities_baseline": 22,
    "procMount": 35,
}
"""The baseline checks that the restricted level replaces by its own, and from which version on."""

CASES = [pytest.param(case, id=f"{case['case']}") for case in cases("pss")]


@cache
def plan(level: str, version: str) -> Plan:
    return profile_plan(f"pss:{level}@{version}")


@cache
def checks_of() -> dict[str, frozenset[str]]:
    """The Pod Security checks that each rule is, as Kubernetes names them."""
    return {
        rule.id: frozenset(
            it.partition("/")[2]
            for it in rule.text.frameworks
            # A rule about the label of a namespace names a level alone.
            if it.startswith("PSS:") and "/" in it
        )
        for rule in rules()
    }


def refused(result: FileResult) -> set[str]:
    """The checks whose findings, also covered ones, are in `result`."""
    return {check for it in result.findings for check in checks_of()[it.rule]}


def effective(found: set[str], level: str, version: str) -> set[str]:
    """Without the checks that the level replaces: Kubernetes does not name those either."""
    minor = NEWEST if version == "latest" else int(version.rpartition(".")[2])
    return {
        it for it in found if level == "baseline" or not OVERRIDDEN.get(it, NEWEST + 1) <= minor
    }


@pytest.mark.parametrize("case", CASES)
def test_a_fixture_of_kubernetes_has_its_verdict(case: dict[str, Any]) -> None:
    data = shared(f"corpora/{case['files'][0]}").read_bytes()
    result = judged(data, plan(case["level"], case["version"]))
    assert not result.unread
    assert not result.undecided, told(result)
    found = {it.lower() for it in refused(result)}
    if case["expect"] == "pass":
        assert not result.findings, told(result)
    else:
        assert case["check"] in found, told(result)


def test_each_check_of_kubernetes_is_a_rule() -> None:
    ours = set().union(*checks_of().values())
    assert ours == {
        *("allowPrivilegeEscalation", "appArmorProfile", "capabilities_baseline", "procMount"),
        *("capabilities_restricted", "hostNamespaces", "hostPathVolumes", "hostPorts", "sysctls"),
        *("hostProbesAndHostLifecycle", "privileged", "procMount_restricted", "restrictedVolumes"),
        *("runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile_baseline"),
        *("seccompProfile_restricted", "windowsHostProcess"),
    }


@cache
def pods() -> tuple[Json, ...]:
    """The pods of the real manifests and fixtures; a small one where those are absent."""
    found: list[Json] = [
        {
            "metadata": {"name": "shop"},
            "spec": {"containers": [{"name": "web", "image": "registry.example.org/web:2.1"}]},
        }
    ]
    paths = {it["files"][0] for it in cases("pss")}
    files = [shared(f"corpora/{it}") for it in sorted(paths)[::7]]
    if paths:
        files += sorted(shared("corpora/realworld").rglob("*.y*ml"))
    for file in files:
        for resource in parse(file.read_bytes(), file.name).resources:
            found += _pods(resource)
    return tuple(found)


def _pods(resource: Resource) -> list[Json]:
    return [
        {"metadata": {**pod.metadata, "name": "shop"}, "spec": pod.spec}
        for pod in resource.pods()
        if pod.spec and not pod.by_shape and resource.group in ("", "apps", "batch")
    ]


def _policies(chance: Random) -> list[tuple[str, str]]:
    return [(chance.choice(LEVELS), chance.choice(VERSIONS)) for _ in range(8)]


def test_random_pods_have_the_verdict_of_kubernetes_check_by_check(oracle: Oracle) -> None:
    chance = Random(SEED)
    made = [
        (templated(pod, chance.choice(KINDS)), _policies(chance))
        for pod in mutants(pods(), 250 * FACTOR, chance)
    ]
    answers = oracle.ask_many(
        [{"op": "pss", "object": value, "policies": policies} for value, policies in made]
    )
    compared = refusals = 0
    for (value, policies), answer in zip(made, answers, strict=True):
        if "error" in answer:  # a real manifest that the API server refuses: see below
            continue
        data = json.dumps(value).encode()
        for policy, verdict in zip(policies, answer["results"], strict=True):
            _compare(data, policy, verdict)
            compared += 1
            refusals += not verdict["allowed"]
    assert compared >= 1900 * FACTOR
    assert refusals > compared / 10
    assert refusals < compared * 9 / 10


def _compare(data: bytes, policy: tuple[str, str], verdict: dict[str, Any]) -> None:
    result = judged(data, plan(*policy))
    expected = {it["id"] for it in verdict["checks"]}
    found = refused(result)
    shown = (policy, data.decode(), told(result), verdict["checks"])
    assert not result.unread, shown
    assert not result.undecided, shown
    assert effective(found, *policy) == expected, shown
    assert bool(found) == bool(expected), shown
    assert not any("cannot be made" in it.message for it in result.findings), shown


def test_what_kubernetes_does_not_decode_is_never_a_silent_pass(oracle: Oracle) -> None:
    chance = Random(SEED)
    made = [
        templated(mistyped(pod, chance), chance.choice(("Pod", "Pod", "Deployment", "CronJob")))
        for pod in mutants(pods(), 200 * FACTOR, chance)
    ]
    answers = oracle.ask_many(
        [{"op": "pss", "object": value, "policies": [("restricted", "latest")]} for value in made]
    )
    undecoded = 0
    for value, answer in zip(made, answers, strict=True):
        if "error" not in answer:
            continue
        undecoded += 1
        data = json.dumps(value).encode()
        for level in LEVELS:
            result = judged(data, plan(level, "latest"))
            assert result.undecided or result.unread, (answer, value, told(result))
        wrong = judged(data, profile_plan("recommended"))
        assert any(it.rule == "wrong-field-type" for it in wrong.findings) or wrong.unread
    assert undecoded >= 150 * FACTOR
