"""Commands that look at objects see what charts and overlays make, as a scan judges it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.render import process
from tests.scanning import Answer, portside

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers: [{name: main, image: "example.org/NAME:1", ports: [{containerPort: 80}]}]
"""
TEMPLATE = DEPLOYMENT.replace("NAME", "{{ .Release.Name }}").replace(
    "replicas: 1", "replicas: {{ .Values.replicas }}"
)
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: live, namespace: shop}
spec:
  interval: 5m
  releaseName: web
  chart: {spec: {chart: ./web, sourceRef: {kind: GitRepository, name: shop}}}
  values: {replicas: 7}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: shop}
spec: {interval: 5m, url: https://git.example.org/shop}
"""

pytestmark = pytest.mark.usefixtures("on_path")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A chart with two environments, two overlays over one base, a manifest; one repository."""
    files = {
        ".git/config": '[remote "origin"]\n\turl = https://git.example.org/shop\n',
        "web/Chart.yaml": CHART,
        "web/values.yaml": "replicas: 2\n",
        "web/values-prod.yaml": "replicas: 5\n",
        "web/templates/web.yaml": TEMPLATE,
        "base/kustomization.yaml": "resources: [db.yaml]\n",
        "base/db.yaml": DEPLOYMENT.replace("NAME", "db"),
        "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
        "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
        "plain.yaml": DEPLOYMENT.replace("NAME", "plain"),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def named(found: list[Any]) -> list[tuple[str, int]]:
    return sorted((it["metadata"]["name"], it["spec"].get("replicas", 0)) for it in found)


def listed(answer: Answer) -> list[tuple[str, int]]:
    assert answer.code == 0, answer.err
    return named(json.loads(answer.out))


def test_a_folder_in_one_environment_is_all_that_runs_there(tree: Path) -> None:
    answer = portside(tree, "render", "-o", "json", ".", "-e", "prod")

    assert listed(answer) == [("plain", 1), ("prod-db", 1), ("web", 5)]


def test_as_yaml_each_text_says_what_made_it(tree: Path) -> None:
    answer = portside(tree, "render", ".", "-e", "prod")

    assert named(list(yaml.safe_load_all(answer.out))) == [("plain", 1), ("prod-db", 1), ("web", 5)]
    assert "# Source: overlays/prod/kustomization.yaml\n" in answer.out
    assert "# Source: web/templates/web.yaml\n" in answer.out


def test_a_folder_with_several_ways_to_install_it_names_them(tree: Path) -> None:
    answer = portside(tree, "render", ".")

    assert (answer.code, answer.out) == (2, "")
    assert "there are 4 ways to install what is here" in answer.err
    for line in ("  overlays/dev: dev", "  overlays/prod: prod", "  web: default, prod"):
        assert f"{line}\n" in answer.err


def test_a_folder_with_one_way_to_install_it_needs_no_name(tree: Path) -> None:
    for name in ("overlays", "base"):
        shutil.rmtree(tree / name)
    (tree / "web/values-prod.yaml").unlink()

    assert listed(portside(tree, "render", "-o", "json", ".")) == [("plain", 1), ("web", 2)]


def test_an_environment_that_nothing_has_is_refused_with_those_there_are(tree: Path) -> None:
    answer = portside(tree, "render", ".", "-e", "pord")

    assert answer.code == 2
    assert "nothing here has an environment pord" in answer.err
    assert "the environments: dev, prod" in answer.err


def test_environments_that_flux_makes_are_known_of_a_chart_by_itself(tree: Path) -> None:
    (tree / "release.yaml").write_text(RELEASE)

    assert listed(portside(tree, "render", "-o", "json", "web", "-e", "live")) == [("web", 7)]
    wrong = portside(tree, "render", "web", "-e", "lvie")
    assert wrong.code == 2
    assert "its environments: live, prod" in wrong.err
    assert listed(portside(tree, "render", "-o", "json", "web"))[0][1] == 2


def test_a_file_is_set_as_helm_sets_it(tree: Path) -> None:
    (tree / "note.txt").write_text("a, b=c\n")
    template = tree / "web/templates/note.yaml"
    template.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n"
        "spec: {}\ndata: {a: {{ .Values.notes.a | quote }}, b: {{ .Values.b | quote }}}\n"
    )

    answer = portside(
        tree, "render", "-o", "json", "web", "--set-file", "notes.a=note.txt,b=note.txt"
    )

    found = [it for it in json.loads(answer.out) if it["kind"] == "ConfigMap"]
    assert found[0]["data"] == {"a": "a, b=c\n", "b": "a, b=c\n"}
    assert portside(tree, "render", "web", "--set-file", "a=gone.txt").code == 2
    assert "names no file" in portside(tree, "render", "web", "--set-file", "a").err


def test_a_question_is_asked_of_what_is_installed_in_each_environment(tree: Path) -> None:
    answer = portside(tree, "eval", "-o", "json", "object.spec.replicas", ".")

    said = [
        (it["resource"]["name"], it["value"], it["environments"]) for it in json.loads(answer.out)
    ]
    assert answer.code == 0
    assert sorted(said) == [
        ("dev-db", 1, ["dev"]),
        ("plain", 1, []),
        ("prod-db", 1, ["prod"]),
        ("web", 2, ["default"]),
        ("web", 5, ["prod"]),
    ]
    text = portside(tree, "eval", "object.spec.replicas", ".", "-e", "prod").out
    assert "Deployment shop/web in prod: 5\n" in text
    assert "dev-db" not in text


def test_a_value_is_said_at_the_line_that_is_edited(tree: Path) -> None:
    (tree / "web/templates/web.yaml").write_text(TEMPLATE.replace("image: ", "image:   "))

    answer = portside(tree, "eval", "container.image", "base", "overlays/dev")

    assert "base/db.yaml:10: Deployment shop/dev-db container main" in answer.out


def test_a_map_is_one_of_what_is_there_together_and_says_what_it_leaves_out(tree: Path) -> None:
    answer = portside(tree, "network", "list", ".")

    assert "shop/web[Deployment] => shop/prod-db[Deployment]" in answer.out
    assert "web is taken as it is in default, and not as in prod" in answer.err
    in_prod = portside(tree, "network", "list", ".", "-e", "prod")
    assert "dev-db" not in in_prod.out
    assert "is taken as it is" not in in_prod.err


def test_a_graph_says_which_environments_it_leaves_out(tree: Path) -> None:
    assert "web is taken as it is in default" in portside(tree, "graph", ".").err


def test_what_cannot_be_rendered_is_said_and_the_rest_looked_at(tree: Path) -> None:
    (tree / "web/templates/web.yaml").write_text('{{ fail "no" }}\n')

    for words in (("eval", "object.kind"), ("network", "list"), ("render", "-e", "prod")):
        answer = portside(tree, *words, ".")
        assert answer.code == 3, words
        assert "not rendered: execution error at (web/templates/web.yaml:1:3)" in answer.err
        assert "plain" in answer.out


def test_without_a_renderer_charts_are_unread(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_found", lambda path: None)

    for words in (("eval", "object.kind"), ("network", "list"), ("render",)):
        answer = portside(tree, *words, ".")
        assert answer.code == 3, words
        assert "web/Chart.yaml" in answer.err
        assert "plain" in answer.out
