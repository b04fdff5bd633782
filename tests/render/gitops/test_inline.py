"""Values that an object of Argo CD or Flux holds: a finding stands where they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.render.gitops.objects import RELEASE
from tests.render.test_scan import CHART, of, scan, write
from tests.scanning import portside

pytestmark = pytest.mark.usefixtures("on_path")

HOME = "https://git.example.org/team/shop.git"
TREE = {
    ".git/config": f'[remote "origin"]\n\turl = {HOME}\n',
    "c/Chart.yaml": CHART.format(name="c"),
    "c/values.yaml": "tag: '1.2'\nsec: {}\n",
    "c/templates/a.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: a
    image: r.example.org/a:{{ .Values.tag }}
    securityContext:
      {{- toYaml .Values.sec | nindent 6 }}
""",
}
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: live}\n---\n"
WITH_VALUES = f"""\
{NAMESPACE}{RELEASE}\
  values:
    tag: latest
    sec:
      privileged: true
"""
APPLICATION = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: app, namespace: argocd}}
spec:
  project: shop
  destination: {{server: https://kubernetes.default.svc, namespace: live}}
  source:
    repoURL: {HOME}
    path: c
    helm:
"""
OBJECT = """\
      valuesObject:
        sec:
          privileged: true
      parameters:
      - name: tag
        value: latest
"""
TEXT = """\
      values: |
        sec:
          privileged: true
"""


def test_a_value_of_a_release_is_named_by_its_line(tmp_path: Path) -> None:
    answer = scan(write(tmp_path, TREE | {"flux/c.yaml": WITH_VALUES}))

    for rule, line, column in (("latest-tag", 12, 5), ("privileged-container", 14, 7)):
        found = of(answer, rule)
        assert (found["file"], found["line"], found["column"]) == ("flux/c.yaml", line, column)
        assert found["confidence"] == "exact"


FROM = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: of-c, namespace: live}
data:
  secure: |
    sec:
      privileged: true
---
apiVersion: v1
kind: Secret
metadata: {name: of-c, namespace: live}
stringData:
  tag: latest
"""


def test_values_of_a_config_map_and_a_secret_are_named_by_the_lines_of_those(
    tmp_path: Path,
) -> None:
    release = (
        NAMESPACE
        + RELEASE
        + (
            "  valuesFrom:\n"
            "  - {kind: ConfigMap, name: of-c, valuesKey: secure}\n"
            "  - {kind: Secret, name: of-c, valuesKey: tag, targetPath: tag}\n"
        )
    )
    answer = scan(write(tmp_path, TREE | {"flux/c.yaml": release, "flux/from.yaml": FROM}))

    for rule, line in (("privileged-container", 5), ("latest-tag", 13)):
        found = of(answer, rule)
        assert (found["file"], found["line"], found["column"]) == ("flux/from.yaml", line, 3)
        assert found["confidence"] == "template"


def test_values_that_a_kustomization_generates_are_named_by_what_generates_them(
    tmp_path: Path,
) -> None:
    release = RELEASE + ("  valuesFrom: [{kind: ConfigMap, name: of-c}]\n")
    generator = """\
resources: [c.yaml]
namespace: live
configMapGenerator: [{name: of-c, files: [values.yaml]}]
generatorOptions: {disableNameSuffixHash: true}
"""
    tree = {
        "flux/c.yaml": release,
        "flux/kustomization.yaml": generator,
        "flux/values.yaml": "tag: latest\n",
    }
    found = of(scan(write(tmp_path, TREE | tree)), "latest-tag")

    assert found["file"].startswith("flux/")
    assert found["confidence"] == "template"


def test_a_value_of_an_application_is_named_by_its_line(tmp_path: Path) -> None:
    answer = scan(write(tmp_path, TREE | {"apps/a.yaml": APPLICATION + OBJECT}))

    found = of(answer, "privileged-container")
    assert (found["file"], found["line"], found["confidence"]) == ("apps/a.yaml", 13, "exact")
    found = of(answer, "latest-tag")
    assert (found["file"], found["line"], found["confidence"]) == ("apps/a.yaml", 16, "template")


def test_of_a_text_of_values_the_place_is_that_of_the_text(tmp_path: Path) -> None:
    found = of(
        scan(write(tmp_path, TREE | {"apps/a.yaml": APPLICATION + TEXT})), "privileged-container"
    )

    assert (found["file"], found["line"], found["confidence"]) == ("apps/a.yaml", 11, "template")


def test_a_set_that_makes_applications_is_the_place_of_what_it_gives_them(tmp_path: Path) -> None:
    template = "".join(f"    {it}\n" for it in (APPLICATION + OBJECT).splitlines()[3:])
    made = f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: all, namespace: argocd}}
spec:
  generators: [{{list: {{elements: [{{name: one}}]}}}}]
  template:
    metadata: {{name: "{{{{name}}}}"}}
{template}"""
    found = of(scan(write(tmp_path, TREE | {"apps/a.yaml": made})), "privileged-container")

    assert found["file"] == "apps/a.yaml"
    assert made.splitlines()[found["line"] - 1].strip() == "privileged: true"


def test_what_moves_in_the_object_moves_with_a_cache(tmp_path: Path) -> None:
    write(tmp_path, TREE | {"flux/c.yaml": WITH_VALUES})
    portside(tmp_path, "scan", "-o", "json", ".")
    write(tmp_path, {"flux/c.yaml": "# one more line\n" + WITH_VALUES})
    answer = portside(tmp_path, "scan", "-o", "json", ".")

    assert of(answer, "latest-tag")["line"] == 13
    assert of(answer, "privileged-container")["line"] == 15


def test_what_only_the_object_can_mend_is_not_edited(tmp_path: Path) -> None:
    write(tmp_path, TREE | {"flux/c.yaml": WITH_VALUES})
    words = ("scan", "--fix", "--unsafe", "--allow-dirty", "--profile", "strict", ".")
    answer = portside(tmp_path, *words)

    assert answer.code == 1
    assert "privileged-container" in answer.out
    assert "privileged: true" in (tmp_path / "flux/c.yaml").read_text()
    assert (tmp_path / "c/values.yaml").read_text() == TREE["c/values.yaml"]
