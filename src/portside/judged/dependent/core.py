"""The kinds of the core group that bear no pod. Source: pkg/apis/core/v1/defaults.go."""

from __future__ import annotations

from portside.judged.dependent.filling import Box, fill, label_as, put, take
from portside.judged.reading import Notes

_NAME_LABEL = "kubernetes.io/metadata.name"
_THREE_HOURS = 10_800


def service(box: Box, notes: Notes) -> None:
    spec = box["spec"]
    _stay_with_client(spec, notes)
    for port in spec.get("ports", ()):
        if not port.get("targetPort"):
            put(port, "targetPort", port["port"], notes)
    kind = spec["type"]
    if kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and spec.get("externalIPs")):
        fill(spec, "externalTrafficPolicy", "Cluster", notes)
    if kind in ("LoadBalancer", "NodePort", "ClusterIP"):
        fill(spec, "internalTrafficPolicy", "Cluster", notes)
    if kind == "LoadBalancer":
        fill(spec, "allocateLoadBalancerNodePorts", True, notes)
        _name_address_mode(box, notes)


def _stay_with_client(spec: Box, notes: Notes) -> None:
    if spec["sessionAffinity"] == "None":
        take(spec, "sessionAffinityConfig", notes)
    elif spec["sessionAffinity"] == "ClientIP":
        by_address = spec.get("sessionAffinityConfig", {}).get("clientIP", {})
        if "timeoutSeconds" not in by_address:
            config = {"clientIP": {"timeoutSeconds": _THREE_HOURS}}
            put(spec, "sessionAffinityConfig", config, notes)


def _name_address_mode(box: Box, notes: Notes) -> None:
    for ingress in box.get("status", {}).get("loadBalancer", {}).get("ingress", ()):
        if ingress.get("ip"):
            fill(ingress, "ipMode", "VIP", notes)


def replication_controller(box: Box, notes: Notes) -> None:
    """Selector and labels are those of the template where none are written."""
    labels = box["spec"].get("template", {}).get("metadata", {}).get("labels")
    if labels:
        fill(box["spec"], "selector", dict(labels), notes)
        label_as(box, labels, notes)


def namespace(box: Box, notes: Notes) -> None:
    """The name is a label too, so that selectors can name a namespace."""
    name = box.get("metadata", {}).get("name")
    if name:
        fill(box["metadata"], "labels", {}, notes)
        labels = box["metadata"]["labels"]
        if labels.get(_NAME_LABEL) != name:
            put(labels, _NAME_LABEL, name, notes)


def node_status(box: Box, notes: Notes) -> None:
    capacity = box.get("capacity")
    if capacity is not None:
        fill(box, "allocatable", dict(capacity), notes)
    if not box.get("allocatable", True):
        take(box, "allocatable", notes)


def persistent_volume(box: Box, notes: Notes) -> None:
    """What holds for a volume of its own and not for one inside an attachment."""
    fill(box, "spec", {}, notes)
    fill(box["spec"], "persistentVolumeReclaimPolicy", "Retain", notes)
    fill(box["spec"], "volumeMode", "Filesystem", notes)


def limit_range_item(box: Box, notes: Notes) -> None:
    """Defaults of containers: the greatest is the limit, the limit is the request."""
    if box["type"] != "Container":
        return
    default = {**box.get("max", {}), **box.get("default", {})}
    request = {**box.get("min", {}), **default, **box.get("defaultRequest", {})}
    for key, values in (("default", default), ("defaultRequest", request)):
        if values:
            fill(box, key, {}, notes)
            for name, value in values.items():
                fill(box[key], name, value, notes)
