"""The workloads of an application: who there is to connect to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.graph.network.connections import PROTOCOLS
from portside.graph.network.objects import NetworkObject
from portside.model.workload import BUILT_IN, bears_pods, pods
from portside.records import NamedTuple

VIRTUAL_MACHINES = ("VirtualMachine", "VirtualMachineInstance")
_CUSTOM = {
    ("argoproj.io", "Rollout"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.kruise.io", "StatefulSet"),
    ("apps.kruise.io", "DaemonSet"),
}
"""Custom resources whose pods bear just the labels of the template."""


class Port(NamedTuple):
    """A port that a container declares."""

    name: str
    protocol: str
    number: int


class Workload(NamedTuple):
    """A workload, or a pod by itself. `labels` are those of its pods, sorted."""

    namespace: str
    name: str
    kind: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[Port, ...]
    source: NetworkObject
    host_network: bool = False
    any_port: bool = False
    """Whether its ports cannot be told: a virtual machine declares none."""

    @property
    def title(self) -> str:
        """`shop/web[Deployment]`: what it is called in every report."""
        return f"{self.namespace}/{self.name}[{self.kind}]"


def is_workload(group: str, kind: str) -> bool:
    if group == "kubevirt.io":
        return kind in VIRTUAL_MACHINES
    return ((group, kind) in BUILT_IN and kind != "PodTemplate") or (group, kind) in _CUSTOM


def is_other_workload(group: str, kind: str) -> bool:
    """Whether its pods are made by an operator, which gives them labels that no file tells."""
    return bears_pods(group, kind) and not is_workload(group, kind) and kind != "PodTemplate"


def workloads(source: NetworkObject) -> Iterator[Workload]:
    """The workload that the object is, once for each pod template of it."""
    if source.group == "kubevirt.io":
        yield _machine(source)
        return
    kind, name = _owner(source) if source.kind == "Pod" else (source.kind, source.name)
    for pod in pods(source.value, source.group, source.kind):
        yield Workload(
            source.namespace,
            name,
            kind,
            labels_of(pod.metadata),
            tuple(_ports(pod.spec)),
            source,
            pod.spec.get("hostNetwork") is True,
        )


def labels_of(metadata: object) -> tuple[tuple[str, str], ...]:
    """The labels in `metadata`, sorted; what is no text is left out, as it is refused."""
    labels = metadata.get("labels") if type(metadata) is dict else None
    if type(labels) is not dict:
        return ()
    return tuple(sorted((key, it) for key, it in labels.items() if type(it) is str))


def _machine(source: NetworkObject) -> Workload:
    metadata: Any = source.value.get("metadata")
    if source.kind == "VirtualMachine":
        template = source.spec.get("template")
        metadata = template.get("metadata") if type(template) is dict else None
    labels = labels_of(metadata)
    return Workload(source.namespace, source.name, source.kind, labels, (), source, any_port=True)


def _owner(source: NetworkObject) -> tuple[str, str]:
    """(kind, name) of the controller that made the pod, or of the pod itself."""
    metadata = source.value.get("metadata")
    owners = metadata.get("ownerReferences") if type(metadata) is dict else None
    for it in owners if type(owners) is list else ():
        if type(it) is dict and it.get("controller") is True and it.get("kind") != "Node":
            return str(it.get("kind", "")), str(it.get("name", ""))
    return source.kind, source.name


def _ports(spec: dict[str, Any]) -> Iterator[Port]:
    for role in ("containers", "initContainers"):
        listed = spec.get(role)
        for body in listed if type(listed) is list else ():
            # An init container that is restarted always runs beside the others (KEP-753).
            if type(body) is dict and (
                role == "containers" or body.get("restartPolicy") == "Always"
            ):
                yield from _declared(body)


def _declared(container: dict[str, Any]) -> Iterator[Port]:
    listed = container.get("ports")
    for it in listed if type(listed) is list else ():
        if type(it) is dict and type(it.get("containerPort")) is int:
            protocol = it.get("protocol") or PROTOCOLS[0]
            yield Port(str(it.get("name") or ""), str(protocol), it["containerPort"])
