"""Which structs have defaults that depend on other fields, and which fields those decide.

The generator of the judged tables reads it: what a hook decides is no constant of the oracle's.
"""

from __future__ import annotations

from typing import NamedTuple


class Hook(NamedTuple):
    """A function for a struct, the fields it decides and the lists whose emptiness it looks at."""

    function: str
    owns: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    shape: str = ""
    """The class of the struct, where it is one of its own."""


_ROLLOUT = ("rollingUpdate",)
_NUMBERS = Hook("", ("maxSurge", "maxUnavailable"))
_PARTITION = Hook("", ("partition", "maxUnavailable"))
_COUNT = Hook("others.device_count", ("count",))
_JOB = (
    *("backoffLimit", "completionMode", "completions", "manualSelector", "parallelism"),
    *("podReplacementPolicy", "suspend"),
)
_LABELLED = Hook("workloads.labelled_by_template", shape="workloads.LabelledByTemplate")
_CLOCK = Hook("", ("timeAdded",))
"""The server takes the time of its clock; the judged form has no clock, and leaves it absent."""

HOOKS: dict[str, Hook] = {
    "core/v1.Container": Hook("pods.container", ("imagePullPolicy",)),
    "core/v1.EphemeralContainer": Hook("pods.container", ("imagePullPolicy",)),
    "core/v1.Volume": Hook("pods.volume", ("emptyDir",)),
    "core/v1.ImageVolumeSource": Hook("", ("pullPolicy",)),
    "core/v1.PodSpec": Hook("pods.pod_spec", ("enableServiceLinks",)),
    "core/v1.Pod": Hook("pods.pod"),
    "core/v1.Service": Hook("core.service"),
    "core/v1.ServiceSpec": Hook("", ("internalTrafficPolicy",)),
    "core/v1.ServicePort": Hook("", ("targetPort",)),
    "core/v1.ReplicationController": Hook("core.replication_controller"),
    "core/v1.Namespace": Hook("core.namespace"),
    "core/v1.NodeStatus": Hook("core.node_status", (), ("allocatable",)),
    "core/v1.PersistentVolume": Hook("core.persistent_volume"),
    "core/v1.PersistentVolumeSpec": Hook("", ("persistentVolumeReclaimPolicy", "volumeMode")),
    "core/v1.LimitRangeItem": Hook("core.limit_range_item"),
    "apps/v1.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1.RollingUpdateDeployment": _NUMBERS,
    "apps/v1.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy", _ROLLOUT),
    "apps/v1.RollingUpdateDaemonSet": _NUMBERS,
    "apps/v1.StatefulSetUpdateStrategy": Hook(
        "workloads.stateful_set_strategy", ("type", "rollingUpdate")
    ),
    "apps/v1.RollingUpdateStatefulSetStrategy": _PARTITION,
    "apps/v1beta2.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1beta2.RollingUpdateDeployment": _NUMBERS,
    "apps/v1beta2.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy", _ROLLOUT),
    "apps/v1beta2.RollingUpdateDaemonSet": _NUMBERS,
    "apps/v1beta2.StatefulSetUpdateStrategy": Hook(
        "workloads.stateful_set_strategy", ("type", "rollingUpdate")
    ),
    "apps/v1beta2.RollingUpdateStatefulSetStrategy": _PARTITION,
    "apps/v1beta1.Deployment": _LABELLED,
    "apps/v1beta1.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1beta1.RollingUpdateDeployment": _NUMBERS,
    "apps/v1beta1.StatefulSet": _LABELLED,
    "apps/v1beta1.StatefulSetUpdateStrategy": Hook("workloads.old_stateful_set_strategy"),
    "apps/v1beta1.RollingUpdateStatefulSetStrategy": _PARTITION,
    "extensions/v1beta1.DaemonSet": _LABELLED,
    "extensions/v1beta1.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy"),
    "extensions/v1beta1.RollingUpdateDaemonSet": _NUMBERS,
    "extensions/v1beta1.Deployment": _LABELLED,
    "extensions/v1beta1.DeploymentStrategy": Hook("workloads.old_deployment_strategy", _ROLLOUT),
    "extensions/v1beta1.RollingUpdateDeployment": _NUMBERS,
    "extensions/v1beta1.ReplicaSet": _LABELLED,
    "extensions/v1beta1.NetworkPolicy": Hook("others.network_policy"),
    "extensions/v1beta1.NetworkPolicySpec": Hook("", ("policyTypes",)),
    "networking/v1.NetworkPolicy": Hook("others.network_policy"),
    "networking/v1.NetworkPolicySpec": Hook("", ("policyTypes",)),
    "batch/v1.Job": Hook("workloads.job"),
    "batch/v1.JobSpec": Hook("", _JOB),
    "autoscaling/v2.HorizontalPodAutoscaler": Hook("workloads.autoscaler"),
    "autoscaling/v2.HorizontalPodAutoscalerBehavior": Hook("", ("scaleDown", "scaleUp")),
    "autoscaling/v2.HPAScalingRules": Hook(
        "", ("policies", "selectPolicy", "stabilizationWindowSeconds"), ("policies",)
    ),
    "rbac/v1.Subject": Hook("others.subject"),
    "rbac/v1beta1.Subject": Hook("others.subject"),
    "rbac/v1alpha1.Subject": Hook("others.old_subject"),
    "resource/v1.ExactDeviceRequest": _COUNT,
    "resource/v1.DeviceSubRequest": _COUNT,
    "resource/v1.DeviceTaint": _CLOCK,
    "resource/v1beta2.ExactDeviceRequest": _COUNT,
    "resource/v1beta2.DeviceSubRequest": _COUNT,
    "resource/v1beta2.DeviceTaint": _CLOCK,
    "resource/v1beta1.DeviceRequest": Hook("others.device_request"),
    "resource/v1beta1.DeviceSubRequest": _COUNT,
    "resource/v1beta1.DeviceTaint": _CLOCK,
    "resource/v1alpha3.DeviceTaint": _CLOCK,
    "apiextensions/v1.CustomResourceDefinition": Hook("others.custom_resource_definition"),
    "apiextensions/v1beta1.CustomResourceDefinition": Hook("others.old_custom_resource_definition"),
    "flowcontrol/v1beta3.PriorityLevelConfiguration": Hook("others.priority_level"),
    "flowcontrol/v1beta3.LimitedPriorityLevelConfiguration": Hook(
        "", ("nominalConcurrencyShares",)
    ),
    "certificates/v1beta1.CertificateSigningRequestSpec": Hook(
        "others.signing_request", ("signerName", "usages"), ("usages",)
    ),
}


def hook_of(ref: str) -> Hook:
    """The hook of a struct, one without a function where it has none."""
    return HOOKS.get(short(ref), Hook(""))


def short(ref: str) -> str:
    """`core/v1.Pod` for `k8s.io/api/core/v1.Pod`."""
    package, _, name = ref.rpartition(".")
    return "/".join(package.split("/")[-2:]) + "." + name
