"""What a rule file may say beyond one condition: a severity of a check, a fact that is missing."""

from __future__ import annotations

from typing import Any

import pytest

from portside.engine.plan import Plan
from portside.errors import PolicyError
from portside.model.finding import OBJECT_JUDGED, OBJECT_UNDECIDED
from portside.model.severity import CRITICAL, HIGH, LOW, MEDIUM
from portside.policy import builtin
from portside.policy.load import load
from portside.policy.profile import NEWEST
from tests.rules.asking import compiled, compiled_plan, judged, profile_plan, told

RULE = """\
id: no-debug
title: Image is for debugging
severity: medium
severity-reason: it holds more than the program needs
why: It holds a shell and tools.
fix: Take the other image.
checks:
  - each: container
    when: has(container.image)
    require: '!container.image.endsWith("-debug")'
    says: runs an image for debugging
    at: image
    undecided:
      when: container.image.startsWith("$")
      missing: the image is a variable
  - each: container
    severity: low
    when: has(container.image)
    require: '!container.image.endsWith("-shell")'
    says: runs an image with a shell
    at: image
"""


def pod(*images: str) -> str:
    containers = "".join(f"    - {{name: c{i}, image: '{it}'}}\n" for i, it in enumerate(images))
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n"
    return head + containers


def test_a_check_may_weigh_less_than_its_rule() -> None:
    plan = compiled_plan(compiled(load(RULE.encode(), "no_debug.yaml")), NEWEST, {})
    result = judged(pod("web-debug", "web-shell"), plan)
    assert [it.severity for it in result.findings] == [MEDIUM, LOW]


def test_a_fact_that_is_missing_is_said_only_where_the_condition_does_not_hold() -> None:
    plan = compiled_plan(compiled(load(RULE.encode(), "no_debug.yaml")), NEWEST, {})
    assert not judged(pod("$IMAGE"), plan).undecided
    result = judged(pod("$IMAGE-debug"), plan)
    assert not result.findings
    assert [it.missing for it in result.undecided] == ["the image is a variable"]


def test_what_the_configuration_says_counts_for_every_check() -> None:
    rule = "dangerous-capability"
    manifest = pod("web").replace(
        "'web'}", "'web', securityContext: {capabilities: {add: [BPF, ALL]}}}"
    )
    known = {rule: builtin.rules()[rule]}
    assert _severities(manifest, Plan(known, builtin.checks, NEWEST)) == [HIGH, CRITICAL]
    plan = Plan(known, builtin.checks, NEWEST, severities={rule: LOW})
    assert _severities(manifest, plan) == [LOW, LOW]


def _severities(manifest: str, plan: Plan) -> list[int]:
    return [it.severity for it in judged(manifest, plan).findings]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("severity: low", "severity: lo"), "checks[1].severity: 'lo' is none of"),
        (("missing: the", "mising: the"), "checks[0].undecided.mising: no such key"),
        (("    undecided:", "    undecided: yes\n    undone:"), "checks[0].undone: no such key"),
        (("missing: the image is a variable", "missing:"), "undecided.missing: may not be empty"),
        (("fix: Take", "undecided: {when: a, missing: b}\nfix: Take"), "undecided: stands either"),
        (('startsWith("$")', "startsWith(variables.sign)"), "there is no variable sign"),
        (('startsWith("$")', 'beginsWith("$")'), "beginsWith"),
    ],
)
def test_a_mistake_is_named(change: tuple[str, str], problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compiled(load(RULE.replace(*change, 1).encode(), "no_debug.yaml"))
    assert problem in str(caught.value)


def test_an_object_that_only_the_text_rules_speak_of_is_judged() -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata: {}\ndata: {}\n"
    result = judged(manifest, profile_plan("recommended"))
    assert [it.rule for it in result.findings] == ["duplicate-key"]
    assert [it.fate for it in result.objects] == [OBJECT_JUDGED]


def test_pod_security_has_no_verdict_on_what_is_not_decoded() -> None:
    manifest = pod("web").replace("spec:", "spec:\n  terminationGracePeriodSeconds: soon")
    result = judged(manifest, profile_plan("pss:baseline"))
    assert result.undecided, told(result)
    assert [it.fate for it in result.objects] == [OBJECT_UNDECIDED]
    other: dict[str, Any] = {
        it.rule: it for it in judged(manifest, profile_plan("recommended")).findings
    }
    assert "wrong-field-type" in other
