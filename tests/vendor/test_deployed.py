"""What objects of Argo CD and Flux refer to."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.vendor.references import references
from tests.vendor.conftest import Tree
from tests.vendor.parts import Origin, Server, chart

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {namespace: web}
"""
FLUX = "source.toolkit.fluxcd.io/v1"


def found(tmp_path: Path, text: str, *, remote: str = "") -> list[tuple[str, ...]]:
    if remote:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    (tmp_path / "a.yaml").write_text(text)
    return [(*it.wanted, str(it.place), it.trouble) for it in references(str(tmp_path))]


def test_an_application_refers_to_its_chart_and_to_other_repositories(tmp_path: Path) -> None:
    text = APPLICATION + (
        "  sources:\n"
        "    - repoURL: https://charts.example.org\n"
        "      chart: redis\n"
        "      targetRevision: 1.2.x\n"
        "    - {repoURL: 'https://git.example.org/values.git', targetRevision: v1, ref: values}\n"
        "    - {repoURL: registry.example.org/charts, chart: mysql, targetRevision: 2.0.0}\n"
    )
    assert found(tmp_path, text) == [
        ("chart", "https://charts.example.org", "redis", "1.2.x", "a.yaml:7", ""),
        ("git", "https://git.example.org/values.git", "", "v1", "a.yaml:10", ""),
        ("chart", "oci://registry.example.org/charts", "mysql", "2.0.0", "a.yaml:11", ""),
    ]


def test_this_repository_is_not_outside_itself(tmp_path: Path) -> None:
    url = "https://git.example.org/team/shop.git"
    text = APPLICATION + f"  source: {{repoURL: '{url}', path: deploy, targetRevision: HEAD}}\n"
    assert found(tmp_path, text, remote="git@git.example.org:team/shop.git") == []


def test_the_applications_of_a_set_are_made_to_know_what_they_refer_to(tmp_path: Path) -> None:
    text = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
spec:
  generators:
    - list:
        elements: [{version: 1.0.0}, {version: 2.0.0}]
    - git: {repoURL: 'https://git.example.org/apps.git', revision: HEAD, directories: [{path: '*'}]}
  template:
    metadata: {name: 'redis-{{version}}'}
    spec:
      source: {repoURL: 'https://charts.example.org', chart: redis, targetRevision: '{{version}}'}
"""
    assert [it[:4] for it in found(tmp_path, text)] == [
        ("git", "https://git.example.org/apps.git", "", ""),
        ("chart", "https://charts.example.org", "redis", "1.0.0"),
        ("chart", "https://charts.example.org", "redis", "2.0.0"),
    ]


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("{branch: prod}", "prod"),
        ("{branch: prod, tag: v1}", "v1"),
        ("{tag: v1, semver: ^1.0}", "semver:^1.0"),
        ("{semver: ^1.0, commit: '0123456789012345678901234567890123456789'}", "0123456789" * 4),
        ("{name: refs/pull/1/head, tag: v1}", "refs/pull/1/head"),
        ("{}", "master"),
    ],
)
def test_the_reference_of_a_git_repository_is_read_as_flux_does(
    tmp_path: Path, ref: str, version: str
) -> None:
    text = (
        f"apiVersion: {FLUX}\nkind: GitRepository\nmetadata: {{name: x, namespace: y}}\n"
        f"spec: {{url: 'https://git.example.org/x', ref: {ref}}}\n"
    )
    ((kind, url, _, found_version, place, trouble),) = found(tmp_path, text)
    assert (kind, url, place, trouble) == ("git", "https://git.example.org/x", "a.yaml:4", "")
    assert found_version == version


def test_a_helm_release_refers_to_the_chart_of_its_repository(tmp_path: Path) -> None:
    text = f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: redis, namespace: x}}
spec:
  chart:
    spec: {{chart: redis, version: ^1.0, sourceRef: {{kind: HelmRepository, name: charts}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: lost, namespace: x}}
spec: {{chart: {{spec: {{chart: lost, sourceRef: {{kind: HelmRepository, name: elsewhere}}}}}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: web, namespace: x}}
spec: {{chartRef: {{kind: OCIRepository, name: web}}}}
---
apiVersion: {FLUX}
kind: HelmRepository
metadata: {{name: charts, namespace: x}}
spec: {{url: 'https://charts.example.org'}}
---
apiVersion: {FLUX}
kind: OCIRepository
metadata: {{name: web, namespace: x}}
spec: {{url: 'oci://registry.example.org/charts/web', ref: {{tag: 1.0.0}}}}
---
apiVersion: {FLUX}
kind: OCIRepository
metadata: {{name: manifests, namespace: x}}
spec: {{url: 'oci://registry.example.org/manifests', ref: {{semver: ^2.0}}}}
---
apiVersion: {FLUX}
kind: Bucket
metadata: {{name: b}}
spec: {{endpoint: minio.example.org}}
"""
    assert [it[:4] for it in found(tmp_path, text)] == [
        ("chart", "https://charts.example.org", "redis", "^1.0"),
        ("chart", "", "lost", ""),
        ("chart", "oci://registry.example.org/charts", "web", "1.0.0"),
        ("artifact", "oci://registry.example.org/manifests", "", "semver:^2.0"),
        ("git", "minio.example.org", "", ""),
    ]
    assert [it[5] for it in found(tmp_path, text) if it[5]] == [
        "its HelmRepository elsewhere is not in the tree",
        "a Bucket is not fetched: name a checkout with --source",
    ]


def test_a_source_of_git_is_fetched_with_what_its_folders_build_on(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "origins"
    folder.mkdir()
    server.git = folder
    apps, base = Origin(folder, "apps"), Origin(folder, "base")
    base.commit({"kustomization.yaml": "resources: []\n"})
    apps.commit(
        {"web/kustomization.yaml": f"resources: ['{server.url}/git/base.git?ref=main']\n"}, tag="v1"
    )
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write(
        "web.yaml",
        APPLICATION
        + f"  sources:\n  - repoURL: {server.url}/git/apps.git\n"
        + "    path: web\n    targetRevision: v1\n"
        + f"  - {{repoURL: '{url}', chart: redis, targetRevision: 1.2.0}}\n",
    )
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert tree.lock.count("kind: git") == 2
    assert "//web/kustomization.yaml:1" in tree.lock
    from portside.vendor.vendored import open_vendored

    kept = open_vendored(str(tree.folder), str(tree.cache))
    assert kept is not None
    place = kept.git(f"{server.url}/git/apps", "v1")
    assert place is not None
    assert (Path(place) / "web" / "kustomization.yaml").is_file()
    given = kept.sources()
    assert given[f"{server.url}/git/apps.git"] == place
    assert (Path(given[f"{url}/redis"]) / "redis-1.2.0.tgz").is_file()
