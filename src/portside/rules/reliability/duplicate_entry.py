"""Two entries of one list that Kubernetes takes for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.model.fields import maps
from portside.model.resource import Resource
from portside.model.violation import Violation

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.model.mending import FieldEdit

RULE = """
id: duplicate-entry
controls: [R016]
title: Two entries stand for the same
severity: low
severity-reason: the last one wins and the first is read, by people at least
why: >-
  Of two variables, ports or mounts of the same name the later one counts, or the API server refuses
  both. Whoever reviews the manifest sees the first and believes it.
fix: Remove the entry that is not meant.
profile: recommended
form: object
kinds: [Workload]
fix-class: unsafe
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kubescape:C-0295
  - kube-linter:duplicate-env-var
  - kube-score:environment-variable-key-duplication
examples:
  - bad: a variable, a port
    lines: [13, 17]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - name: LEVEL
                value: info
              - name: COLOR
                value: blue
              - name: LEVEL
                value: debug
            ports:
              - {containerPort: 8080, name: http}
              - {containerPort: 8080}
    fixed: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - name: COLOR
                value: blue
              - name: LEVEL
                value: debug
            ports:
              - {containerPort: 8080, name: http}
              - {containerPort: 8080}
  - bad: containers, mounts and names of ports
    lines: [7, 12, 16, 19]
    api: refused
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        volumes:
          - {name: scratch, emptyDir: {}}
          - {name: scratch, emptyDir: {}}
        initContainers:
          - name: web
            image: registry.example.org/setup:1.4
        containers:
          - name: web
            image: registry.example.org/web:2.1
            ports:
              - {containerPort: 8080, name: http}
              - {containerPort: 8081, name: http}
            volumeMounts:
              - {name: scratch, mountPath: /tmp}
              - {name: scratch, mountPath: /tmp/}
  - good: the same number for another protocol, the same name in another container
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env: [{name: LEVEL, value: info}]
            ports:
              - {containerPort: 53, name: dns}
              - {containerPort: 53, name: dns-udp, protocol: UDP}
          - name: proxy
            image: registry.example.org/proxy:1.0
            env: [{name: LEVEL, value: info}]
  - good: names that are no texts, in a custom resource, are no names
    api: needs-crd
    manifest: |
      apiVersion: extensions.agents.x-k8s.io/v1alpha1
      kind: SandboxTemplate
      metadata: {name: web}
      spec:
        podTemplate:
          spec:
            containers:
              - {name: [0], image: "registry.example.org/web:2.1", env: [{name: {}}, {name: {}}]}
              - {name: [0], image: "registry.example.org/web:2.1", ports: [{containerPort: []}, {containerPort: [], protocol: {}}]}
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for pod in it.pods():
        for index, name in _twice(pod.spec, "volumes", _name):
            message = f"has two volumes called {name}"
            yield Violation(message, (*pod.path, "volumes", index, "name"))
        names: set[Any] = set()
        for container in pod.containers:
            name = container.body.get("name")
            if type(name) is str:  # a custom resource may hold anything
                if name in names:
                    yield Violation(f"has two containers called {name}", (*container.path, "name"))
                names.add(name)
            if _LISTS.isdisjoint(container.body):
                continue
            for message, *path in _of_container(container.body):
                yield Violation(f"container {name} {message}", (*container.path, *path))


_LISTS = frozenset(("env", "ports", "volumeMounts"))


def _of_container(body: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """What is twice in a container, and where it stands the second time."""
    for index, name in _twice(body, "env", _name):
        yield f"sets {name} twice", "env", index, "name"
    for index, port in _twice(body, "ports", _port):
        yield f"lists the port {port[0]} twice", "ports", index, "containerPort"
    for index, name in _twice(body, "ports", _name):
        yield f"has two ports called {name}", "ports", index, "name"
    for index, where in _twice(body, "volumeMounts", _path):
        yield f"mounts two volumes at {where}", "volumeMounts", index, "mountPath"


def _name(item: Mapping[str, Any]) -> Any:
    name = item.get("name")
    return name if type(name) is str else None


def _port(port: Mapping[str, Any]) -> Any:
    number, protocol = port.get("containerPort"), port.get("protocol", "TCP")
    return (number, protocol) if type(number) is int and type(protocol) is str else None


def _path(mount: Mapping[str, Any]) -> Any:
    path = mount.get("mountPath")
    return path.rstrip("/") or "/" if type(path) is str else None


def _twice(
    body: Mapping[str, Any], field: str, named: Callable[[Mapping[str, Any]], Any]
) -> Sequence[tuple[int, Any]]:
    """Each item of a list that has a name which another had before."""
    listed = body.get(field)
    if type(listed) is not list or len(listed) < 2:
        return ()
    seen: set[Any] = set()
    found = []
    for index, item in maps(body, field):
        name = named(item)
        if name in seen:
            found.append((index, name))
        if name is not None:
            seen.add(name)
    return found


def mend(it: Resource, found: Finding, params: Mapping[str, Any]) -> Iterator[FieldEdit]:
    """Of two variables of one name the last counts, so that the first can go."""
    from portside.model.mending import FieldEdit, UnmendableError

    *above, index, _ = found.path
    if above[-1] != "env":
        raise UnmendableError("which of the two is meant cannot be told")
    listed: Any = it.value
    for step in above:
        listed = listed[step]
    name = listed[index]["name"]
    first = next(at for at, item in enumerate(listed) if item.get("name") == name)
    yield FieldEdit("remove", (*above, first))
