"""What cannot be in the map is said, with its place: the map is never silently without it."""

from __future__ import annotations

import pytest

from tests.graph.reading import reach

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
"""


def one(text: str) -> tuple[str, str, int]:
    made = reach(POD + text)
    (fault,) = made.faults
    return fault.what, fault.reason, fault.line


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy"),
        ("crd.projectcalico.org/v1", "NetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
        ("k8s.cni.cncf.io/v1beta1", "MultiNetworkPolicy"),
        ("k8s.ovn.org/v1", "UserDefinedNetwork"),
    ],
)
def test_policies_and_networks_of_plugins_are_not_taken_into_account(
    api_version: str, kind: str
) -> None:
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: it}}\n"
    what, reason, line = one(text)
    assert (what, line) == (f"{kind} default/it", 6)
    assert reason.endswith("not taken into account")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("{podSelector: {}, ingress: [{from: [{}]}]}", "a peer needs podSelector"),
        (
            "{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 1.0.0.0/8}}]}]}",
            "a peer with ipBlock may have no selector",
        ),
        ("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: ten}}]}]}", "ten is no block"),
        ("{podSelector: {}, ingress: [{ports: [{port: 0}]}]}", "port is no number from 1 to 65535"),
        ("{podSelector: {}, ingress: [{ports: [{port: '80'}]}]}", '"80" is a text'),
        (
            "{podSelector: {}, ingress: [{ports: [{port: 9, endPort: 8}]}]}",
            "endPort is no number from 9 to 65535",
        ),
        ("{podSelector: {}, ingress: [{ports: [{port: http, endPort: 8}]}]}", "endPort goes with"),
        ("{podSelector: {}, ingress: [{ports: [{endPort: 8}]}]}", "endPort without port"),
        (
            "{podSelector: {}, ingress: [{ports: [{protocol: ICMP}]}]}",
            "no protocol is called ICMP",
        ),
        ("{podSelector: {}, policyTypes: [Both]}", "no policy type is called Both"),
        (
            "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
            "the operator In needs values",
        ),
        (
            "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
            "the operator Exists takes no values",
        ),
        ("{podSelector: {matchExpressions: [{key: a, operator: Near}]}}", "no operator Near"),
    ],
)
def test_a_policy_that_the_api_server_refuses_is_not_in_force(spec: str, reason: str) -> None:
    text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: it}\n"
    what, said, line = one(f"{text}spec: {spec}\n")
    assert (what, line) == ("NetworkPolicy default/it", 9)
    assert said.startswith(f"the API server refuses it: {reason}") or reason in said


@pytest.mark.parametrize(
    ("kind", "version", "spec", "reason"),
    [
        (
            "AdminNetworkPolicy",
            "v1alpha1",
            "priority: 1001",
            "priority is no number from 0 to 1000",
        ),
        ("AdminNetworkPolicy", "v1alpha1", "priority: 1, subject: {}", "exactly one of namespaces"),
        ("BaselineAdminNetworkPolicy", "v1alpha1", "", "the one BaselineAdminNetworkPolicy"),
        ("ClusterNetworkPolicy", "v1alpha2", "tier: Middle", "no tier is called Middle"),
        (
            "ClusterNetworkPolicy",
            "v1alpha2",
            "tier: Admin, priority: 1, subject: {namespaces: {}}, "
            "ingress: [{action: Allow, from: [{namespaces: {}}]}]",
            "no action is called Allow",
        ),
        (
            "ClusterNetworkPolicy",
            "v1alpha2",
            "tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny}]",
            "a rule needs peers in from",
        ),
        (
            "AdminNetworkPolicy",
            "v1alpha1",
            "priority: 1, subject: {namespaces: {}}, "
            "egress: [{action: Deny, to: [{namespaces: {}, networks: [10.0.0.0/8]}]}]",
            "a peer needs exactly one of",
        ),
        (
            "AdminNetworkPolicy",
            "v1alpha1",
            "priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, "
            "to: [{namespaces: {}}], ports: [{namedPort: a, portNumber: {port: 1}}]}]",
            "exactly one of portNumber, portRange, namedPort",
        ),
    ],
)
def test_a_policy_of_the_cluster_that_is_refused_is_not_in_force(
    kind: str, version: str, spec: str, reason: str
) -> None:
    text = f"apiVersion: policy.networking.k8s.io/{version}\nkind: {kind}\n"
    what, said, _ = one(f"{text}metadata: {{name: it}}\nspec: {{{spec}}}\n")
    assert what == f"{kind} it"
    assert reason in said


def test_equal_priorities_leave_it_open_who_decides() -> None:
    policy = """\
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: NAME}
spec: {priority: 5, subject: {namespaces: {}}}
---
"""
    made = reach(POD + policy.replace("NAME", "a") + policy.replace("NAME", "b"))
    (fault,) = made.faults
    assert fault.what == "AdminNetworkPolicy b"
    assert "the priority of AdminNetworkPolicy a" in fault.reason


def test_a_kind_in_a_group_that_does_not_have_it_is_no_workload_and_said() -> None:
    what, reason, _ = one(POD.replace("apiVersion: v1", "apiVersion: apps/v1"))
    assert (what, reason) == ("Pod default/web", "Kubernetes has no Pod in apps/v1")


def test_nodes_and_domain_names_are_noted_and_nobody() -> None:
    policy = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: it}
spec:
  tier: Admin
  priority: 5
  subject: {namespaces: {}}
  egress:
    - {action: Accept, to: [{domainNames: [example.org]}, {nodes: {}}]}
"""
    made = reach(POD + policy)
    assert made.faults == []
    assert [it.line for it in made.notes] == [14, 14]
    assert {it.reason.split()[0] for it in made.notes} == {"files", "nodes"}


def test_two_of_one_name_are_noted() -> None:
    made = reach(POD + POD + POD.replace("name: web", "name: db") * 2)
    (note,) = made.notes
    assert (note.what, note.reason) == (
        "Pod default/web and 1 more",
        "stands in a.yaml:1 too: the map is made of both",
    )


def test_the_network_of_the_node_is_noted_where_there_are_policies() -> None:
    on_host = POD.replace("spec: {", "spec: {hostNetwork: true, ")
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: it}\n"
    policy += "spec: {podSelector: {}}\n"
    assert reach(on_host).notes == []
    (note,) = reach(on_host + policy).notes
    assert note.what == "default/web[Pod]"
    assert "most plugins apply no policy" in note.reason
