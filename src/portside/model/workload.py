"""Where the pods of an object are: its pod specs, their metadata and their containers (D7).

Kubernetes' own kinds and common custom resources are described here; of an unknown kind the shape
of the object tells, and the judgement says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


class PodShape(NamedTuple):
    """Where one pod template of a kind stands; `*` in a path means each item of a list.

    `lists` are (list of CONTAINER_LISTS it counts as, path of the list or of a single container,
    relative to the pod) for kinds that do not use Kubernetes' own three names.
    """

    pod: tuple[str, ...]
    metadata: tuple[str, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Container(NamedTuple):
    body: dict[str, Any]
    path: FieldPath
    role: str
    """Which of CONTAINER_LISTS it is in."""


class Pod(NamedTuple):
    """One pod template of an object: its spec, its metadata (empty where there is none), where."""

    spec: dict[str, Any]
    path: FieldPath
    metadata: dict[str, Any]
    metadata_path: FieldPath
    containers: tuple[Container, ...]
    by_shape: bool = False


_TEMPLATE = (PodShape(("spec", "template", "spec"), ("spec", "template", "metadata")),)
_POD = (PodShape(("spec",), ("metadata",)),)
_CRON = ("spec", "jobTemplate", "spec", "template")
_CRON_JOB = (PodShape((*_CRON, "spec"), (*_CRON, "metadata")),)
_TEMPLATE_KIND = (PodShape(("template", "spec"), ("template", "metadata")),)

BUILT_IN: Mapping[tuple[str, str], tuple[PodShape, ...]] = {
    ("", "Pod"): _POD,
    ("", "PodTemplate"): _TEMPLATE_KIND,
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): _CRON_JOB,
}
"""Kubernetes' own kinds that bear a pod, by (group, kind), whatever the version."""

_STEPS = (
    ("initContainers", ("steps",)),
    ("containers", ("sidecars",)),
    ("initContainers", ("stepTemplate",)),
)
_ARGO = (
    ("initContainers", ("initContainers",)),
    ("containers", ("container",)),
    ("containers", ("script",)),
    ("containers", ("containerSet", "containers")),
    ("containers", ("sidecars",)),
)


def _argo(*spec: str) -> tuple[PodShape, ...]:
    return (
        PodShape((*spec, "templates", "*"), (*spec, "templates", "*", "metadata"), _ARGO),
        PodShape((*spec, "templateDefaults"), (*spec, "templateDefaults", "metadata"), _ARGO),
    )


def _kserve(*parts: str) -> tuple[PodShape, ...]:
    return tuple(PodShape(("spec", part), ("spec", part)) for part in parts)


CUSTOM: Mapping[tuple[str, str], tuple[PodShape, ...]] = {
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("argoproj.io", "Workflow"): _argo("spec"),
    ("argoproj.io", "WorkflowTemplate"): _argo("spec"),
    ("argoproj.io", "ClusterWorkflowTemplate"): _argo("spec"),
    ("argoproj.io", "CronWorkflow"): _argo("spec", "workflowSpec"),
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("serving.knative.dev", "Revision"): _POD,
    ("apps.kruise.io", "CloneSet"): _TEMPLATE,
    ("apps.kruise.io", "StatefulSet"): _TEMPLATE,
    ("apps.kruise.io", "DaemonSet"): _TEMPLATE,
    ("apps.kruise.io", "BroadcastJob"): _TEMPLATE,
    ("apps.kruise.io", "AdvancedCronJob"): (
        PodShape(
            ("spec", "template", "jobTemplate", "spec", "template", "spec"),
            ("spec", "template", "jobTemplate", "spec", "template", "metadata"),
        ),
        PodShape(
            ("spec", "template", "broadcastJobTemplate", "spec", "template", "spec"),
            ("spec", "template", "broadcastJobTemplate", "spec", "template", "metadata"),
        ),
    ),
    ("apps.kruise.io", "SidecarSet"): _POD,
    ("tekton.dev", "Task"): (PodShape(("spec",), ("metadata",), _STEPS),),
    ("tekton.dev", "ClusterTask"): (PodShape(("spec",), ("metadata",), _STEPS),),
    ("tekton.dev", "TaskRun"): (PodShape(("spec", "taskSpec"), ("metadata",), _STEPS),),
    ("tekton.dev", "Pipeline"): (
        PodShape(("spec", "tasks", "*", "taskSpec"), ("metadata",), _STEPS),
        PodShape(("spec", "finally", "*", "taskSpec"), ("metadata",), _STEPS),
    ),
    ("serving.kserve.io", "InferenceService"): _kserve("predictor", "transformer", "explainer"),
    ("serving.kserve.io", "ServingRuntime"): _POD,
    ("serving.kserve.io", "ClusterServingRuntime"): _POD,
    ("agents.x-k8s.io", "Sandbox"): (
        PodShape(("spec", "podTemplate", "spec"), ("spec", "podTemplate", "metadata")),
    ),
    ("extensions.agents.x-k8s.io", "SandboxTemplate"): (
        PodShape(("spec", "podTemplate", "spec"), ("spec", "podTemplate", "metadata")),
    ),
    ("keda.sh", "ScaledJob"): (
        PodShape(
            ("spec", "jobTargetRef", "template", "spec"),
            ("spec", "jobTargetRef", "template", "metadata"),
        ),
    ),
    ("jobset.x-k8s.io", "JobSet"): (
        PodShape(
            ("spec", "replicatedJobs", "*", "template", "spec", "template", "spec"),
            ("spec", "replicatedJobs", "*", "template", "spec", "template", "metadata"),
        ),
    ),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (
        PodShape(
            ("spec", "leaderWorkerTemplate", "leaderTemplate", "spec"),
            ("spec", "leaderWorkerTemplate", "leaderTemplate", "metadata"),
        ),
        PodShape(
            ("spec", "leaderWorkerTemplate", "workerTemplate", "spec"),
            ("spec", "leaderWorkerTemplate", "workerTemplate", "metadata"),
        ),
    ),
    ("ray.io", "RayCluster"): (
        PodShape(
            ("spec", "headGroupSpec", "template", "spec"),
            ("spec", "headGroupSpec", "template", "metadata"),
        ),
        PodShape(
            ("spec", "workerGroupSpecs", "*", "template", "spec"),
            ("spec", "workerGroupSpecs", "*", "template", "metadata"),
        ),
    ),
    ("kubeflow.org", "PyTorchJob"): (
        PodShape(
            ("spec", "pytorchReplicaSpecs", "*", "template", "spec"),
            ("spec", "pytorchReplicaSpecs", "*", "template", "metadata"),
        ),
    ),
    ("kubeflow.org", "TFJob"): (
        PodShape(
            ("spec", "tfReplicaSpecs", "*", "template", "spec"),
            ("spec", "tfReplicaSpecs", "*", "template", "metadata"),
        ),
    ),
    ("monitoring.coreos.com", "Prometheus"): _POD,
    ("monitoring.coreos.com", "Alertmanager"): _POD,
    ("monitoring.coreos.com", "ThanosRuler"): _POD,
}
"""Custom resources whose pods are where their own documentation says."""


BUILT_IN_GROUPS = frozenset(
    (
        *("", "apps", "batch", "autoscaling", "policy", "extensions"),
        *(
            f"{name}.k8s.io"
            for name in (
                *("admissionregistration", "apiextensions", "apiregistration", "authentication"),
                *("authorization", "certificates", "coordination", "discovery", "events"),
                *("flowcontrol.apiserver", "internal.apiserver", "networking", "node"),
                *("rbac.authorization", "resource", "scheduling", "storage", "storagemigration"),
            )
        ),
    )
)
"""The API groups of Kubernetes itself: a kind in them that is not above bears no pod."""


def pods(value: dict[str, Any], group: str, kind: str) -> tuple[Pod, ...]:
    """Every pod template of the object `value`, in the order of the kind's description.

    An object of an unknown custom kind is read by its shape: where a list `containers` of maps with
    an `image` or a `name` stands, there is a pod, and it says so (`by_shape`).
    """
    shapes = BUILT_IN.get((group, kind))
    if shapes is not None:
        return _fixed(value, shapes[0])
    if group in BUILT_IN_GROUPS:
        return ()
    shapes = CUSTOM.get((group, kind))
    if shapes is not None:
        return tuple(pod for shape in shapes for pod in _shaped(value, shape))
    return tuple(_by_shape(value)) if _may_bear_pods(value) else ()


def bears_pods(group: str, kind: str) -> bool:
    """Whether objects of this kind are known to hold a pod template."""
    return (group, kind) in BUILT_IN or (group, kind) in CUSTOM


def _fixed(value: dict[str, Any], shape: PodShape) -> tuple[Pod, ...]:
    """The one pod of a shape without lists of pods and of Kubernetes' own names of lists."""
    spec = _at(value, shape.pod)
    if type(spec) is not dict:
        return ()
    metadata = _at(value, shape.metadata)
    containers = [
        Container(body, (*shape.pod, role, index), role)
        for role in CONTAINER_LISTS
        if role in spec and type(spec[role]) is list
        for index, body in enumerate(spec[role])
        if type(body) is dict
    ]
    return (
        Pod(
            *(spec, shape.pod, metadata if type(metadata) is dict else {}, shape.metadata),
            tuple(containers),
        ),
    )


def _shaped(value: dict[str, Any], shape: PodShape) -> Iterator[Pod]:
    if "*" not in shape.pod:
        found: Iterable[tuple[FieldPath, Any]] = ((shape.pod, _at(value, shape.pod)),)
    else:
        found = _reach(value, shape.pod, ())
    for path, spec in found:
        if type(spec) is not dict:
            continue
        metadata_path = _beside(shape, path)
        metadata = _at(value, metadata_path)
        yield Pod(
            spec,
            path,
            metadata if type(metadata) is dict else {},
            metadata_path,
            tuple(_containers(spec, path, shape)),
        )


def _beside(shape: PodShape, path: FieldPath) -> FieldPath:
    """The metadata path of the very item of a list that `path` leads through."""
    if "*" not in shape.metadata:
        return shape.metadata
    return tuple(path[i] if step == "*" else step for i, step in enumerate(shape.metadata))


def _containers(spec: dict[str, Any], path: FieldPath, shape: PodShape) -> Iterator[Container]:
    for role in CONTAINER_LISTS:
        if not shape.lists and role in spec:
            yield from _listed(spec[role], (*path, role), role)
    for role, steps in shape.lists:
        value = _at(spec, steps)
        if type(value) is dict:
            yield Container(value, (*path, *steps), role)
        else:
            yield from _listed(value, (*path, *steps), role)


def _listed(value: object, path: FieldPath, role: str) -> Iterator[Container]:
    if type(value) is list:
        for index, body in enumerate(value):
            if type(body) is dict:
                yield Container(body, (*path, index), role)


def _reach(value: Any, steps: tuple[str, ...], path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    for position, step in enumerate(steps):
        if step == "*":
            items: Any = ()
            if type(value) is list:
                items = enumerate(value)
            elif type(value) is dict:
                items = value.items()
            for key, item in items:
                yield from _reach(item, steps[position + 1 :], (*path, key))
            return
        if type(value) is not dict or step not in value:
            return
        value = value[step]
        path = (*path, step)
    yield path, value


def _at(value: Any, path: FieldPath) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


_MOST_DEEP = 12


def _may_bear_pods(value: dict[str, Any]) -> bool:
    """Whether a key `containers` stands anywhere: most custom resources have none."""
    pending: list[Any] = [value]
    for node in pending:  # which grows meanwhile
        if type(node) is dict and "containers" in node:
            return True
        below = node.values() if type(node) is dict else node
        pending += [it for it in below if type(it) is dict or type(it) is list]
    return False


def _by_shape(value: dict[str, Any]) -> Iterator[Pod]:
    pending: list[tuple[FieldPath, Any, FieldPath, dict[str, Any]]] = [((), value, (), {})]
    while pending:
        path, node, metadata_path, metadata = pending.pop()
        if type(node) is dict:
            if _bears_containers(node):
                found = _containers(node, path, PodShape((), ()))
                yield Pod(node, path, metadata, metadata_path, tuple(found), by_shape=True)
                continue
            beside = node.get("metadata")
            if type(beside) is dict:
                metadata_path, metadata = (*path, "metadata"), beside
            items: Any = node.items()
        elif type(node) is list:
            items = enumerate(node)
        else:
            continue
        if len(path) < _MOST_DEEP:
            below = [
                ((*path, key), item, metadata_path, metadata)
                for key, item in items
                if type(item) is dict or type(item) is list
            ]
            pending.extend(reversed(below))


def _bears_containers(node: dict[str, Any]) -> bool:
    listed = node.get("containers")
    return type(listed) is list and any(
        type(item) is dict and type(item.get("image") or item.get("name")) is str for item in listed
    )
