"""Versions of an API between which an object stays the same but for its apiVersion.

Source: Kubernetes' "Deprecated API Migration Guide", and the types of both versions.
"""

from __future__ import annotations

import re
from typing import Any

from portside.model.fields import mapping
from portside.model.resource import Resource

NAMED = re.compile(r"; use (\S+)$")
"""The apiVersion that the finding names, where no kind stands behind it."""
_SAME = {
    "rbac.authorization.k8s.io/v1alpha1": ("*",),
    "rbac.authorization.k8s.io/v1beta1": ("*",),
    "storage.k8s.io/v1beta1": ("*",),
    "scheduling.k8s.io/v1alpha1": ("PriorityClass",),
    "scheduling.k8s.io/v1beta1": ("PriorityClass",),
    "coordination.k8s.io/v1beta1": ("Lease",),
    "node.k8s.io/v1beta1": ("RuntimeClass",),
    "apiregistration.k8s.io/v1beta1": ("APIService",),
    "batch/v1beta1": ("CronJob",),
    "autoscaling/v2beta2": ("HorizontalPodAutoscaler",),
    "flowcontrol.apiserver.k8s.io/v1beta3": ("FlowSchema", "PriorityLevelConfiguration"),
    "admissionregistration.k8s.io/v1beta1": (
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        *("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"),
    ),
}
"""By version: the kinds whose newer version has the same fields and defaults."""
_WORKLOADS = {
    "extensions/v1beta1": ("Deployment", "DaemonSet", "ReplicaSet"),
    "apps/v1beta1": ("Deployment", "StatefulSet"),
    "apps/v1beta2": ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"),
}
"""The kinds that are the same once they name their selector, which was a default."""


def mends(it: Resource, instead: str) -> str:
    """How the version of the object can be written anew: `safe`, `unsafe` or `none`."""
    if not instead or " " in instead:
        return "none"
    version = it.ref.api_version
    known = _SAME.get(version, ())
    if "*" in known or it.kind in known:
        return "safe"
    if it.kind in _WORKLOADS.get(version, ()):
        return "safe" if _keeps_its_meaning(it) else "unsafe"
    if (version, it.kind) == ("policy/v1beta1", "PodDisruptionBudget"):
        return "safe" if mapping(it.value, "spec", "selector") else "unsafe"
    if (version, it.kind) == ("networking.k8s.io/v1beta1", "IngressClass"):
        return "safe"
    if (version, it.kind) == ("extensions/v1beta1", "NetworkPolicy"):
        return "safe"
    return "unsafe"


def _keeps_its_meaning(it: Resource) -> bool:
    """Whether a workload has a selector, or labels that were its selector by default."""
    return "rollbackTo" not in mapping(it.value, "spec") and bool(
        mapping(it.value, "spec", "selector") or default_selector(it)
    )


def default_selector(it: Resource) -> dict[str, Any]:
    """The selector that a workload of old had by default, where it says none; else nothing."""
    labels = mapping(it.value, "spec", "template", "metadata", "labels")
    named = "selector" in mapping(it.value, "spec") and not it.is_defaulted(("spec", "selector"))
    if named or it.kind not in _WORKLOADS.get(it.ref.api_version, ()):
        return {}
    return {"matchLabels": dict(labels)} if labels else {}
