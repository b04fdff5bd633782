"""What was vendored is rendered and judged, offline, with what uses it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vendor.conftest import Tree
from tests.vendor.parts import Origin, Registry, Server, packed

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
    - name: main
      image: {image}
"""
CONTEXT = "      securityContext:\n        {{- toYaml .Values.context | nindent 8 }}\n"
LATEST = "latest-tag"


def redis(version: str) -> bytes:
    """A packed chart with a Pod whose image its values choose."""
    pod = POD.format(name="{{ .Release.Name }}-{{ .Chart.Name }}", image="{{ .Values.image }}")
    return packed(
        {
            "redis/Chart.yaml": f"apiVersion: v2\nname: redis\nversion: {version}\n",
            "redis/values.yaml": f"image: redis:{version}\ncontext: {{}}\n",
            "redis/templates/pod.yaml": pod + CONTEXT,
        }
    )


def shop(tree: Tree, url: str, values: str = "") -> None:
    """A chart that depends on redis, with nothing in it but a ConfigMap."""
    tree.write(
        "shop/Chart.yaml",
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n"
        f'  - name: redis\n    version: "^1"\n    repository: {url}\n',
    )
    tree.write("shop/values.yaml", values)
    tree.write("shop/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")


@pytest.fixture(autouse=True)
def _renderer(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{render_program.parent}:{os.environ['PATH']}")


@pytest.fixture
def away(server: Server) -> Iterator[None]:
    """Nothing is asked of the server from where this is used."""
    asked = len(server.asked)
    yield
    assert len(server.asked) == asked


def scanned(tree: Tree, *words: str) -> dict[str, Any]:
    ran = tree.run("scan", "-o", "json", *words)
    assert ran.out, ran
    found: dict[str, Any] = json.loads(ran.out)
    return found


def findings(tree: Tree, rule: str) -> list[dict[str, Any]]:
    return [it for it in scanned(tree)["findings"] if it["rule"] == rule]


def objects(tree: Tree) -> list[str]:
    """What `portside render` prints of the chart."""
    ran = tree.run("render", "shop", "-o", "json")
    assert ran.code == 0, ran
    return [f"{it['kind']} {it['metadata']['name']}" for it in json.loads(ran.out)]


def places(it: dict[str, Any]) -> list[str]:
    return [f"{one['role']} {one['file']}:{one['line']}" for one in it["chain"]]


def test_a_chart_is_judged_with_the_charts_that_it_depends_on(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url, "redis:\n  image: redis:latest\n")
    before = tree.run("scan")
    assert before.code == 3
    assert "found in Chart.yaml, but missing in charts/ directory: redis" in before.out + before.err
    assert "portside vendor fetches it once" in before.out + before.err
    assert tree.vendor().code == 0
    asked = len(server.asked)
    assert objects(tree) == ["ConfigMap a", "Pod release-name-redis"]
    (image,) = findings(tree, LATEST)
    assert (image["file"], image["line"], image["confidence"]) == ("shop/values.yaml", 2, "exact")
    assert places(image) == [
        f"template {url}/redis-1.4.0.tgz!templates/pod.yaml:7",
        "default shop/values.yaml:2",
    ]
    (ports,) = findings(tree, "privilege-escalation-allowed")
    assert (ports["file"], ports["line"], ports["confidence"]) == ("shop/values.yaml", 1, "exact")
    assert len(server.asked) == asked


def test_what_a_vendored_chart_comes_with_is_set_in_ours(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url, "# ours\nredis:\n  other: 1\n")
    assert tree.vendor().code == 0
    (root,) = findings(tree, "run-as-non-root")
    assert (root["file"], root["line"], root["confidence"]) == ("shop/values.yaml", 2, "exact")
    archive = f"{url}/redis-1.4.0.tgz"
    assert places(root) == [
        f"template {archive}!templates/pod.yaml:9",
        f"default {archive}!values.yaml:2",
        "default shop/values.yaml:2",
    ]
    assert root["chain"][-1]["what"] == "redis.context.runAsNonRoot"
    tree.write("shop/values.yaml", "redis:\n  context: {runAsNonRoot: true, runAsUser: 1000}\n")
    assert findings(tree, "run-as-non-root") == []


def test_where_no_values_are_ours_the_line_that_asks_for_the_chart_is_named(
    tree: Tree, server: Server
) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url)
    assert tree.vendor().code == 0
    (root,) = findings(tree, "run-as-non-root")
    assert (root["file"], root["line"], root["confidence"]) == ("shop/Chart.yaml", 7, "template")
    assert root["fixable"] is None
    archive = f"{url}/redis-1.4.0.tgz"
    assert places(root) == [
        f"template {archive}!templates/pod.yaml:9",
        f"default {archive}!values.yaml:2",
    ]


def test_what_chart_lock_says_is_what_is_judged(tree: Tree, server: Server) -> None:
    charts = [("redis", it, redis(it)) for it in ("1.2.0", "1.4.0")]
    url = server.charts("/charts", *charts)
    shop(tree, url)
    lock = "dependencies:\n- {name: redis, repository: '%s', version: %s}\ndigest: sha256:1\n"
    file = tree.write("shop/Chart.lock", lock % (url, "1.2.0"))
    assert tree.vendor().code == 0
    assert "redis:1.2.0" in tree.run("render", "shop").out
    file.write_text(lock % (url, "1.4.0"))
    ran = tree.run("render", "shop")
    assert (ran.code, ran.out) == (3, "")
    assert "missing in charts/ directory: redis" in ran.err
    assert tree.vendor("--check").code == 1
    assert tree.vendor().code == 0
    assert "redis:1.4.0" in tree.run("render", "shop").out


def test_a_pin_that_moves_is_judged_anew(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url)
    assert tree.vendor().code == 0
    assert findings(tree, LATEST) == []
    later = redis("1.5.0")
    server.charts("/charts", ("redis", "1.5.0", later))
    tree.write("shop/values.yaml", "redis: {image: 'redis:latest'}\n")
    assert len(findings(tree, LATEST)) == 1
    tree.write("shop/values.yaml", "")
    assert findings(tree, LATEST) == []
    assert tree.vendor("--update").code == 0
    assert "redis:1.5.0" in tree.run("render", "shop").out
    assert findings(tree, LATEST) == []


def test_a_kustomization_is_judged_with_what_it_builds_on(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    server.git = tmp_path
    origin = Origin(tmp_path, "base")
    files = {
        "deploy/kustomization.yaml": "resources: [pod.yaml, ../more]\n",
        "deploy/pod.yaml": POD.format(name="web", image="nginx:latest"),
        "more/kustomization.yaml": f"resources: ['{server.url}/extra.yaml']\n",
        "named/kustomization.yaml": (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: my-\n"
        ),
    }
    origin.commit(files, tag="v1")
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    server.pages["/extra.yaml"] = POD.format(name="extra", image="nginx:latest").encode()
    git = f"{server.url}/git/base.git"
    tree.write(
        "app/kustomization.yaml",
        f"resources:\n- {git}//deploy?ref=v1\ncomponents:\n- {git}//named?ref=v1\n"
        f"helmCharts:\n- name: redis\n  repo: {url}\n  version: 1.4.0\n  releaseName: r\n"
        "  valuesInline: {image: 'redis:latest'}\n",
    )
    before = tree.run("scan")
    assert before.code == 3
    assert "portside vendor fetches" in before.out + before.err
    assert tree.vendor().code == 0
    asked = len(server.asked)
    found = {it["resource"]["name"]: it for it in findings(tree, LATEST)}
    assert sorted(found) == ["my-extra", "my-r-redis", "my-web"]
    address = git.removesuffix(".git")
    for name, base in {
        "my-web": f"{address}//deploy/pod.yaml:7",
        "my-extra": f"{server.url}/extra.yaml:7",
    }.items():
        it = found[name]
        assert (it["file"], it["line"]) == ("app/kustomization.yaml", 2)
        assert (it["confidence"], it["fixable"]) == ("template", None)
        assert places(it) == [f"base {base}", "kustomization app/kustomization.yaml:2"]
    image = found["my-r-redis"]
    assert (image["line"], image["confidence"]) == (10, "exact")
    named = f"template {url}/redis-1.4.0.tgz!templates/pod.yaml"
    assert places(image) == [f"{named}:7", "values app/kustomization.yaml:10"]
    roots = {it["resource"]["name"]: it for it in findings(tree, "run-as-non-root")}
    root = roots["my-r-redis"]
    assert (root["line"], root["confidence"]) == (10, "exact")
    assert places(root) == [
        f"{named}:9",
        f"default {url}/redis-1.4.0.tgz!values.yaml:2",
        "values app/kustomization.yaml:10",
    ]
    assert len(server.asked) == asked


def test_a_patch_of_ours_is_where_a_vendored_field_is_edited(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    server.git = tmp_path
    pod = POD.format(name="web", image="nginx:1.27.0")
    Origin(tmp_path, "base").commit({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
    tree.write(
        "kustomization.yaml",
        f"resources: ['{server.url}/git/base.git']\n"
        "images: [{name: nginx, newTag: latest}]\npatches: [{path: patch.yaml}]\n",
    )
    patch = "  containers: [{name: main, securityContext: {privileged: true}}]\n"
    tree.write("patch.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{patch}")
    assert tree.vendor().code == 0
    (image,) = findings(tree, LATEST)
    assert (image["file"], image["line"], image["confidence"]) == ("kustomization.yaml", 2, "exact")
    (privileged,) = findings(tree, "privileged-container")
    assert (privileged["file"], privileged["line"]) == ("patch.yaml", 5)
    assert privileged["confidence"] == "exact"


def test_content_that_is_not_what_was_pinned_is_never_rendered(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url)
    assert tree.vendor().code == 0
    (kept,) = tree.cache.glob("vendored/sha256/*/*/redis-1.4.0.tgz")
    kept.chmod(0o600)
    kept.write_bytes(redis("6.6.6"))
    for command in ("scan", "render"):
        ran = tree.run(command, "shop")
        assert (ran.code, ran.out) == (2, "")
        assert "redis is not what was pinned" in ran.err
        assert "portside vendor fetches it anew" in ran.err


def test_a_cache_without_the_content_is_said_with_the_remedy(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url)
    assert tree.vendor().code == 0
    (kept,) = tree.cache.glob("vendored/sha256/*/*/redis-1.4.0.tgz")
    kept.unlink()
    ran = tree.run("scan")
    assert ran.code == 3
    assert "portside vendor fetches it once" in ran.out + ran.err


HOSTILE = {
    "climbing": {"redis/../../evil.yaml": "a: 1\n"},
    "absolute": {"/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.4.0\n"},
    "no chart": {"redis/values.yaml": ""},
}


@pytest.mark.parametrize("how", sorted(HOSTILE))
def test_a_pinned_archive_that_leads_out_is_refused(tree: Tree, server: Server, how: str) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url)
    assert tree.vendor().code == 0
    good = redis("1.4.0")
    chart = "apiVersion: v2\nname: redis\nversion: 1.4.0\n"
    bad = packed({"redis/Chart.yaml": chart, **HOSTILE[how]} if how == "climbing" else HOSTILE[how])
    pin(tree, good, bad)
    ran = tree.run("scan")
    assert ran.code == 3
    assert "not rendered" in ran.out + ran.err
    assert not list(tree.folder.parent.glob("**/evil.yaml"))


def pin(tree: Tree, before: bytes, after: bytes) -> None:
    """Put other content under the pin of redis, as if it had been fetched."""
    old, new = (hashlib.sha256(it).hexdigest() for it in (before, after))
    lock = tree.folder / "portside.lock"
    lock.write_text(lock.read_text().replace(old, new))
    place = tree.cache / "vendored" / "sha256" / new[:2] / new / "redis-1.4.0.tgz"
    place.parent.mkdir(parents=True)
    place.write_bytes(after)


def test_links_in_vendored_trees_lead_nowhere_else(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    """Git keeps links as they are; they are left out when they lead out, and held to it here."""
    server.git = tmp_path
    secret = tree.write("mine/pod.yaml", POD.format(name="mine", image="nginx:latest"))
    Origin(tmp_path, "base").commit(
        {"kustomization.yaml": "resources: [a.yaml, link.yaml]\n", "a.yaml": "kind: X\n"},
        links={"link.yaml": str(secret)},
    )
    tree.write("app/kustomization.yaml", f"resources: ['{server.url}/git/base.git']\n")
    assert tree.vendor().code == 0
    ran = tree.run("render", "app")
    assert (ran.code, ran.out) == (3, "")


def test_a_tree_says_the_same_wherever_its_vendored_content_is_kept(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    server.git = tmp_path
    pod = POD.format(name="web", image="nginx:latest")
    Origin(tmp_path, "base").commit({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
    tree.write("app/kustomization.yaml", f"resources: ['{server.url}/git/base.git']\n")
    shop(tree, server.charts("/charts", ("redis", "1.4.0", redis("1.4.0"))))
    assert tree.vendor().code == 0
    cached = scanned(tree)
    assert {it["resource"]["name"] for it in cached["findings"]} > {"web", "shop-redis"}
    ran = tree.vendor("--into", "third-party/[1]")
    assert ran.code == 0, ran.out
    inside = scanned(tree)
    assert inside["findings"] == cached["findings"]
    assert inside["summary"]["objects"] == cached["summary"]["objects"]
    (left,) = [it for it in inside["ledger"]["files"] if it["file"].startswith("third-party/")]
    assert (left["file"], left["fate"]) == ("third-party/[1]/", "ignored")
    assert "judged in what uses it" in left["reason"]
    (kept,) = tree.folder.glob("third-party/*/git/*/tree")
    by_itself = scanned(tree, str(kept))
    assert {it["resource"]["name"] for it in by_itself["findings"]} == {"web"}


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: inner, namespace: argocd}}
spec:
  project: web
  destination: {{namespace: web}}
  source: {{repoURL: '{url}', targetRevision: v1, path: {path}}}
"""


def test_what_an_application_installs_is_called_by_its_address(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    server.git = tmp_path
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    depends = f"dependencies:\n- {{name: redis, version: ^1, repository: '{url}'}}\n"
    files = {
        "chart/Chart.yaml": f"apiVersion: v2\nname: inner\nversion: 1.0.0\n{depends}",
        "chart/values.yaml": "redis: {image: 'redis:latest'}\n",
        "chart/templates/a.yaml": POD.format(name="inner", image="nginx:latest"),
        "plain/a.yaml": POD.format(name="plain", image="nginx:latest"),
        "built/kustomization.yaml": "resources: [a.yaml]\n",
        "built/a.yaml": POD.format(name="built", image="nginx:latest"),
    }
    Origin(tmp_path, "apps").commit(files, tag="v1")
    git = f"{server.url}/git/apps.git"
    for path in ("chart", "plain", "built"):
        tree.write(f"{path}.yaml", APPLICATION.format(url=git, path=path).replace("inner", path, 1))
    assert tree.vendor().code == 0
    asked = len(server.asked)
    found = findings(tree, LATEST)
    address = f"{server.host}/git/apps"
    assert sorted((it["file"], it["line"]) for it in found) == [
        (f"{address}/built/a.yaml", 7),
        (f"{address}/chart/templates/a.yaml", 7),
        (f"{address}/chart/values.yaml", 1),
        (f"{address}/plain/a.yaml", 7),
    ]
    assert all(str(tree.cache) not in it["id"] for it in found)
    assert len(server.asked) == asked
    assert tree.vendor("--into", "third").code == 0
    assert findings(tree, LATEST) == found


@pytest.mark.parametrize("kept", [(), ("--into", "third-party")])
def test_a_comparison_judges_each_side_with_what_it_pins(
    tree: Tree, server: Server, kept: tuple[str, ...]
) -> None:
    url = server.charts("/charts", ("redis", "1.4.0", redis("1.4.0")))
    shop(tree, url, "a: 1\n")
    git(tree, "init", "-q", "-b", "main")
    assert tree.vendor(*kept).code == 0
    git(tree, "add", "-A", "-f")
    git(tree, "commit", "-q", "-m", "one")
    server.charts("/charts", *(("redis", it, redis(it)) for it in ("1.4.0", "1.5.0")))
    assert tree.vendor("--update").code == 0
    ran = tree.run("diff")
    assert ran.code == 0, ran
    changed = [it for it in ran.out.splitlines() if it.startswith("  ")]
    assert len(changed) == 1, ran.out
    assert changed[0].endswith("spec.containers[main].image redis:1.4.0 → redis:1.5.0")


def git(tree: Tree, *words: str) -> None:
    person = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *person, *words], cwd=tree.folder, check=True, capture_output=True)


def test_two_charts_with_one_range_have_what_each_has_locked(tree: Tree, server: Server) -> None:
    url = server.charts("/charts", *(("redis", it, redis(it)) for it in ("1.2.0", "1.4.0")))
    lock = "dependencies:\n- {name: redis, repository: '%s', version: %s}\ndigest: sha256:1\n"
    shop(tree, url)
    tree.write("shop/Chart.lock", lock % (url, "1.2.0"))
    tree.write("other/Chart.yaml", (tree.folder / "shop/Chart.yaml").read_text())
    tree.write("other/Chart.lock", lock % (url, "1.4.0"))
    assert tree.vendor().code == 0
    assert "image: redis:1.2.0" in tree.run("render", "shop").out
    assert "image: redis:1.4.0" in tree.run("render", "other").out


def test_charts_of_registries_are_rendered_too(tree: Tree, registry: Registry) -> None:
    registry.push("charts/redis", "1.4.0", redis("1.4.0"))
    shop(tree, f"{registry.url}/charts", "redis: {image: 'redis:latest'}\n")
    tree.write(
        "app/kustomization.yaml",
        f"helmCharts: [{{name: redis, repo: '{registry.url}/charts', version: 1.4.0}}]\n",
    )
    assert tree.vendor().code == 0
    assert objects(tree) == ["ConfigMap a", "Pod release-name-redis"]
    assert "image: redis:1.4.0" in tree.run("render", "app").out
    (image,) = findings(tree, LATEST)
    assert image["file"] == "shop/values.yaml"
    assert image["chain"][0]["file"].startswith(f"{registry.url}/charts/redis-1.4.0.tgz!")
