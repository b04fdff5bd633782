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
_FILES = frozenset(("HelmChart", "Kustomization"))
"""Files that are no objects, and whose names are those of objects of Flux as well."""

_HOMES = {
    **dict.fromkeys(("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"), "apps"),
    **dict.fromkeys(("Job", "CronJob"), "batch"),
    **dict.fromkeys(("Ingress", "IngressClass", "NetworkPolicy"), "networking.k8s.io"),
    **dict.fromkeys(
        ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), "rbac.authorization.k8s.io"
    ),
    **dict.fromkeys(
        ("Pod", "ReplicationController", "Service", "ConfigMap", "Secret", "ServiceAccount"), ""
    ),
    "PodDisruptionBudget": "policy",
    "HorizontalPodAutoscaler": "autoscaling",
    "DeploymentConfig": "apps.openshift.io",
}
"""The one group that has a kind; OpenShift 3 had its own in the core group."""


def is_of(group: str, kind: str, wanted: Iterable[str]) -> bool:
    """Whether the kind `kind` of `group` is one of `wanted`.

    A name without a group means any group, but for the names of Kubernetes' own kinds and of files.
    """
    if kind in wanted:
        if kind in _FILES:
            return not group
        return kind not in _KUBERNETES or is_kubernetes(group)
    return f"{group}/{kind}" in wanted or EVERY in wanted


def meant_group(group: str, kind: str) -> str:
    """The group that an object of `kind` belongs to which names the group `group`.

    Another than it names where Kubernetes itself has the kind in one group alone: a Deployment of
    v1 is refused, and what it would do once that is corrected is judged all the same.
    """
    home = _HOMES.get(kind)
    if home is None or home == group or group == "extensions" or not is_kubernetes(group):
        return group
    return home


def is_kubernetes(group: str) -> bool:
    """Whether the API group is one that Kubernetes itself serves: `apps`, `policy`, `*.k8s.io`."""
    return "." not in group or group.endswith(".k8s.io")
