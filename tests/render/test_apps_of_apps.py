"""What is installed by what another object installs: apps of apps, to any reasonable depth."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.render.test_deployed import GIT, HOME, SHOP, privileged, unread
from tests.render.test_scan import CHART, fates, of, scan, write
from tests.scanning import portside

pytestmark = pytest.mark.usefixtures("on_path")
CHILD = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  namespace: argocd
spec:
  project: default
  destination:
    namespace: {{ .Values.namespace | default "shops" }}
    server: {{ .Values.spec.destination.server }}
  source:
    path: charts/shop
    repoURL: {{ .Values.spec.source.repoURL }}
    helm:
      parameters: [{name: all, value: "{{ .Values.all }}"}]
"""
VALUES = f"""\
all: true
spec:
  destination: {{server: https://kubernetes.default.svc}}
  source:
    repoURL: {HOME}
"""
APPS = {
    "apps/Chart.yaml": CHART.format(name="apps"),
    "apps/values.yaml": VALUES,
    "apps/templates/shop.yaml": CHILD,
}
TREE = {**GIT, **SHOP, **APPS}


def application(name: str, path: str, parameters: str = "") -> str:
    helm = f"    helm: {{parameters: [{parameters}]}}\n" if parameters else ""
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://kubernetes.default.svc, namespace: argocd}}
  source:
    repoURL: {HOME}
    path: {path}
{helm}"""


def test_applications_that_a_chart_makes_are_deployed(tmp_path: Path) -> None:
    answer = scan(write(tmp_path, TREE))
    found = of(answer, "privileged-container")

    assert unread(answer) == []
    assert privileged(answer) == ["shop"]
    assert found["file"] == "charts/shop/templates/a.yaml"
    assert found["resource"]["namespace"] == "shops"
    assert fates(answer)["charts/shop/"] == "rendered"


def test_what_cannot_be_resolved_is_unread_in_the_template_that_makes_the_application(
    tmp_path: Path,
) -> None:
    values = VALUES.replace(HOME, "https://git.example.org/else/where")
    answer = scan(write(tmp_path, {**TREE, "apps/values.yaml": values}))
    (said,) = unread(answer)

    assert answer.code == 3
    assert said["file"] == "apps/templates/shop.yaml"
    assert said["line"] == 11
    assert "https://git.example.org/else/where is not in this tree" in str(said["reason"])
    assert fates(answer)["apps/templates/shop.yaml"] == "partly-read"


def test_it_is_followed_as_the_chart_of_applications_is_installed_itself(tmp_path: Path) -> None:
    tree = {**TREE, "root.yaml": application("root", "apps", "{name: namespace, value: live}")}
    answer = scan(write(tmp_path, tree))

    assert unread(answer) == []
    assert of(answer, "privileged-container")["resource"]["namespace"] == "live"


def test_what_differs_by_environment_is_named_by_it(tmp_path: Path) -> None:
    tree = {
        **TREE,
        "apps/values.yaml": VALUES.replace("true", "false"),
        "apps/values-prod.yaml": "all: true\n",
    }
    answer = scan(write(tmp_path, tree))

    assert unread(answer) == []
    assert privileged(answer) == ["prod/shop"]
    assert "default/shop, prod/shop" in str(answer.report["ledger"]["files"])


def test_charts_in_archives_are_followed_too(tmp_path: Path) -> None:
    tree = {**GIT, **SHOP, "top/Chart.yaml": CHART.format(name="top")}
    tree["top/Chart.yaml"] += "dependencies: [{name: apps, version: 1.0.0, repository: ''}]\n"
    packed = write(tmp_path / "elsewhere", APPS)
    (write(tmp_path / "tree", tree) / "top/charts").mkdir()
    with tarfile.open(tmp_path / "tree/top/charts/apps-1.0.0.tgz", "w:gz") as archive:
        archive.add(packed / "apps", "apps")
    answer = scan(tmp_path / "tree")

    assert unread(answer) == []
    assert privileged(answer) == ["shop"]


def test_folders_that_are_rendered_are_followed_to_any_reasonable_depth(tmp_path: Path) -> None:
    tree = {**GIT, **SHOP}
    for number in range(5):
        inner = f"level{number + 1}" if number < 4 else "charts/shop"
        more = "{name: all, value: 'true'}" if number == 4 else ""
        tree[f"level{number}/Chart.yaml"] = CHART.format(name=f"level{number}")
        tree[f"level{number}/templates/a.yaml"] = (
            f"{{{{ if .Values.on }}}}\n{application('a' + str(number), inner, more or ON)}"
            "{{ end }}\n"
        )
    tree["root.yaml"] = application("root", "level0", ON)
    answer = scan(write(tmp_path, tree))

    assert unread(answer) == []
    assert privileged(answer) == ["a4"]


ON = "{name: 'on', value: 'true'}"


def test_a_chart_that_installs_itself_is_judged_in_both_ways(tmp_path: Path) -> None:
    itself = application("self", "apps", "{name: bootstrap, value: 'false'}")
    template = f"{{{{ if .Values.bootstrap }}}}\n{itself}{{{{ end }}}}\n"
    tree = {
        **TREE,
        "apps/values.yaml": f"{VALUES}bootstrap: true\n",
        "apps/templates/self.yaml": template,
    }
    answer = scan(write(tmp_path, tree))

    assert unread(answer) == []
    assert privileged(answer) == ["shop"]
    assert "in self, default" in next(
        it["reason"] for it in answer.report["ledger"]["files"] if it["file"] == "apps/"
    )


def test_what_installs_itself_anew_without_end_is_unread(tmp_path: Path) -> None:
    again = application("again", "apps", "{name: deep, value: '{{ add .Values.deep 1 }}'}")
    tree = {
        **TREE,
        "apps/values.yaml": f"{VALUES}deep: 1\n",
        "apps/templates/again.yaml": again,
    }
    answer = scan(write(tmp_path, tree))
    (said,) = unread(answer)

    assert answer.code == 3
    assert said["file"] == "apps/templates/again.yaml"
    assert "more than 10 deep" in str(said["reason"])


def test_releases_that_a_chart_makes_are_deployed(tmp_path: Path) -> None:
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: {{ .Release.Namespace }}}
spec:
  interval: 5m
  chart: {spec: {chart: ./charts/shop, sourceRef: {kind: GitRepository, name: flux-system}}}
  valuesFrom: [{kind: ConfigMap, name: values}]
"""
    values = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata: {values.yaml: 'all: "
    tree = {
        **GIT,
        **SHOP,
        "team/Chart.yaml": CHART.format(name="team"),
        "team/templates/web.yaml": release,
        "team/templates/values.yaml": f"{values}true'}}\n",
    }
    answer = scan(write(tmp_path, tree))

    assert unread(answer) == []
    assert privileged(answer) == ["web"]


def test_the_graph_has_what_they_install(tmp_path: Path) -> None:
    answer = portside(write(tmp_path, TREE), "graph", "--no-cache", ".")

    assert answer.code == 0
    assert "shops/shop" in answer.out


def test_what_is_left_out_and_built_all_the_same_is_not_left_unsaid(tmp_path: Path) -> None:
    remote = application("redis", "charts/redis").replace(HOME, "https://git.example.org/else")
    tree = {**GIT, "all/kustomization.yaml": "resources: [hidden/app.yaml]\n"}
    tree["all/hidden/app.yaml"] = remote
    answer = scan(write(tmp_path, tree), "--exclude", "**/hidden/**")
    (said,) = unread(answer)

    assert answer.code == 3
    assert (said["file"], said["line"]) == ("all/hidden/app.yaml", 7)
