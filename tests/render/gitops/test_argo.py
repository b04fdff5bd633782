"""What Applications and ApplicationSets of Argo CD install."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portside.render.environment import DIRECTORY, HELM, KUSTOMIZE, Environment, Environments
from portside.render.gitops.argo_kustomize import image_of
from portside.render.gitops.sources import plain, remotes
from portside.render.wire import HelmRequest, Setting
from tests.render.gitops.objects import REPOSITORY, below, deployed, one, values_of
from tests.render.trees import CHART

BASE = {"charts/shop/Chart.yaml": CHART, "charts/shop/values.yaml": "a: 1\n"}


def application(source: str, name: str = "shop-prod", key: str = "source") -> str:
    return f"""apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: shop
  destination: {{namespace: shop}}
  {key}: {source}
"""


def a_set(generators: str, template: str, more: str = "") -> str:
    return f"""apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: shops, namespace: argocd}}
spec:
  {more}
  generators: {generators}
  template: {template}
"""


def settings(environment: Environment) -> tuple[Setting, ...]:
    """What is set by itself, wherever it is written."""
    return tuple(Setting(it.text, it.how) for it in environment.sets if isinstance(it, Setting))


def test_what_its_project_would_refuse_is_resolved_as_if_it_were_permitted(tmp_path: Path) -> None:
    project = """apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  sourceRepos: ["https://git.example.org/other"]
  destinations: [{server: "https://kubernetes.default.svc", namespace: elsewhere}]
"""
    source = f"{{repoURL: {REPOSITORY}, path: charts/shop}}"
    files = BASE | {"apps/project.yaml": project, "apps/app.yaml": application(source)}

    assert one(deployed(tmp_path, files)).name == "shop-prod"


def test_a_chart_is_installed_with_all_that_the_application_says(tmp_path: Path) -> None:
    source = """
    repoURL: git@git.example.org:team/shop
    path: charts/shop
    helm:
      releaseName: front
      valueFiles: [values.yaml, /envs/prod.yaml]
      valuesObject: {b: 2}
      parameters:
        - {name: image.tag, value: "1,2"}
        - {name: list, value: "{a,b}"}
        - {name: app, value: "$ARGOCD_APP_NAME", forceString: true}
      fileParameters: [{name: conf, path: conf.txt}]
      kubeVersion: "1.33"
      apiVersions: [monitoring.coreos.com/v1]
      skipCrds: true
"""
    files = BASE | {
        "envs/prod.yaml": "c: 3\n",
        "charts/shop/conf.txt": "x",
        "apps/app.yaml": application(source),
    }
    found = one(deployed(tmp_path, files))

    assert (found.name, found.kind, below(tmp_path, found)) == ("shop-prod", HELM, "charts/shop")
    assert values_of(tmp_path, found)[:2] == ["charts/shop/values.yaml", "envs/prod.yaml"]
    assert json.loads(values_of(tmp_path, found)[2]) == {"b": 2}
    assert settings(found) == (
        Setting("image.tag=1\\,2"),
        Setting("list={a,b}"),
        Setting("app=shop-prod", "set-string"),
        Setting(f"conf={tmp_path}/charts/shop/conf.txt", "set-file"),
    )
    assert found.said == ("Application", "apps/app.yaml", 7, "argocd/shop-prod")
    request = found.request("1.20")
    assert isinstance(request, HelmRequest)
    assert (request.release, request.namespace) == ("front", "shop")
    assert request.kubernetes_version == "1.33"
    assert request.api_versions == ("monitoring.coreos.com/v1",)
    assert not request.include_crds


def test_values_may_come_from_another_source(tmp_path: Path) -> None:
    sources = f"""
    - repoURL: {REPOSITORY}
      path: charts/shop
      helm: {{valueFiles: [$config/prod.yaml]}}
    - {{repoURL: "https://git.example.org/config", ref: config}}
"""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "prod.yaml").write_text("a: 2\n")
    files = BASE | {"app.yaml": application(sources, key="sources")}
    found = one(deployed(tmp_path / "in", files, {"https://git.example.org/config": str(checkout)}))
    missing = deployed(tmp_path / "in", files)

    assert values_of(checkout, found) == ["prod.yaml"]
    (unread,) = missing.unread
    assert (unread.file, unread.line) == ("app.yaml", 8)
    assert "--source https://git.example.org/config=DIR" in unread.reason


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("{repoURL: https://else.example.org/x, path: charts/shop}", "is not in this tree", 7),
        ("{repoURL: https://charts.example.org, chart: nginx, targetRevision: 1.0.0}",
         "the chart nginx 1.0.0 of https://charts.example.org is not in this tree", 7),
        (f"{{repoURL: {REPOSITORY}, path: nowhere}}", "there is no folder nowhere", 7),
        (f"{{repoURL: {REPOSITORY}, path: ../out}}", "there is no folder ../out", 7),
        (f"{{repoURL: {REPOSITORY}, path: charts/shop, helm: {{valueFiles: [no.yaml]}}}}",
         "there is no file of values no.yaml", 7),
        (f"{{repoURL: {REPOSITORY}, path: charts/shop, helm: {{valueFiles: [../../../x]}}}}",
         "leads out of its repository", 7),
        (f"{{repoURL: {REPOSITORY}, path: charts/shop, plugin: {{name: x}}}}", "plugin", 7),
        (f"{{repoURL: {REPOSITORY}, path: charts, helm: {{releaseName: x}}}}", "is no chart", 7),
    ],
)  # fmt: skip
def test_what_is_not_here_is_unread_with_the_place_and_the_remedy(
    source: str, said: str, line: int, tmp_path: Path
) -> None:
    found = deployed(tmp_path, BASE | {"app.yaml": application(source)})

    assert found.found == ()
    (unread,) = found.unread
    assert said in unread.reason
    assert (unread.file, unread.line) == ("app.yaml", line)
    assert unread.what == "Application argocd/shop-prod"


def test_a_missing_file_of_values_may_be_allowed(tmp_path: Path) -> None:
    helm = "{valueFiles: [no.yaml], ignoreMissingValueFiles: true}"
    source = f"{{repoURL: {REPOSITORY}, path: charts/shop, helm: {helm}}}"

    assert one(deployed(tmp_path, BASE | {"app.yaml": application(source)})).values == ()


def test_a_chart_of_a_repository_is_found_where_it_is_given(tmp_path: Path) -> None:
    write_chart = tmp_path / "vendored/nginx"
    write_chart.mkdir(parents=True)
    (write_chart / "Chart.yaml").write_text(CHART)
    source = "{repoURL: registry.example.org/charts, chart: nginx, targetRevision: 1.0.0}"
    files = {"app.yaml": application(source)}

    for key, folder in (
        ("oci://registry.example.org/charts/nginx", write_chart),
        ("registry.example.org/charts", tmp_path / "vendored"),
        ("nginx", write_chart),
    ):
        found = one(deployed(tmp_path / "in", files, {key: str(folder)}))
        assert found.path == str(write_chart)


def test_a_kustomization_is_built_as_argo_edits_it(tmp_path: Path) -> None:
    source = f"""
    repoURL: {REPOSITORY}
    path: overlays/prod
    kustomize:
      namePrefix: eu-
      images: ["shop=registry.example.org/shop:2", "cart:3", "tea@sha256:0"]
      replicas: [{{name: shop, count: "3"}}]
      commonLabels: {{a: b}}
      namespace: front
      patches: [{{patch: "x"}}]
      components: [../../part]
"""
    kustomization = (
        "resources: []\nnamePrefix: old-\nimages: [{name: shop, newTag: '1'}, {name: z}]\n"
    )
    files = {
        "overlays/prod/kustomization.yaml": kustomization,
        "app.yaml": application(source),
    }
    found = one(deployed(tmp_path, files))

    assert found.kind == KUSTOMIZE
    ((file, text),) = found.files.items()
    assert file == "overlays/prod/kustomization.yaml"
    assert json.loads(text) == {
        "resources": [],
        "namePrefix": "eu-",
        "namespace": "front",
        "images": [
            {"name": "cart", "newTag": "3"},
            {"name": "shop", "newName": "registry.example.org/shop", "newTag": "2"},
            {"name": "tea", "digest": "sha256:0"},
            {"name": "z"},
        ],
        "replicas": [{"name": "shop", "count": 3}],
        "commonLabels": {"a": "b"},
        "patches": [{"patch": "x"}],
        "components": ["../../part"],
    }


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("a=b", {"name": "a", "newName": "b"}),
        ("a=*:2", {"name": "a", "newTag": "2"}),
        ("a=host:5000/b", {"name": "a", "newName": "host:5000/b"}),
        ("host:5000/a:1", {"name": "host:5000/a", "newTag": "1"}),
    ],
)
def test_images_are_read_as_kustomize_edit_reads_them(text: str, image: dict[str, str]) -> None:
    assert image_of(text) == image


def test_manifests_of_a_folder_are_those_that_argo_takes(tmp_path: Path) -> None:
    source = f"""
    repoURL: {REPOSITORY}
    path: raw
    directory: {{recurse: true, include: "*.yaml", exclude: "{{skip*,sub/no.yaml}}"}}
"""
    names = ("a.yaml", "b.yml", "skip.yaml", "sub/c.yaml", "sub/no.yaml")
    files = {f"raw/{it}": "a: 1\n" for it in names}
    files["raw/d.yaml"] = "# +argocd:skip-file-rendering\na: 1\n"
    found = one(deployed(tmp_path, files | {"app.yaml": application(source)}))

    assert found.kind == DIRECTORY
    assert found.manifests == tuple(f"{tmp_path}/raw/{it}" for it in ("a.yaml", "sub/c.yaml"))


def test_parameters_that_a_file_overrides_count(tmp_path: Path) -> None:
    source = f"{{repoURL: {REPOSITORY}, path: charts/shop}}"
    override = "helm: {parameters: [{name: tag, value: v2}]}\nrepoURL: https://evil.example.org\n"
    files = BASE | {
        "app.yaml": application(source),
        "charts/shop/.argocd-source-shop-prod.yaml": override,
        "charts/shop/.argocd-source-other.yaml": "helm: {parameters: [{name: no, value: x}]}\n",
    }

    assert settings(one(deployed(tmp_path, files))) == (Setting("tag=v2"),)


def test_a_list_of_elements_makes_an_application_of_each(tmp_path: Path) -> None:
    template = f"""
    metadata: {{name: "shop-{{{{env}}}}"}}
    spec:
      destination: {{namespace: "{{{{ env }}}}-{{{{unknown}}}}"}}
      source:
        {{repoURL: {REPOSITORY}, path: charts/shop, helm: {{valueFiles: ["{{{{env}}}}.yaml"]}}}}
"""
    files = BASE | {
        "charts/shop/dev.yaml": "a: 2\n",
        "set.yaml": a_set("[{list: {elements: [{env: dev}, {env: prod}]}}]", template),
    }
    found = deployed(tmp_path, files)

    (dev,) = found.found
    assert (dev.name, dev.namespace) == ("shop-dev", "dev-{{unknown}}")
    assert values_of(tmp_path, dev) == ["charts/shop/dev.yaml"]
    (unread,) = found.unread
    assert unread.reason == "there is no file of values prod.yaml"
    assert unread.line == 11


@pytest.mark.usefixtures("on_path")
def test_each_folder_of_a_git_generator_is_an_application(tmp_path: Path) -> None:
    generators = f"""
  - git:
      repoURL: {REPOSITORY}
      directories: [{{path: apps/*}}, {{path: apps/old, exclude: true}}]
"""
    template = f"""
    metadata: {{name: "{{{{.path.basename}}}}-{{{{index .path.segments 0}}}}"}}
    spec: {{source: {{repoURL: {REPOSITORY}, path: "{{{{.path.path}}}}"}}}}
"""
    files = {f"apps/{it}/kustomization.yaml": "resources: []\n" for it in ("a", "b", "old", "b/c")}
    text = a_set(generators, template, "goTemplate: true")
    found = deployed(tmp_path, files | {"set.yaml": text})

    assert found.unread == ()
    assert [(it.name, below(tmp_path, it)) for it in found.found] == [
        ("a-apps", "apps/a"),
        ("b-apps", "apps/b"),
    ]


def test_generators_that_ask_outside_need_given_parameters(tmp_path: Path) -> None:
    generators = "[{clusters: {}}, {list: {elements: [{name: here}]}}]"
    template = f"""
    metadata: {{name: "shop-{{{{name}}}}"}}
    spec: {{source: {{repoURL: {REPOSITORY}, path: charts/shop}}}}
"""
    files = BASE | {"set.yaml": a_set(generators, template)}
    without = deployed(tmp_path, files)
    given = deployed(tmp_path, files, generated={"argocd/shops": [{"name": "eu"}, {"name": "us"}]})

    assert [it.name for it in without.found] == ["shop-here"]
    (unread,) = without.unread
    assert "gitops.parameters.shops" in unread.reason
    assert [it.name for it in given.found] == ["shop-eu", "shop-us", "shop-here"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("{{ .gone }}", "map has no entry for key"),
        ("{{ env `HOME` }}", "function"),
        ("{{ randAlpha 5 }}", "makes another text each time: randAlpha"),
        ("{{ range until 9 }}{{ until 99999999 }}{{ end }}", "over the renderer's limit"),
        ("{{ if }}", "missing value for if"),
    ],
)
@pytest.mark.usefixtures("on_path")
def test_a_go_template_that_cannot_be_filled_in_is_unread(
    name: str, why: str, tmp_path: Path
) -> None:
    found = _of_go_template(name, tmp_path)

    assert found.found == ()
    (unread,) = found.unread
    assert (unread.file, unread.line) == ("set.yaml", 7)
    assert why in unread.reason


@pytest.mark.parametrize("program", ["", "helm"])
def test_without_our_renderer_go_templates_are_unread_with_the_remedy(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / program).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (unread,) = _of_go_template("{{ .env }}", tmp_path).unread

    assert "pip install portside-render" in unread.reason


def _of_go_template(name: str, tmp_path: Path) -> Environments:
    template = f"""
    metadata: {{name: '{name}'}}
    spec: {{source: {{repoURL: {REPOSITORY}, path: charts/shop}}}}
"""
    text = a_set("[{list: {elements: [{env: dev}]}}]", template,
                 "goTemplate: true\n  goTemplateOptions: [missingkey=error]")  # fmt: skip
    return deployed(tmp_path, BASE | {"set.yaml": text})


def test_two_spellings_of_an_address_are_one() -> None:
    spellings = (
        "https://Git.example.org/team/Shop.git",
        "https://user:secret@git.example.org/team/shop/",
        "ssh://git@git.example.org:22/team/shop.git",
        "git@git.example.org:team/shop",
        "git.example.org/team/shop",
        "oci://git.example.org/team/shop",
    )

    assert {plain(it) for it in spellings} == {"git.example.org/team/shop"}


def test_remotes_are_read_of_work_trees_too(tmp_path: Path) -> None:
    (tmp_path / "main/.git/worktrees/b").mkdir(parents=True)
    (tmp_path / "main/.git/config").write_text(f'[remote "o"]\n url = {REPOSITORY}\n[branch "m"]\n')
    (tmp_path / "main/.git/worktrees/b/commondir").write_text("../..\n")
    (tmp_path / "b/deep").mkdir(parents=True)
    (tmp_path / "b/.git").write_text(f"gitdir: {tmp_path}/main/.git/worktrees/b\n")

    assert remotes(str(tmp_path / "b/deep")) == [REPOSITORY]
    assert remotes(str(tmp_path / "main")) == [REPOSITORY]


def test_a_fork_is_this_repository_where_the_path_is_in_it(tmp_path: Path) -> None:
    fork = "https://git.example.org/me/shop"
    found = deployed(
        tmp_path,
        BASE
        | {
            "a.yaml": application(f"{{repoURL: {fork}, path: charts/shop}}", "a"),
            "b.yaml": application(f"{{repoURL: {fork}, path: gone}}", "b"),
        },
    )

    assert [it.name for it in found.found] == ["a"]
    assert [it.file for it in found.unread] == ["b.yaml"]


@pytest.mark.parametrize("value", [None, 1, "x", [], [1], {"source": 1}, {"sources": [1]}])
def test_odd_values_are_no_crash(value: Any, tmp_path: Path) -> None:
    for kind in ("Application", "ApplicationSet"):
        text = json.dumps({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": "x"},
            "spec": value,
        })  # fmt: skip
        assert deployed(tmp_path, {"app.yaml": text}).found == ()
