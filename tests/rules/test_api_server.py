"""A real API server accepts the examples that it is said to, and enforces what the profiles say."""

from __future__ import annotations

import copy
import http
import json
import os
from random import Random

import pytest

from portside.policy.rule import EXCUSE, FILES, TEXT, Example, Rule
from portside.sources.manifest import parse
from tests.cluster import Cluster, RefusedError
from tests.oracle import Oracle, encoded
from tests.rules.asking import FILE, judged, profile_plan, rules, told
from tests.rules.mutants import Json, mutants
from tests.rules.test_pod_security import SEED, pods

pytestmark = pytest.mark.needs_cluster

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.title}")
    for rule in rules()
    if rule.form not in (TEXT, EXCUSE) and not FILES.keys() & set(rule.text.kinds)
    for example in rule.examples
]
TEXTS = [
    pytest.param(example, id=f"{rule.id}: {example.title}")
    for rule in rules()
    if rule.form == TEXT
    for example in rule.examples
]
OUTSIDE = {"serviceAccount", "serviceAccountName", "priorityClassName", "priority"}
"""Fields that name other objects, which a dry run would look for."""
POLICIES = (
    *(("baseline", "latest"), ("restricted", "latest"), ("baseline", "v1.37")),
    *(("restricted", "v1.34"), ("restricted", "v1.24"), ("restricted", "v1.18")),
)
PODS = 500 * int(os.environ.get("PORTSIDE_FUZZ", "1"))


@pytest.fixture(scope="module")
def namespace(cluster: Cluster) -> str:
    """A namespace in which anything goes."""
    return cluster.namespace({"pod-security.kubernetes.io/enforce": "privileged"})


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_accepted_or_says_why_not(
    cluster: Cluster, namespace: str, rule: Rule, example: Example
) -> None:
    said = {
        _fate(cluster, namespace, it.value)
        for it in parse(example.manifest.encode(), FILE).resources
    }
    # Rules across objects need kinds that the server has beside those of others.
    assert {note for note, _ in said if note} == {example.api} - {""}, said


def _fate(cluster: Cluster, namespace: str, value: Json) -> tuple[str, str]:
    """The note that an example with this object must carry, and what the server said."""
    if value["metadata"].get("namespace"):
        value = {**value, "metadata": {**value["metadata"], "namespace": namespace}}
    try:
        status, answer = cluster.create(value, namespace=namespace, dry_run=True)
    except RefusedError as refused:
        return "needs-crd", str(refused)
    message = answer.get("message", "")
    # Another test of this server may have made an object of that name, or taken back a kind.
    if status in (http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT):
        return "", ""
    if status == http.HTTPStatus.NOT_FOUND:
        return "needs-crd", message
    if "ephemeralContainers: Forbidden: cannot be set on create" in message:
        return "subresource", message
    return "refused", message


@pytest.mark.parametrize("example", TEXTS)
def test_a_text_is_refused_where_its_example_says_so(
    oracle: Oracle, cluster: Cluster, namespace: str, example: Example
) -> None:
    """By the strict decoder, which sees keys that are written twice, or by the server itself."""
    answer = oracle.ask(op="strict", text=encoded(example.manifest))
    if example.api == "needs-crd":
        objects = parse(example.manifest.encode(), FILE).resources
        assert any(_fate(cluster, namespace, it.value)[0] == "needs-crd" for it in objects)
        return
    said = answer.get("errors") or answer.get("error")
    if not said:
        (resource,) = parse(example.manifest.encode(), FILE).resources
        said = _fate(cluster, namespace, resource.value)[0] == "refused"
    assert bool(said) == (example.api == "refused"), answer


def test_namespaces_admit_what_the_profiles_pass(cluster: Cluster, namespace: str) -> None:
    chance = Random(SEED)
    enforced = {policy: _enforcing(cluster, *policy) for policy in POLICIES}
    compared = refusals = 0
    for pod in mutants(pods(), 20 * PODS, chance):
        value = _alone(pod)
        if cluster.create(value, namespace=namespace, dry_run=True)[0] != http.HTTPStatus.CREATED:
            continue
        level, version = policy = chance.choice(POLICIES)
        status, answer = cluster.create(value, namespace=enforced[policy], dry_run=True)
        refused = status == http.HTTPStatus.FORBIDDEN
        assert refused or status == http.HTTPStatus.CREATED, (status, answer, value)
        result = judged(json.dumps(value).encode(), profile_plan(f"pss:{level}@{version}"))
        assert bool(result.findings) == refused, (policy, value, told(result), answer)
        assert not result.undecided
        compared += 1
        refusals += refused
        if compared == PODS:
            break
    assert compared == PODS
    assert PODS / 5 < refusals < PODS * 4 / 5


def _enforcing(cluster: Cluster, level: str, version: str) -> str:
    return cluster.namespace(
        {
            "pod-security.kubernetes.io/enforce": level,
            "pod-security.kubernetes.io/enforce-version": version,
        }
    )


def _alone(pod: Json) -> Json:
    """`pod` as a whole object that needs no other: what a dry run can admit."""
    spec = {key: it for key, it in copy.deepcopy(pod["spec"]).items() if key not in OUTSIDE}
    spec.pop("ephemeralContainers", None)
    annotations = (pod.get("metadata") or {}).get("annotations")
    metadata = {"name": "shop", **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
