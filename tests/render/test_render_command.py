"""`portside render` of charts and kustomizations: the objects of helm and kustomize themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.render.goldens import charts, krusty, overlays
from tests.scanning import Answer, portside

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}
data: {a: "{{ .Values.a }}", b: "{{ .Values.b }}", v: "{{ .Capabilities.KubeVersion.Minor }}"}
"""
pytestmark = pytest.mark.usefixtures("on_path")


def objects(answer: Answer) -> list[Any]:
    found: list[Any] = json.loads(answer.out)
    return found


def unordered(found: list[Any]) -> list[str]:
    return sorted(json.dumps(it, sort_keys=True, default=str) for it in found)


def chart(folder: Path) -> Path:
    for name, text in {
        "Chart.yaml": CHART,
        "values.yaml": "a: 1\nb: 2\n",
        "values-prod.yaml": "b: prod\n",
        "templates/a.yaml": TEMPLATE,
        "crds/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: crd}\n",
    }.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("case", charts(), ids=str)
def test_a_chart_has_the_objects_that_helm_template_has(case: Any, tmp_path: Path) -> None:
    given = [word for file in case.values for word in ("--values", str(file))]
    usual = ("--release", "rel", "--namespace", "demo", "--kubernetes-version", "1.34.0")
    answer = portside(tmp_path, "render", "-o", "json", str(case.folder), *usual, *given)

    assert (answer.code, answer.err) == (0, "")
    assert unordered(objects(answer)) == unordered(case.expected())


@pytest.mark.parametrize("case", overlays(), ids=str)
def test_an_overlay_has_the_objects_that_kustomize_build_has(case: Any, tmp_path: Path) -> None:
    answer = portside(tmp_path, "render", "-o", "json", str(case.folder))

    assert answer.code == 0, answer.err
    assert unordered(objects(answer)) == unordered(case.expected())


@pytest.mark.parametrize("case", krusty(), ids=str)
def test_what_kustomize_itself_tests_is_built_or_refused(case: Any, tmp_path: Path) -> None:
    answer = portside(tmp_path, "render", "-o", "json", str(case.written(tmp_path)))

    if case.refused:
        assert answer.code == 3
        assert ": not rendered: " in answer.err
    else:
        assert answer.code == 0, answer.err
        assert unordered(objects(answer)) == unordered(case.expected())


def test_what_is_given_by_hand_goes_into_the_chart(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("a: more\nb: more\n")
    usual = objects(portside(chart(tmp_path), "render", "-o", "json", "shop"))
    given = objects(
        portside(
            tmp_path,
            *("render", "-o", "json", "shop", "--values", "more.yaml", "--set", "b=set"),
            *("--release", "r", "--namespace", "n", "--kubernetes-version", "1.30"),
            "--include-crds",
        )
    )

    assert [it["metadata"]["name"] for it in usual] == ["release-name"]
    assert usual[0]["data"]["b"] == "2"
    assert [it["metadata"]["name"] for it in given] == ["crd", "r"]
    assert given[1]["metadata"]["namespace"] == "n"
    assert given[1]["data"] == {"a": "more", "b": "set", "v": "30"}


def test_an_environment_that_is_discovered_has_its_values(tmp_path: Path) -> None:
    answer = portside(chart(tmp_path), "render", "-o", "json", "shop", "-e", "prod")
    names = [it["data"]["b"] for it in objects(answer) if "data" in it]

    assert names == ["prod"]


def test_an_environment_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    answer = portside(chart(tmp_path), "render", "shop", "-e", "pord")

    assert answer.code == 2
    assert "shop has no environment pord" in answer.err
    assert "its environments: default, prod" in answer.err


def test_yaml_says_which_template_made_each_object(tmp_path: Path) -> None:
    answer = portside(chart(tmp_path), "render", "shop")

    assert answer.out.startswith("---\n# Source: shop/templates/a.yaml\napiVersion: v1\n")
    assert [it["kind"] for it in yaml.safe_load_all(answer.out)] == ["ConfigMap"]


def test_a_chart_that_helm_refuses_is_exit_three_and_no_object(tmp_path: Path) -> None:
    (chart(tmp_path) / "shop/templates/b.yaml").write_text('\n{{ fail "no way" }}')
    answer = portside(tmp_path, "render", "-o", "json", "shop")

    assert (answer.code, objects(answer)) == (3, [])
    assert answer.err.startswith("shop/templates/b.yaml:2")
    assert "no way" in answer.err


def test_options_of_charts_are_refused_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    answer = portside(tmp_path, "render", "a.yaml", "--set", "a=b")

    assert answer.code == 2
    assert "--set is for a chart or a kustomization" in answer.err
