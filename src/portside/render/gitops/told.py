"""What cannot be resolved, and an object on its way to being resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.model.finding import Unread
from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.records import NamedTuple
from portside.render.environment import Said
from portside.render.gitops.made import placed

VENDOR = "portside vendor fetches it once, or --source {}=DIR names a checkout"
_IN_CLUSTER = (
    "a controller makes it in the cluster, where nothing is fetched from: --source {}=DIR names a "
    "folder with what it holds"
)
_BUCKET = "portside vendor fetches no Bucket: --source {}=DIR names a folder with what it holds"
_REMEDIES = {"ExternalArtifact": _IN_CLUSTER, "Bucket": _BUCKET}


class UnresolvedError(Exception):
    """What an object installs cannot be told from what is here; the text says why, and a remedy."""

    def __init__(self, reason: str, at: FieldPath = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


class Told(NamedTuple):
    """An object of Argo CD or Flux, in a file or made by an ApplicationSet from `resource`."""

    resource: Resource
    value: Mapping[str, Any]

    @property
    def name(self) -> str:
        return text_of(map_of(self.value.get("metadata")).get("name"))

    @property
    def namespace(self) -> str:
        return text_of(map_of(self.value.get("metadata")).get("namespace"))

    @property
    def spec(self) -> Mapping[str, Any]:
        return map_of(self.value.get("spec"))

    def said(self, at: FieldPath = ()) -> Said:
        """That this object says so, and where."""
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        file, line, _ = placed(self.resource, at)
        return Said(self.resource.kind, file, line, name)

    def unread(self, error: UnresolvedError) -> Unread:
        from portside.secrets.veil import veiled

        file, line, column = placed(self.resource, error.at)
        what = f"{self.resource.kind} {self.said().name}"
        return Unread(what, veiled(error.reason), file, line, column)


def remedy(kind: str, name: str) -> str:
    """How to have what a source of Flux holds, of the kind and with the name."""
    return _REMEDIES.get(kind, VENDOR).format(name)


def map_of(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def maps_of(value: object) -> list[Mapping[str, Any]]:
    return [it for it in list_of(value) if isinstance(it, dict)]


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""
