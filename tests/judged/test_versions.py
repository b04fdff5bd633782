"""Fields, required fields and kinds of the version judged for, example by example."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from portside.judged import admit
from portside.judged.types import NEWEST
from portside.judged.versions import near


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "web"}], **spec}}


def of(version: str, kind: str) -> str:
    return admit({"apiVersion": version, "kind": kind}).unserved


def test_a_field_is_newer_up_to_the_version_that_brought_it() -> None:
    value = pod(initContainers=[{"name": "log", "restartPolicy": "Always"}])
    path = ("spec", "initContainers", 0, "restartPolicy")
    assert admit(copy.deepcopy(value), 27).newer == ((path, 28),)
    assert admit(copy.deepcopy(value), 28).newer == ()
    assert admit(copy.deepcopy(value)).newer == ()


def test_a_newer_field_that_is_null_is_one_and_stays_out_of_the_way() -> None:
    assert admit(pod(hostnameOverride=None), 30).newer == ((("spec", "hostnameOverride"), 34),)
    value = pod(hostnameOverride="shop")
    admit(value, 30)
    assert value["spec"]["hostnameOverride"] == "shop"


def test_a_field_that_is_no_more_is_known_to_the_versions_that_had_it() -> None:
    path = ("spec", "workloadRef")
    assert admit(pod(workloadRef={"name": "a"}), 35).unknown == ()
    assert admit(pod(workloadRef={"name": "a"}), 34).unknown == (path,)
    assert admit(pod(workloadRef={"name": "a"})).unknown == (path,)


def test_fields_of_schemas_in_schemas_are_looked_at() -> None:
    rules = [{"rule": "true", "reason": "FieldValueInvalid"}]
    schema: dict[str, Any] = {"x-kubernetes-validations": rules}
    for _ in range(60):
        schema = {"items": schema, "additionalProperties": False}
    version = {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    value = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"versions": [version]},
    }
    ((path, since),) = admit(value, 27).newer
    assert (path[-1], since) == ("reason", 28)


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        ({"apiVersion": "v1", "kind": "Pod"}, ["spec"]),
        ({"apiVersion": "v1", "kind": "Pod", "spec": None}, ["spec"]),
        ({"apiVersion": "v1", "kind": "Pod", "spec": {}}, ["spec.containers"]),
        (pod(volumes=[{}]), ["spec.volumes.0.name"]),
        (pod(securityContext={"seccompProfile": {}}), ["spec.securityContext.seccompProfile.type"]),
        (pod(securityContext={"sysctls": [{"name": "a"}]}), []),
        ({**pod(), "status": {"containerStatuses": [{}]}}, []),
        ({"apiVersion": "v1", "kind": "LimitRange"}, []),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, []),
    ],
)
def test_what_is_missing_is_told_once_at_its_place(
    value: dict[str, Any], missing: list[str]
) -> None:
    found = admit(value).missing
    assert [".".join(str(it) for it in path) for path in found] == missing


def test_a_kind_of_kubernetes_is_unserved_before_and_where_it_never_was() -> None:
    policy = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy"}
    assert "from 1.30 on" in admit(dict(policy), 29).unserved
    assert admit(dict(policy), 30).unserved == ""
    assert of("v1", "Deployment") == "Deployment is served as apps/v1"
    assert of("apps/v1beta3", "Deployment") == "Deployment is served as apps/v1"
    assert of("networking.k8s.io/v1", "NetworkPolcy") == "did you mean NetworkPolicy?"
    assert of("v1", "DeploymentConfig") == "v1 has no such kind"
    assert of("autoscaling/v3", "HorizontalPodAutoscaler").endswith("autoscaling/v2")
    assert "no version v9" in of("batch/v9", "Foo")


@pytest.mark.parametrize(
    "kind",
    [
        ("shop.example.org/v1", "Basket"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("metrics.k8s.io/v1beta1", "PodMetrics"),
        ("v1", "PodList"),
        ("v1", "List"),
        ("admission.k8s.io/v1", "AdmissionReview"),
        # What was served once is told by the rule on removed versions.
        ("policy/v1beta1", "PodSecurityPolicy"),
        ("extensions/v1beta1", "Ingress"),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler"),
        ("storage.k8s.io/v1beta1", "CSIStorageCapacity"),
    ],
)
def test_nothing_is_said_of_other_kinds(kind: tuple[str, str]) -> None:
    assert of(*kind) == ""


@pytest.mark.parametrize("minor", [0, 16, 24, 25, NEWEST])
def test_every_version_may_be_judged_for(minor: int) -> None:
    assert admit(pod(), minor).mistyped == ()


def test_the_field_that_was_meant_is_found_by_its_look() -> None:
    value = pod()
    assert near(value, ("spec", "containers", 0, "imagePullPolice")) == "imagePullPolicy"
    assert near(value, ("spec", "hostnetwork")) == "hostNetwork"
    assert near(value, ("spec", "volumes", 0, "configmap")) == "configMap"
    assert near(value, ("spec", "somethingElse")) == ""
    assert near(value, ("spec", "x" * 100_000)) == ""
