"""The cluster is a real one: it decodes, admits, validates and stores, so that tests may ask it."""

from __future__ import annotations

import http

import pytest

from tests.cluster import Cluster, Json, RefusedError

pytestmark = pytest.mark.needs_cluster

PRIVILEGED = {"name": "web", "image": "registry.example.org/web:2.1"} | {
    "securityContext": {"privileged": True}
}


def pod(container: Json, labels: Json | None = None) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop", "labels": labels or {}},
        "spec": {"containers": [container]},
    }


def test_a_privileged_pod_is_refused_where_restricted_is_enforced(cluster: Cluster) -> None:
    namespace = cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"})
    status, answer = cluster.create(pod(PRIVILEGED), namespace=namespace, dry_run=True)
    assert status == http.HTTPStatus.FORBIDDEN
    assert "privileged (container" in answer["message"]


def test_the_same_pod_is_admitted_elsewhere_and_a_dry_run_stores_nothing(cluster: Cluster) -> None:
    namespace = cluster.namespace()
    status, answer = cluster.create(pod(PRIVILEGED), namespace=namespace, dry_run=True)
    assert status == http.HTTPStatus.CREATED
    assert answer["spec"]["terminationGracePeriodSeconds"] == 30
    assert cluster.request("GET", f"/api/v1/namespaces/{namespace}/pods/shop")[0] == 404


def test_an_unknown_field_is_refused(cluster: Cluster) -> None:
    container = {**PRIVILEGED, "imagePullPolic": "Always"}
    status, answer = cluster.create(pod(container), namespace=cluster.namespace(), dry_run=True)
    assert status == http.HTTPStatus.BAD_REQUEST
    assert 'unknown field "spec.containers[0].imagePullPolic"' in answer["message"]


def test_an_object_is_applied_changed_and_deleted(cluster: Cluster) -> None:
    namespace = cluster.namespace()
    settings: Json = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": namespace},
    }
    assert cluster.apply({**settings, "data": {"a": "1"}})[0] == http.HTTPStatus.CREATED
    assert cluster.apply({**settings, "data": {"a": "2"}})[1]["data"] == {"a": "2"}
    assert cluster.delete(settings)[0] == http.HTTPStatus.OK
    assert cluster.delete(settings)[0] == http.HTTPStatus.NOT_FOUND


def test_a_kind_that_the_server_does_not_know_is_said_to_be_so(cluster: Cluster) -> None:
    with pytest.raises(RefusedError, match="no Rollout"):
        cluster.create({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {}})


def test_an_admission_policy_takes_force(cluster: Cluster) -> None:
    namespace = cluster.namespace()
    _apply_policy(cluster, namespace)
    refused = pod(PRIVILEGED, {"refuse": "yes"})

    def in_force() -> bool:
        status, answer = cluster.create(refused, namespace=namespace, dry_run=True)
        return status == http.HTTPStatus.UNPROCESSABLE_ENTITY and "web says no" in str(answer)

    cluster.wait_until(in_force)
    status, _ = cluster.create(pod(PRIVILEGED), namespace=namespace, dry_run=True)
    assert status == http.HTTPStatus.CREATED


def _apply_policy(cluster: Cluster, namespace: str) -> None:
    group = "admissionregistration.k8s.io/v1"
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }
    policy: Json = {
        "apiVersion": group,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "refuse-by-label"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [
                {
                    "expression": "!('refuse' in object.metadata.?labels.orValue({}))",
                    "messageExpression": "object.spec.containers[0].name + ' says no'",
                }
            ],
        },
    }
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding: Json = {
        "apiVersion": group,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "refuse-by-label"},
        "spec": {
            "policyName": "refuse-by-label",
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": selector},
        },
    }
    for value in (policy, binding):
        status, answer = cluster.apply(value)
        assert status == http.HTTPStatus.CREATED, answer
