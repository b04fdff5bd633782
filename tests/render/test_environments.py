"""The environments of charts and overlays: configured ones, and those that files tell of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portside.errors import ConfigError
from portside.render.environment import Environments
from portside.render.environments import select
from portside.render.kustomizations import Kustomizations
from portside.render.wire import HelmRequest, KustomizeRequest, Setting, ValuesFile
from tests.render.trees import CHART, charts_of, found, kustomizations_of, write
from tests.shared import shared

OVERLAY = "resources: [../../base]\n"
VALUES = "replicas: 1\n"
ENCRYPTED = "replicas: ENC[AES256_GCM,data:x]\nsops: {mac: 'ENC[x]', lastmodified: '2026-01-01'}\n"


def told(environments: Environments, folder: Path) -> list[tuple[str, str, list[str]]]:
    """Path, name and values files of each, below `folder`."""
    return [
        (
            os.path.relpath(it.path, folder),
            it.name,
            [os.path.relpath(one.path, folder) for one in it.values if isinstance(one, ValuesFile)],
        )
        for it in environments.found
    ]


def names(environments: Environments) -> list[str]:
    return [it.name for it in environments.found]


def test_a_chart_with_nothing_but_defaults_has_one_environment(tmp_path: Path) -> None:
    tree = write(tmp_path, {"shop/Chart.yaml": CHART, "shop/values.yaml": VALUES})

    assert told(found(tree), tmp_path) == [("shop", "default", [])]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("shop/values-prod.yaml", "prod"),
        ("shop/values.prod.yml", "prod"),
        ("shop/values_prod.yaml", "prod"),
        ("shop/prod-values.yaml", "prod"),
        ("shop/prod.values.yaml", "prod"),
        ("shop/values-Prod EU.yaml", "prod-eu"),
        ("shop/ci/prod-values.yaml", "ci-prod"),
        ("shop/environments/prod/values.yaml", "prod"),
        ("shop/environments/prod.yaml", "prod"),
        ("shop/envs/values-prod.yaml", "prod"),
        ("shop/values/prod.yaml", "prod"),
        ("values-prod.yaml", "prod"),
        ("envs/prod/values.yaml", "prod"),
        ("environments/prod/shop.yaml", "prod"),
        ("environments/prod/shop/values.yaml", "prod"),
    ],
)
def test_the_name_of_a_values_file_is_that_of_the_environment(
    file: str, name: str, tmp_path: Path
) -> None:
    tree = write(tmp_path, {"shop/Chart.yaml": CHART, "shop/values.yaml": VALUES, file: VALUES})

    assert told(found(tree), tmp_path) == sorted(
        [("shop", "default", []), ("shop", name, [file])], key=lambda it: it[1]
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("shop/values.schema.json", "{}"),
        ("shop/values-prod.yaml.bak", VALUES),
        ("shop/values-.yaml", VALUES),
        ("shop/values-prod.yaml", "- a list\n"),
        ("shop/values-prod.yaml", "a: {\n"),
        ("shop/values-prod.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("shop/ci/kind.yaml", VALUES),
        ("grafana-values.yaml", "grafana: {}\n"),
    ],
)
def test_what_is_no_file_of_values_is_no_environment(file: str, text: str, tmp_path: Path) -> None:
    tree = write(tmp_path, {"shop/Chart.yaml": CHART, "shop/values.yaml": VALUES, file: text})

    assert names(found(tree)) == ["default"]


def test_values_above_several_charts_are_for_the_one_they_are_named_after(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            **{f"charts/{it}/Chart.yaml": CHART for it in ("cart", "shop")},
            **{f"charts/{it}/values.yaml": VALUES for it in ("cart", "shop")},
            "values-prod.yaml": VALUES,
            "environments/prod/shop.yaml": VALUES,
            "environments/prod/values.yaml": VALUES,
        },
    )

    assert told(found(tree), tmp_path) == [
        ("charts/cart", "default", []),
        ("charts/shop", "default", []),
        ("charts/shop", "prod", ["environments/prod/shop.yaml"]),
    ]


def test_two_files_of_one_name_are_told_apart_the_same_way_each_time(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "Chart.yaml": CHART,
            "prod-values.yaml": VALUES,
            "values-prod.yaml": VALUES,
            "values.yaml": VALUES,
        },
    )

    assert told(found(tree), tmp_path) == [
        (".", "default", []),
        (".", "prod", ["prod-values.yaml"]),
        (".", "prod-2", ["values-prod.yaml"]),
    ]


def test_values_that_sops_encrypted_are_unread_with_a_remedy(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {"Chart.yaml": CHART, "values.yaml": VALUES, "values-prod.yaml": ENCRYPTED},
    )
    told = found(tree)

    assert names(told) == ["default"]
    (unread,) = told.unread
    assert unread.file == str(tmp_path / "values-prod.yaml")
    assert "encrypted with SOPS" in unread.reason
    assert "portside.yaml" in unread.reason


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("overlays/prod", "prod"),
        ("apps/shop/overlays/prod", "prod"),
        ("overlays/prod/eu", "prod-eu"),
        ("clusters/eu-1", "eu-1"),
        ("envs/Prod/kustomize", "prod"),
        ("deploy/staging", "staging"),
        ("staging/shop", "staging"),
        ("deploy/kustomize", "default"),
        (".", "default"),
    ],
)
def test_the_path_of_an_overlay_names_its_environment(
    folder: str, name: str, tmp_path: Path
) -> None:
    tree = write(tmp_path, {f"{folder}/kustomization.yaml": "resources: []\n"})

    assert told(found(tree), tmp_path) == [(folder, name, [])]


def test_a_base_is_built_through_its_overlays_alone(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: []\n",
            "overlays/dev/kustomization.yaml": OVERLAY,
            "overlays/prod/kustomization.yaml": OVERLAY,
        },
    )

    assert names(found(tree)) == ["dev", "prod"]
    assert told(found(tree, "kustomize: {roots: [base, overlays/p*]}\n"), tmp_path) == [
        ("base", "default", []),
        ("overlays/prod", "prod", []),
    ]


def test_what_is_configured_comes_in_place_of_what_is_discovered(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "shop/Chart.yaml": CHART,
            "shop/values-dev.yaml": VALUES,
            "cart/Chart.yaml": CHART,
            "cart/values-dev.yaml": VALUES,
            "more/live.yaml": VALUES,
            "overlays/dev/kustomization.yaml": "resources: []\n",
        },
    )
    config = """
environments:
  live:
    - chart: shop
      values: [shop/values-dev.yaml, more/live.yaml]
      set: [a.b=1]
      set-string: c=2
      release: shop
      namespace: front
      kubernetes-version: "1.33"
    - {overlay: overlays/dev, kubernetes-version: "1.32"}
  dev: {kubernetes-version: "1.31", namespace: dev}
"""
    environments = found(tree, config)

    assert told(environments, tmp_path) == [
        ("cart", "default", []),
        ("cart", "dev", ["cart/values-dev.yaml"]),
        ("overlays/dev", "live", []),
        ("shop", "live", ["shop/values-dev.yaml", "more/live.yaml"]),
    ]
    _, dev, overlay, shop = environments.found
    assert (dev.kubernetes_version, dev.namespace) == ("1.31", "dev")
    assert overlay.request() == KustomizeRequest(
        str(tmp_path / "overlays/dev"), str(tmp_path), kubernetes_version="1.32"
    )
    assert shop.said[:3] == ("portside.yaml", str(tmp_path / "portside.yaml"), 4)
    assert shop.request("1.20") == HelmRequest(
        str(tmp_path / "shop"),
        "shop",
        "front",
        "1.33",
        values=tuple(
            ValuesFile(str(tmp_path / it)) for it in ("shop/values-dev.yaml", "more/live.yaml")
        ),
        sets=(Setting("a.b=1"), Setting("c=2", "set-string")),
        include_crds=True,
        root=str(tmp_path),
    )


def test_without_a_name_of_its_own_helm_s_are_asked_for(tmp_path: Path) -> None:
    tree = write(tmp_path, {"Chart.yaml": CHART})
    request = found(tree).found[0].request("1.33")

    assert isinstance(request, HelmRequest)
    assert (request.release, request.namespace) == ("release-name", "default")
    assert request.kubernetes_version == "1.33"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("environments: {a: {chart: nowhere}}", "environments.a.chart: there is no chart at"),
        ("environments: {a: {chart: o}}", "environments.a.chart: there is no chart at"),
        ("environments: {a: [{overlay: shop}]}", "a[0].overlay: there is no overlay at"),
        ("environments: {a: {chart: shop, values: v.yaml}}", "a.values: there is no file"),
        ("environments: {a: {chart: shop, values: [v.yaml]}}", "a.values[0]: there is no file"),
        ("environments: {a: {chart: shop, values: [secret.yaml]}}", "is encrypted with SOPS"),
    ],
)
def test_what_names_nothing_is_an_error_with_its_place(
    config: str, said: str, tmp_path: Path
) -> None:
    tree = write(
        tmp_path,
        {
            "shop/Chart.yaml": CHART,
            "o/kustomization.yaml": "resources: []\n",
            "secret.yaml": ENCRYPTED,
        },
    )

    with pytest.raises(ConfigError) as raised:
        found(tree, f"{config}\n")

    assert said in str(raised.value)
    assert raised.value.where.startswith(str(tmp_path / "portside.yaml:1:"))


def test_a_chart_that_a_kustomization_inflates_is_judged_through_it(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "deploy/kustomization.yaml": "helmCharts: [{name: shop, version: 1.0.0}]\n",
            "deploy/charts/shop/Chart.yaml": CHART,
        },
    )

    assert told(found(tree), tmp_path) == [("deploy", "default", [])]


def test_links_that_lead_out_are_no_environments(tmp_path: Path) -> None:
    tree = write(tmp_path / "in", {"shop/Chart.yaml": CHART, "shop/values.yaml": VALUES})
    (tmp_path / "values-prod.yaml").write_text(VALUES)
    (tmp_path / "in/shop/values-prod.yaml").symlink_to(tmp_path / "values-prod.yaml")

    assert names(found(tree)) == ["default"]


def test_only_what_is_asked_for_is_selected(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "cart/Chart.yaml": CHART,
            "shop/Chart.yaml": CHART,
            "shop/values-prod.yaml": VALUES,
            "overlays/dev/kustomization.yaml": "resources: []\n",
        },
    )
    environments = found(tree).found

    def selected(*asked: str) -> list[tuple[str, str]]:
        return [(os.path.relpath(it.path, tmp_path), it.name) for it in select(environments, asked)]

    assert selected("prod") == [("cart", "default"), ("shop", "prod")]
    assert selected("dev") == [("cart", "default"), ("overlays/dev", "dev")]
    assert len(selected()) == len(environments)


def test_the_shared_charts_and_overlays_have_their_environments() -> None:
    from portside.render.environments import environments
    from portside.render.tree import Tree

    tree = Tree(str(shared("corpora/helm-golden")))
    charts = [it for it in charts_of(tree) if it.count("/") == 1]
    made = environments(tree, charts, Kustomizations(tree)).found

    assert {(it.path.split(os.sep)[-2].split("__")[-1], it.name) for it in made} == {
        ("helm-chart", "default"),
        ("redis", "default"),
        ("redis", "production"),
        ("cert-manager", "default"),
        ("nginx", "default"),
        ("ingress-nginx", "default"),
        *ci_of(tree.path("kubernetes-ingress-nginx__charts__ingress-nginx/chart/ci")),
    }


def ci_of(folder: str) -> set[tuple[str, str]]:
    files = os.listdir(folder) if os.path.isdir(folder) else []
    ends = "-values.yaml"
    return {("ingress-nginx", f"ci-{it.removesuffix(ends)}") for it in files if it.endswith(ends)}


def test_the_shared_overlays_are_roots_and_their_components_are_not() -> None:
    from portside.render.environments import environments
    from portside.render.tree import Tree

    tree = Tree(str(shared("corpora/kustomize-golden") / "inputs"))
    made = environments(tree, [], kustomizations_of(tree)).found

    assert [os.path.relpath(it.path, tree.root).split(os.sep, 1)[1] for it in made] == [
        "kubernetes-manifests",
        "kustomize",
        "kustomize/tests/memorystore-with-all-components",
        "kustomize/tests/service-mesh-istio-with-all-components",
        "kustomize/tests/spanner-with-all-components",
    ]
