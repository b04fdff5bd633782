"""What a finding is called: rule, object and path, with the items of lists by their names (D8)."""

from __future__ import annotations

from typing import Any

import pytest

from portside.engine.identity import identity, named_path
from portside.model.resource import Resource
from tests.patience import within


class Nowhere:
    def nearest(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        return 1, 1

    def width(self, path: tuple[str | int, ...]) -> int:
        return 0

    def mark(self, path: tuple[str | int, ...]) -> tuple[int, int, int]:
        return 1, 1, 0


def resource(value: dict[str, Any], file: str = "a.yaml") -> Resource:
    return Resource(value, Nowhere(), file)


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ({"a": {"b": 1}}, ("a", "b"), "a.b"),
        ({"a": [{"name": "x"}]}, ("a", 0), "a[x]"),
        ({"a": [{"name": "x"}, {"name": "x"}]}, ("a", 1, "b"), "a[x#2].b"),
        ({"a": [{"name": "x"}, {"name": "y"}, {"name": "x"}]}, ("a", 2), "a[x#2]"),
        ({"a": [{"b": 1}, {"b": 2}]}, ("a", 1), "a[1]"),
        ({"a": [None]}, ("a", 0, "b"), "a[0].b"),
        ({"ports": [{"name": "a", "containerPort": 8}]}, ("ports", 0), "ports[containerPort=8]"),
        (
            {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]},
            ("ports", 1),
            "ports[port=53,UDP]",
        ),
        ({"ports": [{"port": 53, "protocol": "TCP"}]}, ("ports", 0), "ports[port=53]"),
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}]},
            ("volumeMounts", 1),
            "volumeMounts[mountPath=/b]",
        ),
        ({"a": {"add": ["NET_RAW"]}}, ("a", "add", 0), "a.add[NET_RAW]"),
        ({"args": ["--password", "hunter2"]}, ("args", 1), "args[1]"),
        ({"command": ["hunter2"]}, ("command", 0), "command[0]"),
        ({"annotations": {"a.b/c": 1}}, ("annotations", "a.b/c"), 'annotations["a.b/c"]'),
        ({}, ("a", 3, "b"), "a[3].b"),
    ],
)  # fmt: skip
def test_a_path_names_the_items_of_lists(
    value: dict[str, Any], path: tuple[str | int, ...], expected: str
) -> None:
    assert named_path(value, path, {}) == expected


def test_a_bar_in_a_name_cannot_make_two_findings_one() -> None:
    one = resource({"kind": "A", "apiVersion": "v1", "metadata": {"name": "x|y"}, "s": {"z": 1}})
    two = resource({"kind": "A", "apiVersion": "v1", "metadata": {"name": "x"}, "y|s": {"z": 1}})

    assert identity("rule", one, ("s", "z")).count("|") == 3
    assert identity("rule", one, ("s", "z")) != identity("rule", two, ("y|s", "z"))


def test_twins_are_told_apart() -> None:
    value = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}}
    first, second = resource(value), resource(value)
    second.twin = 1

    assert identity("rule", first, ()) == "rule|a.yaml|/Pod//x|"
    assert identity("rule", second, ()) == "rule|a.yaml|/Pod//x#2|"


def test_the_version_of_an_api_is_no_part_of_an_identity() -> None:
    old = resource({"kind": "D", "apiVersion": "apps/v1beta1", "metadata": {"name": "x"}})
    new = resource({"kind": "D", "apiVersion": "apps/v1", "metadata": {"name": "x"}})

    assert identity("rule", old, ()) == identity("rule", new, ())


def test_a_long_list_is_named_once() -> None:
    many = resource({"kind": "A", "apiVersion": "v1", "items": [{"name": "x"}] * 50_000})

    with within(5):
        last = [identity("rule", many, ("items", at)) for at in range(50_000)][-1]

    assert last.endswith("items[x#50000]")
