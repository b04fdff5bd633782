"""An exported policy, run as a policy of others is, says what its rule says: no server needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import pytest
import yaml

from portside.engine.plan import Plan
from portside.engine.request import DEFAULT_NAMESPACE
from portside.engine.stage import judge_file
from portside.model.finding import FileResult
from portside.model.reading import ReadFile
from portside.model.resource import Resource
from portside.model.workload import BUILT_IN
from portside.policy import builtin
from portside.policy.apitypes import api_types
from portside.policy.checkout import builtin_rules
from portside.policy.compiled import CompiledRule
from portside.policy.export.rewrite import NotExportableError
from portside.policy.export.vap import OLDEST, SYSTEM_NAMESPACES, Settings, exported
from portside.policy.foreign.read import read_policies
from portside.policy.profile import NEWEST
from portside.policy.resources import CLUSTER_SCOPED
from portside.policy.rule import FILES, PYTHON, Example, Rule
from portside.sources.manifest import parse

RULES = builtin_rules()


def examples() -> Iterator[tuple[Rule, Example]]:
    for rule in RULES:
        if rule.form in PYTHON or FILES.keys() & set(rule.text.kinds):
            continue
        for example in rule.examples:
            if _minor(example) >= OLDEST:
                yield rule, example


def _minor(example: Example) -> int:
    return int(example.version.partition(".")[2]) if example.version else NEWEST


@pytest.mark.parametrize(
    ("rule", "example"), list(examples()), ids=lambda it: getattr(it, "id", "") or it.title
)
def test_the_policy_says_what_the_rule_says(rule: Rule, example: Example) -> None:
    minor = _minor(example)
    if not _read(example).resources:
        pytest.skip("it has no object that a policy would be asked about")
    ours = judge_file(_read(example), _of_rule(rule, example))
    params = {**{name: it.default for name, it in rule.params.items()}, **example.params}
    plan = _of_policies(rule.id, json.dumps(params), minor)
    if plan is None:
        if all(it.startswith("admissionregistration.k8s.io/") for it in rule.text.kinds):
            return
        assert rule.form != "judged" or not any(it.since <= minor < it.until for it in rule.checks)
        return
    theirs = judge_file(_read(example), plan)
    assert not theirs.undecided
    if ours.undecided:
        # What is not known here is refused there: an image called $IMAGE is no image.
        assert theirs.findings
        return
    assert _said(theirs) == _said(ours)


def _of_rule(rule: Rule, example: Example) -> Plan:
    rules = {rule.id: builtin.rules()[rule.id]}
    params = {rule.id: dict(example.params)}
    return Plan(rules, builtin.checks, _minor(example), params=params)


@cache
def _of_policies(name: str, params: str, minor: int) -> Plan | None:
    """The plan of the rule's policies alone; None where it cannot be exported."""
    rule = next(it for it in RULES if it.id == name)
    try:
        made = exported(rule, Settings(minor, 0), json.loads(params))
    except NotExportableError:
        return None
    text = yaml.safe_dump_all([it for one in made for it in one], sort_keys=False)
    foreign = read_policies([("policy.yaml", text.encode())], [], f"1.{minor}")
    rules = {
        it.name: CompiledRule(it.name, it.severity, "", "", (), "policy", (), {})
        for it in foreign.policies
    }
    plan = Plan(rules, lambda *_: (), minor)
    plan.foreign = foreign
    return plan


def _read(example: Example) -> ReadFile:
    """The example's objects that a policy is asked about, and of kinds whose scope is known."""
    read = parse(example.manifest.encode(), "example.yaml")
    known = (it for it in read.resources if not pods_of_custom_kind(it) and _is_asked_about(it))
    return read._replace(resources=tuple(map(_in_a_namespace, known)))


def _in_a_namespace(resource: Resource) -> Resource:
    """As the API server sees it: what a manifest puts nowhere is put somewhere."""
    metadata = resource.value.get("metadata")
    if type(metadata) is dict and (resource.group, resource.kind) not in CLUSTER_SCOPED:
        metadata.setdefault("namespace", DEFAULT_NAMESPACE)
    return resource


def _is_asked_about(resource: Resource) -> bool:
    return (
        (resource.group, resource.kind) in _kubernetes()
        and resource.group != "admissionregistration.k8s.io"
        and resource.ref.namespace not in SYSTEM_NAMESPACES
    )


@cache
def _kubernetes() -> frozenset[tuple[str, str]]:
    """(group, kind) of Kubernetes' own kinds: those of the Gateway API are custom resources."""
    names = (it.rsplit("/", 1) for it in api_types().kinds)
    return frozenset((version.rpartition("/")[0], kind) for version, kind in names)


def pods_of_custom_kind(resource: Resource) -> bool:
    return bool(resource.pods()) and (resource.group, resource.kind) not in BUILT_IN


def _said(result: FileResult) -> dict[str, list[str]]:
    """The sentences about each object."""
    said: dict[str, list[str]] = {}
    for it in result.findings:
        said.setdefault(str(it.resource), []).extend(it.message.split("; "))
    return {name: sorted(sentences) for name, sentences in said.items()}
