"""An object → the small part of it that rules across objects may ask about (D13).

What is kept goes between processes and into the cache, so it must be small, plain, and free of
secrets: values of Secrets, ConfigMaps, environment variables and arguments are never kept, nor the
values of annotations that are not known to be settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from portside.model.facts import Fact
from portside.model.kinds import is_kubernetes
from portside.model.workload import CONTAINER_LISTS

if TYPE_CHECKING:
    from portside.model.facts import Place
    from portside.model.place import FieldPath
    from portside.model.resource import Resource
    from portside.model.workload import Pod

_SETTINGS = (
    *("ingress.kubernetes.io/", "service.beta.kubernetes.io/", "cloud.google.com/"),
    *("eks.amazonaws.com/", "iam.gke.io/", "azure.workload.identity/", "kubernetes.io/"),
    *("traefik.ingress.kubernetes.io/", "service.kubernetes.io/", "networking.gke.io/"),
    *("alb.ingress.kubernetes.io/", "argocd.argoproj.io/", "helm.sh/", "portside.dev/"),
    *("sidecar.istio.io/", "linkerd.io/", "cert-manager.io/", "external-dns.alpha.kubernetes.io/"),
)
"""What the keys of annotations begin with whose values are settings, and no secrets."""
_LONGEST_SETTING = 512
_REMEMBERED = 512
"""Labels and annotations that are not looked at twice: objects of one application share them."""
_LONG_LABEL = 19
"""Characters up to which the value of a label is no credential."""
_GROUPS = frozenset(
    (
        *("gateway.networking.k8s.io", "networking.istio.io", "security.istio.io"),
        *("policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "projectcalico.org"),
        *("policy.linkerd.io", "route.openshift.io", "security.openshift.io", "kyverno.io"),
        *("policies.kyverno.io", "traefik.io", "traefik.containo.us", "projectcontour.io"),
        *("keda.sh", "snapshot.storage.k8s.io", "monitoring.coreos.com"),
        *("autoscaling.k8s.io", "templates.gatekeeper.sh", "constraints.gatekeeper.sh"),
        *("cert-manager.io", "argoproj.io", "apiextensions.k8s.io"),
    )
)
"""Groups of custom resources whose `spec` rules ask about."""
_OFTEN: dict[str, FieldPath] = {
    **dict.fromkeys(("RoleBinding", "ClusterRoleBinding"), ("roleRef", "name")),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), ("spec", "selector")),
    **dict.fromkeys(("ReplicaSet", "ReplicationController"), ("spec", "selector")),
    "HorizontalPodAutoscaler": ("spec", "scaleTargetRef"),
}
"""The field that rules find at fault most often, by kind: to keep its place costs less than to read
the file again."""
_OPEN = frozenset(
    (
        *("StorageClass", "VolumeSnapshotClass", "PersistentVolume", "VolumeAttributesClass"),
        *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    )
)
"""Kinds of Kubernetes with parameters that anybody may name, or URLs that may hold a password."""
_OPEN_VOLUMES = ("csi", "flexVolume")
_METADATA = ("name", "generateName", "namespace", "labels")
_OF_CONTAINERS = (
    *("name", "image", "ports", "envFrom", "volumeMounts", "volumeDevices", "securityContext"),
    *("resources", "restartPolicy", "readinessProbe", "livenessProbe", "startupProbe"),
)


def fact_of(resource: Resource, number: int, *, placed: bool = False) -> Fact:
    """The fact that stands for `resource`, whose value has its judged form.

    `placed` says whether rules are asked whose findings stand in many objects, so that it pays to
    keep the places of fields instead of reading the file again.
    """
    line, column = resource.place(())
    return Fact(
        resource.ref,
        trimmed(resource),
        file=resource.file,
        key=resource.object_key(),
        place=(line, column, resource.text.width(resource.prefix)),
        number=number,
        doubtful=bool(resource.mistyped),
        places=_all_places(resource) if placed else _few_places(resource),
        bare=not resource.pods(),
    )


def _few_places(resource: Resource) -> dict[FieldPath, Place]:
    path = _OFTEN.get(resource.kind)
    return dict(_placed(resource, path)) if path else {}


def _all_places(resource: Resource) -> dict[FieldPath, Place]:
    return {**_few_places(resource), **dict(_places(resource))}


def _places(resource: Resource) -> Iterator[tuple[FieldPath, Place]]:
    yield from _placed(resource, ("metadata",))
    yield from _placed(resource, ("metadata", "name"))
    for pod in resource.pods():
        yield from _placed(resource, pod.path)
        for container in pod.containers:
            yield from _placed(resource, container.path)
        if len(pod.path) > 1:
            yield from _placed(resource, pod.path[:1])
            yield from _placed(resource, (*pod.path[:1], "replicas"))
            yield from _placed(resource, (*pod.path, "automountServiceAccountToken"))


def _placed(resource: Resource, path: FieldPath) -> Iterator[tuple[FieldPath, Place]]:
    line, column = resource.place(path)
    yield path, (line, column, resource.text.width(resource.prefix + path))


def trimmed(resource: Resource) -> dict[str, Any]:
    """What is kept of the object; nothing in it is shared with the object that may change."""
    value = resource.value
    kept = dict(value)
    kept.pop("status", None)
    kept["metadata"] = _metadata(value.get("metadata"))
    special = _SPECIAL.get((resource.group, resource.kind))
    bearing = [pod for pod in resource.pods() if not pod.by_shape]
    if special is not None:
        special(kept)
    elif not bearing and not is_kubernetes(resource.group) and resource.group not in _GROUPS:
        return {key: kept[key] for key in ("apiVersion", "kind", "metadata")}
    for pod in bearing:
        kept = _without_secrets(kept, pod)
    if special is None and (resource.kind in _OPEN or not is_kubernetes(resource.group)):
        from portside.engine.scrub import scrubbed

        return {key: it if key == "metadata" else scrubbed(it, key) for key, it in kept.items()}
    return kept


def _without_secrets(kept: dict[str, Any], pod: Pod) -> dict[str, Any]:
    if len(pod.metadata_path) > 1 and pod.metadata:
        kept = _with(kept, pod.metadata_path, _metadata(pod.metadata))
    kept = _with(kept, pod.path, _pod(pod.spec))
    for container in pod.containers:
        if container.path[len(pod.path)] not in CONTAINER_LISTS:
            kept = _with(kept, container.path, _container(container.body))
    return kept


def _metadata(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        return {}
    kept = {key: value[key] for key in _METADATA if key in value}
    labels = value.get("labels")
    if type(labels) is dict and any(map(_is_long, labels.values())):
        kept["labels"] = {
            key: _label(key, it) if _is_long(it) else it for key, it in labels.items()
        }
    annotations = value.get("annotations")
    if type(annotations) is dict and annotations:
        kept["annotations"] = {
            key: _setting(key, it) if type(it) is str else "" for key, it in annotations.items()
        }
    return kept


def _is_long(value: Any) -> bool:
    return type(value) is str and len(value) > _LONG_LABEL


@lru_cache(_REMEMBERED)
def _label(key: str, value: str) -> str:
    """The value of a label that is long enough for a credential, unless it is one."""
    from portside.secrets.texts import in_value

    return value if in_value(key, value) is None else ""


@lru_cache(_REMEMBERED)
def _setting(key: str, value: str) -> str:
    if len(value) > _LONGEST_SETTING or "snippet" in key:
        return ""
    if key.startswith("kubectl.") or not any(lead in key for lead in _SETTINGS):
        return ""
    from portside.secrets.texts import in_value

    return value if in_value(key, value) is None else ""


def _pod(spec: dict[str, Any]) -> dict[str, Any]:
    kept = dict(spec)
    for name in CONTAINER_LISTS:
        listed = spec.get(name)
        if type(listed) is list:
            kept[name] = [_container(it) for it in listed]
    volumes = spec.get("volumes")
    if type(volumes) is list and any(map(_is_open, volumes)):
        from portside.engine.scrub import scrubbed

        kept["volumes"] = scrubbed(volumes)
    return kept


def _is_open(volume: Any) -> bool:
    return type(volume) is dict and any(it in volume for it in _OPEN_VOLUMES)


def _container(body: Any) -> Any:
    if type(body) is not dict:
        return {}
    kept = {key: body[key] for key in _OF_CONTAINERS if key in body}
    env = body.get("env")
    if type(env) is list:
        kept["env"] = [_variable(it) for it in env]
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        if probe in kept:
            kept[probe] = _probe(kept[probe])
    return kept


def _variable(item: Any) -> dict[str, Any]:
    if type(item) is not dict:
        return {}
    return {key: item[key] for key in ("name", "valueFrom") if key in item}


def _probe(value: Any) -> Any:
    """A probe without the command, the headers or the query that it sends."""
    if type(value) is not dict:
        return {}
    http = value.get("httpGet")
    kept = {key: it for key, it in value.items() if key != "exec"}
    if type(http) is dict and ("httpHeaders" in http or "?" in str(http.get("path"))):
        kept["httpGet"] = {key: it for key, it in http.items() if key != "httpHeaders"}
        if "path" in http:
            kept["httpGet"]["path"] = str(http["path"]).partition("?")[0]
    return kept


def _with(value: Any, path: FieldPath, new: Any) -> Any:
    """A copy of `value` with `new` at `path`; what is not on the way is shared."""
    if not path:
        return new
    copy = list(value) if type(value) is list else dict(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)  # type: ignore[index]
    return copy


def _keys_of(*fields: str) -> Callable[[dict[str, Any]], None]:
    def strip(kept: dict[str, Any]) -> None:
        for field in fields:
            data = kept.get(field)
            if type(data) is dict:
                kept[field] = dict.fromkeys(data, "")

    return strip


def _crd(kept: dict[str, Any]) -> None:
    spec = kept.get("spec")
    if type(spec) is dict:
        kept["spec"] = {key: spec[key] for key in ("group", "names", "scope") if key in spec}


def _target(kept: dict[str, Any]) -> None:
    """Of an ExternalSecret only the name of the Secret that it makes: its template holds values."""
    spec = kept.pop("spec", None)
    target = spec.get("target") if type(spec) is dict else None
    name = target.get("name") if type(target) is dict else None
    if type(name) is str:
        kept["spec"] = {"target": {"name": name}}


def _no_spec(kept: dict[str, Any]) -> None:
    kept.pop("spec", None)


_SPECIAL: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {
    ("", "Secret"): _keys_of("data", "stringData"),
    ("", "ConfigMap"): _keys_of("data", "binaryData"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _crd,
    # Their spec holds Helm values, which may hold anything.
    ("argoproj.io", "Application"): _no_spec,
    ("argoproj.io", "ApplicationSet"): _no_spec,
    ("external-secrets.io", "ExternalSecret"): _target,
}
