"""Two controllers that select the same pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at
from portside.model.violation import Violation

RULE = """
id: overlapping-selectors
controls: [R014]
title: Controller selects the pods of another
severity: high
severity-reason: pods of one are counted, scaled or deleted as those of the other
why: >-
  Kubernetes does not keep two controllers from selecting the same pods. Orphans are taken by
  either, autoscalers and budgets count both, and a rollback or deletion hits pods of the other.
fix: Give each controller a label of its own, in its selector and its template.
profile: recommended
form: facts
kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, ReplicationController]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
examples:
  - bad: the web and its worker share their only label
    lines: [5]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop, part: web}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: worker}
      spec:
        serviceName: worker
        selector: {matchLabels: {app: shop, part: worker}}
        template:
          metadata: {labels: {app: shop, part: worker}}
          spec:
            containers: [{name: worker, image: "registry.example.org/worker:2.1"}]
  - good: each has its own, other namespaces do not count, nor does another version of itself
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        selector: {matchLabels: {app: shop, part: web}}
        template:
          metadata: {labels: {app: shop, part: web}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: worker}
      spec:
        selector: {matchLabels: {app: shop, part: worker}}
        template:
          metadata: {labels: {app: shop, part: worker}}
          spec:
            containers: [{name: worker, image: "registry.example.org/worker:2.1"}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: kube-public}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    selector = at(it.value, "spec", "selector")
    if not selector:
        return
    known = facts.once(_known)
    key = (it.ref.kind == "ReplicationController", it.namespace, repr(selector))
    if key not in known:
        known[key] = _distinct(_selected(it, selector, facts))
    for other in known[key]:
        facts.spend(1)
        if other.name != it.name and facts.together(it, other):
            message = f"selects the pods of {other.ref.kind} {other.name}, too"
            yield Violation(message, ("spec", "selector"))
            return


def _known(facts: Facts) -> dict[tuple[bool, str, str], list[Fact]]:
    """What was asked already: many controllers may have one selector."""
    return {}


def _distinct(selected: Iterator[Fact]) -> list[Fact]:
    """One of the controllers of each name in each folder."""
    found: dict[tuple[str, str, str], Fact] = {}
    for it in selected:
        if it.ref.kind in _KINDS:
            found.setdefault((it.ref.kind, it.name, it.folder), it)
    return list(found.values())


def _selected(it: Fact, selector: Any, facts: Facts) -> Iterator[Fact]:
    if it.ref.kind == "ReplicationController":
        return facts.labelled(selector, it.namespace) if type(selector) is dict else iter(())
    return facts.selected(selector, it.namespace)
