"""Each step of an attacker is there while its control fails, and gone once it passes."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from portside.cli.plan import choose
from portside.graph.rights import abilities
from portside.graph.table import ABILITY_RULES, EDGE_RULES, FOLLOWED, HARDENING
from portside.policy import builtin
from tests.graph.attacking import (
    application,
    edges,
    pod,
    privileged,
    role,
    rule,
    rules,
    service,
    steps,
)

HOST = "volumes: [{{name: h, hostPath: {{path: {path}}}}}]"
MOUNT = "volumeMounts: [{name: h, mountPath: /h}]"
READ = "volumeMounts: [{name: h, mountPath: /h, readOnly: true}]"


def adding(capability: str) -> str:
    return f"securityContext: {{capabilities: {{add: [{capability}]}}}}"


class Case(NamedTuple):
    kind: str
    rule: str
    fails: str
    passes: str
    cost: int = 0


CASES = (
    Case("CE_PRIV_MOUNT", "privileged-container", privileged(), pod()),
    Case(
        "CE_HOST_PROCESS",
        "windows-host-process",
        pod(container="securityContext: {windowsOptions: {hostProcess: true}}"),
        pod(),
    ),
    Case("CE_MODULE_LOAD", "dangerous-capability", pod(container=adding("SYS_MODULE")), pod()),
    Case("CE_SYS_ADMIN", "dangerous-capability", pod(container=adding("SYS_ADMIN")), pod(), 1),
    Case(
        "CE_SYS_PTRACE",
        "host-pid",
        pod(spec="hostPID: true", container=adding("SYS_PTRACE")),
        pod(container=adding("SYS_PTRACE")),
    ),
    Case(
        "CE_UMH_CORE_PATTERN",
        "unmasked-proc",
        pod(container="securityContext: {procMount: Unmasked}"),
        pod(container="securityContext: {procMount: Default}"),
        2,
    ),
    Case(
        "EXPLOIT_CONTAINERD_SOCK",
        "runtime-socket-mount",
        pod(spec=HOST.format(path="/run/containerd/containerd.sock"), container=MOUNT),
        pod(spec=HOST.format(path="/run/containerd/containerd.sock")),
    ),
    Case(
        "EXPLOIT_HOST_WRITE",
        "sensitive-host-path",
        pod(spec=HOST.format(path="/etc"), container=MOUNT),
        pod(spec=HOST.format(path="/srv/data"), container=MOUNT),
    ),
    Case(
        "EXPLOIT_HOST_READ",
        "sensitive-host-path",
        pod(spec=HOST.format(path="/var/lib/kubelet"), container=READ),
        pod(spec=HOST.format(path="/usr"), container=READ),
        1,
    ),
    Case(
        "EXPOSURE",
        "public-load-balancer",
        pod() + "---" + service(),
        pod() + "---" + service(spec="type: ClusterIP"),
    ),
    Case(
        "EXPOSURE",
        "node-port-service",
        pod() + "---" + service(spec="type: NodePort"),
        pod() + "---" + service(spec="type: ClusterIP"),
        1,
    ),
    Case(
        "EXPOSURE",
        "public-load-balancer",
        pod() + "---" + service(),
        pod()
        + "---"
        + service(spec="type: LoadBalancer, loadBalancerSourceRanges: [198.51.100.0/24]"),
    ),
    Case("EXPOSURE", "external-ips", service(spec="externalIPs: [203.0.113.7]"), service(spec="")),
    Case(
        "EXPOSURE",
        "host-port",
        pod(container="ports: [{containerPort: 80, hostPort: 80}]"),
        pod(container="ports: [{containerPort: 80}]"),
        1,
    ),
    Case(
        "EXPOSURE",
        "host-network",
        pod(spec="hostNetwork: true", container="ports: [{containerPort: 80}]"),
        pod(container="ports: [{containerPort: 80}]"),
        1,
    ),
    Case(
        "ENDPOINT_OPEN",
        "sensitive-interface-exposed",
        pod("redis").replace("image: i", 'image: "redis:7.4"') + "---" + service("redis"),
        pod("redis") + "---" + service("redis"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda it: f"{it.kind}-{it.rule}")
def test_a_step_is_there_while_its_control_fails_and_gone_once_it_passes(case: Case) -> None:
    failing = application(case.fails)
    found = edges(failing, case.kind)
    assert case.rule in rules(failing, found)
    assert {it.cost for it in found} == {case.cost}
    assert not edges(application(case.passes), case.kind)


TWO = """
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop}
spec: {shareProcessNamespace: %s, containers: [{name: a, image: i}, {name: b, image: i}]}
"""


def test_containers_that_share_processes_lead_to_each_other() -> None:
    shared = application(TWO % "true")
    assert steps(shared, "SHARE_PS_NAMESPACE") == {
        "container a of Pod shop/two > container b of Pod shop/two",
        "container b of Pod shop/two > container a of Pod shop/two",
    }
    assert rules(shared, edges(shared, "SHARE_PS_NAMESPACE")) == {"shared-process-namespace"}
    assert not steps(application(TWO % "false"), "SHARE_PS_NAMESPACE")


def test_a_pod_has_its_account_as_long_as_a_token_is_mounted() -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\n"
    mounted = pod().replace("automountServiceAccountToken: false", "restartPolicy: Always")
    made = application(mounted)
    assert steps(made, "IDENTITY_ASSUME") == {
        "container c of Pod shop/web > ServiceAccount shop/default"
    }
    assert rules(made, edges(made, "IDENTITY_ASSUME")) == {"unneeded-api-token"}
    assert not steps(application(pod()), "IDENTITY_ASSUME")
    off = f"{account}automountServiceAccountToken: false\n---{mounted}"
    assert not steps(application(off), "IDENTITY_ASSUME")
    projected = pod(
        spec="volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}]"
    )
    assert steps(application(projected), "IDENTITY_ASSUME")


def test_a_secret_that_holds_a_token_leads_to_its_account() -> None:
    written = """
apiVersion: v1
kind: Secret
metadata:
  {name: t, namespace: shop, annotations: {kubernetes.io/service-account.name: app}}
type: %s
"""
    made = application(written % "kubernetes.io/service-account-token")
    assert steps(made, "TOKEN_STEAL") == {"Secret shop/t > ServiceAccount shop/app"}
    assert rules(made, edges(made, "TOKEN_STEAL")) == {"service-account-token-secret"}
    assert not steps(application(written % "Opaque"), "TOKEN_STEAL")


def test_a_user_namespace_makes_each_way_to_the_node_rare() -> None:
    made = application(pod(spec="hostUsers: false", container=adding("SYS_ADMIN")))
    assert [it.cost for it in edges(made, "CE_SYS_ADMIN")] == [2]


ROLES = (
    ("EVERYTHING", "role-grants-everything", rule("*", '"*"', '"*"'), "every right in the cluster"),
    (
        "ROLE_BIND",
        "bind-or-escalate",
        rule("rbac.authorization.k8s.io", "clusterroles", "bind"),
        "every right in the cluster",
    ),
    (
        "IDENTITY_IMPERSONATE",
        "impersonation",
        rule("", "groups", "impersonate"),
        "every right in the cluster",
    ),
    (
        "TOKEN_CREATE",
        "token-minting",
        rule("", "serviceaccounts/token", "create"),
        "any ServiceAccount everywhere",
    ),
    (
        "TOKEN_LIST",
        "cluster-wide-secret-access",
        rule("", "secrets", "list"),
        "any Secret everywhere",
    ),
    (
        "POD_CREATE",
        "workload-write-access",
        rule("", "pods", "create"),
        "a pod of one's own everywhere",
    ),
    (
        "POD_CREATE",
        "workload-write-access",
        rule("apps", "deployments", "patch"),
        "a pod of one's own everywhere",
    ),
    (
        "POD_EXEC",
        "pod-exec-access",
        rule("", "pods/exec", "create"),
        "a shell in any pod everywhere",
    ),
    ("NODE_PROXY", "nodes-proxy-access", rule("", "nodes/proxy", "get"), "root on a node"),
    (
        "ADMISSION_TAMPER",
        "admission-write-access",
        rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "create"),
        "every right in the cluster",
    ),
    (
        "API_EXTEND",
        "api-extension-write-access",
        rule("apiregistration.k8s.io", "apiservices", "create"),
        "every right in the cluster",
    ),
    (
        "SYSTEM_CONFIG_WRITE",
        "system-config-map-write",
        rule("", "configmaps", "update"),
        "every right in the cluster",
    ),
)


@pytest.mark.parametrize(("kind", "finder", "rights", "target"), ROLES)
def test_a_right_is_a_step_of_the_role_that_gives_it(
    kind: str, finder: str, rights: str, target: str
) -> None:
    made = application(role(rights))
    assert steps(made, kind) == {f"ClusterRole r everywhere > {target}"}
    assert finder in rules(made, edges(made, kind))
    assert steps(made, "BOUND") == {"ServiceAccount shop/app > ClusterRole r everywhere"}
    assert not steps(application(role(rule("", "pods", "get"))), kind)


@pytest.mark.parametrize(
    "rights",
    [
        rule("rbac.authorization.k8s.io", "clusterroles, clusterrolebindings", "create, update"),
        rule("rbac.authorization.k8s.io", "clusterroles", "bind", "view"),
        rule("", "serviceaccounts/token", "get"),
        rule("apps", "pods", "create"),
        rule("", "pods, pods/log", "get, list"),
        rule("", "configmaps", "update", "my-settings"),
        rule("", "nodes/proxy", "get", "one-node"),
    ],
)
def test_what_the_api_server_keeps_in_bounds_is_no_step(rights: str) -> None:
    made = application(role(rights))
    kinds = {it.kind for it in made.graph.edges}
    assert not kinds & set(ABILITY_RULES), kinds


def test_a_right_in_a_namespace_ends_there() -> None:
    made = application(role(rule("", "secrets", "get"), kind="Role"))
    assert steps(made, "TOKEN_LIST") == {"Role r in shop > any Secret in shop"}
    assert "namespace-secret-access" in rules(made, edges(made, "TOKEN_LIST"))
    nowhere = application(role(rule("", "nodes/proxy", "get"), kind="Role"))
    assert not steps(nowhere, "NODE_PROXY")


def test_named_things_are_all_that_is_reached() -> None:
    made = application(role(rule("", "secrets", "get", "one"), kind="Role"))
    assert steps(made, "TOKEN_LIST") == {"Role r in shop > Secret shop/one"}
    tokens = application(role(rule("", "serviceaccounts/token", "create", "boss"), kind="Role"))
    assert steps(tokens, "TOKEN_CREATE") == {"Role r in shop > ServiceAccount shop/boss"}


def test_two_rights_of_two_roles_make_one_ability() -> None:
    parts = [role(rule("", "secrets", verb), name=verb, kind="Role") for verb in ("create", "list")]
    both = application("---".join(parts))
    assert "ServiceAccount shop/app > any ServiceAccount in shop" in steps(both, "TOKEN_CREATE")
    assert not steps(application(parts[1]), "TOKEN_CREATE")
    certificates = "certificates.k8s.io"
    signing = ",".join(
        (
            rule(certificates, "certificatesigningrequests/approval", "update"),
            rule(certificates, "signers", "approve"),
        )
    )
    (step,) = edges(application(role(signing)), "CERTIFICATE_APPROVE")
    assert step.cost == 1
    asking = rule(certificates, "certificatesigningrequests", "create")
    assert [
        it.cost for it in edges(application(role(f"{signing},{asking}")), "CERTIFICATE_APPROVE")
    ] == [0]


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {%s}}\n"


def test_who_creates_pods_gets_to_the_node_where_no_level_forbids_it() -> None:
    creates = role(rule("", "pods", "create"), kind="Role")
    enforce = "pod-security.kubernetes.io/enforce"
    admitting = application(f"{creates}---\n{NAMESPACE % ''}")
    assert [it.cost for it in edges(admitting, "POD_PRIVILEGED")] == [0]
    assert rules(admitting, edges(admitting, "POD_PRIVILEGED")) == {"pod-security-not-enforced"}
    for level in ("baseline", "restricted"):
        closed = application(f"{creates}---\n{NAMESPACE % f'{enforce}: {level}'}")
        assert "a pod of one's own in shop > root on a node" not in steps(closed, "ANY_OF")
        assert not edges(closed, "POD_PRIVILEGED")
    unknown = edges(application(creates), "ANY_OF")
    assert 1 in {it.cost for it in unknown}, "the Namespace is not here: it may forbid it"


def test_built_in_roles_and_what_is_added_to_them_by_labels_are_known() -> None:
    binding = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
subjects: [{kind: User, name: ann}]
"""
    assert steps(application(binding % "edit"), "POD_CREATE")
    view = binding % "view"
    assert not steps(application(view), "TOKEN_LIST")
    added = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: more, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
"""
    assert steps(application(view + added), "TOKEN_LIST")
    made = application(binding % "somebody-elses")
    assert any("somebody-elses" in note for note in made.graph.notes)


def test_the_ids_and_controls_of_the_table_are_those_of_the_rules() -> None:
    from portside.policy.checkout import file_of
    from portside.policy.load import load_file

    known = choose("auditor", "").plan.rules
    assert set(EDGE_RULES) <= set(known)
    assert {it for listed in ABILITY_RULES.values() for it in listed} <= set(EDGE_RULES)
    for name, controls in EDGE_RULES.items():
        assert tuple(load_file(file_of(name)).controls) == controls, name
    assert builtin.stamp()


def test_every_rule_of_the_families_that_are_followed_is_in_the_table() -> None:
    from portside.policy.checkout import file_of
    from portside.policy.load import load_file

    wanted = {
        name
        for name in choose("auditor", "").plan.rules
        if any(it[0] in FOLLOWED for it in load_file(file_of(name)).controls)
    }
    known = set(EDGE_RULES) | HARDENING
    assert wanted == known, "put it into graph/table.py: a step, or HARDENING"
    assert not HARDENING & set(EDGE_RULES)


def test_an_ability_is_what_its_rule_finds() -> None:
    for _, finder, rights, _ in ROLES:
        made = application(role(rights))
        assert finder in {it.rule for it in made.faults}
    assert not list(abilities({"verbs": None, "resources": "pods", "apiGroups": [1]}))
