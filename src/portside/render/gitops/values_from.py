"""Values that objects of Flux take from ConfigMaps and Secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from portside.render.gitops.index import Index
from portside.render.gitops.told import UnresolvedError, map_of, text_of


class Referred(NamedTuple):
    """The texts of a ConfigMap; None where they are not in the tree, and `why`, in words."""

    data: Mapping[str, Any] | None
    why: str = ""


def referred(index: Index, reference: Mapping[str, Any], namespace: str) -> Referred:
    """What the ConfigMap or Secret holds that is referred to.

    A Secret is not asked: it is in the cluster, or encrypted. Raises UnresolvedError for another
    kind.
    """
    kind, name = text_of(reference.get("kind")), text_of(reference.get("name"))
    if kind == "Secret":
        return Referred(None, f"the values in the Secret {name}")
    if kind != "ConfigMap":
        raise UnresolvedError(f"values from a {kind or 'thing of no kind'}, which has none")
    found = index.find("", kind, name, namespace)
    if found is None:
        return Referred(None, f"the values in the ConfigMap {name}, which is not in the tree")
    return Referred(map_of(found.value.get("data")))
