"""The same rule, two evaluators: an exported policy says on a real API server what a scan says."""

from __future__ import annotations

import copy
import http
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import yaml

from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.severity import NAMES
from portside.policy import builtin
from portside.policy.checkout import builtin_rules
from portside.policy.export.rewrite import NotExportableError
from portside.policy.export.vap import OLDEST, SYSTEM_NAMESPACES, Settings, exported
from portside.policy.profile import NEWEST
from portside.policy.resources import CLUSTER_SCOPED
from portside.policy.rule import FILES, Example, Rule
from portside.sources.manifest import parse
from tests.cluster import Cluster, Json, RefusedError
from tests.oracle import UnavailableError

pytestmark = pytest.mark.needs_cluster

_LABEL = "portside.dev/test"
_DENY_ALL = 0
"""Every policy denies, whatever its severity."""
_OLDER = 34


_ADDED = {
    ("apparmor-unconfined", "by the old annotation", "medium"): [
        "container web runs without AppArmor"
    ],
}
"""What the server says besides: it copies the old annotations of AppArmor into the new fields."""


class Variant(NamedTuple):
    """A rule as some of its examples ask for it: with these parameters, for this version."""

    rule: Rule
    params: Json
    minor: int
    examples: tuple[Example, ...]
    namespace: str
    """The namespace, and the value of the label, that the policy is bound to."""
    by_label: bool
    severity: str
    """Of the checks that the policy holds: a rule's other checks are in another policy."""


class Server(NamedTuple):
    cluster: Cluster
    variants: tuple[Variant, ...]
    free: str
    """A namespace in which no policy is in force."""


@pytest.fixture(scope="module", params=[NEWEST, _OLDER], ids=lambda it: f"1.{it}")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """An API server of a version with every exported policy in force, each in its own namespace."""
    with ExitStack() as running:
        if request.param == NEWEST:
            cluster = request.getfixturevalue("cluster")
        else:
            try:
                # Else that version drops image volumes before any policy sees them.
                flags = (
                    f"--emulated-version=kube=1.{request.param}",
                    "--feature-gates=ImageVolume=true",
                )
                cluster = running.enter_context(Cluster(*flags))
            except UnavailableError as reason:
                pytest.skip(f"no cluster: {reason}")
        _make_runtime_classes(cluster)
        made = tuple(it for one in _variants(request.param) for it in _bind(cluster, *one))
        _wait_for_all(cluster)
        yield Server(cluster, made, cluster.namespace())


def test_a_policy_says_of_every_example_what_the_rule_says(server: Server) -> None:
    wrong = [it for variant in server.variants for it in _differences(server, variant)]
    assert not wrong, "\n\n".join(wrong)
    # Else a rule without examples, or a fixture that binds nothing, would pass too.
    assert sum(len(it.examples) for it in server.variants) > 100


def test_each_note_is_what_the_server_says(server: Server) -> None:
    wrong = [
        f"{variant.rule.id}: {example.title}: {found}"
        for variant in server.variants
        for example in variant.examples
        if (found := _contradiction(server, example))
    ]
    assert not wrong, "\n\n".join(wrong)


def test_an_update_that_leaves_the_pod_alone_is_not_held_up(server: Server) -> None:
    """Finalizers must be removable, and labels settable, on what is there already."""
    variant = next(it for it in server.variants if it.rule.id == "privileged-container")
    cluster, namespace = server.cluster, variant.namespace
    privileged = {"name": "web", "image": "x", "securityContext": {"privileged": True}}
    pod: Json = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "old"},
        "spec": {"containers": [privileged]},
    }
    assert _status(cluster, pod, namespace)[0] == http.HTTPStatus.FORBIDDEN
    before = copy.deepcopy(pod)
    del before["spec"]["containers"][0]["securityContext"]
    assert cluster.create(before, namespace=namespace)[0] == http.HTTPStatus.CREATED
    labelled = {**before, "metadata": {"name": "old", "labels": {"a": "b"}}}
    assert cluster.apply(labelled, namespace=namespace, dry_run=True)[0] == http.HTTPStatus.OK


def _variants(server: int) -> Iterator[tuple[Rule, Json, int, tuple[Example, ...]]]:
    """Each rule, once for each set of parameters and version that its examples ask for."""
    for rule in _rules():
        groups: dict[tuple[str, int], list[Example]] = {}
        for example in rule.examples:
            minor = _minor(example) if example.version else server
            if OLDEST <= minor <= server:
                groups.setdefault((str(example.params), minor), []).append(example)
        for (_, minor), examples in groups.items():
            yield rule, dict(examples[0].params), minor, tuple(examples)


def _rules() -> tuple[Rule, ...]:
    """Those about objects."""
    return tuple(it for it in builtin_rules() if not FILES.keys() & set(it.text.kinds))


def _make_runtime_classes(cluster: Cluster) -> None:
    """Those that examples name: without them the server refuses a pod before any policy."""
    specs = (
        document.get("spec", {})
        for rule in _rules()
        for example in rule.examples
        for document in _documents(example)
        if document["kind"] == "Pod"
    )
    for name in sorted({it["runtimeClassName"] for it in specs if "runtimeClassName" in it}):
        made: Json = {
            "apiVersion": "node.k8s.io/v1",
            "kind": "RuntimeClass",
            "metadata": {"name": name},
            "handler": name,
        }
        status, answer = cluster.create(made)
        assert status in (http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT), answer


def _minor(example: Example) -> int:
    return int(example.version.partition(".")[2])


def _bind(
    cluster: Cluster, rule: Rule, params: Json, minor: int, examples: tuple[Example, ...]
) -> Iterator[Variant]:
    """Bring the policies of a rule into force, each in a namespace of its own."""
    documents = [it for example in examples for it in _documents(example)]
    by_label = any("namespace" in it["metadata"] for it in documents)
    by_label = by_label or any(it.rpartition("/")[2] in _CLUSTER_KINDS for it in rule.text.kinds)
    values = {**{name: it.default for name, it in rule.params.items()}, **params}
    try:
        made = exported(rule, Settings(minor, _DENY_ALL), values)
    except NotExportableError:
        return
    for it in made:
        namespace = cluster.namespace()
        for example in examples:
            if example.api == "subresource":
                for document in _documents(example):
                    _store_without_ephemeral(cluster, document, namespace)
        selector = {
            "objectSelector": {"matchLabels": {_LABEL: namespace}},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        }
        # An object in no namespace matches every selector of namespaces, and some name theirs.
        del selector["namespaceSelector" if by_label else "objectSelector"]
        binding = {**it.binding["spec"], "matchResources": selector}
        _apply(cluster, it.policy, binding, namespace)
        severity = it.policy["metadata"]["annotations"]["portside.dev/severity"]
        yield Variant(rule, params, minor, examples, namespace, by_label, severity)


_CLUSTER_KINDS = {kind for _, kind in CLUSTER_SCOPED}


def _apply(cluster: Cluster, policy: Json, binding: Json, suffix: str) -> None:
    metadata = {**policy["metadata"], "name": f"{policy['metadata']['name']}-{suffix}"}
    # What is exported for 1.28 and 1.29 is v1beta1, which newer servers know under this name only.
    version = "admissionregistration.k8s.io/v1"
    for value in (
        {**policy, "metadata": metadata, "apiVersion": version},
        {
            "apiVersion": version,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": metadata,
            "spec": {**binding, "policyName": metadata["name"]},
        },
    ):
        status, answer = cluster.create(value)
        assert status == http.HTTPStatus.CREATED, answer


def _wait_for_all(cluster: Cluster) -> None:
    """Until a policy that was made after all others is in force."""
    namespace = cluster.namespace()
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["configmaps"],
    }
    policy: Json = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "last"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "false"}],
        },
    }
    where = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {"validationActions": ["Deny"], "matchResources": {"namespaceSelector": where}}
    _apply(cluster, policy, binding, namespace)
    probe: Json = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}}
    cluster.wait_until(lambda: cluster.create(probe, namespace=namespace, dry_run=True)[0] == 422)


def _documents(example: Example) -> list[Json]:
    return [it for it in yaml.safe_load_all(example.manifest) if it]


def _differences(server: Server, variant: Variant) -> Iterator[str]:
    for example in variant.examples:
        if example.api in ("refused", "needs-crd"):
            continue
        for document in _documents(example):
            if document["apiVersion"].startswith("admissionregistration.k8s.io/"):
                # The server asks no policy about those, lest one locks it.
                continue
            expected = _ours(variant, document)
            status, said = _answer(server.cluster, variant, example, document)
            mark = " denied request: "
            denied = status == http.HTTPStatus.FORBIDDEN and mark in said
            if example.undecided and denied:
                # What is not known here is refused there: an image called $IMAGE is no image.
                continue
            got = said.partition(mark)[2] if denied else said
            expected += _ADDED.get((variant.rule.id, example.title, variant.severity), [])
            agree = sorted(got.split("; ")) == sorted("; ".join(expected).split("; "))
            if (expected and not (denied and agree)) or (not expected and status >= 300):
                place = f"{variant.rule.id} (1.{variant.minor}): {example.title}"
                yield f"{place}\n  a scan: {expected}\n  the server: {status} {got}"


def _ours(variant: Variant, document: Json) -> list[str]:
    """What a scan says of the document, sentence by sentence."""
    rule = variant.rule
    plan = Plan(
        {rule.id: builtin.rules()[rule.id]},
        builtin.checks,
        variant.minor,
        params={rule.id: variant.params},
    )
    text = yaml.safe_dump(document, sort_keys=False)
    result = judge_file(parse(text.encode(), "example.yaml"), plan)
    undecided = [f"undecided: {it.missing}" for it in result.undecided]
    level = NAMES.index(variant.severity)
    return undecided + [it.message for it in result.findings if it.severity == level]


def _answer(
    cluster: Cluster, variant: Variant, example: Example, document: Json
) -> tuple[int, str]:
    """The status and the message that the server gives to the document."""
    if example.api == "subresource":
        path = f"{cluster.path(document, variant.namespace)}/{_target(document)}"
        stored = cluster.request("GET", path)[1]
        stored["spec"]["ephemeralContainers"] = document["spec"]["ephemeralContainers"]
        params = {"dryRun": "All", "fieldValidation": "Strict"}
        status, answer = cluster.request("PUT", f"{path}/ephemeralcontainers", stored, params)
        return status, str(answer.get("message", ""))
    if variant.by_label:
        metadata = document["metadata"]
        labels = {**metadata.get("labels", {}), _LABEL: variant.namespace}
        document = {**document, "metadata": {**metadata, "labels": labels}}
    return _status(cluster, document, variant.namespace)


def _status(cluster: Cluster, document: Json, namespace: str) -> tuple[int, str]:
    named = document["metadata"].get("namespace")
    if named:
        _make_namespace(cluster, named)
    status, answer = cluster.create(document, namespace=named or namespace, dry_run=True)
    if status == http.HTTPStatus.CONFLICT:
        # It is there: the server's own, or one that the objects of another example stand in.
        status, answer = cluster.apply(document, namespace=named or namespace, dry_run=True)
    return status, str(answer.get("message", ""))


def _make_namespace(cluster: Cluster, name: str) -> None:
    """The namespace and its account, where nobody has made them yet."""
    if cluster.request("GET", f"/api/v1/namespaces/{name}")[0] != http.HTTPStatus.OK:
        cluster.namespace(name=name)
    account: Json = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    if name in SYSTEM_NAMESPACES:
        status, answer = cluster.create(account, namespace=name)
        assert status in (http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT), answer


def _store_without_ephemeral(cluster: Cluster, document: Json, namespace: str) -> None:
    stored = copy.deepcopy(document)
    stored["spec"].pop("ephemeralContainers", None)
    stored["metadata"]["name"] = _target(document)
    status, answer = cluster.create(stored, namespace=namespace)
    assert status == http.HTTPStatus.CREATED, answer


def _target(document: Json) -> str:
    """What the stored pod is called to which the document's ephemeral containers are added."""
    return f"{document['metadata']['name']}-debugged"


def _contradiction(server: Server, example: Example) -> str:
    """What the server says, where the example's note says otherwise: it is about any object."""
    answers = [_accepted(server, it) for it in _documents(example)]
    refusals = [why for status, why in answers if status >= http.HTTPStatus.MULTIPLE_CHOICES]
    if example.api:
        return "" if refusals else f"the server accepts it, noted as {example.api}"
    return "; ".join(refusals)


def _accepted(server: Server, document: Json) -> tuple[int, str]:
    try:
        return _status(server.cluster, document, server.free)
    except RefusedError as reason:
        return http.HTTPStatus.NOT_FOUND, str(reason)
