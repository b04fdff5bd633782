"""A real API server refuses objects without a field that is required here.

Objects of the shared corpora that it takes, each without one required field. Two exceptions are the
server's own: it fills in the claim of a StatefulSet's volume, and it takes what `NOT_ASKED` names.
"""

from __future__ import annotations

import copy
import http
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from portside.judged import admit
from portside.judged.admit import struct_of
from portside.judged.reading import Struct
from portside.judged.versions import below
from tests.cluster import Cluster, RefusedError
from tests.judged.objects import real_objects
from tests.shared import shared

pytestmark = pytest.mark.needs_cluster

COUNT = 150 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20261124"))
Json = dict[str, Any]
Path = tuple[str | int, ...]
_FILLED_IN = "claimName"


def _required(value: Json) -> Iterator[tuple[Path, str]]:
    """(path of a struct, field) of each required field that `value` has."""
    struct = struct_of(value["apiVersion"], value["kind"])
    pending: list[tuple[Any, Any, Path]] = [(struct, value, ())]
    while pending:
        want, item, path = pending.pop()
        if isinstance(want, Struct) and type(item) is dict and path[:1] != ("status",):
            for name in want.required:
                if item.get(name) is not None and name != _FILLED_IN:
                    yield path, name
        pending += ((inner, it, (*path, step)) for inner, it, step in below(want, item))


def _alone(value: Json) -> Json:
    """`value` without what names other objects, which a dry run would look for."""
    value = copy.deepcopy(value)
    written = value.get("metadata") or {}
    kept = {key: it for key, it in written.items() if key in ("labels", "annotations")}
    value["metadata"] = {**kept, "name": str(written.get("name") or "shop")[:50]}
    if value["kind"] == "Pod" and type(value.get("spec")) is dict:
        for name in ("serviceAccountName", "serviceAccount", "priorityClassName"):
            value["spec"].pop(name, None)
    return value


def _is_taken(cluster: Cluster, namespace: str, value: Json) -> bool:
    try:
        status, _ = cluster.create(value, namespace=namespace, dry_run=True)
    except RefusedError:
        return False
    return status == http.HTTPStatus.CREATED


def test_the_api_server_refuses_objects_without_a_required_field(cluster: Cluster) -> None:
    shared("corpora")
    namespace = cluster.namespace({"pod-security.kubernetes.io/enforce": "privileged"})
    chance = Random(SEED)
    known = [
        it
        for it in real_objects()
        if type(it["apiVersion"]) is str and struct_of(it["apiVersion"], it["kind"]) is not None
    ]
    chance.shuffle(known)
    asked = 0
    for value in map(_alone, known):
        places = list(_required(value))
        if not places or not _is_taken(cluster, namespace, value):
            continue
        assert admit(copy.deepcopy(value)).missing == (), value
        path, name = chance.choice(places)
        box: Any = value
        for step in path:
            box = box[step]
        del box[name]
        assert (*path, name) in admit(copy.deepcopy(value)).missing
        assert not _is_taken(cluster, namespace, value), (path, name, value)
        asked += 1
        if asked == COUNT:
            return
    raise AssertionError(f"only {asked} objects were taken by the server")
