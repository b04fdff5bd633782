"""What objects of Argo CD and Flux install is judged as they install it, or unread, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.render.test_scan import CHART, POD, fates, of, scan, write
from tests.scanning import Answer, portside

HOME = "https://git.example.org/team/shop.git"
GIT = {".git/config": f'[remote "origin"]\n\turl = {HOME}\n'}
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}
spec: {containers: [{name: a, image: nginx, securityContext: {privileged: {{ .Values.all }}}}]}
"""
SHOP = {
    "charts/shop/Chart.yaml": CHART.format(name="shop"),
    "charts/shop/values.yaml": "all: false\n",
    "charts/shop/templates/a.yaml": TEMPLATE,
}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-live, namespace: argocd}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: live}
  source:
    repoURL: %s
"""
OWN = APPLICATION % HOME
PRIVILEGED = """\
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
    - name: a
      image: nginx
      securityContext:
        privileged: ${all}
"""
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: %s, namespace: flux-system}
spec:
  interval: 5m
  prune: true
  path: ./apps
  sourceRef: {kind: GitRepository, name: flux-system}
"""


def privileged(answer: Answer) -> list[str]:
    return [name for it in answer.of("privileged-container") for name in it["environments"]]


def unread(answer: Answer) -> list[dict[str, object]]:
    return list(answer.report["unread"])


@pytest.mark.usefixtures("on_path")
class TestArgo:
    def test_an_application_is_judged_with_its_files_of_values(self, tmp_path: Path) -> None:
        tree = {**GIT, **SHOP, "charts/shop/live/values.yaml": "all: true\n"}
        tree["argo/shop.yaml"] = (
            f"{OWN}    path: charts/shop\n    helm: {{valueFiles: [live/values.yaml]}}\n"
        )
        answer = scan(write(tmp_path, tree))
        found = of(answer, "privileged-container")

        assert answer.code == 1
        assert unread(answer) == []
        assert found["environments"] == ["shop-live"]
        assert found["resource"]["name"] == "shop-live"
        assert found["resource"]["namespace"] == "live"
        assert found["file"] == "charts/shop/templates/a.yaml"

    def test_parameters_of_an_application_win(self, tmp_path: Path) -> None:
        tree = {**GIT, **SHOP}
        tree["argo/shop.yaml"] = (
            f"{OWN}    path: charts/shop\n"
            "    helm: {parameters: [{name: all, value: 'true'}]}\n"
        )
        assert privileged(scan(write(tmp_path, tree))) == ["shop-live"]

    def test_a_set_installs_one_of_each_folder(self, tmp_path: Path) -> None:
        kustomization = "resources: [pod.yaml]\n"
        good = POD.replace("true", "false")
        tree = {
            **GIT,
            "teams/a/kustomization.yaml": f"namespace: of-a\n{kustomization}",
            "teams/a/pod.yaml": POD,
            "teams/b/kustomization.yaml": kustomization,
            "teams/b/pod.yaml": good,
            "set.yaml": f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: teams}}
spec:
  generators: [{{git: {{repoURL: {HOME}, directories: [{{path: teams/*}}]}}}}]
  template:
    metadata: {{name: 'team-{{{{path.basename}}}}'}}
    spec:
      project: default
      source: {{repoURL: {HOME}, path: '{{{{path}}}}'}}
      destination: {{namespace: shops}}
""",
        }
        answer = scan(write(tmp_path, tree))

        assert unread(answer) == []
        assert privileged(answer) == ["team-a"]
        assert of(answer, "privileged-container")["file"] == "teams/a/pod.yaml"

    def test_a_chart_that_is_elsewhere_is_unread_at_its_place(self, tmp_path: Path) -> None:
        remote = APPLICATION % "https://charts.example.org"
        tree = {**GIT, "app.yaml": f"{remote}    chart: redis\n    targetRevision: 1.2.3\n"}
        answer = scan(write(tmp_path, tree))
        (said,) = unread(answer)

        assert answer.code == 3
        assert (said["file"], said["line"]) == ("app.yaml", 7)
        assert "the chart redis 1.2.3 of https://charts.example.org" in str(said["reason"])
        assert "portside vendor" in str(said["reason"])
        assert "--source redis=DIR" in str(said["reason"])
        assert fates(answer)["app.yaml"] == "partly-read"

    def test_a_chart_that_is_elsewhere_is_judged_where_its_folder_is_given(
        self, tmp_path: Path
    ) -> None:
        remote = APPLICATION % "https://charts.example.org"
        text = f"{remote}    chart: shop\n    helm: {{values: 'all: true'}}\n"
        write(tmp_path, {**SHOP})
        tree = write(tmp_path / "tree", {**GIT, "app.yaml": text})
        answer = scan(tree, "--source", "shop=../charts/shop")

        assert unread(answer) == []
        assert privileged(answer) == ["shop-live"]
        assert of(answer, "privileged-container")["file"].endswith("charts/shop/templates/a.yaml")

    def test_a_source_without_a_folder_is_refused(self, tmp_path: Path) -> None:
        tree = write(tmp_path, {**GIT, **SHOP, "app.yaml": f"{OWN}    path: charts/shop\n"})
        answer = scan(tree, "--source", "shop=nowhere")

        assert answer.code == 2
        assert "there is no folder nowhere" in answer.err

    def test_plain_manifests_are_judged_once(self, tmp_path: Path) -> None:
        tree = {**GIT, "plain/pod.yaml": POD, "app.yaml": f"{OWN}    path: plain\n"}
        answer = scan(write(tmp_path, tree))

        assert unread(answer) == []
        assert of(answer, "privileged-container")["file"] == "plain/pod.yaml"

    def test_what_is_left_out_of_the_scan_is_not_unread(self, tmp_path: Path) -> None:
        remote = APPLICATION % "https://charts.example.org"
        tree = {**GIT, "pod.yaml": POD, "argo/app.yaml": f"{remote}    chart: redis\n"}
        answer = scan(write(tmp_path, tree), "--exclude", "argo/**")

        assert answer.code == 1
        assert unread(answer) == []


@pytest.mark.usefixtures("on_path")
class TestFlux:
    def test_a_release_is_judged_with_its_values(self, tmp_path: Path) -> None:
        release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: live}
spec:
  interval: 5m
  chart: {spec: {chart: ./charts/shop, sourceRef: {kind: GitRepository, name: flux-system}}}
  values: {all: true}
"""
        answer = scan(write(tmp_path, {**GIT, **SHOP, "flux/web.yaml": release}))

        assert unread(answer) == []
        assert privileged(answer) == ["web"]
        assert of(answer, "privileged-container")["resource"]["namespace"] == "live"

    def test_a_release_is_judged_as_its_kustomization_patches_it(self, tmp_path: Path) -> None:
        release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: live}
spec:
  interval: 5m
  chart: {spec: {chart: ./charts/shop, sourceRef: {kind: GitRepository, name: flux-system}}}
"""
        patch = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: live}
spec: {values: {all: true}}
"""
        tree = {
            **GIT,
            **SHOP,
            "base/web.yaml": release,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "live/kustomization.yaml": "resources: [../base]\npatches: [{path: values.yaml}]\n",
            "live/values.yaml": patch,
        }
        answer = scan(write(tmp_path, tree))

        assert unread(answer) == []
        assert privileged(answer) == ["web"]

    def test_variables_are_filled_in_before_it_is_judged(self, tmp_path: Path) -> None:
        post = "  postBuild: {substitute: {name: web, all: 'true'}}\n"
        tree = {**GIT, "apps/pod.yaml": PRIVILEGED, "flux/apps.yaml": FLUX % "apps" + post}
        answer = scan(write(tmp_path, tree))

        assert unread(answer) == []
        found = of(answer, "privileged-container")
        assert found["resource"]["name"] == "web"
        assert found["environments"] == ["apps"]
        assert found["file"] == "apps/pod.yaml"
        assert fates(answer)["apps/pod.yaml"] == "rendered"

    def test_variables_of_a_secret_make_it_unread(self, tmp_path: Path) -> None:
        post = "  postBuild: {substituteFrom: [{kind: Secret, name: hidden}]}\n"
        tree = {
            **GIT,
            "apps/pod.yaml": PRIVILEGED,
            "apps/kustomization.yaml": "resources: [pod.yaml]\n",
            "flux/apps.yaml": FLUX % "apps" + post,
        }
        answer = scan(write(tmp_path, tree))
        said = [it for it in unread(answer) if "hidden" in str(it["reason"])]

        assert answer.code == 3
        assert [it["file"] for it in said] == ["flux/apps.yaml"]
        assert "name" in str(said[0]["reason"])


@pytest.mark.usefixtures("on_path")
def test_render_of_a_folder_shows_the_chart_in_it_and_what_stands_beside_it(tmp_path: Path) -> None:
    answer = portside(write(tmp_path, {**SHOP, "pod.yaml": POD}), "render", ".")

    assert answer.code == 0
    assert "# charts/shop in default" in answer.out
    assert answer.out.count("kind: Pod") > 1


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize(
    ("more", "said", "judged"),
    [
        ("  postRenderers: [{exec: {command: sh}}]\n", "postRenderers[0] has exec", []),
        ("  valuesFrom: [{kind: Secret, name: hidden}]\n", "the Secret hidden", ["web"]),
    ],
)
def test_what_changes_a_release_and_is_not_followed_is_said(
    tmp_path: Path, more: str, said: str, judged: list[str]
) -> None:
    release = f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web, namespace: live}}
spec:
  interval: 5m
  chart: {{spec: {{chart: ./charts/shop, sourceRef: {{kind: GitRepository, name: flux-system}}}}}}
  values: {{all: true}}
{more}"""
    answer = scan(write(tmp_path, {**GIT, **SHOP, "flux/web.yaml": release}))
    (found,) = unread(answer)

    assert answer.code == 3
    assert found["file"] == "flux/web.yaml"
    assert said in str(found["reason"])
    assert privileged(answer) == judged


OTHER = "https://git.example.org/team/other.git"
FLUX_SOURCE = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{interval: 5m, url: "{OTHER}"}}
"""
ELSEWHERE = (
    f"{APPLICATION % OTHER}    path: charts/shop\n    helm: {{valuesObject: {{all: true}}}}\n"
)
"""Of a chart whose own values are harmless."""


@pytest.mark.usefixtures("on_path")
class TestSourcesThatAreScanned:
    @pytest.mark.parametrize("folder", [".", "./", "../{}"])
    def test_a_repository_may_be_said_to_be_the_source(self, folder: str, tmp_path: Path) -> None:
        named = folder.format(tmp_path.name)
        write(tmp_path, {**GIT, **SHOP, "app.yaml": ELSEWHERE})

        assert privileged(scan(tmp_path, "--source", f"{OTHER}={named}")) == ["shop-live"]

    def test_so_it_may_in_the_configuration(self, tmp_path: Path) -> None:
        config = f"gitops:\n  sources:\n    {OTHER}: .\n"
        write(tmp_path, {**GIT, **SHOP, "app.yaml": ELSEWHERE, "portside.yaml": config})
        answer = scan(tmp_path)

        assert privileged(answer) == ["shop-live"]
        assert unread(answer) == []

    def test_a_checkout_in_the_tree_is_installed_as_it_is_said(self, tmp_path: Path) -> None:
        shop = {f"modules/other/{name}": text for name, text in SHOP.items()}
        shop["modules/other/values/live.yaml"] = "all: true\n"
        app = (APPLICATION % OTHER) + (
            "    path: charts/shop\n    helm: {valueFiles: [../../values/live.yaml]}\n"
        )
        write(tmp_path, {**GIT, **shop, "app.yaml": app})
        answer = scan(tmp_path, "--source", f"{OTHER}=modules/other")

        assert privileged(answer) == ["shop-live"]
        assert unread(answer) == []
        assert of(answer, "privileged-container")["file"].startswith("modules/other/")

    def test_an_overlay_of_it_is_built_as_flux_edits_it(self, tmp_path: Path) -> None:
        tree = {
            **GIT,
            "modules/other/apps/kustomization.yaml": "resources: [pod.yaml]\n",
            "modules/other/apps/pod.yaml": POD,
            "flux/source.yaml": FLUX_SOURCE,
            "flux/apps.yaml": FLUX % "apps" + "  targetNamespace: edited\n",
        }
        answer = scan(write(tmp_path, tree), "--source", f"{OTHER}=modules/other")

        assert unread(answer) == []
        assert of(answer, "privileged-container")["resource"]["namespace"] == "edited"

    def test_what_flux_labels_is_the_objects_and_not_their_pods(self, tmp_path: Path) -> None:
        tree = {
            **GIT,
            "flux/source.yaml": FLUX_SOURCE,
            "flux/apps.yaml": FLUX % "apps"
            + "  commonMetadata: {labels: {team: a}, annotations: {owner: us}}\n",
            "modules/other/apps/kustomization.yaml": "resources: [job.yaml]\n",
            "modules/other/apps/job.yaml": (
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, annotations: {owner: me}}\n"
                "spec: {template: {metadata: {name: b}, spec: {containers: []}}}\n"
            ),
        }
        write(tmp_path, tree)
        answer = portside(
            tmp_path, "render", ".", "-o", "json", "--source", f"{OTHER}=modules/other"
        )
        (job,) = (it for it in json.loads(answer.out) if it["kind"] == "Job")

        assert job["metadata"] == {
            "name": "a",
            "labels": {"team": "a"},
            "annotations": {"owner": "us"},
        }
        assert job["spec"]["template"]["metadata"] == {"name": "b"}

    def test_its_manifests_are_judged_once(self, tmp_path: Path) -> None:
        plain = f"{APPLICATION % OTHER}    path: plain\n"
        write(tmp_path, {**GIT, "modules/other/plain/pod.yaml": POD, "app.yaml": plain})
        answer = scan(tmp_path, "--source", f"{OTHER}=modules/other")

        assert of(answer, "privileged-container")["file"] == "modules/other/plain/pod.yaml"

    def test_one_that_is_left_out_of_the_scan_is_judged_for_who_installs_it(
        self, tmp_path: Path
    ) -> None:
        shop = {f"modules/other/{name}": text for name, text in SHOP.items()}
        write(tmp_path, {**GIT, **shop, "app.yaml": ELSEWHERE})
        answer = scan(tmp_path, "--source", f"{OTHER}=modules/other", "--exclude", "modules/**")

        assert privileged(answer) == ["shop-live"]
