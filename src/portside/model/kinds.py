"""Names of kinds as rules write them: `Service`, `apps/Deployment`, `Workload`, `*`."""

from __future__ import annotations

from collections.abc import Iterable

EVERY = "*"
"""Every object."""
WORKLOAD = "Workload"
"""Every object that bears a pod, of a kind that is described or by its shape."""

_KUBERNETES = frozenset(
    (
        *("ConfigMap", "Endpoints", "EndpointSlice", "Event", "LimitRange", "Namespace", "Node"),
        *("PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ResourceQuota"),
        *("ReplicationController", "Secret", "Service", "ServiceAccount", "DaemonSet"),
        *("Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job", "ClusterRole", "Role"),
        *("ClusterRoleBinding", "RoleBinding", "Ingress", "IngressClass", "NetworkPolicy"),
        *("PodDisruptionBudget", "HorizontalPodAutoscaler", "StorageClass", "PriorityClass"),
        *("RuntimeClass", "Lease", "CertificateSigningRequest", "CustomResourceDefinition"),
    )
)
"""Kinds of Kubernetes that others have taken the names of: Knative's Service is no Service."""


def is_of(group: str, kind: str, wanted: Iterable[str]) -> bool:
    """Whether the kind `kind` of `group` is one of `wanted`.

    A name without a group means any group, but for the names of Kubernetes' own kinds.
    """
    if kind in wanted:
        return kind not in _KUBERNETES or is_kubernetes(group)
    return f"{group}/{kind}" in wanted or EVERY in wanted


def is_kubernetes(group: str) -> bool:
    """Whether the API group is one that Kubernetes itself serves: `apps`, `policy`, `*.k8s.io`."""
    return "." not in group or group.endswith(".k8s.io")
