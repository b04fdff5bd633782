"""Values that objects of Flux take from ConfigMaps and Secrets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.gitops.index import Index
from portside.render.gitops.told import Told, UnresolvedError, map_of, text_of
from portside.render.values_files import is_encrypted


class Referred(NamedTuple):
    """The texts of a ConfigMap or Secret; None where they cannot be told, and `why`, in words."""

    data: Mapping[str, Any] | None
    why: str = ""
    source: Told | None = None
    """The ConfigMap or Secret."""

    def place(self, key: str) -> FieldPath:
        """The field of it that holds the text of the key."""
        value = self.source.value if self.source is not None else {}
        return ("stringData" if key in map_of(value.get("stringData")) else "data", key)


def referred(told: Told, reference: Mapping[str, Any], index: Index) -> Referred:
    """What the ConfigMap or Secret holds that the object `told` refers to.

    A Secret that is encrypted, or in the cluster alone, is not known. Raises UnresolvedError for
    another kind.
    """
    kind, name = text_of(reference.get("kind")), text_of(reference.get("name"))
    if kind not in ("ConfigMap", "Secret"):
        raise UnresolvedError(f"values from a {kind or 'thing of no kind'}, which has none")
    found = index.find("", kind, name, told.namespace, told.resource)
    if found is None:
        return Referred(None, f"the values in the {kind} {name}, which is not in the tree")
    if kind == "ConfigMap":
        return Referred(map_of(found.value.get("data")), source=Told(found, found.value))
    if is_encrypted(found.value):
        return Referred(None, f"the values in the Secret {name}, which is encrypted")
    return Referred(dict(_plain(found.value)), source=Told(found, found.value))


def _plain(secret: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in map_of(secret.get("data")).items():
        try:
            yield key, base64.b64decode(text_of(value), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue  # the API server refuses the one, and the other is no text
    yield from ((key, text_of(it)) for key, it in map_of(secret.get("stringData")).items())
