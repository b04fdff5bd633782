"""What policies mean, case by case: selectors, directions, ports, tiers and their order."""

from __future__ import annotations

import pytest

from portside.graph.network import ALL, NONE
from tests.graph.reading import lines, reach

PODS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: blue}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: c
          image: i
          ports: [{name: sql, containerPort: 5432}, {name: gossip, containerPort: 7, protocol: UDP}]
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: other, labels: {app: job}}
spec: {containers: [{name: c, image: i}]}
---
"""
WEB, DB, JOB = "shop/web[Deployment]", "shop/db[StatefulSet]", "other/job[Pod]"
WORLD = "0.0.0.0-255.255.255.255[External]"


def network_policy(spec: str, namespace: str = "shop") -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: it, namespace: {namespace}}}
spec: {spec}
"""


def admin(spec: str, priority: int = 10) -> str:
    return f"""\
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: p{priority}}}
spec: {{priority: {priority}, subject: {{namespaces: {{}}}}, {spec}}}
---
"""


def baseline(spec: str) -> str:
    return f"""\
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {{name: default}}
spec: {{subject: {{namespaces: {{}}}}, {spec}}}
---
"""


def cluster(spec: str, tier: str = "Admin", priority: int = 10) -> str:
    return f"""\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: c{priority}}}
spec: {{tier: {tier}, priority: {priority}, subject: {{namespaces: {{}}}}, {spec}}}
---
"""


def allowed(policies: str, source: str = WEB, target: str = DB) -> str:
    made = reach(PODS + policies)
    assert made.faults == []
    return str(made.allowed(source, target))


def test_without_policies_everybody_reaches_everybody() -> None:
    made = reach(PODS)
    assert len(lines(made)) == 3 * 2 + 3 + 3
    assert made.allowed(WORLD, DB) == made.allowed(DB, WORLD) == ALL


def test_a_policy_without_rules_isolates_whom_it_selects() -> None:
    deny = network_policy("{podSelector: {matchLabels: {app: db}}}")
    assert allowed(deny) == allowed(deny, WORLD) == "No Connections"
    assert allowed(deny, DB, WEB) == "All Connections"


def test_egress_alone_makes_a_policy_one_of_both_directions_unless_types_say_else() -> None:
    rules = "podSelector: {}, egress: [{ports: [{port: 1}]}]"
    assert allowed(network_policy(f"{{{rules}}}")) == "No Connections"
    assert allowed(network_policy(f"{{{rules}, policyTypes: [Egress]}}")) == "TCP 1"


@pytest.mark.parametrize(
    ("peer", "sources"),
    [
        ("{podSelector: {}}", {WEB}),
        ("{namespaceSelector: {}}", {WEB, JOB}),
        ("{namespaceSelector: {matchLabels: {team: blue}}}", {WEB}),
        ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}", {JOB}),
        ("{namespaceSelector: {}, podSelector: {matchLabels: {app: job}}}", {JOB}),
        ("{podSelector: {matchLabels: {app: job}}}", set()),
        ("{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}", {WEB}),
        ("{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}", set()),
        (
            "{namespaceSelector: {}, podSelector: {matchExpressions: "
            "[{key: app, operator: In, values: [web, nobody]}]}}",
            {WEB},
        ),
        (
            "{namespaceSelector: {}, podSelector: {matchExpressions: "
            "[{key: tier, operator: NotIn, values: [front]}]}}",
            {JOB},
        ),
        ("{ipBlock: {cidr: 0.0.0.0/0}}", {WORLD}),
    ],
)
def test_a_peer_is_who_all_its_selectors_select(peer: str, sources: set[str]) -> None:
    rule = f"ingress: [{{from: [{peer}]}}]"
    made = reach(PODS + network_policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, {rule}}}"))
    assert {it.source for it in made.connections() if it.target == DB} == sources


def test_policies_add_up() -> None:
    one = network_policy(
        "{podSelector: {}, ingress: [{ports: [{port: 1}, {port: 5, endPort: 9}]}]}"
    )
    two = network_policy("{podSelector: {}, ingress: [{ports: [{port: 2, protocol: UDP}]}]}")
    assert allowed(f"{one}---\n{two.replace('it,', 'two,')}") == "TCP 1,5-9,UDP 2"


def test_both_sides_have_to_allow_it() -> None:
    both = (
        "{podSelector: {}, egress: [{ports: [{port: 1, endPort: 5}]}], "
        "ingress: [{ports: [{port: 4, endPort: 9}]}]}"
    )
    assert allowed(network_policy(both)) == "TCP 4-5"
    assert allowed(network_policy(both), WEB, JOB) == "TCP 1-5"


def test_a_named_port_is_one_of_the_pod_that_is_connected_to() -> None:
    egress = "{{podSelector: {{}}, egress: [{{ports: [{0}]}}], policyTypes: [Egress]}}"
    sql = network_policy(egress.format("{port: sql}"))
    assert allowed(sql) == "TCP 5432"
    assert allowed(sql, DB, WEB) == allowed(sql, WEB, WORLD) == "No Connections"
    gossip = network_policy(egress.format("{port: gossip}"))
    assert allowed(gossip) == "No Connections", "the rule means TCP"
    assert allowed(network_policy(egress.format("{port: gossip, protocol: UDP}"))) == "UDP 7"
    ingress = "{podSelector: {}, ingress: [{ports: [{port: sql}, {port: http}]}]}"
    assert allowed(network_policy(ingress)) == "TCP 5432"


def test_addresses_are_cut_where_rules_begin_and_end() -> None:
    block = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}"
    spec = f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{block}]}}]}}"
    made = reach(PODS + network_policy(spec))
    assert [it for it in lines(made) if it.endswith(f"=> {DB} : All Connections")] == [
        f"10.0.0.0-10.0.255.255[External] => {DB} : All Connections",
        f"10.2.0.0-10.255.255.255[External] => {DB} : All Connections",
    ]
    assert made.allowed("10.0.3.4", DB) == ALL
    assert made.allowed("10.1.3.4", DB) == made.allowed("10.0.0.0/8", DB) == NONE
    assert made.allowed(DB, WORLD) == ALL, "what leaves is not cut by what enters"


def test_a_block_of_a_rule_that_is_not_in_force_cuts_too() -> None:
    rule = "ingress: [{from: [{ipBlock: {cidr: 128.0.0.0/1}}]}], policyTypes: [Egress]"
    made = reach(PODS + network_policy(f"{{podSelector: {{}}, {rule}}}"))
    sources = [it.source for it in made.connections() if it.target == DB]
    assert sources == [
        "0.0.0.0-127.255.255.255[External]",
        "128.0.0.0-255.255.255.255[External]",
        JOB,
    ]


def test_addresses_of_both_families_are_told_apart() -> None:
    block = "{ipBlock: {cidr: 'fd00::/8'}}"
    spec = f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{block}]}}]}}"
    made = reach(PODS + network_policy(spec))
    entering = [it for it in lines(made, (4, 6)) if f"=> {DB}" in it]
    last = "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    assert entering == [f"fd00::-{last}[External] => {DB} : All Connections"]
    assert made.allowed("fd00::1", DB) == ALL
    assert made.allowed("10.0.0.1", DB) == NONE


def test_the_first_admin_rule_about_a_connection_decides() -> None:
    rules = (
        "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}, "
        "{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {start: 1, end: 9}}]}]"
    )
    assert allowed(admin(rules)) == "SCTP 1-65535,TCP 1,10-65535,UDP 1-65535"


def test_a_lower_number_is_asked_first() -> None:
    deny = "egress: [{action: Deny, to: [{pods: {namespaceSelector: {}, podSelector: {}}}]}]"
    allow = deny.replace("Deny", "Allow")
    assert allowed(admin(deny, 5) + admin(allow, 6)) == "No Connections"
    assert allowed(admin(deny, 6) + admin(allow, 5)) == "All Connections"


def test_allow_of_an_admin_outranks_network_policies_and_pass_leaves_it_to_them() -> None:
    deny = network_policy("{podSelector: {}}")
    rules = "ingress: [{{action: {0}, from: [{{namespaces: {{}}}}]}}]"
    assert allowed(admin(rules.format("Allow")) + deny) == "All Connections"
    assert allowed(admin(rules.format("Pass")) + deny) == "No Connections"
    later = admin(rules.format("Deny"), 20)
    assert allowed(admin(rules.format("Pass")) + later) == "All Connections"


def test_the_baseline_is_asked_only_where_no_network_policy_selects_the_pod() -> None:
    deny = baseline("ingress: [{action: Deny, from: [{namespaces: {}}]}]")
    assert allowed(deny) == "No Connections"
    assert allowed(deny, WORLD) == "All Connections", "a namespace selector is about pods"
    one = network_policy("{podSelector: {}, ingress: [{ports: [{port: 1}]}]}")
    assert allowed(deny + one) == "TCP 1"
    first = admin("ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{namedPort: sql}]}]")
    assert allowed(deny + first) == "TCP 5432"
    assert allowed(deny + first, DB, WEB) == "No Connections"


def test_an_admin_policy_takes_the_protocol_of_a_named_port_from_the_pod() -> None:
    deny = "egress: [{action: Deny, to: [{namespaces: {}}], ports: [{namedPort: gossip}]}]"
    assert allowed(admin(deny)) == "SCTP 1-65535,TCP 1-65535,UDP 1-6,8-65535"


def test_networks_of_an_admin_policy_are_outside_of_the_cluster() -> None:
    deny = "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]"
    assert allowed(admin(deny), WEB, WORLD) == "No Connections"
    assert allowed(admin(deny)) == "All Connections"


def test_a_cluster_network_policy_has_both_tiers() -> None:
    rules = "ingress: [{{action: {0}, from: [{{namespaces: {{}}}}]{1}}}]"
    deny = network_policy("{podSelector: {}}")
    accept = rules.format("Accept", ", protocols: [{tcp: {destinationPort: {number: 5}}}]")
    assert allowed(cluster(accept) + deny) == "TCP 5"
    assert allowed(cluster(accept, "Baseline") + deny) == "No Connections"
    ranged = rules.format(
        "Accept", ", protocols: [{udp: {destinationPort: {range: {start: 2, end: 4}}}}, {sctp: {}}]"
    )
    assert allowed(cluster(ranged) + deny) == "SCTP 1-65535,UDP 2-4"
    named = rules.format("Accept", ", protocols: [{destinationNamedPort: gossip}]")
    assert allowed(cluster(named) + deny) == "UDP 7"
    everything = rules.format("Deny", "")
    assert allowed(cluster(everything, "Baseline")) == "No Connections"
    passing = cluster(rules.format("Pass", ""), "Baseline", 1)
    assert allowed(passing + cluster(everything, "Baseline", 2)) == "All Connections"


def test_a_network_of_all_addresses_in_a_cluster_network_policy_holds_those_of_pods() -> None:
    deny = cluster("egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]")
    assert allowed(deny) == allowed(deny, WEB, WORLD) == "No Connections"


def test_where_a_network_may_hold_addresses_of_pods_it_is_noted() -> None:
    rule = "egress: [{action: Deny, to: [{networks: [NETWORK]}]}]"
    for policy, notes in (
        (admin(rule.replace("NETWORK", "0.0.0.0/0")), 1),
        (cluster(rule.replace("NETWORK", "10.0.0.0/8")), 1),
        (cluster(rule.replace("NETWORK", "0.0.0.0/0")), 0),
    ):
        made = reach(PODS + policy)
        assert [it.reason.split(",")[0] for it in made.notes] == [
            "its networks may hold addresses of pods"
        ] * notes


def test_a_subject_may_be_pods() -> None:
    spec = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: it}
spec:
  tier: Admin
  priority: 0
  subject:
    pods:
      namespaceSelector: {matchLabels: {team: blue}}
      podSelector: {matchLabels: {app: db}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
"""
    assert allowed(spec) == "No Connections"
    assert allowed(spec, DB, WEB) == "All Connections"


def test_pods_of_one_owner_are_one_workload_that_reaches_what_any_of_them_does() -> None:
    pod = """\
apiVersion: v1
kind: Pod
metadata:
  name: {0}
  labels: {{which: {0}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: r, uid: u, controller: true}}]
spec: {{containers: [{{name: c, image: i}}]}}
---
"""
    only_one = network_policy("{podSelector: {matchLabels: {which: a}}}", "default")
    made = reach(pod.format("a") + pod.format("b") + only_one)
    assert list(made.workloads) == ["default/r[ReplicaSet]"]
    assert made.allowed(WORLD, "default/r[ReplicaSet]") == ALL


def test_an_unknown_workload_is_an_error_and_not_an_empty_answer() -> None:
    with pytest.raises(KeyError, match="shop/wbe"):
        reach(PODS).allowed("shop/wbe[Deployment]", DB)


def test_kinds_that_are_no_workloads_are_none() -> None:
    others = """\
apiVersion: v1
kind: PodTemplate
metadata: {name: t}
template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build}
spec: {steps: [{name: s, image: i}]}
"""
    made = reach(others)
    assert made.workloads == {}
    assert [it.what for it in made.notes] == ["Task default/build"]
