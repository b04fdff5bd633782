"""The request that would create an object: what is known of it, and what only a server knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from portside.cel.errors import CelUndecidedError
from portside.cel.record import Record
from portside.policy.apitypes import api_types
from portside.policy.apitypes.encode import encoded
from portside.policy.foreign.constraints import OPERATION, Request
from portside.policy.foreign.selector import Labels
from portside.policy.resources import CLUSTER_SCOPED, plural

if TYPE_CHECKING:
    from portside.model.resource import Resource
    from portside.policy.foreign.policy import Foreign

DEFAULT_NAMESPACE = "default"
"""Where kubectl creates an object that names no namespace, unless it is told otherwise."""
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server sets on every namespace: its name."""
_OF_THE_SERVER = ("uid", "creationTimestamp", "resourceVersion", "generation")


def request_of(resource: Resource, foreign: Foreign) -> Request:
    """The request that would create `resource`."""
    group, kind = resource.group, resource.kind
    custom = foreign.kinds.get((group, kind))
    value = resource.value.get("metadata")
    metadata = value if type(value) is dict else {}
    namespace = _namespace(resource, foreign)
    return Request(
        group=group,
        version=resource.ref.api_version.rpartition("/")[2],
        kind=kind,
        resource=custom.resource if custom else plural(kind),
        versions=_versions(group, kind) or (custom.versions if custom else None),
        name=str(metadata.get("name") or ""),
        namespace=namespace,
        labels=Labels(_map(metadata, "labels")),
        namespace_labels=_namespace_labels(resource, namespace, foreign),
    )


def _versions(group: str, kind: str) -> frozenset[str]:
    """The versions of one of Kubernetes' own kinds; none for any other."""
    lead = f"{group}/" if group else ""
    names = (it.removeprefix(lead).split("/") for it in api_types().kinds if it.startswith(lead))
    return frozenset(it[0] for it in names if len(it) == 2 and it[1] == kind)


def _map(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if type(found) is dict else {}


def _namespace(resource: Resource, foreign: Foreign) -> str | None:
    group, kind = resource.group, resource.kind
    if (group, kind) == ("", "Namespace"):
        return resource.ref.name
    custom = foreign.kinds.get((group, kind))
    if (group, kind) in CLUSTER_SCOPED or (custom is not None and not custom.namespaced):
        return ""
    if resource.ref.namespace:
        return resource.ref.namespace
    return DEFAULT_NAMESPACE if custom is not None or _versions(group, kind) else None


def _namespace_labels(resource: Resource, namespace: str | None, foreign: Foreign) -> Labels:
    if not namespace:
        return Labels({}, complete=False)
    own = (resource.group, resource.kind) == ("", "Namespace")
    known = resource.value if own else foreign.namespaces.get(namespace)
    labels = _map(_map(known, "metadata"), "labels") if known is not None else {}
    return Labels({**labels, NAMESPACE_NAME: namespace}, complete=known is not None)


def request_record(request: Request) -> Record:
    """The variable `request`; who asks, and how, is not known."""
    kind = {"group": request.group, "version": request.version, "kind": request.kind}
    resource = {"group": request.group, "version": request.version, "resource": request.resource}
    fields: dict[str, Any] = {
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "operation": OPERATION,
        "dryRun": False,
    }
    unknown = () if request.namespace is not None else ("namespace",)
    if request.name:
        fields["name"] = request.name
    if request.namespace:
        fields["namespace"] = request.namespace
    there = {name: _only_there(f"request.{name}") for name in ("userInfo", "options")}
    return Record("request", fields, lazy=there, unknown=unknown)


def _only_there(name: str) -> Callable[[], Any]:
    """A field that every request has, and of which nothing else is known."""

    def ask() -> Any:
        raise CelUndecidedError(f"{name} is not known here")

    return ask


def namespace_record(request: Request, foreign: Foreign) -> Record | None:
    """The variable `namespaceObject`: null for what stands in no namespace."""
    name = request.namespace
    if name == "" or request.kind == "Namespace":
        return None
    if name is None:
        return Record("namespaceObject", {}, open_ended=True)
    value = foreign.namespaces.get(name)
    if value is None:
        metadata = Record("namespaceObject.metadata", {"name": name}, open_ended=True)
        return Record("namespaceObject", {"metadata": metadata}, open_ended=True)
    shown = encoded(value, "v1", "Namespace")
    fields = {**shown["metadata"]}
    fields["labels"] = {**_map(fields, "labels"), NAMESPACE_NAME: name}
    there = {it: _only_there(f"namespaceObject.metadata.{it}") for it in _OF_THE_SERVER}
    metadata = Record("namespaceObject.metadata", fields, lazy=there)
    whole = {"metadata": metadata, "spec": shown["spec"], "status": {"phase": "Active"}}
    return Record("namespaceObject", whole)


def namespaces(found: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any] | None]:
    """Namespace objects by name; None for a name that two of them give different labels."""
    made: dict[str, dict[str, Any] | None] = {}
    for value in found:
        name = str(_map(value, "metadata").get("name") or "")
        if name in made and _labels(made[name]) != _labels(value):
            made[name] = None
        else:
            made[name] = value
    return made


def _labels(value: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else _map(_map(value, "metadata"), "labels")
