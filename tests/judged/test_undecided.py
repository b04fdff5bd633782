"""A rule that needs a field of a wrong type is undecided: it neither passes nor fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portside.engine.judge import Judgement
from portside.engine.mistrust import missing
from portside.engine.plan import Bound, Plan
from portside.engine.stage import judge
from portside.policy import builtin
from portside.sources.manifest import parse

RULES = builtin.rules()
PLAN = Plan(RULES, builtin.checks, 37)
BAD: dict[str, Any] = {"name": "bad", "image": "b:1", "securityContext": {"privileged": True}}


def judged(value: dict[str, Any]) -> Judgement:
    (resource,) = parse(json.dumps(value).encode(), "test.json").resources
    return judge(resource, PLAN)


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    spec = {"containers": list(containers), **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}


def lacks(judgement: Judgement, rule: str) -> list[str]:
    """What `rule` lacks, in words."""
    return [it.missing for it in judgement.undecided if it.rule == rule]


def found(judgement: Judgement, rule: str) -> list[tuple[Any, ...]]:
    """The subjects of the findings of `rule`."""
    return [it.subject for it in judgement.findings if it.rule == rule]


def test_a_mistyped_field_leaves_the_rule_about_it_undecided() -> None:
    said = judged(pod(hostNetwork="true"))
    assert lacks(said, "host-network") == ["spec.hostNetwork is text, expected true or false"]
    assert found(said, "host-network") == []


def test_a_rule_that_does_not_need_the_field_is_decided() -> None:
    said = judged(pod(BAD, hostNetwork="true"))
    assert lacks(said, "privileged-container") == []
    assert found(said, "privileged-container") == [("spec", "containers", 0)]
    assert lacks(said, "host-pid") == []


def test_a_field_beside_the_one_that_is_read_does_not_matter() -> None:
    context = {"privileged": True, "runAsUser": "root"}
    said = judged(pod({"name": "a", "image": "b:1", "securityContext": context}))
    assert found(said, "privileged-container") == [("spec", "containers", 0)]
    assert lacks(said, "privileged-container") == []


@pytest.mark.parametrize("context", ["x", [], 5, True])
def test_a_mistyped_security_context_leaves_all_about_it_undecided(context: Any) -> None:
    said = judged(pod({"name": "a", "image": "b:1", "securityContext": context}))
    for rule in ("privileged-container", "run-as-non-root", "added-capability"):
        assert len(lacks(said, rule)) == 1
        assert "spec.containers[0].securityContext is " in lacks(said, rule)[0]
        assert found(said, rule) == []


def test_the_other_containers_are_judged() -> None:
    said = judged(pod({"name": "a", "image": "b:1", "securityContext": "x"}, BAD))
    assert found(said, "privileged-container") == [("spec", "containers", 1)]
    assert len(lacks(said, "privileged-container")) == 1


@pytest.mark.parametrize("containers", [{}, "x", 5, {"name": "web"}])
def test_containers_that_are_no_list_leave_every_rule_about_them_undecided(
    containers: Any,
) -> None:
    said = judged(pod(containers=containers))
    rules = {rule for rule in RULES if _is_about_containers(rule)}
    assert rules
    assert {it.rule for it in said.undecided} >= rules
    assert not rules & {it.rule for it in said.findings}


def test_init_containers_that_are_no_list_do_not_hide_the_others() -> None:
    said = judged(pod(BAD, initContainers="x"))
    assert found(said, "privileged-container") == [("spec", "containers", 0)]
    assert lacks(said, "privileged-container") == ["spec.initContainers is text, expected a list"]


def test_a_container_that_is_no_map_is_undecided() -> None:
    said = judged(pod("x", BAD))
    assert found(said, "privileged-container") == [("spec", "containers", 1)]
    assert lacks(said, "privileged-container") == ["spec.containers[0] is text, expected a map"]
    assert found(said, "run-as-non-root") == [("spec", "containers", 1)]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ({"apiVersion": "v1", "kind": "Pod"}, ("spec",)),
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, ("spec",)),
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, ("spec", "template")),
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, ("spec", "template", "spec")),
        ({"apiVersion": "batch/v1", "kind": "CronJob"}, ("spec", "jobTemplate")),
        ({"apiVersion": "v1", "kind": "ReplicationController"}, ("spec", "template")),
        ({"apiVersion": "v1", "kind": "PodTemplate"}, ("template",)),
    ],
)
def test_a_mistyped_field_around_the_pod_leaves_all_about_pods_undecided(
    kind: dict[str, Any], path: tuple[str, ...]
) -> None:
    value: Any = "x"
    for step in reversed(path):
        value = {step: value}
    said = judged({**kind, "metadata": {"name": "a"}, **value})
    for rule in ("privileged-container", "host-network", "volume-type", "run-as-non-root"):
        assert lacks(said, rule) == [f"{'.'.join(path)} is text, expected a map"]
        assert found(said, rule) == []
    assert said.rules > len({it.rule for it in said.findings})


def test_a_mistyped_list_that_a_rule_goes_through_leaves_it_undecided() -> None:
    said = judged(pod(volumes={}))
    assert lacks(said, "volume-type") == ["spec.volumes is a map, expected a list"]
    said = judged(pod({"name": "a", "image": "b:1", "ports": [{"hostPort": "80"}]}))
    assert lacks(said, "host-port") == [
        "spec.containers[0].ports[0].hostPort is text, expected a whole number"
    ]


def test_a_mistyped_annotation_leaves_what_reads_annotations_undecided() -> None:
    value = pod({"name": "a", "image": "b:1"})
    value["metadata"]["annotations"] = {"container.apparmor.security.beta.kubernetes.io/a": 5}
    assert len(lacks(judged(value), "apparmor-unconfined")) == 1


def test_a_condition_that_reads_a_whole_field_needs_all_that_is_in_it() -> None:
    mistyped = ((("spec", "labels", "app"), "text", "true"),)
    assert missing(_reading("spec", "labels", "labels*"), ((),), mistyped)
    assert missing(_reading("spec", "labels", "app"), ((),), mistyped)
    assert not missing(_reading("spec", "labels", "tier"), ((),), mistyped)
    assert not missing(_reading("spec", "other"), ((),), mistyped)


def test_every_place_of_a_finding_is_the_nearest_that_is_written() -> None:
    text = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n"
    (resource,) = parse(text, "a.yaml").resources
    judge(resource, PLAN)
    path = ("spec", "containers", 0, "terminationMessagePolicy")
    assert resource.is_defaulted(path)
    assert resource.place(path) == (6, 5)
    assert resource.place(("spec", "securityContext", "runAsUser")) == (4, 1)


def _is_about_containers(rule: str) -> bool:
    checks = [it for it in builtin.checks("", "Pod", True) if it.rule == rule]
    judged_form = RULES[rule].form == "judged" and not RULES[rule].kinds
    return judged_form and all(it.root == "container" for it in checks)


def _reading(*names: str) -> Bound:
    check = next(iter(builtin.checks("", "Pod", True)))
    bound = Bound(check._replace(reads=frozenset(names)), RULES[check.rule], {}, 0)
    return bound
