"""Policies of others say offline what they say on a real API server: verdict and message."""

from __future__ import annotations

import copy
import http
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from portside.engine.plan import Plan
from portside.engine.request import namespaces
from portside.engine.stage import judge_file
from portside.policy.compiled import CompiledRule
from portside.policy.foreign.read import read_policies
from portside.policy.profile import NEWEST
from portside.sources.manifest import parse
from tests.cluster import Cluster, Json, RefusedError
from tests.policy.admission_library import PARAMS, library

pytestmark = pytest.mark.needs_cluster

GROUP = "admissionregistration.k8s.io/v1"
ERROR = " resulted in error: "
DENIED = " denied request: "

WIDGETS: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "controlconfigurations.kubescape.io"},
    "spec": {
        "group": "kubescape.io",
        "scope": "Cluster",
        "names": {
            "plural": "controlconfigurations",
            "singular": "controlconfiguration",
            "kind": "ControlConfiguration",
            "listKind": "ControlConfigurationList",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


class Trial(NamedTuple):
    """A policy in force on the server, and the objects that both are asked about."""

    policy: Json
    binding: Json
    params: tuple[Json, ...]
    objects: tuple[Json, ...]
    namespace: str


def test_the_shared_policies_agree_with_the_server(cluster: Cluster) -> None:
    _install(cluster, WIDGETS)
    cluster.wait_until(lambda: _is_stored(cluster, PARAMS))
    grouped: dict[str, tuple[Json, list[Json]]] = {}
    for case in library():
        name = case.policy["metadata"]["name"]
        grouped.setdefault(name, (case.policy, []))[1].append(case.document)
    if not grouped:
        pytest.skip("the shared inputs are not beside the project")
    trials = [
        _trial(cluster, policy, {}, [PARAMS] if "paramKind" in policy["spec"] else [], objects)
        for policy, objects in grouped.values()
    ]
    _compare(cluster, trials)


def _is_stored(cluster: Cluster, value: Json) -> bool:
    """Whether the server knows the kind by now, and has the object."""
    try:
        return cluster.create(value)[0] in (http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT)
    except RefusedError:
        return False


def _install(cluster: Cluster, value: Json) -> None:
    status, answer = cluster.create(value)
    assert status in (http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT), answer


def _trial(
    cluster: Cluster,
    policy: Json,
    binding: Json,
    params: list[Json],
    objects: list[Json],
    labels: dict[str, str] | None = None,
) -> Trial:
    """Bring the policy into force in a namespace of its own."""
    namespace = cluster.namespace(labels or {})
    name = f"{policy['metadata']['name']}-{namespace}"
    policy = {**policy, "apiVersion": GROUP, "kind": "ValidatingAdmissionPolicy"}
    policy["metadata"] = {**policy["metadata"], "name": name}
    bound: Json = {
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {"objectSelector": {"matchLabels": {"portside.dev/test": namespace}}},
        },
    }
    if params:
        bound["spec"]["paramRef"] = {
            "name": params[0]["metadata"]["name"],
            "parameterNotFoundAction": "Deny",
        }
    for key, value in binding.items():
        bound["spec"][key] = (
            {**value, **bound["spec"].get(key, {})} if key == "matchResources" else value
        )
    for value in (policy, bound):
        status, answer = cluster.create(value)
        assert status == http.HTTPStatus.CREATED, answer
    labelled = [copy.deepcopy(it) for it in objects]
    for it in labelled:
        metadata = it.setdefault("metadata", {})
        metadata["labels"] = {**(metadata.get("labels") or {}), "portside.dev/test": namespace}
        if it["kind"] != "ClusterRoleBinding" and it["kind"] != "Namespace":
            metadata["namespace"] = namespace
    return Trial(policy, bound, tuple(params), tuple(labelled), namespace)


def _compare(cluster: Cluster, trials: list[Trial]) -> None:
    _wait_for_all(cluster)
    wrong = [it for trial in trials for it in _differences(cluster, trial)]
    assert not wrong, "\n\n".join(wrong)


def _wait_for_all(cluster: Cluster) -> None:
    """Until a policy that was made after all others is in force."""
    policy: Json = {
        "metadata": {"name": "last"},
        "spec": {
            "matchConstraints": {"resourceRules": [_rule("", "configmaps")]},
            "validations": [{"expression": "false"}],
        },
    }
    probe: Json = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}}
    trial = _trial(cluster, policy, {}, [], [probe])
    cluster.wait_until(lambda: cluster.create(trial.objects[0], dry_run=True)[0] == 422)


def _rule(group: str, *resources: str) -> Json:
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": list(resources),
    }


def _differences(cluster: Cluster, trial: Trial) -> Iterator[str]:
    for value in trial.objects:
        status, answer = cluster.create(value, dry_run=True)
        text = str(answer.get("message", ""))
        said = text.partition(DENIED)[2] if DENIED in text else ""
        if status >= 300 and not said:
            # Refused before or after the policy: nothing is said of it.
            continue
        ours = _ours(cluster, trial, value)
        if _core(ours) != _core(said):
            spec = {**trial.policy["spec"], "matchConstraints": "..."}
            yield f"{spec} on {value}\n  ours: {ours!r}\n  the server: {status} {said or text!r}"


def _core(message: str) -> str:
    """The message; of an error, without cel-go's own words for it."""
    head, mark, _ = message.partition(ERROR)
    return head + mark


def _ours(cluster: Cluster, trial: Trial, value: Json) -> str:
    """The first message of ours, as the server says the first; empty where we admit it."""
    texts = yaml.safe_dump_all([trial.policy, trial.binding], sort_keys=False)
    params = yaml.safe_dump_all(trial.params, sort_keys=False)
    foreign = read_policies(
        [("policy.yaml", texts.encode())], [("params.yaml", params.encode())], f"1.{NEWEST}"
    )
    stored = cluster.request("GET", f"/api/v1/namespaces/{trial.namespace}")[1]
    namespace = {**stored, "apiVersion": "v1", "kind": "Namespace"}
    (policy,) = foreign.policies
    rules = {policy.name: CompiledRule(policy.name, 2, "", "", (), "policy", (), {})}
    plan = Plan(rules, lambda *_: (), NEWEST)
    plan.foreign = foreign._replace(namespaces=namespaces([namespace]))
    text = yaml.safe_dump(value, sort_keys=False)
    result = judge_file(parse(text.encode(), "object.yaml"), plan)
    said = [it.message for it in result.findings if it.rule == policy.name]
    said += [f"undecided: {it.missing}" for it in result.undecided]
    return said[0] if said else ""


def pod(**spec: Any) -> Json:
    containers = [{"name": "web", "image": "registry.example.org/web:2.1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop"},
        "spec": {"containers": containers, **spec},
    }


def container(**fields: Any) -> Json:
    return pod(containers=[{"name": "web", "image": "x", **fields}])


def service(**spec: Any) -> Json:
    ports = [{"port": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop"},
        "spec": {"ports": ports, **spec},
    }


DEPLOYMENT: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop"},
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "web", "image": "x"}]},
        },
    },
}
SETTINGS: Json = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "labels": {"team": "a"}},
    "data": {"most": "3", "team": "a"},
}
PODS = (
    pod(),
    pod(hostNetwork=False),
    pod(hostNetwork=True),
    pod(securityContext={}),
    pod(automountServiceAccountToken=False),
    pod(terminationGracePeriodSeconds=0),
    pod(nodeSelector={}, tolerations=[]),
    container(resources={"limits": {"cpu": "0.5", "memory": "1024Mi"}}),
    container(resources={"limits": {"cpu": 1}, "requests": {"cpu": "100m"}}),
    container(resources={}),
    container(securityContext={}),
    container(ports=[{"containerPort": 80}], env=[{"name": "A"}, {"name": "B", "value": ""}]),
    container(livenessProbe={"httpGet": {"port": 80}}),
    container(livenessProbe={"httpGet": {"port": "http", "path": "/x"}}),
    DEPLOYMENT,
    service(),
    service(ports=[{"port": 80, "targetPort": "http"}]),
    service(type="LoadBalancer"),
)
EXPRESSIONS = (
    # What the encoder adds, and what it leaves out.
    "!has(object.spec.containers) || object.spec.containers.all(c, has(c.resources.limits))",
    "!has(object.spec.hostNetwork)",
    "has(object.status) || object.status.nothing == 1",
    "object.kind != 'Service' || has(object.status.loadBalancer)",
    "has(object.metadata.labels) && size(object.metadata.labels) == 1",
    "!has(object.spec.securityContext)",
    "!has(object.spec.nodeSelector)",
    "has(object.spec.template.metadata.labels)",
    "object.spec.template.metadata.creationTimestamp == null",
    "has(object.spec.strategy) && object.spec.strategy.type == 'RollingUpdate'",
    "object.spec.containers.all(c, !has(c.env) || c.env.all(e, has(e.value)))",
    "object.spec.containers.all(c, !has(c.securityContext))",
    "object.spec.ports.all(p, p.targetPort == 80)",
    "object.spec.terminationGracePeriodSeconds == 30",
    "object.spec.containers.all(c, c.resources.?limits.?cpu.orValue('') in ['500m', '1', ''])",
    "object.spec.containers.all(c, c.resources.?limits.?memory.orValue('') != '1Gi')",
    "object.spec.containers.all(c, quantity(c.resources.limits.cpu).isLessThan(quantity('1')))",
    "object.spec.containers.all(c, !has(c.livenessProbe) || c.livenessProbe.httpGet.port == 80)",
    "object.spec.containers.all(c, !has(c.livenessProbe) || has(c.livenessProbe.httpGet.path))",
    "object.spec.containers[0].imagePullPolicy == 'Always'",
    # What is known of the request.
    "request.operation == 'CREATE' && oldObject == null",
    "request.kind.kind == object.kind && request.resource.resource == 'pods'",
    "request.name == 'shop' && request.namespace == object.metadata.namespace",
    "has(request.subResource)",
    "request.subResource == ''",
    "has(request.userInfo)",
    "namespaceObject.metadata.name == request.namespace",
    "namespaceObject.metadata.labels.team == 'shop'",
    "has(namespaceObject.metadata.labels.other)",
    "has(namespaceObject.metadata.annotations)",
    "namespaceObject.status.phase == 'Active'",
    # Errors, and what absorbs them.
    "object.spec.nothing == 1",
    "object.spec.nothing == 1 || true",
    "object.spec.containers.exists(c, c.nothing == 1 || c.name == 'web')",
    "string(object.spec) == ''",
    "size(object.spec.containers) > 'a'.size()",
)


def test_single_expressions_agree_with_the_server(cluster: Cluster) -> None:
    trials = []
    for number, expression in enumerate(EXPRESSIONS):
        policy = _policy(f"expression-{number}", {"validations": [{"expression": expression}]})
        trials.append(_trial(cluster, policy, {}, [], list(PODS), {"team": "shop"}))
    _compare(cluster, trials)


def _policy(name: str, spec: Json) -> Json:
    rules = [_rule("", "pods", "services", "namespaces"), _rule("apps", "deployments")]
    constraints = {"resourceRules": rules, **spec.pop("constraints", {})}
    return {"metadata": {"name": name}, "spec": {"matchConstraints": constraints, **spec}}


NEVER: list[Json] = [{"expression": "false", "message": "no"}]
SPECS: tuple[tuple[Json, Json, list[Json]], ...] = (
    # Messages.
    ({"validations": [{"expression": "false"}]}, {}, []),
    ({"validations": [{"expression": " false ", "message": " said  "}]}, {}, []),
    (
        {"validations": [{"expression": "false", "messageExpression": "' ' + object.kind + ' '"}]},
        {},
        [],
    ),
    (
        {
            "validations": [
                {"expression": "false", "message": "b", "messageExpression": "object.spec.none"}
                | {"messageExpression": "string(object.spec.none)"}
            ]
        },
        {},
        [],
    ),
    ({"validations": [{"expression": "false", "messageExpression": "'a\\nb'"}]}, {}, []),
    (
        {"validations": [{"expression": "false", "messageExpression": "' '", "message": "m"}]},
        {},
        [],
    ),
    (
        {
            "validations": [
                {"expression": "object.kind != 'Pod'", "message": "pod"},
                {"expression": "object.kind == 'Pod'", "message": "no pod"},
            ]
        },
        {},
        [],
    ),
    # Match conditions: one that is false outweighs an error; errors count otherwise.
    (
        {
            "matchConditions": [{"name": "a", "expression": "object.kind == 'Pod'"}],
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "matchConditions": [
                {"name": "a", "expression": "object.spec.none == 1"},
                {"name": "b", "expression": "object.kind == 'Pod'"},
            ],
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "failurePolicy": "Fail",
            "matchConditions": [{"name": "a", "expression": "object.metadata.name == 'shop'"}],
            "validations": NEVER,
        },
        {},
        [],
    ),
    # Variables: lazy, in order, and an error only of who reads them.
    (
        {
            "variables": [
                {"name": "pods", "expression": "object.kind == 'Pod' ? [object.spec] : []"},
                {"name": "names", "expression": "variables.pods.map(p, p.containers[0].name)"},
                {"name": "wrong", "expression": "object.spec.none"},
            ],
            "validations": [
                {
                    "expression": "size(variables.names) == 0 || variables.names[0] != 'web'",
                    "messageExpression": "variables.names.join(', ')",
                },
                {"expression": "object.kind == 'Pod' || variables.wrong == 1"},
            ],
        },
        {},
        [],
    ),
    # Constraints.
    ({"constraints": {"excludeResourceRules": [_rule("", "pods")]}, "validations": NEVER}, {}, []),
    (
        {
            "constraints": {
                "resourceRules": [{**_rule("*", "*"), "apiVersions": ["*"], "scope": "Namespaced"}]
            },
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "constraints": {
                "resourceRules": [{**_rule("*", "*/*"), "apiVersions": ["*"], "scope": "Cluster"}]
            },
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "constraints": {"resourceRules": [{**_rule("", "pods"), "resourceNames": ["other"]}]},
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "constraints": {"resourceRules": [{**_rule("", "pods"), "operations": ["UPDATE"]}]},
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "constraints": {"resourceRules": [_rule("", "pods/ephemeralcontainers")]},
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {
            "constraints": {
                "namespaceSelector": {
                    "matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["shop"]}]
                }
            },
            "validations": NEVER,
        },
        {},
        [],
    ),
    (
        {"validations": NEVER},
        {"matchResources": {"namespaceSelector": {"matchLabels": {"team": "shop"}}}},
        [],
    ),
    (
        {
            "constraints": {
                "objectSelector": {
                    "matchExpressions": [{"key": "portside.dev/test", "operator": "DoesNotExist"}]
                }
            },
            "validations": NEVER,
        },
        {},
        [],
    ),
    # Parameters.
    (
        {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "validations": [
                {
                    "expression": "int(params.data.most) < 2",
                    "messageExpression": "params.metadata.name + ' ' + params.data.most",
                }
            ],
        },
        {},
        [SETTINGS],
    ),
    (
        {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "validations": [{"expression": "params == null", "message": "given"}],
        },
        {},
        [],
    ),
    (
        {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "validations": [{"expression": "params.data.team != 'a'", "message": "team a"}],
        },
        {
            "paramRef": {
                "selector": {"matchLabels": {"team": "a"}},
                "parameterNotFoundAction": "Deny",
            }
        },
        [SETTINGS],
    ),
    (
        {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}, "validations": NEVER},
        {
            "paramRef": {
                "selector": {"matchLabels": {"team": "b"}},
                "parameterNotFoundAction": "Deny",
            }
        },
        [SETTINGS],
    ),
    (
        {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}, "validations": NEVER},
        {
            "paramRef": {
                "selector": {"matchLabels": {"team": "b"}},
                "parameterNotFoundAction": "Allow",
            }
        },
        [SETTINGS],
    ),
)


def test_whole_policies_agree_with_the_server(cluster: Cluster) -> None:
    space: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "fresh"}}
    trials = []
    for number, (spec, binding, params) in enumerate(SPECS):
        policy = _policy(f"whole-{number}", copy.deepcopy(spec))
        # A parameter that is named stands in no namespace of that name: the server denies, and
        # of ours it is only known that it was not given.
        by_name = bool(params) and not binding
        objects = [pod(), service(), DEPLOYMENT, *([] if by_name else [space])]
        trial = _trial(cluster, policy, binding, params, objects, {"team": "shop"})
        placed = tuple(
            {**it, "metadata": {**it["metadata"], "namespace": trial.namespace}} for it in params
        )
        for it in placed:
            _install(cluster, it)
        trials.append(trial._replace(params=placed))
    _compare(cluster, trials)
