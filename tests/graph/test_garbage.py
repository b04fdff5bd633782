"""Values of any shape end in a map and in faults, never in a traceback."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from portside.graph.network import NetworkObject, Reachability
from portside.graph.network.collect import matters
from tests.graph.reading import read
from tests.graph.test_entrances import APP, ingress, service
from tests.graph.test_packets import Maker, Value

JUNK: list[Any] = [None, True, 0, -1, 70000, 1.5, "", "x", "10.0.0.0/8", [], [[]], {}, {"a": {}}]
OTHERS = """\
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec: {to: {kind: Service, name: web}, port: {targetPort: http}, alternateBackends: [{name: web}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: edge}
spec: {rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: "", kind: Service}]
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: vm}
spec: {template: {metadata: {labels: {a: b}}, spec: {domain: {}}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: p
  ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]
spec: {containers: [{name: c, ports: [{containerPort: 1, name: a, protocol: TCP}]}]}
"""


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place below `value`, but for what says the kind."""
    found = [path] if path else []
    inner = (
        value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    )
    for key, it in inner:
        if key not in ("apiVersion", "kind") or path:
            found += places(it, (*path, key))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_any_field_may_hold_anything(seed: int) -> None:
    chance = random.Random(seed)
    maker = Maker(seed)
    values: list[Value] = [it.value for it in read(APP + ingress(service("number: 80")) + OTHERS)]
    values += [maker.network_policy(1), maker.admin_policy(2), maker.cluster_policy(3)]
    values.append(maker.baseline())
    for value in values:
        assert matters(NetworkObject(value).group, NetworkObject(value).kind)
        for _ in range(8):
            broken = copy.deepcopy(value)
            *way, last = chance.choice(places(broken))
            inner: Any = broken
            for step in way:
                inner = inner[step]
            inner[last] = copy.deepcopy(chance.choice(JUNK))
            others = [it for it in values if it is not value]
            made = Reachability.of(NetworkObject(it) for it in [*others, broken])
            assert list(made.connections())
            assert all(it.reason for it in (*made.faults, *made.notes))
