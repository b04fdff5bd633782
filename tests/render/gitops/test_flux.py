"""What Kustomizations and HelmReleases of Flux install."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portside.render.environment import DIRECTORY, HELM, KUSTOMIZE, Substitution
from portside.render.wire import Setting
from tests.render.gitops.objects import REPOSITORY, below, deployed, one, values_of
from tests.render.trees import CHART, write

SOURCE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: flux-system}
spec: {url: "ssh://git@git.example.org/team/shop"}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
BASE = {"charts/shop/Chart.yaml": CHART, "charts/shop/values.yaml": "a: 1\n", "s.yaml": SOURCE}
FROM = "sourceRef: {kind: GitRepository, name: shop}"


def kustomization(spec: str) -> str:
    return f"""apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: apps, namespace: flux-system}}
spec:
  {FROM}
  {spec}
"""


def release(spec: str, name: str = "shop") -> str:
    return f"""apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}, namespace: front}}
spec:
  {spec}
"""


def config_map(data: str, name: str = "settings", namespace: str = "flux-system") -> str:
    return f"""apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}, namespace: {namespace}}}
data: {data}
"""


def test_an_overlay_is_built_as_flux_edits_it(tmp_path: Path) -> None:
    spec = """path: ./apps/prod
  targetNamespace: front
  namePrefix: eu-
  commonMetadata: {labels: {a: b}}
  components: [../part, ../gone]
  ignoreMissingComponents: true
  patches: [{patch: "x", target: {kind: Pod}}]
  images: [{name: shop, newTag: "2"}, {name: cart, digest: sha256:0}]
"""
    own = "resources: []\nimages: [{name: shop, newName: s, digest: sha256:1}]\n"
    files = BASE | {
        "apps/prod/kustomization.yaml": own,
        "apps/part/kustomization.yaml": "kind: Component\n",
        "k.yaml": kustomization(spec),
    }
    found = one(deployed(tmp_path, files))

    assert (found.name, found.kind, below(tmp_path, found)) == ("apps", KUSTOMIZE, "apps/prod")
    assert found.said == ("Kustomization", "k.yaml", 6, "flux-system/apps")
    assert json.loads(found.files["apps/prod/kustomization.yaml"]) == {
        "resources": [],
        "namespace": "front",
        "namePrefix": "eu-",
        "labels": [{"pairs": {"a": "b"}}],
        "components": ["../part"],
        "patches": [{"patch": "x", "target": {"kind": "Pod"}}],
        "images": [
            {"name": "shop", "newName": "s", "newTag": "2"},
            {"name": "cart", "digest": "sha256:0"},
        ],
    }


def test_an_overlay_that_flux_does_not_edit_is_built_as_it_is(tmp_path: Path) -> None:
    files = BASE | {
        "apps/kustomization.yaml": "resources: []\n",
        "k.yaml": kustomization("path: apps"),
    }

    assert one(deployed(tmp_path, files)).files == {}


def test_a_folder_of_manifests_is_applied_as_it_is(tmp_path: Path) -> None:
    files = BASE | {"apps/a.yaml": POD, "apps/sub/b.yml": POD, "apps/.sops.yaml": "x: 1\n",
                    "apps/x.json": "{}", "k.yaml": kustomization("path: ./apps")}  # fmt: skip
    found = one(deployed(tmp_path, files))

    assert found.kind == DIRECTORY
    assert found.manifests == tuple(f"{tmp_path}/apps/{it}" for it in ("a.yaml", "sub/b.yml"))


def test_a_folder_is_given_a_kustomization_where_flux_makes_one(tmp_path: Path) -> None:
    files = BASE | {
        "apps/a.yaml": POD,
        "apps/over/kustomization.yaml": "resources: [b.yaml]\n",
        "apps/over/b.yaml": POD,
        "k.yaml": kustomization("path: ./apps\n  targetNamespace: x"),
    }
    found = one(deployed(tmp_path, files))

    made = json.loads(found.files["apps/kustomization.yaml"])
    assert (made["resources"], made["namespace"]) == (["a.yaml", "over"], "x")


def test_variables_come_from_config_maps_and_secrets_are_undecided(tmp_path: Path) -> None:
    spec = """path: ./apps
  postBuild:
    substitute: {a: "in\\nline", c: "1", odd: 1}
    substituteFrom:
      - {kind: ConfigMap, name: settings}
      - {kind: Secret, name: hidden, optional: true}
      - {kind: ConfigMap, name: gone}
      - {kind: ConfigMap, name: perhaps, optional: true}
"""
    files = BASE | {
        "apps/a.yaml": POD,
        "k.yaml": kustomization(spec),
        "other.yaml": config_map("{a: wrong}", namespace="else"),
        "settings.yaml": config_map("{a: x, b: z}"),
    }
    found = one(deployed(tmp_path, files))

    assert found.kind == KUSTOMIZE
    assert found.substitution == Substitution(
        {"a": "inline", "b": "z", "c": "1"},
        undecided=(
            "the values in the Secret hidden, which is not in the tree",
            "the values in the ConfigMap gone, which is not in the tree",
        ),
    )


@pytest.mark.parametrize(
    ("spec", "said", "line"),
    [
        ("path: ./gone", "there is no folder ./gone", 6),
        ("path: ../out", "leads out of its source", 6),
        ("path: ./apps\n  components: [https://x]", "the component https://x is no path", 6),
        ("path: ./apps\n  postBuild: {substituteFrom: [{kind: Pod, name: x}]}", "from a Pod", 6),
    ],
)
def test_what_flux_would_refuse_is_unread(spec: str, said: str, line: int, tmp_path: Path) -> None:
    files = BASE | {"apps/a.yaml": POD, "k.yaml": kustomization(spec)}
    found = deployed(tmp_path, files)

    assert found.found == ()
    (unread,) = found.unread
    assert said in unread.reason
    assert unread.file == "k.yaml"


def test_a_source_elsewhere_is_found_where_it_is_given(tmp_path: Path) -> None:
    text = kustomization("path: ./apps").replace("GitRepository", "OCIRepository")
    (tmp_path / "checkout/apps").mkdir(parents=True)
    (tmp_path / "checkout/apps/kustomization.yaml").write_text("resources: []\n")
    without = deployed(tmp_path / "in", BASE | {"k.yaml": text})
    given = deployed(tmp_path / "in", BASE | {"k.yaml": text}, {"shop": str(tmp_path / "checkout")})

    (unread,) = without.unread
    assert "--source shop=DIR" in unread.reason
    assert one(given).path == str(tmp_path / "checkout/apps")
    assert one(given).within == str(tmp_path / "checkout")


BY_PATH = "chart: {spec: {chart: ./charts/shop, sourceRef: {kind: %s, name: made}}}"
IN_CLUSTER = "a controller makes it in the cluster"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("ExternalArtifact", kustomization("path: ./charts"), IN_CLUSTER),
        ("ExternalArtifact", release(BY_PATH % "ExternalArtifact"), IN_CLUSTER),
        ("ExternalArtifact", release("chartRef: {kind: ExternalArtifact, name: made}"), IN_CLUSTER),
        ("Bucket", kustomization("path: ./charts"), "portside vendor fetches no Bucket"),
        ("Bucket", release(BY_PATH % "Bucket"), "portside vendor fetches no Bucket"),
    ],
)
def test_what_nothing_fetches_is_to_be_given(
    kind: str, text: str, said: str, tmp_path: Path
) -> None:
    files = {"k.yaml": text.replace(FROM, f"sourceRef: {{kind: {kind}, name: made}}")}
    by_reference = "chartRef" in text
    write(tmp_path, {f"made/{name}": it for name, it in BASE.items()})
    folder = tmp_path / "made" / ("charts/shop" if by_reference else ".")
    (unread,) = deployed(tmp_path / "in", files).unread
    given = deployed(tmp_path / "in", files, {"made": str(folder)})

    assert said in unread.reason
    assert "--source made=DIR" in unread.reason
    assert "fetches it once" not in unread.reason
    assert one(given).path.startswith(str(tmp_path / "made/charts"))


def test_a_release_of_a_chart_in_the_repository(tmp_path: Path) -> None:
    spec = f"""
  targetNamespace: shops
  chart: {{spec: {{chart: ./charts/shop, {FROM.replace("}", ", namespace: flux-system}")},
    valuesFiles: [charts/shop/values.yaml, envs/prod.yaml]}}}}
  valuesFrom:
    - {{kind: ConfigMap, name: settings}}
    - {{kind: ConfigMap, name: settings, valuesKey: tag, targetPath: image.tag}}
    - {{kind: ConfigMap, name: settings, valuesKey: quoted, targetPath: num}}
    - {{kind: Secret, name: hidden}}
  values: {{b: 2}}
  install: {{crds: Skip}}
  postRenderers: [{{kustomize: {{images: [{{name: a, newTag: "1"}}], patches: [{{patch: x}}]}}}}]
"""
    data = "{values.yaml: 'c: 3', tag: v2, quoted: '\"1\"'}"
    files = BASE | {
        "envs/prod.yaml": "d: 4\n",
        "r.yaml": release(spec),
        "m.yaml": config_map(data, namespace="front"),
    }
    found = one(deployed(tmp_path, files))

    assert (found.kind, below(tmp_path, found)) == (HELM, "charts/shop")
    assert (found.release, found.namespace) == ("shops-shop", "shops")
    envs, from_map, inline = values_of(tmp_path, found)
    assert (envs, from_map) == ("envs/prod.yaml", "c: 3")
    assert json.loads(inline) == {"b": 2}
    assert found.sets == (
        Setting("image.tag=v2", "set", "m.yaml", (4, 29, 0)),
        Setting("num=1", "set-string", "m.yaml", (4, 38, 0)),
    )
    assert found.undecided == ("the values in the Secret hidden, which is not in the tree",)
    assert not found.include_crds
    assert found.post is not None
    assert [json.loads(it) for it in found.post.kustomizations] == [
        {"patches": [{"patch": "x"}], "images": [{"name": "a", "newTag": "1"}]}
    ]


def test_files_of_values_come_in_place_of_the_chart_s_own(tmp_path: Path) -> None:
    spec = f"""chart: {{spec: {{chart: charts/shop,
    {FROM.replace("}", ", namespace: flux-system}")},
    valuesFiles: [one.yaml, charts/shop/two.yaml]}}}}"""
    files = BASE | {"one.yaml": "a: {b: 1, c: 2}\n", "charts/shop/two.yaml": "a: {c: 3}\n",
                    "r.yaml": release(spec)}  # fmt: skip
    found = one(deployed(tmp_path, files))

    assert json.loads(found.files["values.yaml"]) == {"a": {"b": 1, "c": 3}}


def test_a_chart_of_a_repository_is_unread_until_it_is_given(tmp_path: Path) -> None:
    repository = SOURCE.replace("GitRepository", "HelmRepository").replace(
        "name: shop", "name: far"
    )
    spec = """chart:
    spec: {chart: nginx, version: 1.0.0, sourceRef: {kind: HelmRepository, name: far, namespace: flux-system}}"""  # noqa: E501
    by_reference = "chartRef: {kind: OCIRepository, name: far}"
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx/Chart.yaml").write_text(CHART)
    files = {"h.yaml": repository, "r.yaml": release(spec), "o.yaml": release(by_reference, "o")}
    without = deployed(tmp_path / "in", files)
    given = deployed(
        tmp_path / "in", files, {"nginx": str(tmp_path / "nginx"), "far": str(tmp_path / "nginx")}
    )

    assert [(it.file, it.line) for it in without.unread] == [("o.yaml", 5), ("r.yaml", 6)]
    assert all("portside vendor" in it.reason for it in without.unread)
    assert [it.path for it in given.found] == [str(tmp_path / "nginx")] * 2


def test_a_long_name_of_a_release_is_cut_as_flux_cuts_it(tmp_path: Path) -> None:
    spec = (
        f"chart: {{spec: {{chart: charts/shop, {FROM.replace('}', ', namespace: flux-system}')}}}}}"
    )
    found = one(deployed(tmp_path, BASE | {"r.yaml": release(spec, "a" * 60)}))

    assert len(found.release) == 53
    assert found.release.startswith("a" * 40 + "-")


@pytest.mark.parametrize("value", [None, 1, "x", [], {"path": 1}, {"chart": 1}, {"chartRef": {}}])
@pytest.mark.parametrize("group", ["kustomize Kustomization", "helm HelmRelease"])
def test_odd_values_are_no_crash(value: Any, group: str, tmp_path: Path) -> None:
    name, kind = group.split()
    text = json.dumps({
        "apiVersion": f"{name}.toolkit.fluxcd.io/v1",
        "kind": kind,
        "metadata": {"name": "x"},
        "spec": value,
    })  # fmt: skip
    found = deployed(tmp_path, {"app.yaml": text})

    assert (found.found, len(found.unread)) == ((), 1)


def test_the_address_is_that_of_this_repository() -> None:
    from portside.render.gitops.sources import plain

    assert plain("ssh://git@git.example.org/team/shop") == plain(REPOSITORY)
