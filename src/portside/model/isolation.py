"""Which pods network policies isolate: Kubernetes' own surely, those of other engines where clear.

Sources: networking/v1 NetworkPolicy, SIG Network's AdminNetworkPolicy and ClusterNetworkPolicy,
Cilium's and Calico's reference of their policies. A policy of another engine that may concern a pod
and does not clearly isolate it leaves a doubt: it is never read as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import at, mapping, maps, text
from portside.model.selector import matches
from portside.model.workload import Pod

INGRESS = "Ingress"
EGRESS = "Egress"
NETWORK_POLICY = "networking.k8s.io/NetworkPolicy"
_CILIUM = ("cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy")
_CALICO = (
    *("projectcalico.org/NetworkPolicy", "crd.projectcalico.org/NetworkPolicy"),
    *("projectcalico.org/GlobalNetworkPolicy", "crd.projectcalico.org/GlobalNetworkPolicy"),
)
_ADMIN = (
    "policy.networking.k8s.io/AdminNetworkPolicy",
    "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
    "policy.networking.k8s.io/ClusterNetworkPolicy",
)
_GENERATORS = (
    *("kyverno.io/ClusterPolicy", "kyverno.io/Policy", "policies.kyverno.io/GeneratingPolicy"),
)

Labels = Mapping[str, Any] | None
"""The labels of a pod; None stands for every pod of a namespace."""


def same_namespace(one: Fact, other: Fact) -> bool:
    """Whether both stand in one namespace, as far as their texts tell.

    An object that names none goes wherever it is applied: with those of its application.
    """
    return near(one.namespace, one, other)


def near(namespace: str, by: Fact, other: Fact) -> bool:
    """Whether `other` stands in `namespace`, which the object `by` is in or is."""
    if other.namespace == namespace:
        return True
    return not (other.namespace and namespace) and Facts.together(by, other)


def policies(facts: Facts, namespace: str, by: Fact) -> Iterator[Fact]:
    """The NetworkPolicies of the namespace that the object `by` is in, or is."""
    known = facts.once(_policies)
    yield from known.get(namespace, ())
    for other in ("",) if namespace else [it for it in known if it]:
        for fact in known.get(other, ()):
            facts.spend(1)
            if Facts.together(by, fact):
                yield fact


def selected(facts: Facts, selector: Any, namespace: str, by: Fact) -> Iterator[tuple[Fact, Pod]]:
    """The pods that the label selector selects in the namespace that `by` is in, or is."""
    known = facts.once(_pods)
    first = _rarest(selector, known)
    keys = [first] if first else [(None, ""), (None, namespace)] if namespace else list(known)
    for key in dict.fromkeys(keys):
        if first or key[0] is None:
            for workload, pod in known.get(key, ()):
                facts.spend(1)
                if near(namespace, by, workload) and matches(selector, labels_of(pod)):
                    yield workload, pod


def selecting(facts: Facts, namespace: str, by: Fact, labels: Labels) -> Iterator[Fact]:
    """The NetworkPolicies that select such a pod of the namespace that `by` is in, or is."""
    known = facts.once(_by_label)
    keys = [(key, str(value)) for key, value in labels.items()] if labels else []
    for key in (None, *keys):
        for policy in known.get(key, ()):
            facts.spend(1)
            if near(namespace, by, policy) and selects(policy, labels):
                yield policy


def concerns(policy: Fact, direction: str) -> bool:
    """Whether the NetworkPolicy isolates in this direction; policyTypes has its judged form."""
    types = at(policy.value, "spec", "policyTypes")
    return type(types) is list and direction in types


def selects(policy: Fact, labels: Labels) -> bool:
    """Whether the NetworkPolicy selects a pod with these labels, or (None) every pod."""
    selector = mapping(policy.value, "spec", "podSelector")
    return not _narrow(selector) if labels is None else matches(selector, labels)


def isolated(facts: Facts, namespace: str, by: Fact, labels: Labels, direction: str) -> bool | str:
    """Whether a pod is isolated; a text names what may isolate it, and nobody here can tell."""
    known = facts.once(_verdicts)
    key = (namespace, by.folder, direction, None if labels is None else tuple(labels.items()))
    try:
        verdict = known.get(key)
    except TypeError:  # a label of an unchecked custom resource may be of any type
        return _isolated(facts, namespace, by, labels, direction)
    if verdict is None:
        verdict = known[key] = _isolated(facts, namespace, by, labels, direction)
    return verdict


def _verdicts(_: Facts) -> dict[Any, bool | str]:
    """What was asked before: workloads of one folder with the same labels share a verdict."""
    return {}


def _isolated(facts: Facts, namespace: str, by: Fact, labels: Labels, direction: str) -> bool | str:
    for policy in selecting(facts, namespace, by, labels):
        if concerns(policy, direction):
            return True
    return isolated_otherwise(facts, namespace, by, labels, direction)


def denied_by_default(facts: Facts, namespace: Fact, direction: str) -> bool | str:
    """Whether a policy denies what no other allows, of all pods of the namespace; or the doubt."""
    for policy in selecting(facts, namespace.name, namespace, None):
        if concerns(policy, direction) and not opens_all(policy, direction):
            return True
    other = isolated_otherwise(facts, namespace.name, namespace, None, direction)
    if other or facts.whole:
        return other
    return "the network policies of the namespace"


def isolated_otherwise(
    facts: Facts, namespace: str, by: Fact, labels: Labels, direction: str
) -> bool | str:
    """The same by the policies of other engines alone."""
    doubt = ""
    known = facts.once(_clear_for_all)
    for policy in facts.once(_others):
        facts.spend(1)
        if policy.namespace and not near(namespace, by, policy):
            continue
        key = (id(policy), direction)
        if key not in known:
            known[key] = _is_clear_for_all(policy, direction)
        if known[key] or _cilium_is_clear(policy, namespace, labels, direction):
            return True
        doubt = doubt or f"what {policy.ref.kind} {policy.name} isolates"
    return doubt or False


def opens_all(policy: Fact, direction: str) -> bool:
    """Whether a rule of the NetworkPolicy allows everything in this direction."""
    rules, peers = ("ingress", "from") if direction == INGRESS else ("egress", "to")
    return any(
        not it.get(peers) and not it.get("ports") for _, it in maps(policy.value, "spec", rules)
    )


def _policies(facts: Facts) -> dict[str, list[Fact]]:
    known: dict[str, list[Fact]] = {}
    for fact in facts.of(NETWORK_POLICY):
        known.setdefault(fact.namespace, []).append(fact)
    return known


def _others(facts: Facts) -> list[Fact]:
    found = list(facts.of(*_CILIUM, *_CALICO, *_ADMIN))
    return found + [policy for policy in facts.of(*_GENERATORS) if _makes_policies(policy)]


def _makes_policies(policy: Fact) -> bool:
    """Whether a Kyverno policy may make network policies; its expressions are not evaluated."""
    if policy.ref.group != "kyverno.io":
        return True
    made = [mapping(rule, "generate") for _, rule in maps(policy.value, "spec", "rules")]
    return any("Policy" in text(it, "kind") or it.get("cloneList") for it in made)


def _pods(facts: Facts) -> dict[Any, list[tuple[Fact, Pod]]]:
    """The pods that have a label, by key and value, and (under None) those of a namespace."""
    known: dict[Any, list[tuple[Fact, Pod]]] = {}
    for workload in facts.workloads():
        for pod in workload.pods():
            known.setdefault((None, workload.namespace), []).append((workload, pod))
            for key, value in labels_of(pod).items():
                known.setdefault((key, str(value)), []).append((workload, pod))
    return known


def _by_label(facts: Facts) -> dict[Any, list[Fact]]:
    """The NetworkPolicies by the first label that they select; under None, those without one."""
    known: dict[Any, list[Fact]] = {}
    for policy in facts.of(NETWORK_POLICY):
        key = _first(mapping(policy.value, "spec", "podSelector"))
        known.setdefault(key, []).append(policy)
    return known


def _rarest(selector: Any, known: dict[Any, list[tuple[Fact, Pod]]]) -> tuple[str, str] | None:
    """The label of those that are selected which fewest pods have."""
    keys = [(key, str(value)) for key, value in mapping(selector, "matchLabels").items()]
    return min(keys, key=lambda key: len(known.get(key, ())), default=None)


def _first(selector: Any) -> tuple[str, str] | None:
    for key, value in mapping(selector, "matchLabels").items():
        return key, str(value)
    return None


def _narrow(selector: dict[str, Any]) -> bool:
    return bool(selector.get("matchLabels") or selector.get("matchExpressions"))


def _clear_for_all(_: Facts) -> dict[tuple[int, str], bool]:
    """What was asked before: such a policy isolates all pods that it may concern, or none."""
    return {}


def _cilium_is_clear(policy: Fact, namespace: str, labels: Labels, direction: str) -> bool:
    if not policy.ref.api_version.startswith("cilium.io/"):
        return False
    return any(_cilium(it, namespace, labels, direction) for it in _specs(policy))


def _is_clear_for_all(policy: Fact, direction: str) -> bool:
    group = policy.ref.group
    if group.endswith("projectcalico.org"):
        return _calico(mapping(policy.value, "spec"), direction)
    if group == "policy.networking.k8s.io":
        return _admin(mapping(policy.value, "spec"), direction)
    return False


def _specs(policy: Fact) -> Iterator[dict[str, Any]]:
    yield mapping(policy.value, "spec")
    for _, it in maps(policy.value, "specs"):
        yield it


def _cilium(spec: dict[str, Any], namespace: str, labels: Labels, direction: str) -> bool:
    """An endpoint that a rule selects is isolated in the directions that the rule has."""
    section = direction.lower()
    if not (spec.get(section) or spec.get(f"{section}Deny")):
        return False
    if at(spec, "enableDefaultDeny", section) is False:
        return False
    selector = spec.get("endpointSelector")
    if type(selector) is not dict:
        return False
    if not _narrow(selector):
        return True
    wanted = dict(mapping(selector, "matchLabels"))
    inside = wanted.pop("k8s:io.kubernetes.pod.namespace", namespace)
    if inside != namespace or selector.get("matchExpressions"):
        return False
    bare = {key.removeprefix("k8s:").removeprefix("any:"): it for key, it in wanted.items()}
    return not bare or (labels is not None and matches({"matchLabels": bare}, labels))


def _calico(spec: dict[str, Any], direction: str) -> bool:
    """Only policies for all pods are clear: Calico's selectors are a language of their own."""
    if text(spec, "selector").strip() not in ("", "all()"):
        return False
    if text(spec, "namespaceSelector").strip() not in ("", "all()"):
        return False
    types = spec.get("types")
    if type(types) is not list:
        types = [EGRESS] if spec.get("egress") and not spec.get("ingress") else [INGRESS]
    return direction in types


def _admin(spec: dict[str, Any], direction: str) -> bool:
    """A denial of every namespace, for every namespace."""
    if _narrow(mapping(spec, "subject", "namespaces")) or "namespaces" not in mapping(
        spec, "subject"
    ):
        return False
    rules, peers = ("ingress", "from") if direction == INGRESS else ("egress", "to")
    for _, rule in maps(spec, rules):
        if text(rule, "action") == "Deny" and not rule.get("ports"):
            for _, peer in maps(rule, peers):
                if "namespaces" in peer and not _narrow(mapping(peer, "namespaces")):
                    return True
    return False
