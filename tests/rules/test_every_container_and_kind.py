"""A rule sees every list of containers and every kind with a pod, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from portside.model.finding import NO_RULE_APPLIES
from portside.policy.rule import CONTAINER, OBJECT, Example, Rule
from portside.sources.manifest import parse
from tests.rules.asking import FILE, judged, minor_of, plan_of, rules, told
from tests.rules.mutants import KINDS, Json, templated

LISTS = ("initContainers", "ephemeralContainers")
OF_ONE_LIST = {"debug-leftovers", "legacy-admin-ui"}
"""A debugging container is a leftover by itself; labels stand for Tiller whatever it is called."""


def _bad(*, of_containers: bool) -> Iterator[object]:
    for rule in rules():
        roots = {check.root for check in rule.checks}
        wanted = CONTAINER in roots if of_containers else bool(roots) and OBJECT not in roots
        for example in rule.examples:
            if wanted and not example.good and not example.api and _pod(example) is not None:
                yield pytest.param(rule, example, id=f"{rule.id}: {example.title}")


def _pod(example: Example) -> Json | None:
    value = parse(example.manifest.encode(), FILE).resources[0].value
    # Host ports under hostNetwork are a default of Pods alone, for their ordinary containers.
    return value if value["kind"] == "Pod" and "hostNetwork" not in value["spec"] else None


def _expected(example: Example) -> int:
    """How many findings the first object of the example has."""
    others = parse(example.manifest.encode(), FILE).resources[1:]
    return sum(not others or line < others[0].line for line in example.lines)


def _count(rule: Rule, example: Example, value: Json) -> int:
    plan = plan_of([rule.id], minor_of(example), {rule.id: example.params})
    result = judged(json.dumps(value).encode(), plan)
    assert not result.undecided, told(result)
    return len(result.findings)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(("rule", "example"), [*_bad(of_containers=True)])
def test_init_and_debugging_containers_count(rule: Rule, example: Example, name: str) -> None:
    if rule.id in OF_ONE_LIST:
        pytest.skip("it speaks of one list only")
    pod = _pod(example)
    assert pod is not None
    spec = pod["spec"]
    everything = [it for key in ("containers", *LISTS) for it in spec.pop(key, [])]
    spec[name] = everything
    assert _count(rule, example, pod) == _expected(example)


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
@pytest.mark.parametrize(("rule", "example"), [*_bad(of_containers=False)])
def test_a_pod_template_of_any_kind_counts(rule: Rule, example: Example, kind: str) -> None:
    pod = _pod(example)
    assert pod is not None
    assert _count(rule, example, templated(pod, kind)) == _expected(example)


WITHOUT_PODS = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data:
  pod.yaml: |
    spec: {hostNetwork: true, containers: [{name: web, securityContext: {privileged: true}}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.org}
spec:
  group: example.org
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {containers: {type: array, items: {type: object}}}
"""


def test_rules_about_pods_say_nothing_of_objects_without_one() -> None:
    about_pods = [it.id for it in rules() if not it.text.kinds]
    result = judged(WITHOUT_PODS, plan_of(about_pods))
    assert not result.findings
    assert not result.undecided
    assert Counter(it.fate for it in result.objects) == {NO_RULE_APPLIES: 3}
