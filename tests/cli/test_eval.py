"""`portside eval`: an expression asked of what it names, and every lack of a value said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from portside.cel.values import BoolKey, CelMap, Duration, Optional, TypeValue, Uint
from portside.cli.cel_value import as_json
from tests.cli.running import CONFIG_MAP, Ran, portside

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: null
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      initContainers:
        - {name: setup, image: "setup:1"}
      containers:
        - name: web
          image: web:2
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(WEB)
    (tmp_path / "b.yaml").write_text(CONFIG_MAP)
    return tmp_path


def values(shop: Path, expression: str, *words: str) -> list[Any]:
    ran = portside("eval", expression, ".", "-o", "json", *words, cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    return [it["value"] for it in json.loads(ran.out)]


def test_an_expression_is_asked_of_what_it_names(shop: Path) -> None:
    assert portside("eval", "object.kind", ".", cwd=shop).out == snapshot("""\
a.yaml:1: Deployment shop/web: "Deployment"
b.yaml:1: ConfigMap settings: "ConfigMap"
""")
    assert portside("eval", "container.image", ".", cwd=shop).out == snapshot("""\
a.yaml:11: Deployment shop/web container setup: "setup:1"
a.yaml:13: Deployment shop/web container web: "web:2"
""")
    assert portside("eval", "pod.hostNetwork", ".", cwd=shop).out == snapshot(
        "a.yaml:8: Deployment shop/web: true\n"
    )
    assert values(shop, "podMetadata.labels.app") == ["web"]
    assert values(shop, "[object.kind, container.name]") == [
        ["Deployment", "setup"],
        ["Deployment", "web"],
    ]


def test_a_name_that_the_expression_declares_itself_widens_nothing(shop: Path) -> None:
    assert values(shop, "['a'].all(container, container == 'a')") == [True, True]


def test_json_says_where(shop: Path) -> None:
    ran = portside("eval", "container.name", "a.yaml", "-o", "json", cwd=shop)
    assert json.loads(ran.out)[1] == snapshot(
        {
            "file": "a.yaml",
            "line": 13,
            "column": 11,
            "resource": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "shop",
                "name": "web",
            },
            "path": ["spec", "template", "spec", "containers", 0],
            "environments": [],
            "value": "web",
        }
    )


def test_objects_are_as_written_unless_asked_as_judged(shop: Path) -> None:
    assert values(shop, "has(object.spec) && has(object.spec.replicas)") == [True, False]
    assert values(shop, "has(object.spec) && object.spec.replicas == null") == [True, False]


def test_the_version_and_the_dialect_are_choices(shop: Path) -> None:
    assert values(shop, "target.minor", "--kubernetes-version", "1.30") == [30, 30]
    assert values(shop, "[1, 'a']", "--dialect", "cel") == [[1, "a"], [1, "a"]]
    refused = portside("eval", "[1, 'a']", ".", cwd=shop)
    assert refused.code == 2
    assert portside("eval", "1", ".", "--dialect", "kubernets", cwd=shop).err == snapshot("""\
portside: no dialect is called kubernets
  did you mean kubernetes?  expected kubernetes, cel
  nothing was done
""")


def ends(ran: Ran, code: int) -> str:
    assert ran.code == code, ran
    return ran.err


def test_no_value_is_said_for_each_object_and_is_exit_three(shop: Path) -> None:
    ran = portside("eval", "object.spec.template.spec.hostNetwork", ".", cwd=shop)
    assert ran.out == snapshot("a.yaml:1: Deployment shop/web: true\n")
    assert ends(ran, 3) == snapshot("""\
b.yaml:1: ConfigMap settings: no value: no such key: spec (at 1:7 of the expression)
1 without a value: the answer is incomplete (exit 3)
""")
    ran = portside("eval", "object.spec.x", "b.yaml", "-o", "json", cwd=shop)
    assert json.loads(ran.out)[0]["error"] == snapshot(
        {"message": "no such key: spec", "line": 1, "column": 7}
    )
    assert ran.code == 3


@pytest.mark.parametrize(
    "expression",
    [
        "object.",
        "object.metadata.name +",
        "nothing.kind",
        "size(1)",
        "true &&\n  objet.kind == 'a'",
        "\tobject.kind ==== 'a'",
        "",
        "(" * 3000,
        "object.kind.matches('(')",
    ],
    ids=ascii,
)
def test_a_wrong_expression_is_an_error_before_anything_is_read(
    expression: str, shop: Path
) -> None:
    ran = portside("eval", expression, "no-such-file.yaml", cwd=shop)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(("expression", "no-such-file.yaml"))


def test_a_caret_stands_under_the_place(shop: Path) -> None:
    assert ends(portside("eval", "true &&\n  objet.kind == 'a'", cwd=shop), 2) == snapshot("""\
expression:2:3: undeclared reference to 'objet'
    objet.kind == 'a'
    ^
  nothing was evaluated
""")
    assert ends(portside("eval", "object.kind +", cwd=shop), 2) == snapshot("""\
expression:1:14: expected an expression, got 'the end'
  object.kind +
               ^
  nothing was evaluated
""")


def test_what_cannot_be_read_is_exit_three(shop: Path) -> None:
    (shop / "c.yaml").write_text("kind: [\n")
    ran = portside("eval", "object.kind", ".", cwd=shop)
    assert len(ran.out.splitlines()) == 2
    assert "c.yaml:2:1: not YAML" in ends(ran, 3)
    assert portside("eval", "object.kind", ".", "--allow-unread", cwd=shop).code == 0


def test_silence_is_never_the_answer(shop: Path) -> None:
    ran = portside("eval", "container.image", "b.yaml", cwd=shop)
    assert ran == (0, "", "no object that was read has a pod to ask about\n")
    (shop / "empty").mkdir()
    for command in (("eval", "object.kind"), ("render",)):
        ran = portside(*command, "empty", cwd=shop)
        assert ran == (0, "", "no Kubernetes object in 0 files\n")


def test_standard_input_is_asked_too() -> None:
    ran = portside("eval", "object.metadata.name", "-", stdin=WEB)
    assert (ran.code, ran.out) == (0, '<stdin>:1: Deployment shop/web: "web"\n')


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Uint(3), 3),
        (1.5, 1.5),
        (float("nan"), "NaN"),
        (float("inf"), "+Inf"),
        (b"\xff\x00", "/wA="),
        (Duration(3_600_000_000_000), "3600s"),
        (Optional(1), 1),
        (Optional(None, present=False), None),
        (TypeValue("int"), "int"),
        (CelMap({1: "a", BoolKey(True): "b"}), {"1": "a", "true": "b"}),
        ([{"a": [b"a"]}], [{"a": ["YQ=="]}]),
        (True, True),
        (None, None),
    ],
)
def test_values_of_cel_as_json(value: Any, expected: Any) -> None:
    made = as_json(value)
    assert (made, type(made) is bool) == (expected, type(expected) is bool)
    json.dumps(made)


@pytest.mark.parametrize(
    "expression",
    [
        "quantity('1.5Gi')",
        "ip('192.0.2.1')",
        "cidr('192.0.2.0/24')",
        "url('https://example.org/a')",
        "semver('1.2.3')",
        "timestamp('2026-01-01T00:00:00Z')",
        "format.dns1123Label()",
    ],
)
def test_values_of_kubernetes_own_types_are_text(expression: str, shop: Path) -> None:
    assert all(isinstance(it, str) for it in values(shop, expression))
