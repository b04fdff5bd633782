"""What the judged form is, example by example; each was asked of Kubernetes' own code."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from portside.judged import Admitted, admit
from tests.judged.normal import Types
from tests.oracle import Oracle


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


def container(**fields: Any) -> dict[str, Any]:
    return pod(containers=[{"name": "web", "image": "web:1", **fields}])


def deployment(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}


def of(version: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, **fields}


def judged(value: dict[str, Any]) -> dict[str, Any]:
    assert admit(value).mistyped == ()
    return value


def at(value: Any, *path: str | int) -> Any:
    for step in path:
        value = value[step]
    return value


A_QUANTITY = "a quantity such as 500m or 1Gi"
A_TIME = "a time such as 2026-01-31T12:00:00Z"
CONTAINER = ("spec", "containers", 0)


# Nulls


def test_a_null_in_an_optional_field_is_absent() -> None:
    value = judged(container(securityContext=None, resources=None))
    assert "securityContext" not in at(value, *CONTAINER)
    assert "resources" not in at(value, *CONTAINER)


def test_a_null_rule_of_a_network_policy_allows_everything() -> None:
    value = judged(of("networking.k8s.io/v1", "NetworkPolicy", spec={"ingress": [None]}))
    assert value["spec"]["ingress"] == [{}]


def test_a_null_container_is_one_without_name_and_image() -> None:
    value = judged(pod(containers=[None]))
    assert at(value, *CONTAINER)["name"] == ""
    assert "image" not in at(value, *CONTAINER)


def test_a_null_value_of_a_map_is_the_zero_of_its_type() -> None:
    assert judged(of("v1", "ConfigMap", data={"a": None}))["data"] == {"a": ""}
    assert judged(pod(overhead={"cpu": None}))["spec"]["overhead"] == {"cpu": "0"}
    # The zero of bytes is encoded as null.
    assert judged(of("v1", "Secret", data={"a": None}))["data"] == {"a": None}


def test_a_null_item_of_a_list_of_texts_is_an_empty_text() -> None:
    assert at(judged(container(args=["a", None])), *CONTAINER, "args") == ["a", ""]


def test_a_null_port_is_the_port_zero() -> None:
    spec = {"ports": [{"port": 80, "targetPort": None}, {"port": None}]}
    ports = judged(of("v1", "Service", spec=spec))["spec"]["ports"]
    assert [(it["port"], it["targetPort"]) for it in ports] == [(80, 80), (0, 0)]


def test_null_metadata_and_a_null_spec_are_empty() -> None:
    assert judged({**pod(), "metadata": None, "spec": None}) == judged(pod())


# Zero values and empty boxes


def test_an_optional_false_empty_text_or_zero_is_left_out_as_the_encoder_does() -> None:
    value = judged(pod(hostNetwork=False, hostname="", priorityClassName="", containers=[]))
    assert not {"hostNetwork", "hostname", "priorityClassName"} & value["spec"].keys()


def test_a_false_or_zero_that_is_told_from_absence_stays() -> None:
    context = {"runAsNonRoot": False, "runAsUser": 0, "privileged": False}
    assert at(judged(container(securityContext=context)), *CONTAINER, "securityContext") == context


def test_an_empty_struct_stays_where_it_means_something() -> None:
    value = judged(container(securityContext={}, resources={}))
    assert at(value, *CONTAINER, "securityContext") == {}
    assert "resources" not in at(value, *CONTAINER)


def test_an_empty_list_stays_only_where_it_is_not_optional() -> None:
    value = judged(of("rbac.authorization.k8s.io/v1", "Role", rules=[]))
    assert value["rules"] == []
    assert "ports" not in at(judged(container(ports=[])), *CONTAINER)


def test_an_empty_status_is_none() -> None:
    assert "status" not in judged({**container(), "status": {"conditions": []}})


def test_a_required_field_that_nobody_wrote_is_its_zero() -> None:
    value = judged(of("rbac.authorization.k8s.io/v1", "RoleBinding"))
    assert value["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "", "name": ""}


# Types


@pytest.mark.parametrize(
    ("value", "path", "expected", "got"),
    [
        (deployment(replicas="3"), "spec.replicas", "a whole number", "text"),
        (deployment(replicas=3.0), "spec.replicas", "a whole number", "no whole number"),
        (
            deployment(replicas=1 << 31),
            "spec.replicas",
            "a whole number of 32 bits",
            "one too large",
        ),
        (pod(hostNetwork="true"), "spec.hostNetwork", "true or false", "text"),
        (pod(hostNetwork=1), "spec.hostNetwork", "true or false", "a whole number"),
        (pod(containers={}), "spec.containers", "a list", "a map"),
        (pod(containers=["x"]), "spec.containers.0", "a map", "text"),
        ({**pod(), "spec": []}, "spec", "a map", "a list"),
        (container(image=5), "spec.containers.0.image", "text", "a whole number"),
        (container(args=["a", 5]), "spec.containers.0.args.1", "text", "a whole number"),
        ({**pod(), "metadata": {"labels": {"a": True}}}, "metadata.labels.a", "text", "true"),
        ({**pod(), "metadata": {"labels": "a"}}, "metadata.labels", "a map", "text"),
        (pod(overhead={"cpu": "1x"}), "spec.overhead.cpu", A_QUANTITY, "something else"),
        (of("v1", "Secret", data={"a": "?"}), "data.a", "text in base64", "other text"),
        (
            of("v1", "Service", spec={"ports": [{"targetPort": True}]}),
            "spec.ports.0.targetPort",
            "a whole number or text",
            "true",
        ),
        (
            {**pod(), "metadata": {"creationTimestamp": "today"}},
            "metadata.creationTimestamp",
            A_TIME,
            "other text",
        ),
    ],
)
def test_a_field_of_a_wrong_type_is_told_in_words(
    value: dict[str, Any], path: str, expected: str, got: str
) -> None:
    (found,) = admit(value).mistyped
    assert (".".join(str(it) for it in found[0]), *found[1:]) == (path, expected, got)


def test_every_field_of_a_wrong_type_is_told() -> None:
    value = container(image=5, ports="none", securityContext={"runAsUser": "root"})
    found = [path[3:] for path, _, _ in admit(value).mistyped]
    assert found == [("image",), ("ports",), ("securityContext", "runAsUser")]


def test_a_field_of_a_wrong_type_is_left_out_and_the_rest_completed() -> None:
    value = container(securityContext="x", image=5)
    admit(value)
    assert "securityContext" not in at(value, *CONTAINER)
    assert "image" not in at(value, *CONTAINER)
    assert at(value, *CONTAINER, "terminationMessagePolicy") == "File"


def test_a_list_item_of_a_wrong_type_becomes_what_a_null_would_be() -> None:
    value = pod(containers=["x", {"name": "web"}])
    admit(value)
    assert [it["name"] for it in value["spec"]["containers"]] == ["", "web"]


def test_a_map_value_of_a_wrong_type_is_left_out() -> None:
    value = {**pod(), "metadata": {"labels": {"a": 5, "b": "x"}}}
    admit(value)
    assert value["metadata"]["labels"] == {"b": "x"}


def test_names_of_fields_are_told_apart_by_case_and_unknown_ones_are_gone() -> None:
    value = container(SecurityContext={"privileged": True}, ImagePullPolicy="Never")
    admitted = admit(value)
    assert admitted.unknown == ((*CONTAINER, "SecurityContext"), (*CONTAINER, "ImagePullPolicy"))
    assert admitted.mistyped == ()
    assert at(value, *CONTAINER, "imagePullPolicy") == "IfNotPresent"
    assert "SecurityContext" not in at(value, *CONTAINER)


# Canonical forms


def test_quantities_are_canonical_and_rounded_where_the_server_rounds() -> None:
    limits = {"a": "1000m", "b": "0.5", "c": 2, "d": "1024Mi", "e": "100u", "f": 1.5, "g": "1e3"}
    value = judged(container(resources={"limits": limits}))
    expected = {"a": "1", "b": "500m", "c": "2", "d": "1Gi", "e": "1m", "f": "1500m", "g": "1e3"}
    assert at(value, *CONTAINER, "resources", "limits") == expected
    assert judged(of("v1", "ResourceQuota", spec={"hard": {"a": "100u"}}))["spec"]["hard"] == {
        "a": "1m"
    }
    storage = of("storage.k8s.io/v1", "CSIStorageCapacity", capacity="100u", storageClassName="x")
    assert judged(storage)["capacity"] == "100u"


def test_times_are_in_utc_and_the_zero_time_is_none() -> None:
    metadata = {"creationTimestamp": "2024-01-01T1:00:00,5+02:00"}
    value = judged(of("v1", "ConfigMap", metadata=metadata))
    assert value["metadata"] == {"creationTimestamp": "2023-12-31T23:00:00Z"}
    zero = of("v1", "ConfigMap", metadata={"creationTimestamp": "0001-01-01T00:00:00Z"})
    assert "metadata" not in judged(zero)


def test_bytes_are_as_the_encoder_writes_them() -> None:
    data = {"a": "AR==", "b": "AQ\nI=", "c": [1, 2], "d": ""}
    expected = {"a": "AQ==", "b": "AQI=", "c": "AQI=", "d": ""}
    assert judged(of("v1", "Secret", data=data))["data"] == expected


def test_a_port_is_a_number_or_a_name_as_it_is_written() -> None:
    spec = {"ports": [{"port": 1, "targetPort": "80"}, {"port": 2, "targetPort": 80}]}
    ports = judged(of("v1", "Service", spec=spec))["spec"]["ports"]
    assert [it["targetPort"] for it in ports] == ["80", 80]


# Defaults that depend on other fields


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("nginx@sha256:" + "0" * 64, "IfNotPresent"),
        ("nginx:latest@sha256:" + "0" * 64, "Always"),
        ("Nginx", "IfNotPresent"),
        ("", "IfNotPresent"),
        ("doc_ker.io/nginx", "Always"),
        ("doc_ker.io/" + "a" * 255, "IfNotPresent"),
        ("f" * 64, "IfNotPresent"),
        ("[::1]:5000/a:latest", "Always"),
    ],
)
def test_the_pull_policy_follows_from_the_tag(image: str, policy: str) -> None:
    assert at(judged(container(image=image)), *CONTAINER, "imagePullPolicy") == policy


def test_requests_follow_from_limits_in_a_pod_and_not_in_a_template() -> None:
    resources = {"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}}
    value = judged(container(resources=copy.deepcopy(resources)))
    requests = {"cpu": "1", "memory": "1Gi"}
    assert at(value, *CONTAINER, "resources", "requests") == requests
    template = {"spec": {"containers": [{"name": "web", "resources": resources}]}}
    value = judged(deployment(template=template))
    kept = at(value, "spec", "template", *CONTAINER, "resources", "requests")
    assert kept == {"memory": "1Gi"}


def test_ports_are_host_ports_in_a_pod_on_the_host_network() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 81, "hostPort": 8081}]
    spec = {"hostNetwork": True, "containers": [{"name": "web", "ports": copy.deepcopy(ports)}]}
    value = judged(pod(**copy.deepcopy(spec)))
    assert [it["hostPort"] for it in at(value, *CONTAINER, "ports")] == [80, 8081]
    value = judged(deployment(template={"spec": spec}))
    assert "hostPort" not in at(value, "spec", "template", *CONTAINER, "ports", 0)


def test_a_volume_with_only_a_name_is_an_empty_folder() -> None:
    value = judged(pod(volumes=[{"name": "a"}, {"name": "b", "hostPath": {"path": "/b"}}]))
    first, second = value["spec"]["volumes"]
    assert first == {"name": "a", "emptyDir": {}}
    assert second == {"name": "b", "hostPath": {"path": "/b", "type": ""}}


@pytest.mark.parametrize(
    ("version", "strategy", "expected"),
    [
        ("apps/v1", {}, {"maxSurge": "25%", "maxUnavailable": "25%"}),
        ("apps/v1", {"type": "Recreate"}, None),
        ("apps/v1", {"type": "Recreate", "rollingUpdate": {}}, {}),
        ("extensions/v1beta1", {}, {"maxSurge": 1, "maxUnavailable": 1}),
        (
            "extensions/v1beta1",
            {"type": "Recreate", "rollingUpdate": {}},
            {"maxSurge": 1, "maxUnavailable": 1},
        ),
    ],
)
def test_a_rollout_has_numbers_when_it_rolls(version: str, strategy: Any, expected: Any) -> None:
    value = judged(of(version, "Deployment", spec={"strategy": strategy}))
    assert value["spec"]["strategy"].get("rollingUpdate") == expected


def test_the_old_name_of_the_service_account_is_kept_in_step() -> None:
    assert judged(pod(serviceAccount="a"))["spec"]["serviceAccountName"] == "a"
    value = judged(pod(serviceAccount="a", serviceAccountName="b"))
    assert (value["spec"]["serviceAccount"], value["spec"]["serviceAccountName"]) == ("b", "b")


def test_service_links_are_defaulted_for_a_pod_only() -> None:
    assert judged(pod())["spec"]["enableServiceLinks"] is True
    assert "enableServiceLinks" not in judged(deployment())["spec"]["template"]["spec"]


def test_a_policy_with_egress_rules_is_about_egress_too() -> None:
    kind = ("networking.k8s.io/v1", "NetworkPolicy")
    assert judged(of(*kind))["spec"]["policyTypes"] == ["Ingress"]
    value = judged(of(*kind, spec={"egress": [{}]}))
    assert value["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_a_service_that_does_not_stay_with_a_client_has_no_settings_for_it() -> None:
    spec = {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}}
    assert "sessionAffinityConfig" not in judged(of("v1", "Service", spec=spec))["spec"]


def test_empty_labels_of_an_old_template_make_an_empty_selector() -> None:
    spec: dict[str, Any] = {"template": {"metadata": {"labels": {}}}}
    value = judged(of("extensions/v1beta1", "Deployment", spec=spec))
    assert value["spec"]["selector"] == {}


def test_an_empty_list_of_policies_is_not_replaced_by_the_default() -> None:
    spec: dict[str, Any] = {"behavior": {"scaleDown": {"policies": []}}}
    value = judged(of("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec))
    assert "policies" not in value["spec"]["behavior"]["scaleDown"]
    assert len(value["spec"]["behavior"]["scaleUp"]["policies"]) == 2


def test_the_clock_is_not_asked() -> None:
    taint: dict[str, Any] = {"key": "a", "effect": "NoExecute"}
    rule = of("resource.k8s.io/v1", "DeviceTaintRule", spec={"taint": taint})
    assert "timeAdded" not in judged(rule)["spec"]["taint"]
    taint["timeAdded"] = "2024-01-01T01:00:00+01:00"
    assert judged(rule)["spec"]["taint"]["timeAdded"] == "2024-01-01T00:00:00Z"


def test_the_signer_of_a_true_request_is_left_open() -> None:
    kind = ("certificates.k8s.io/v1beta1", "CertificateSigningRequest")
    assert judged(of(*kind))["spec"]["signerName"] == "kubernetes.io/legacy-unknown"
    begin = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0="
    assert "signerName" not in judged(of(*kind, spec={"request": begin}))["spec"]


# What was added, and where


def test_a_default_is_told_from_what_is_written() -> None:
    value = container(terminationMessagePath="/dev/termination-log", securityContext={})
    admitted = admit(value)
    for path, defaulted in (
        ((*CONTAINER, "terminationMessagePath"), False),
        ((*CONTAINER, "terminationMessagePolicy"), True),
        ((*CONTAINER, "securityContext"), False),
        (("spec", "securityContext"), True),
        (("spec", "securityContext", "runAsUser"), True),
        ((*CONTAINER, "securityContext", "runAsUser"), False),
        (("spec",), False),
    ):
        assert admitted.is_defaulted(value, path) is defaulted


def test_what_is_written_stays_the_same_box() -> None:
    value = container(securityContext={"capabilities": {"drop": ["ALL"]}}, args=["a", None])
    boxes = _boxes(value)
    admit(value)
    assert {id(it) for it in boxes} <= {id(it) for it in _boxes(value)}


def test_no_two_objects_share_a_default() -> None:
    one, other = pod(volumes=[{"name": "a"}]), pod(volumes=[{"name": "a"}])
    admit(one)
    admit(other)
    shared = {id(it) for it in _boxes(one)} & {id(it) for it in _boxes(other)}
    assert shared == set()


def test_what_was_taken_out_lives_as_long_as_the_object() -> None:
    """Places are found by the id of a box: it must not be given to another."""
    gone = {"privileged": True}
    value = container(unknown=gone, ports=[])
    admitted = admit(value)
    assert any(box is gone for key, box in admitted.notes if key is None)


def test_admitting_twice_changes_nothing() -> None:
    value = container(resources={"limits": {"cpu": "1000m"}}, args=[None])
    admit(value)
    once = copy.deepcopy(value)
    admit(value)
    assert value == once


# Kinds that are not Kubernetes' own, or no more


@pytest.mark.parametrize(
    "value",
    [
        of("argoproj.io/v1alpha1", "Rollout", spec={"replicas": None, "template": {"spec": {}}}),
        of("serving.knative.dev/v1", "Service", spec={"template": None}),
        of("v1", "Unheard", spec=None),
        of("policy/v1beta1", "PodSecurityPolicy", spec={"privileged": None}),
        {"kind": "Pod", "spec": None},
        {"apiVersion": 1, "kind": ["Pod"], "spec": None},
        {},
    ],
)
def test_other_kinds_stay_as_they_are_written(value: dict[str, Any]) -> None:
    before = copy.deepcopy(value)
    admitted: Admitted = admit(value)
    assert (admitted.known, admitted.mistyped, value) == (False, (), before)


def test_a_version_without_types_is_read_by_those_of_its_successor() -> None:
    metric = {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 80}}
    spec = {"maxReplicas": "5", "minReplicas": None, "metrics": [metric, None]}
    value = of("autoscaling/v2beta1", "HorizontalPodAutoscaler", spec=copy.deepcopy(spec))
    admitted = admit(value)
    assert admitted.known
    assert admitted.mistyped == ((("spec", "maxReplicas"), "a whole number", "text"),)
    assert value["spec"] == {"metrics": [metric, {}]}


def test_a_schema_of_any_depth_is_read() -> None:
    schema: dict[str, Any] = {"type": 5}
    for _ in range(400):
        schema = {"properties": {"a": schema}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    ((path, expected, got),) = admit(of(*kind, spec={"versions": [version]})).mistyped
    assert (len(path), path[-1], expected, got) == (806, "type", "text", "a whole number")


def test_a_wrong_type_within_a_schema_that_could_be_a_list_is_told() -> None:
    schema = {"items": {"type": 5}, "additionalProperties": {"type": 5}, "dependencies": {"a": [5]}}
    version = {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    value = of(*kind, spec={"versions": [version]})
    found = [path[-2:] for path, _, _ in admit(value).mistyped]
    assert found == [("items", "type"), ("additionalProperties", "type"), ("a", 0)]
    left = at(value, "spec", "versions", 0, "schema", "openAPIV3Schema")
    assert left == {"items": {}, "additionalProperties": {}, "dependencies": {"a": [""]}}


@pytest.mark.needs_oracle
def test_the_form_of_a_schema_is_the_servers(oracle: Oracle) -> None:
    schema = {
        **{"items": "x", "additionalProperties": True, "enum": [None, 1], "default": None},
        **{"dependencies": {"a": None, "b": "x", "c": [], "d": {}, "e": ["f"]}, "maximum": 3},
        **{"properties": {"a": None}, "not": {}, "additionalItems": None, "oneOf": [None]},
    }
    version = {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    value = of(*kind, spec={"versions": [version]})
    types = Types(oracle.ask(op="types"))
    root = types.root(value)
    assert root is not None
    expected = types.normal(oracle.ask(op="default", object=value)["object"], root)
    assert judged(value) == expected


def _boxes(value: Any) -> list[Any]:
    """Every list and map below `value`."""
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    found = []
    for it in items:
        if type(it) in (dict, list):
            found += [it, *_boxes(it)]
    return found
