"""Rights as Kubernetes reads them: what no single example can show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.rules.asking import judged, lines_of, plan_of, rules, told

RBAC = "rbac.authorization.k8s.io"
RIGHTS = [
    ("cluster-wide-secret-access", "ClusterRole", "", "secrets", "get"),
    ("namespace-secret-access", "Role", "", "secrets", "list"),
    ("workload-write-access", "Role", "apps", "deployments", "create"),
    ("workload-write-access", "ClusterRole", "batch", "cronjobs", "patch"),
    ("pod-exec-access", "Role", "", "pods/exec", "get"),
    ("pod-exec-access", "ClusterRole", "", "pods/ephemeralcontainers", "patch"),
    ("nodes-proxy-access", "ClusterRole", "", "nodes/proxy", "get"),
    ("bind-or-escalate", "ClusterRole", RBAC, "clusterroles", "bind"),
    ("bind-or-escalate", "Role", RBAC, "roles", "escalate"),
    ("role-write-access", "Role", RBAC, "rolebindings", "create"),
    ("impersonation", "ClusterRole", "", "groups", "impersonate"),
    ("impersonation", "ClusterRole", "authentication.k8s.io", "uids", "impersonate"),
    ("token-minting", "Role", "", "serviceaccounts/token", "create"),
    ("event-deletion", "Role", "events.k8s.io", "events", "deletecollection"),
    ("persistent-volume-write-access", "ClusterRole", "", "persistentvolumes", "create"),
    ("traffic-write-access", "ClusterRole", "networking.k8s.io", "networkpolicies", "delete"),
    ("mass-deletion", "ClusterRole", "", "namespaces", "delete"),
    ("system-config-map-write", "ClusterRole", "", "configmaps", "update"),
    ("namespace-or-node-relabel", "Role", "", "namespaces", "patch"),
    ("namespace-or-node-relabel", "ClusterRole", "", "nodes/status", "update"),
    ("api-extension-write-access", "ClusterRole", "apiregistration.k8s.io", "apiservices", "patch"),
    (
        *("admission-write-access", "ClusterRole", "admissionregistration.k8s.io"),
        *("validatingadmissionpolicies", "delete"),
    ),
]
CASES = [pytest.param(*it, id=f"{it[0]}: {it[4]} {it[3]}") for it in RIGHTS]
WORDS = ("carts", "pods", "secrets", "configmaps", "roles", "*", "*/exec", "pods/exec", "nodes")
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "bind", "use", "*")
EMPTY: tuple[list[Any] | None, ...] = ([], None)
GROUPS = ("", "apps", RBAC, "shop.example.org", "*")


def _role(kind: str, *granted: dict[str, Any], name: str = "shop") -> str:
    return json.dumps(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": kind,
            "metadata": {"name": name},
            "rules": list(granted),
        }
    )


def _grant(group: str, resource: str, verb: str, **more: Any) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": [resource], "verbs": [verb], **more}


def _found(rule: str, text: str) -> bool:
    result = judged(text, plan_of([rule]))
    assert not result.undecided, told(result)
    assert not result.unread, told(result)
    return bool(result.findings)


def _wildcards(group: str, resource: str, verb: str) -> Iterator[dict[str, Any]]:
    yield _grant("*", resource, verb)
    yield _grant(group, "*", verb)
    yield _grant(group, resource, "*")
    yield _grant("*", "*", "*")
    if "/" in resource:
        yield _grant(group, f"*/{resource.partition('/')[2]}", verb)


@pytest.mark.parametrize(("rule", "kind", "group", "resource", "verb"), CASES)
def test_a_right_that_is_granted_by_a_wildcard_is_found_as_the_one_that_is_named(
    rule: str, kind: str, group: str, resource: str, verb: str
) -> None:
    assert _found(rule, _role(kind, _grant(group, resource, verb)))
    for granted in _wildcards(group, resource, verb):
        assert _found(rule, _role(kind, granted)), granted


@pytest.mark.parametrize(("rule", "kind", "group", "resource", "verb"), CASES)
def test_what_grants_nothing_of_it_is_not_found(
    rule: str, kind: str, group: str, resource: str, verb: str
) -> None:
    other = [
        _grant("shop.example.org", resource, verb),
        _grant(group, f"{resource}x", verb),
        _grant(group, resource, f"{verb}x"),
        # A star is a pattern alone or before a subresource, and a parent is not its subresource.
        _grant(group, f"{resource.partition('/')[0]}/*", verb),
        _grant(group, f"{resource}/deeper", verb),
    ]
    for granted in other:
        assert not _found(rule, _role(kind, granted)), granted
    if "/" in resource:
        assert not _found(rule, _role(kind, _grant(group, "carts/" + resource, verb)))


@pytest.mark.parametrize(("rule", "kind", "group", "resource", "verb"), CASES)
def test_a_right_on_named_objects_is_another_matter(
    rule: str, kind: str, group: str, resource: str, verb: str
) -> None:
    named = _found(rule, _role(kind, _grant(group, resource, verb, resourceNames=["shop-own"])))
    assert named == (verb == "escalate")  # whoever escalates one role may write anything into it
    assert _found(rule, _role(kind, _grant(group, resource, verb, resourceNames=[])))


@pytest.mark.parametrize("name", ["cluster-admin", "admin", "edit", "view", "system:node"])
@pytest.mark.parametrize(("rule", "kind", "group", "resource", "verb"), CASES)
def test_roles_of_kubernetes_itself_are_not_judged(
    rule: str, kind: str, group: str, resource: str, verb: str, name: str
) -> None:
    assert not _found(rule, _role(kind, _grant(group, resource, verb), name=name))


@pytest.mark.parametrize(("rule", "kind", "group", "resource", "verb"), CASES)
def test_an_aggregated_role_grants_nothing_of_its_own(
    rule: str, kind: str, group: str, resource: str, verb: str
) -> None:
    for empty in EMPTY:
        role = {
            "apiVersion": f"{RBAC}/v1",
            "kind": kind,
            "metadata": {"name": "shop"},
            "rules": empty,
        }
        assert not _found(rule, json.dumps(role))


GRANTS = some.builds(
    lambda groups, resources, verbs, names: {
        "apiGroups": groups,
        "resources": resources,
        "verbs": verbs,
        **({"resourceNames": names} if names is not None else {}),
    },
    some.lists(some.sampled_from(GROUPS), min_size=1, max_size=2),
    some.lists(some.sampled_from(WORDS), min_size=1, max_size=3),
    some.lists(some.sampled_from(VERBS), min_size=1, max_size=3),
    some.sampled_from([None, None, [], ["shop-own"]]),
)
ABOUT_ROLES = sorted(
    rule.id for rule in rules() if f"{RBAC}/ClusterRole" in rule.text.kinds and rule.checks
)


@given(some.lists(GRANTS, min_size=1, max_size=3), some.sampled_from(["Role", "ClusterRole"]))
def test_findings_name_an_item_that_is_there_and_more_rights_never_mean_fewer_findings(
    granted: list[dict[str, Any]], kind: str
) -> None:
    plan = plan_of(ABOUT_ROLES)
    text = _role(kind, *granted)
    result = judged(text, plan)
    assert not result.undecided, told(result)
    for finding in result.findings:
        value: Any = json.loads(text)
        for step in finding.path:
            value = value[step]
    fewer = judged(_role(kind, *granted[1:]), plan)
    assert {it.rule for it in fewer.findings} <= {it.rule for it in result.findings}


def test_a_finding_stands_at_the_item_to_blame() -> None:
    text = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: shop}
rules:
  - apiGroups:
      - ""
    resources:
      - pods
      - secrets
    verbs:
      - get
"""
    result = judged(text, plan_of(["cluster-wide-secret-access"]))
    assert lines_of(result) == (9,)
    assert result.findings[0].path == ("rules", 0, "resources", 1)


def test_roles_of_older_versions_of_the_group_are_judged_too() -> None:
    for version in ("v1", "v1beta1"):
        text = _role("ClusterRole", _grant("", "secrets", "get")).replace("/v1", f"/{version}")
        assert _found("cluster-wide-secret-access", text)
