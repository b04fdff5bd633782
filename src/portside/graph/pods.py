"""Workloads, their containers, and what whoever is in a container gets at from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.graph.faults import Faults
from portside.graph.model import (
    CONTAINER,
    JEWEL,
    NODE_ROOT,
    SECRET,
    WORKLOAD,
    Edge,
    Graph,
    named,
)
from portside.graph.subjects import Subjects
from portside.graph.table import (
    CAPABILITIES,
    CAPABILITY,
    CONTAINER_TO_NODE,
    HOST_PID,
    IN_HOST_PID,
    READ_ONLY_GIVES,
    SHARED_PROCESSES,
    UNNEEDED_TOKEN,
    VOLUME_TO_NODE,
    WRITING_COSTS,
    Step,
)
from portside.model.accounts import account_of
from portside.model.facts import Fact, Facts
from portside.model.fields import at, mapping, maps, text
from portside.model.workload import Container, Pod
from portside.records import NamedTuple

TAG = "portside.dev/crown-jewel"
"""The label of Secrets, workloads and Namespaces that are what an attacker is after."""
_IN_USER_NAMESPACE = 2
"""What root in a user namespace costs to become root on the node."""


class Held(NamedTuple):
    """A container in the graph."""

    node: int
    body: Container
    serves: bool
    """Whether it runs as long as its pod: an init container does not."""


class Workloads:
    """All workloads, in the graph once this is made."""

    def __init__(self, graph: Graph, facts: Facts, subjects: Subjects, faults: Faults) -> None:
        self.nodes: dict[int, int] = {}
        """By the id of a fact: its node."""
        self.containers: dict[int, list[Held]] = {}
        """By the node of a workload: its containers."""
        self._graph = graph
        self._faults = faults
        self._subjects = subjects
        self._accounts = {
            (named(it.namespace), it.name): it.value for it in facts.of("ServiceAccount")
        }
        for workload in facts.workloads():
            if workload.ref.kind != "PodTemplate":
                self._add(workload)

    def _add(self, fact: Fact) -> None:
        namespace = named(fact.namespace)
        title = f"{fact.ref.kind} {namespace}/{fact.name}"
        node = self.nodes[id(fact)] = self._graph.node(WORKLOAD, namespace, title)
        for pod in fact.pods():
            held = [self._container(it, namespace, title) for it in pod.containers]
            self.containers.setdefault(node, []).extend(held)
            _Pod(self._graph, self._faults, fact, pod, held).add()
            self._add_account(fact, pod, node, held)
            for it in held:
                if fact.labels.get(TAG) == "true":
                    jewel = self._graph.node(JEWEL, namespace, title)
                    self._edge(it.node, jewel, "JEWEL", "is what it is about", fact)

    def _container(self, it: Container, namespace: str, title: str) -> Held:
        name = text(it.body, "name") or str(it.path[-1])
        node = self._graph.node(CONTAINER, namespace, f"container {name} of {title}")
        serves = it.role != "initContainers" or it.body.get("restartPolicy") == "Always"
        return Held(node, it, serves)

    def _add_account(self, fact: Fact, pod: Pod, node: int, held: list[Held]) -> None:
        name = account_of(pod.spec)
        account = self._subjects.account(fact.namespace, name)
        graph = self._graph
        graph.add(Edge(node, account, "RUNS_AS", "runs as", file=fact.file, line=fact.place[0]))
        if not self._mounts_token(fact, pod, name):
            return
        faults = self._faults.of(fact.object_key(), (UNNEEDED_TOKEN,))
        for it in held:
            why = "holds its token"
            place = (fact.file, fact.place[0])
            graph.add(Edge(it.node, account, "IDENTITY_ASSUME", why, 0, faults, *place))

    def _mounts_token(self, fact: Fact, pod: Pod, account: str) -> bool:
        for _, volume in maps(pod.spec, "volumes"):
            for _, source in maps(volume, "projected", "sources"):
                if "serviceAccountToken" in source:
                    return True
        said = pod.spec.get("automountServiceAccountToken")
        if said is None:
            value = self._accounts.get((named(fact.namespace), account), {})
            said = value.get("automountServiceAccountToken")
        return said is not False

    def _edge(self, source: int, target: int, kind: str, why: str, fact: Fact) -> None:
        self._graph.add(Edge(source, target, kind, why, 0, (), fact.file, fact.place[0]))


class _Pod:
    """One pod template and the steps out of its containers."""

    def __init__(
        self, graph: Graph, faults: Faults, fact: Fact, pod: Pod, held: list[Held]
    ) -> None:
        self._graph = graph
        self._faults = faults
        self._fact = fact
        self._pod = pod
        self._held = held
        self._contained = pod.spec.get("hostUsers") is False

    def add(self) -> None:
        for it in self._held:
            self._from_container(it)
        self._from_volumes()
        self._from_shared_processes()
        for it in self._held:
            for name in filter(None, dict.fromkeys(_secrets(self._pod, it.body.body))):
                target = self._graph.node(SECRET, named(self._fact.namespace), name)
                self._step(it, target, Step("SECRET_MOUNT", (), "holds its values"), ())

    def _from_container(self, it: Held) -> None:
        for rule, step in CONTAINER_TO_NODE.items():
            for number, found in self._faults.each(self._key, rule):
                if _is_about(found.path, it.body.path, self._pod.path):
                    self._to_node(it, step, (number,))
        host_pid = self._faults.of(self._key, (HOST_PID,), self._pod.path)
        for number, found in self._faults.each(self._key, CAPABILITY):
            if found.path[: len(it.body.path)] != it.body.path:
                continue
            name = str(at(self._fact.value, *found.path) or "").upper().removeprefix("CAP_")
            if name in CAPABILITIES:
                self._to_node(it, CAPABILITIES[name], (number,))
            for other in host_pid if name in IN_HOST_PID else ():
                self._to_node(it, IN_HOST_PID[name], (number, other))

    @property
    def _key(self) -> str:
        return self._fact.object_key()

    def _to_node(self, it: Held, step: Step, faults: tuple[int, ...]) -> None:
        target = self._graph.node(JEWEL, "", NODE_ROOT)
        cost = max(step.cost, _IN_USER_NAMESPACE) if self._contained else step.cost
        self._step(it, target, step._replace(cost=cost), faults)

    def _step(self, it: Held, target: int, step: Step, faults: tuple[int, ...]) -> None:
        fact = self._fact
        line = fact.place[0]
        if faults:
            line = self._faults.findings[faults[0]].line
        self._graph.add(
            Edge(it.node, target, step.kind, step.why, step.cost, faults, fact.file, line)
        )

    def _from_volumes(self) -> None:
        for rule, step in VOLUME_TO_NODE.items():
            for number, found in self._faults.each(self._key, rule):
                index = found.path[len(self._pod.path) + 1 : len(self._pod.path) + 2]
                if found.path[: len(self._pod.path)] != self._pod.path or not index:
                    continue
                volume = at(self._pod.spec, "volumes", *index)
                for it in self._held:
                    for read_only in _mounts(it.body.body, text(volume, "name")):
                        self._mounted(it, step, number, text(volume, "hostPath", "path"), read_only)

    def _mounted(self, it: Held, step: Step, number: int, path: str, read_only: bool) -> None:
        directory = "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
        if step.kind == "EXPLOIT_HOST_WRITE":
            cost = READ_ONLY_GIVES.get(directory) if read_only else WRITING_COSTS.get(directory, 0)
            if cost is None:
                return
            verb = "reads" if read_only else "writes to"
            kind = "EXPLOIT_HOST_READ" if read_only else step.kind
            step = Step(kind, step.controls, f"{verb} {directory} of the node", cost)
        self._to_node(it, step, (number,))

    def _from_shared_processes(self) -> None:
        for number, found in self._faults.each(self._key, SHARED_PROCESSES):
            if found.path[: len(self._pod.path)] != self._pod.path:
                continue
            step = Step("SHARE_PS_NAMESPACE", ("W029",), "shares its processes")
            for it in self._held:
                for other in self._held:
                    if it is not other:
                        self._step(it, other.node, step, (number,))


def _is_about(path: tuple[str | int, ...], container: Any, pod: tuple[str | int, ...]) -> bool:
    """Whether a finding at `path` is about the container, or about all of its pod."""
    if path[: len(container)] == container:
        return True
    rest = path[len(pod) :]
    return path[: len(pod)] == pod and rest[:1] == ("securityContext",)


def _mounts(container: dict[str, Any], volume: str) -> Iterator[bool]:
    """For each mount of a volume: whether it is read-only."""
    for _, mount in maps(container, "volumeMounts"):
        if volume and text(mount, "name") == volume:
            yield mount.get("readOnly") is True


def _secrets(pod: Pod, container: dict[str, Any]) -> Iterator[str]:
    """The names of the Secrets whose values a container holds."""
    for _, variable in maps(container, "env"):
        yield text(variable, "valueFrom", "secretKeyRef", "name")
    for _, source in maps(container, "envFrom"):
        yield text(source, "secretRef", "name")
    mounted = {text(mount, "name") for _, mount in maps(container, "volumeMounts")}
    for _, volume in maps(pod.spec, "volumes"):
        if text(volume, "name") in mounted:
            yield text(volume, "secret", "secretName")
            for _, source in maps(volume, "projected", "sources"):
                yield text(mapping(source, "secret"), "name")
