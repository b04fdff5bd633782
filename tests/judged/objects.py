"""Objects for the differential test: real ones, generated ones, and random changes to both."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from portside.sources.manifest import parse
from tests.judged.normal import SCHEMAS, Types
from tests.oracle.test_types import full_objects
from tests.shared import SHARED

CORPORA = ("realworld", "pss", "kyverno-policies", "polaris", "trivy-checks", "gatekeeper-library")
_MOST_OF_A_CORPUS = 1500
_TEXTS: dict[str, tuple[str, ...]] = {
    "allocationMode": ("ExactCount", "All", ""),
    "image": (
        *("nginx", "nginx:latest", "nginx:1.27", "registry.example.org:5000/a/b", "Nginx", ""),
        *("a:latest@sha256:" + "0" * 64, "a@sha256:" + "0" * 64, "localhost/a", "a/b:", "a:b:c"),
    ),
    "kind": ("User", "Group", "ServiceAccount", "Pod", ""),
    "reference": ("nginx", "nginx:latest", "nginx:1.27", ""),
    "sessionAffinity": ("None", "ClientIP", ""),
    "strategy": ("None", "Webhook", ""),
    "type": (
        *("RollingUpdate", "Recreate", "OnDelete", "ClusterIP", "NodePort", "LoadBalancer"),
        *("ExternalName", "Container", "Pod", "PersistentVolumeClaim", ""),
    ),
}
_ANY_TEXT = ("a", "web", "", "Web", "true", "5", "10%", "a-b.c")
_QUANTITIES: tuple[Any, ...] = (
    *("100m", "1", "1Gi", "1000m", "0.5", "1e3", "100u", "1n", "0", "-1", "1024Ki", "1.5Gi", "+1"),
    *(1, 0, 0.5, 2.0, "x", "", " 1 ", "1 Gi", "10E3", "0.1Ki", "12345678901234567890", "1.0001"),
)
_TIMES = ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+02:00", "0001-01-01T00:00:00Z", "today", "")
_MICRO = ("2024-01-01T00:00:00.000001Z", "2024-01-01T01:00:00.120000+02:00", "2024-01-01T00:00:00Z")
_BYTES: tuple[Any, ...] = ("AQI=", "", "AR==", "A", "AQI=\n", "-_==", [1, 2], [])
_NUMBERS = (0, 1, 2, 80, -1, 30, 2147483647, 2147483648, 9223372036854775807, 3.0, 1.5, "1")
_ODD: tuple[Any, ...] = (
    None,
    "x",
    "",
    5,
    0,
    -1,
    1.5,
    3.0,
    True,
    False,
    [],
    {},
    [None],
    {"a": None},
)
_ODD += ([1], ["x"], {"a": 1}, {"a": "x"}, 1 << 40, 1 << 70, "5", "true")


def real_objects() -> list[dict[str, Any]]:
    """The objects of the shared corpora, as they are read from their files."""
    found = []
    for corpus in CORPORA:
        files = sorted((SHARED / "corpora" / corpus).rglob("*.y*ml"))
        for file in files[:_MOST_OF_A_CORPUS]:
            found += [it.value for it in parse(file.read_bytes(), file.name).resources]
    return found


class Maker:
    """Makes and changes objects by chance, guided by the types."""

    def __init__(self, types: Types, seed: int) -> None:
        self.types = types
        self.chance = random.Random(seed)
        self.real = [it for it in real_objects() if types.root(it) is not None]
        described = {"kinds": types.kinds, "structs": types.structs}
        self.full = list(full_objects(described).values())

    def one(self) -> dict[str, Any]:
        """A real object, a made one or one with every field, changed in a few places."""
        source = self.chance.random()
        if source < 0.1:
            value = copy.deepcopy(self.chance.choice(self.full))
        elif self.real and source < 0.6:
            value = copy.deepcopy(self.chance.choice(self.real))
        else:
            value = self.made()
        for _ in range(self.chance.choice((0, 1, 1, 2, 3, 6))):
            self._change(value)
        return value

    def made(self) -> dict[str, Any]:
        """An object of any kind with some of its fields."""
        name = self.chance.choice(sorted(self.types.kinds))
        kind = self.types.kinds[name]
        share = self.chance.choice((0.05, 0.15, 0.3))
        value = self._struct({"type": "struct", "ref": kind["ref"]}, share, 0)
        value.update(apiVersion=name.rpartition("/")[0], kind=kind["kind"])
        return value

    def _struct(self, described: dict[str, Any], share: float, depth: int) -> dict[str, Any]:
        value = {}
        for name, field in self.types.fields(described).items():
            most = share if depth > 4 else share + 0.25
            if self.chance.random() < most and depth < 12:
                value[name] = self._value(name, field, share, depth + 1)
        return value

    def _value(self, name: str, described: dict[str, Any], share: float, depth: int) -> Any:
        kind = described["type"]
        few = self.chance.choice((0, 1, 1, 2))
        if kind == "struct":
            return self._struct(described, share, depth)
        if kind == "list":
            return [self._value(name, described["items"], share, depth) for _ in range(few)]
        if kind == "map":
            keys = self.chance.sample(("a", "cpu", "memory", "app"), few)
            return {key: self._value(name, described["values"], share, depth) for key in keys}
        return self._scalar(name, kind)

    def _scalar(self, name: str, kind: str) -> Any:
        choices: dict[str, tuple[Any, ...]] = {
            "string": _TEXTS.get(name, _ANY_TEXT),
            "bool": (True, False),
            "int32": _NUMBERS[:5],
            "int64": _NUMBERS[:7],
            "float64": (0, 1.5, -2, 3.0),
            "intOrString": (0, 1, 80, "80", "25%", "", "http"),
            "quantity": _QUANTITIES[:13],
            "time": _TIMES[:3],
            "microTime": _MICRO[:2],
            "bytes": _BYTES[:3],
            "schemaOrBool": (True, False, {}, {"type": "string", "nullable": False}),
            "schemaOrList": ({}, [{}], [], {"type": "string", "maxLength": 0}, [{"enum": [None]}]),
            "schemaOrStringList": ({}, ["a"], [], {"not": {}}),
        }
        return copy.deepcopy(self.chance.choice(choices.get(kind, ({"x": 1}, {}, [], "x", None))))

    def _change(self, value: dict[str, Any]) -> None:
        root = self.types.root(value)
        if root is None:
            return
        places = list(self._places(value, root))
        box, key, described = self.chance.choice(places)
        what = self.chance.random()
        if type(box) is dict and key in ("apiVersion", "kind") and box is value:
            return
        if what < 0.25:
            box[key] = None
        elif what < 0.40 and type(box) is dict:
            del box[key]
        elif what < 0.55:
            box[key] = copy.deepcopy(self.chance.choice(_ODD))
        elif what < 0.70:
            box[key] = self._hostile(str(key), described)
        elif what < 0.85:
            self._add(box[key], described)
        else:
            self._move(value)

    def _hostile(self, name: str, described: dict[str, Any] | None) -> Any:
        """A value of about the right type, with what is hard to read among them."""
        if described is None:
            return {"unknown": [None]}
        hard: dict[str, tuple[Any, ...]] = {
            **{"int32": _NUMBERS, "int64": _NUMBERS, "quantity": _QUANTITIES, "time": _TIMES},
            **{"microTime": (*_MICRO, *_TIMES), "bytes": _BYTES, "intOrString": (*_NUMBERS, "")},
        }
        if described["type"] in hard:
            return copy.deepcopy(self.chance.choice(hard[described["type"]]))
        return self._value(name, described, 0.2, 6)

    def _add(self, value: Any, described: dict[str, Any] | None) -> None:
        """A field of the type to a struct, an item to a list, an entry to a map; or an unknown."""
        if described is None:
            return
        kind = described["type"]
        if kind == "list" and type(value) is list:
            added = self._value("", described["items"], 0.2, 6)
            value.append(copy.deepcopy(self.chance.choice((None, added, *value))))
        elif kind == "map" and type(value) is dict:
            value["added"] = self.chance.choice((None, 5, True, "x"))
        elif kind == "struct" and type(value) is dict:
            fields = self.types.fields(described)
            name = self.chance.choice(sorted(fields) or ["unknown"])
            if self.chance.random() < 0.15:
                value[name.capitalize()] = "not this one"
            elif name in fields:
                value[name] = self._value(name, fields[name], 0.2, 4)

    def _move(self, value: dict[str, Any]) -> None:
        """Containers of a pod to another of its lists."""
        specs = [it for it in _boxes(value) if type(it.get("containers")) is list]
        if specs:
            spec = self.chance.choice(specs)
            to = self.chance.choice(("initContainers", "ephemeralContainers"))
            spec[to] = copy.deepcopy(spec["containers"])

    def _places(
        self, value: Any, described: dict[str, Any] | None, around: str = ""
    ) -> Iterator[tuple[Any, Any, dict[str, Any] | None]]:
        """Each place in an object with its type, as far as it has one."""
        for key, item, inner, within in self._inside(value, described, around):
            yield value, key, inner
            if type(item) in (dict, list):
                yield from self._places(item, inner, within)

    def _inside(
        self, value: Any, described: dict[str, Any] | None, around: str
    ) -> Iterator[tuple[Any, Any, dict[str, Any] | None, str]]:
        kind = "" if described is None else described["type"]
        items: Any = enumerate(value) if type(value) is list else value.items()
        is_struct = kind == "struct" or (kind in SCHEMAS and type(value) is dict)
        ref = (described or {}).get("ref") or around
        fields = self.types.fields(described or {}, around) if is_struct else {}
        for key, item in items:
            if is_struct:
                yield key, item, fields.get(key), ref
            elif kind in SCHEMAS:
                yield key, item, {"type": "struct", "ref": around}, around
            elif described is not None and kind in ("list", "map"):
                yield key, item, described.get("items") or described["values"], around
            else:
                yield key, item, None, around


def _boxes(value: Any) -> Iterator[dict[str, Any]]:
    if type(value) is dict:
        yield value
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    for it in items:
        yield from _boxes(it)
