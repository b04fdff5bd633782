"""The objects of an application, sorted into what a map is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from portside.graph.network.cluster_policy import admin_policy, baseline_policy, cluster_policy
from portside.graph.network.entrances import (
    GATEWAY_GROUP,
    Backend,
    Entrance,
    backends,
    entrances,
    is_entrance,
)
from portside.graph.network.foreign import why_not_taken_into_account
from portside.graph.network.network_policy import network_policy
from portside.graph.network.objects import Fault, NetworkObject, Refused
from portside.graph.network.policy import NETWORK, Addresses, Policy, Rule, Unknown
from portside.graph.network.workloads import (
    Workload,
    is_other_workload,
    is_workload,
    labels_of,
    workloads,
)
from portside.model.fields import mapping
from portside.model.workload import BUILT_IN, BUILT_IN_GROUPS
from portside.secrets.veil import veiled

_POLICY_GROUP = "policy.networking.k8s.io"
_POLICIES: dict[tuple[str, str], Callable[[NetworkObject], Policy]] = {
    ("networking.k8s.io", "NetworkPolicy"): network_policy,
    ("extensions", "NetworkPolicy"): network_policy,
    (_POLICY_GROUP, "AdminNetworkPolicy"): admin_policy,
    (_POLICY_GROUP, "BaselineAdminNetworkPolicy"): baseline_policy,
    (_POLICY_GROUP, "ClusterNetworkPolicy"): cluster_policy,
}


_SURROUNDINGS = (("", "Namespace"), ("", "Service"), (GATEWAY_GROUP, "ReferenceGrant"))
_HOMES = frozenset(kind for _, kind in (*BUILT_IN, *_POLICIES, *_SURROUNDINGS)) | {"Ingress"}
"""Kinds that Kubernetes' own groups may have in another group only."""


def matters(group: str, kind: str) -> bool:
    """Whether an object of this kind has a part in the map."""
    return (
        (group, kind) in _POLICIES
        or (group, kind) in _SURROUNDINGS
        or is_workload(group, kind)
        or is_entrance(group, kind)
    )


class Collected:
    """Workloads, policies and entrances; `faults` is what the map lacks, `notes` qualify it."""

    def __init__(self, objects: Iterable[NetworkObject]) -> None:
        self.workloads: list[Workload] = []
        self.policies: list[Policy] = []
        self.namespaces: dict[str, dict[str, str]] = {}
        self.entrances: list[Entrance] = []
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._services: dict[tuple[str, str], list[NetworkObject]] = {}
        self._backends: list[Backend] = []
        self._grants: list[NetworkObject] = []
        self._seen: dict[tuple[str, str, str, str], list[NetworkObject]] = {}
        for it in objects:
            self._add(it)
        self._enter()
        self._note_doubts()

    def _add(self, it: NetworkObject) -> None:
        group, kind = it.group, it.kind
        why = why_not_taken_into_account(group, kind)
        if why:
            self.faults.append(_about(it, why))
        elif matters(group, kind):
            if it.name:
                self._seen.setdefault((group, kind, it.namespace, it.name), []).append(it)
            self._sort(it, group, kind)
        elif is_other_workload(group, kind):
            reason = "its pods are made by an operator, whose labels no file tells: not in the map"
            self.notes.append(_about(it, reason))
        elif kind in _HOMES and group in BUILT_IN_GROUPS:
            self.faults.append(_about(it, f"Kubernetes has no {kind} in {it.value['apiVersion']}"))

    def _sort(self, it: NetworkObject, group: str, kind: str) -> None:
        if is_workload(group, kind):
            self.workloads += workloads(it)
        elif (group, kind) in _POLICIES:
            self._add_policy(it, _POLICIES[group, kind])
        elif is_entrance(group, kind):
            self._backends += backends(it)
        elif kind == "Namespace":
            labels = self.namespaces.setdefault(it.name, {})
            labels.update(labels_of(it.value.get("metadata")))
        elif kind == "Service":
            self._services.setdefault((it.namespace, it.name), []).append(it)
        else:
            self._grants.append(it)

    def _add_policy(self, it: NetworkObject, read: Callable[[NetworkObject], Policy]) -> None:
        try:
            self.policies.append(read(it))
        except Refused as error:
            place = it.line(error.path)
            reason = f"the API server refuses it: {veiled(error.reason)}"
            self.faults.append(Fault(_title(it), reason, it.file, place))

    def _note_twins(self) -> None:
        twins = [listed for listed in self._seen.values() if len(listed) > 1]
        if not twins:
            return
        first, second, *_ = twins[0]
        others = f" and {len(twins) - 1} more" if len(twins) > 1 else ""
        reason = f"stands in {first.file}:{first.line()} too: the map is made of both"
        what = f"{_title(second)}{others}"
        self.notes.append(Fault(what, reason, second.file, second.line()))

    def _enter(self) -> None:
        """Follow every entrance to the workloads behind it."""
        labelled: dict[tuple[str, str, str], list[Workload]] = {}
        for it in self.workloads:
            for label in it.labels:
                labelled.setdefault((it.namespace, *label), []).append(it)
        for backend in self._backends:
            services = self._services.get((backend.namespace, backend.service))
            name = f"Service {backend.namespace}/{backend.service}"
            if not services:
                self._note_backend(backend, f"leads to {name}, which is not here")
            elif not self._granted(backend):
                self._note_backend(backend, f"leads to {name}, and no ReferenceGrant allows it to")
            else:
                for service in services:
                    label = next(iter(mapping(service.spec, "selector").items()), ("", ""))
                    known = type(label[1]) is str
                    likely = labelled.get((backend.namespace, *label), ()) if known else ()
                    self.entrances += entrances(backend, service, likely)

    def _granted(self, backend: Backend) -> bool:
        if backend.namespace == backend.source.namespace:
            return True
        return any(
            grant.namespace == backend.namespace and _grants(grant, backend)
            for grant in self._grants
        )

    def _note_backend(self, backend: Backend, reason: str) -> None:
        source = backend.source
        self.notes.append(Fault(backend.title, reason, source.file, source.line(backend.path)))

    def _note_doubts(self) -> None:
        for policy in self.policies:
            for rule in (*policy.ingress, *policy.egress):
                for reason in dict.fromkeys(_doubts(policy, rule)):
                    line = policy.source.line(rule.path)
                    self.notes.append(Fault(policy.title, reason, policy.source.file, line))
        self._note_twins()
        self._note_equals()
        self._note_host_network()

    def _note_equals(self) -> None:
        first: dict[tuple[int, int], Policy] = {}
        for policy in self.policies:
            if policy.tier == NETWORK:
                continue
            other = first.setdefault((policy.tier, policy.priority), policy)
            if other is not policy:
                reason = (
                    f"has the priority of {other.title}: which of the two decides is not defined"
                )
                self.faults.append(_about(policy.source, reason))

    def _note_host_network(self) -> None:
        titles = sorted({it.title for it in self.workloads if it.host_network})
        if not titles or not self.policies:
            return
        first = next(it.source for it in self.workloads if it.title == titles[0])
        others = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
        reason = "on the network of the node, where most plugins apply no policy"
        self.notes.append(Fault(titles[0] + others, reason, first.file, first.line()))


def _doubts(policy: Policy, rule: Rule) -> Iterator[str]:
    """What is not known of the peers of a rule."""
    for peer in rule.peers or ():
        if isinstance(peer, Unknown):
            yield peer.reason
        elif isinstance(peer, Addresses) and policy.tier != NETWORK and not peer.pods_too:
            yield "its networks may hold addresses of pods, which no file tells: judged as outside"


def _grants(grant: NetworkObject, backend: Backend) -> bool:
    spec: dict[str, Any] = grant.spec
    source = {"group": GATEWAY_GROUP, "kind": backend.source.kind} | {
        "namespace": backend.source.namespace
    }
    sources, targets = spec.get("from"), spec.get("to")
    if type(sources) is not list or type(targets) is not list or source not in sources:
        return False
    return any(
        type(it) is dict
        and (it.get("group") or "") == ""
        and it.get("kind") == "Service"
        and it.get("name") in (None, backend.service)
        for it in targets
    )


def _title(it: NetworkObject) -> str:
    return (
        f"{it.kind} {it.name}"
        if it.group == _POLICY_GROUP
        else f"{it.kind} {it.namespace}/{it.name}"
    )


def _about(it: NetworkObject, reason: str) -> Fault:
    return Fault(_title(it), reason, it.file, it.line())
