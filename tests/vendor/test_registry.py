"""Charts and artifacts of a real registry."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from portside.vendor.faults import DigestError, FetchError
from portside.vendor.registry import CHART_LAYER, Repository
from portside.vendor.vendored import open_vendored
from portside.vendor.web import Web
from tests.vendor.conftest import Tree
from tests.vendor.parts import (
    LOOPBACK,
    Registry,
    Server,
    answer,
    chart,
    packed,
    running_registry,
    sha256,
)

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - {{name: redis, version: "{wants}", repository: "{url}"}}
"""
RULES = "application/vnd.portside.rules.v1.tar+gzip"
PASSWORD = "s3cr3t-w0rd"  # noqa: S105 - of a registry that the test starts
HTPASSWD = "ann:$2b$04$VMxxDqwlzMWX0Lf7x1np6eRr95gCyuGnI9SKlDwGt426JyLs.DKLu\n"


@pytest.mark.parametrize(
    ("wants", "version"), [("1.2.0", "1.2.0"), ("^1.2", "1.3.0+b1"), ("", "2.0.0")]
)
def test_a_chart_of_a_registry_is_found_by_its_version_or_a_range(
    tree: Tree, registry: Registry, wants: str, version: str
) -> None:
    for it in ("1.2.0", "1.3.0+b1", "2.0.0"):
        registry.push("charts/redis", it.replace("+", "_"), chart("redis", it))
    tree.write("Chart.yaml", CHART.format(wants=wants, url=f"{registry.url}/charts"))
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert f'version: "{version}"\n' in tree.lock
    assert f"digest: {sha256(chart('redis', version))}\n" in tree.lock
    kept = open_vendored(str(tree.folder), str(tree.cache))
    assert kept is not None
    place = kept.chart(f"{registry.url}/charts/", "redis", wants)
    assert place is not None
    assert Path(place).read_bytes() == chart("redis", version)


def test_a_tag_that_moved_is_refused_and_moved_on_purpose(tree: Tree, registry: Registry) -> None:
    first, second = chart("redis", "1.2.0"), chart("redis", "1.2.0", "changed")
    registry.push("charts/redis", "1.2.0", first)
    tree.write("Chart.yaml", CHART.format(wants="1.2.0", url=f"{registry.url}/charts"))
    assert tree.vendor().code == 0
    registry.push("charts/redis", "1.2.0", second)
    assert tree.vendor().code == 0
    assert tree.vendor("--check", "--upstream").code == 1
    ran = tree.vendor("--update", "redis")
    assert ran.code == 0
    assert "moved  chart redis" in ran.out
    assert sha256(second) in tree.lock


def test_a_configuration_and_rules_are_extended_from_a_registry_offline(
    tree: Tree, registry: Registry
) -> None:
    data = packed(
        {
            "company/portside.yaml": "version: 1\nfail-on: critical\nextends: rules/\n",
            "company/rules/README.md": "none yet",
        }
    )
    manifest = registry.push("team/rules", "1.0", data, RULES)
    text = f"{registry.url}/team/rules:1.0//company"
    tree.write("portside.yaml", f"version: 1\nextends:\n  - {text}\n")
    ran = tree.run("config", "show")
    assert ran.code == 2
    assert f"portside.yaml:3:5: extends[0]: {text} is not vendored" in ran.err
    assert "portside vendor fetches it once" in ran.err
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert manifest in tree.lock
    registry.folder.joinpath("data").rename(registry.folder / "gone")
    ran = tree.run("config", "show")
    assert ran.code == 0, ran
    assert "critical" in ran.out
    (place,) = tree.cache.rglob("company/portside.yaml")
    place.write_text("version: 1\nfail-on: low\n")
    ran = tree.run("config", "show")
    assert ran.code == 2
    assert "is not what was pinned: expected sha256:" in ran.err
    assert "it was not used" in ran.err


def test_an_extended_configuration_reaches_nothing_outside_itself(
    tree: Tree, registry: Registry
) -> None:
    tree.write("secret/portside.yaml", "version: 1\n")
    target = tree.folder / "secret" / "portside.yaml"
    data = packed({"portside.yaml": f"version: 1\nextends: {target}\n"})
    registry.push("team/rules", "1.0", data, RULES)
    tree.write("portside.yaml", f"version: 1\nextends: {registry.url}/team/rules:1.0\n")
    assert tree.vendor().code == 0
    ran = tree.run("config", "show")
    assert ran.code == 2
    assert "leads out of what was vendored" in ran.err


def test_a_path_below_an_artifact_stays_in_it(tree: Tree, registry: Registry) -> None:
    data = packed({"company/portside.yaml": "version: 1\n"})
    registry.push("team/rules", "1.0", data, RULES)
    text = f"{registry.url}/team/rules:1.0//company"
    tree.write("portside.yaml", f"version: 1\nextends: {text}\n")
    assert tree.vendor().code == 0
    kept = open_vendored(str(tree.folder), str(tree.cache))
    assert kept is not None
    assert kept(text) is not None
    assert kept(text.replace("//company", "//company/../../..")) is None
    assert kept(text.replace("//company", "//nowhere")) is None


def test_a_registry_with_a_login_is_asked_with_what_docker_keeps(
    tree: Tree, registry_binary: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    with running_registry(registry_binary, folder, HTPASSWD, PASSWORD) as registry:
        registry.push("charts/redis", "1.2.0", chart("redis", "1.2.0"))
        tree.write("Chart.yaml", CHART.format(wants="1.2.0", url=f"{registry.url}/charts"))
        ran = tree.vendor()
        assert ran.code == 3
        assert f"docker login {registry.host}" in ran.out
        docker = tmp_path / "home" / ".docker"
        docker.mkdir()
        told = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
        (docker / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": told}}}))
        ran = tree.vendor()
        assert ran.code == 0, ran
        assert PASSWORD not in ran.out + ran.err + tree.lock


def test_a_token_is_fetched_from_the_server_that_the_registry_names(
    tree: Tree, server: Server, registry: Registry
) -> None:
    """The token scheme, spoken by a server before the real registry's own answers."""
    data = chart("redis", "1.2.0")
    manifest = json.dumps(
        {"layers": [{"mediaType": CHART_LAYER, "digest": sha256(data), "size": len(data)}]}
    ).encode()
    asks = f'Bearer realm="{server.url}/token",service="tests",scope="repository:x/redis:pull"'

    def guarded(body: bytes):  # type: ignore[no-untyped-def]
        def page(handler):  # type: ignore[no-untyped-def]
            if handler.headers.get("Authorization") != "Bearer t0k3n":
                answer(handler, 401, b"", {"WWW-Authenticate": asks})
            else:
                answer(handler, 200, body)

        return page

    server.pages["/token"] = b'{"token": "t0k3n"}'
    server.pages["/v2/x/redis/manifests/1.2.0"] = guarded(manifest)
    server.pages[f"/v2/x/redis/blobs/{sha256(data)}"] = guarded(data)
    tree.write("Chart.yaml", CHART.format(wants="1.2.0", url=f"oci://{server.host}/x"))
    ran = tree.vendor()
    assert ran.code == 0, ran
    (asked,) = [it for it in server.asked if it.startswith("/token")]
    assert asked == "/token?service=tests&scope=repository%3Ax%2Fredis%3Apull"
    assert "t0k3n" not in ran.out + ran.err + tree.lock


def test_a_registry_that_sends_other_content_than_it_names_is_refused(server: Server) -> None:
    manifest = json.dumps(
        {"layers": [{"mediaType": CHART_LAYER, "digest": sha256(b"a"), "size": 1}]}
    ).encode()
    server.pages["/v2/x/redis/manifests/1.0.0"] = manifest
    server.pages[f"/v2/x/redis/blobs/{sha256(b'a')}"] = b"b"
    repository = Repository(f"oci://{server.host}/x/redis", Web(frozenset([LOOPBACK])))
    layer = repository.layer("1.0.0", CHART_LAYER)
    from io import BytesIO

    with pytest.raises(DigestError) as refused:
        repository.download(layer, BytesIO(), 100)
    assert (refused.value.pinned, refused.value.found) == (sha256(b"a"), sha256(b"b"))
    digest = sha256(b"something else")
    server.pages[f"/v2/x/redis/manifests/{digest}"] = manifest
    with pytest.raises(DigestError):
        repository.layer(digest)


def test_an_image_is_no_chart(tree: Tree, registry: Registry) -> None:
    registry.push("charts/redis", "1.2.0", b"layer", "application/vnd.oci.image.layer.v1.tar+zstd")
    tree.write("Chart.yaml", CHART.format(wants="1.2.0", url=f"{registry.url}/charts"))
    ran = tree.vendor()
    assert ran.code == 3
    assert "holds no chart" in ran.out


@pytest.mark.parametrize("name", ["", "UPPER/case", "a/../b", "a?b", "a//b"])
def test_a_name_that_no_registry_has_is_refused(name: str) -> None:
    with pytest.raises(FetchError):
        Repository(f"oci://registry.example.org/{name}", Web())


def test_a_chart_that_a_repository_lists_and_a_registry_holds_is_fetched_from_there(
    tree: Tree, server: Server, registry: Registry
) -> None:
    data = chart("redis", "1.2.0")
    registry.push("charts/redis", "1.2.0", data)
    url = server.charts("", ("redis", "1.2.0", data))
    index = server.pages["/index.yaml"]
    assert isinstance(index, bytes)
    there = f"{registry.url}/charts/redis:1.2.0".encode()
    server.pages["/index.yaml"] = index.replace(b"redis-1.2.0.tgz", there)
    tree.write("Chart.yaml", CHART.format(wants="1.2.0", url=url))
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert sha256(data) in tree.lock
    assert "/redis-1.2.0.tgz" not in server.asked
