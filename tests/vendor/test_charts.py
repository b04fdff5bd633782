"""Charts of chart repositories: found by range, pinned, kept, and used offline."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from portside.vendor.faults import DigestError
from portside.vendor.semver import BadRangeError, takes_in
from portside.vendor.vendored import open_vendored
from tests.vendor.conftest import Tree
from tests.vendor.parts import Server, answer, chart, packed, redirect, sha256

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: redis
    version: "^1.2"
    repository: {url}
"""
RANGES = json.loads((Path(__file__).parent / "ranges.json").read_text())


@pytest.mark.parametrize("wanted", [it for it in RANGES["ranges"] if it])
def test_a_range_takes_in_what_helms_own_library_does(wanted: str) -> None:
    expected = RANGES["ranges"][wanted]
    try:
        found = [it for it in RANGES["versions"] if takes_in(wanted, it)]
    except BadRangeError:
        found = None
    assert found == expected


def test_the_newest_chart_in_the_range_is_pinned_with_who_refers_to_it(
    tree: Tree, server: Server
) -> None:
    data = chart("redis", "1.4.1")
    url = server.charts(
        "/charts",
        ("redis", "1.2.0", chart("redis", "1.2.0")),
        ("redis", "1.4.1", data),
        ("redis", "2.0.0", chart("redis", "2.0.0")),
    )
    tree.write("shop/Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert f"new  chart redis 1.4.1  {url}  shop/Chart.yaml:7" in ran.out
    assert tree.lock == (
        "# Written by portside vendor: what this tree refers to outside itself, pinned by its "
        "content.\n"
        "# A pin is moved by portside vendor --update NAME, not by hand.\n"
        "version: 1\n"
        "sources:\n"
        "  - kind: chart\n"
        f"    url: {url}\n"
        "    name: redis\n"
        '    wants: "^1.2"\n'
        '    version: "1.4.1"\n'
        f"    digest: {sha256(data)}\n"
        f"    size: {len(data)}\n"
        "    for:\n"
        "      - shop/Chart.yaml:7\n"
    )
    kept = open_vendored(str(tree.folder), str(tree.cache))
    assert kept is not None
    place = kept.chart(url, "redis", "^1.2")
    assert place is not None
    assert Path(place).name == "redis-1.4.1.tgz"
    assert Path(place).read_bytes() == data
    assert kept.chart(url, "redis", "~1.2") is None


def test_what_is_pinned_is_not_asked_for_again_and_stays_when_there_is_something_newer(
    tree: Tree, server: Server
) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor().code == 0
    before, server.asked = tree.lock, []
    server.charts(
        "", ("redis", "1.2.0", chart("redis", "1.2.0")), ("redis", "1.3.0", chart("redis", "1.3.0"))
    )
    ran = tree.vendor()
    assert (ran.code, server.asked, tree.lock) == (0, [], before)
    assert ran.out == "portside.lock is as it was: 1 as they were\n"


def test_update_moves_the_pin_that_is_named_and_no_other(tree: Tree, server: Server) -> None:
    old = [(it, "1.2.0", chart(it, "1.2.0")) for it in ("redis", "mysql")]
    url = server.charts("", *old)
    more = f'  - {{name: mysql, version: "^1", repository: "{url}"}}\n'
    tree.write("Chart.yaml", CHART.format(url=url) + more)
    assert tree.vendor().code == 0
    new = [(it, "1.3.0", chart(it, "1.3.0")) for it in ("redis", "mysql")]
    server.charts("", *old, *new)
    ran = tree.vendor("--update", "redis")
    assert ran.code == 0
    assert "moved  chart redis 1.2.0 → 1.3.0" in ran.out
    assert tree.lock.count('"1.3.0"') == tree.lock.count('"1.2.0"') == 1
    assert tree.vendor("--update").code == 0
    assert tree.lock.count('"1.3.0"') == 2


def test_update_of_a_name_that_nothing_has_says_which_there_are(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor("--update", "rediss")
    assert ran.code == 2
    assert "nothing that is referred to is called rediss" in ran.err
    assert "there are redis" in ran.err
    assert "no pin was moved" in ran.err


def test_content_that_changed_upstream_is_refused_with_both_digests(
    tree: Tree, server: Server
) -> None:
    first, second = chart("redis", "1.2.0"), chart("redis", "1.2.0", "changed")
    url = server.charts("", ("redis", "1.2.0", first))
    tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor().code == 0
    before = tree.lock
    server.charts("", ("redis", "1.2.0", second))
    (place,) = tree.cache.rglob("redis-1.2.0.tgz")
    place.unlink()
    ran = tree.vendor()
    assert ran.code == 1
    assert f"expected {sha256(first)}, got {sha256(second)}" in ran.out
    assert "it was not used" in ran.out
    assert tree.lock == before
    assert not list(tree.cache.rglob("redis-1.2.0.tgz"))
    checked = tree.vendor("--check", "--upstream")
    assert checked.code == 1
    assert f"expected {sha256(first)}, got {sha256(second)}" in checked.out
    assert tree.vendor("--update", "redis").code == 0
    assert sha256(second) in tree.lock


def test_content_that_changed_in_the_cache_is_no_answer(tree: Tree, server: Server) -> None:
    data = chart("redis", "1.2.0")
    url = server.charts("", ("redis", "1.2.0", data))
    tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor().code == 0
    (place,) = tree.cache.rglob("redis-1.2.0.tgz")
    place.write_bytes(b"other")
    kept = open_vendored(str(tree.folder), str(tree.cache))
    assert kept is not None
    with pytest.raises(DigestError) as refused:
        kept.chart(url, "redis", "^1.2")
    assert (refused.value.pinned, refused.value.found) == (sha256(data), sha256(b"other"))
    ran = tree.vendor("--offline")
    assert ran.code == 1
    assert "is not what was pinned" in ran.out
    # Fetching mends it: what is pinned is still to be had.
    assert tree.vendor().code == 0
    assert place.read_bytes() == data


def test_a_chart_that_is_not_what_its_index_says_is_refused(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    server.pages["/redis-1.2.0.tgz"] = chart("redis", "1.2.0", "other")
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 1
    assert "the chart redis 1.2.0 is not what was pinned" in ran.out
    assert "the index of the repository says otherwise" in ran.out
    assert not list(tree.cache.rglob("*.tgz"))


def test_offline_afterwards_nothing_is_asked(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor("--offline")
    assert ran.code == 3
    assert "is not pinned, and nothing is fetched here" in ran.out
    assert server.asked == []
    assert tree.vendor().code == 0
    server.pages.clear()
    server.asked = []
    assert tree.vendor("--offline").code == 0
    assert server.asked == []


def test_check_says_what_is_not_pinned_what_is_too_much_and_writes_nothing(
    tree: Tree, server: Server
) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    file = tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor("--check")
    assert ran.code == 1
    assert "Chart.yaml:7: chart redis ^1.2" in ran.out
    assert "is not pinned" in ran.out
    assert not (tree.folder / "portside.lock").exists()
    assert tree.vendor().code == 0
    server.asked = []
    assert tree.vendor("--check").code == 0
    # A line more above the reference is no difference.
    file.write_text("# a comment\n" + file.read_text())
    assert tree.vendor("--check").code == 0
    before = tree.lock
    file.write_text(file.read_text().replace("^1.2", "^1.3"))
    ran = tree.vendor("--check")
    assert ran.code == 1
    assert "gone  chart redis 1.2.0" in ran.out
    assert tree.lock == before
    assert server.asked == []


def test_check_holds_without_a_cache(tree: Tree, server: Server, tmp_path: Path) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor().code == 0
    ran = tree.vendor("--check", PORTSIDE_CACHE_DIR=str(tmp_path / "empty"))
    assert ran.code == 0
    assert "1 pinned and not here" in ran.out


def test_what_nothing_refers_to_any_more_is_unpinned(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    file = tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor("--into", "vendor").code == 0
    assert list((tree.folder / "vendor").rglob("*.tgz"))
    file.write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    ran = tree.vendor()
    assert ran.code == 0
    assert "gone  chart redis 1.2.0" in ran.out
    assert "sources: []" in tree.lock
    assert not list((tree.folder / "vendor").rglob("*.tgz"))


def test_in_the_tree_the_content_is_found_without_a_cache(tree: Tree, server: Server) -> None:
    data = chart("redis", "1.2.0")
    url = server.charts("", ("redis", "1.2.0", data))
    tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor("--into", "vendor").code == 0
    assert "into: vendor\n" in tree.lock
    (place,) = (tree.folder / "vendor").rglob("redis-1.2.0.tgz")
    kept = open_vendored(str(tree.folder), "")
    assert kept is not None
    assert kept.chart(url, "redis", "^1.2") == str(place)
    # The lock remembers, and neither looks for references in what it keeps.
    assert tree.vendor().out == "portside.lock is as it was: 1 as they were\n"
    place.unlink()
    assert tree.vendor("--check").code == 1


def test_into_a_folder_outside_the_tree_is_refused(tree: Tree) -> None:
    ran = tree.vendor("--into", "../elsewhere")
    assert ran.code == 2
    assert "leads out of the tree" in ran.err


def test_the_version_of_chart_lock_is_taken_before_a_newer_one(tree: Tree, server: Server) -> None:
    versions = [("redis", it, chart("redis", it)) for it in ("1.2.0", "1.4.1")]
    url = server.charts("", *versions)
    tree.write("Chart.yaml", CHART.format(url=url))
    tree.write("Chart.lock", "dependencies:\n  - {name: redis, version: 1.2.0}\n")
    assert tree.vendor().code == 0
    assert 'version: "1.2.0"' in tree.lock


def test_a_dependency_in_charts_is_not_fetched(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    tree.write("charts/redis/Chart.yaml", "apiVersion: v2\nname: redis\nversion: 1.2.0\n")
    ran = tree.vendor()
    assert (ran.code, ran.out) == (0, "nothing here refers to anything outside\n")
    assert server.asked == []
    assert not (tree.folder / "portside.lock").exists()


def test_a_version_that_is_not_there_is_told_with_the_newest(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "0.9.0", chart("redis", "0.9.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 3
    assert "Chart.yaml:7: chart redis ^1.2" in ran.out
    assert "has no version ^1.2 of the chart redis" in ran.out
    assert "the newest is 0.9.0" in ran.out
    assert "nothing of it was kept" in ran.out


def test_a_name_of_helms_own_repositories_is_told_how_to_mend(tree: Tree) -> None:
    tree.write("Chart.yaml", CHART.format(url='"@bitnami"'))
    ran = tree.vendor()
    assert ran.code == 3
    assert "write the address of the repository in its place" in ran.out


def test_http_is_spoken_only_with_hosts_that_are_named(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.run("vendor")
    assert ran.code == 3
    assert "http is not encrypted" in ran.out
    assert f"--insecure {server.host}" in ran.out
    assert server.asked == []


def test_an_address_with_a_password_is_refused_and_not_told(tree: Tree) -> None:
    tree.write("Chart.yaml", CHART.format(url="https://ann:s3cr3t-w0rd@charts.example.org/"))
    ran = tree.vendor()
    assert ran.code == 3
    assert "the address holds credentials" in ran.out
    assert "s3cr3t-w0rd" not in ran.out + ran.err
    assert not (tree.folder / "portside.lock").exists()


def test_a_repository_with_a_login_is_asked_with_what_git_credential_keeps(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    url = server.charts("/private", ("redis", "1.2.0", chart("redis", "1.2.0")))
    for path, page in list(server.pages.items()):
        server.pages[path] = _with_login(page)
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 3
    assert "the server answers 401" in ran.out
    (tmp_path / "home" / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    (tmp_path / "home" / ".git-credentials").write_text(f"http://ann:s3cr3t-w0rd@{server.host}\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert "s3cr3t-w0rd" not in ran.out + ran.err + tree.lock


def _with_login(page: object):  # type: ignore[no-untyped-def]
    def shown(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Authorization") != "Basic YW5uOnMzY3IzdC13MHJk":
            answer(handler, 401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
        else:
            assert isinstance(page, bytes)
            answer(handler, 200, page)

    return shown


def test_a_download_that_ends_early_is_no_content(tree: Tree, server: Server) -> None:
    data = chart("redis", "1.2.0")
    url = server.charts("", ("redis", "1.2.0", data), digests=False)

    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:100])
        handler.close_connection = True

    server.pages["/redis-1.2.0.tgz"] = cut
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 3
    assert f"ended after 100 of {len(data)} bytes" in ran.out
    assert not list(tree.cache.rglob("*.tgz"))
    assert not list(tree.cache.rglob(".fetching-*"))


def test_redirects_are_followed_a_few_times_and_lose_credentials_and_never_lead_to_files(
    tree: Tree, server: Server
) -> None:
    data = chart("redis", "1.2.0")
    url = server.charts("", ("redis", "1.2.0", data))
    tree.write("Chart.yaml", CHART.format(url=url))
    server.pages["/elsewhere.tgz"] = data
    server.pages["/redis-1.2.0.tgz"] = redirect("/elsewhere.tgz")
    assert tree.vendor().code == 0
    for to, said in (
        ("file:///etc/passwd", "leads on in a circle, or to where nothing is fetched from"),
        ("http://example.org/x.tgz", "http is not encrypted"),
        ("/redis-1.2.0.tgz", "leads on in a circle, or to where nothing is fetched from"),
    ):
        server.pages["/redis-1.2.0.tgz"] = redirect(to)
        ran = tree.vendor("--update")
        assert ran.code == 3, ran
        assert said in ran.out
    for step in range(9):
        server.pages[f"/step-{step}"] = redirect(f"/step-{step + 1}")
    server.pages["/redis-1.2.0.tgz"] = redirect("/step-0")
    server.asked = []
    ran = tree.vendor("--update")
    assert "leads on more than 5 times" in ran.out
    assert len(server.asked) < 9


def test_helm_charts_of_kustomize_are_fetched_where_they_are_not_in_the_tree(
    tree: Tree, server: Server
) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    text = f"helmCharts:\n  - name: redis\n    repo: {url}\n    version: 1.2.0\n"
    tree.write("overlay/kustomization.yaml", text)
    assert tree.vendor().code == 0
    assert "- overlay/kustomization.yaml:2\n" in tree.lock
    tree.write("overlay/charts/redis/Chart.yaml", "name: redis\nversion: 1.2.0\n")
    assert "gone" in tree.vendor().out


def test_something_else_than_a_chart_is_not_kept(tree: Tree, server: Server) -> None:
    data = packed({"redis/README.md": "no chart"})
    url = server.charts("", ("redis", "1.2.0", data))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor()
    assert ran.code == 3
    assert "is no chart: it has no Chart.yaml" in ran.out


def test_json_says_the_same_to_programs(tree: Tree, server: Server) -> None:
    data = chart("redis", "1.2.0")
    url = server.charts("", ("redis", "1.2.0", data))
    tree.write("Chart.yaml", CHART.format(url=url))
    told = json.loads(tree.vendor("-o", "json").out)
    (one,) = told["sources"]
    assert (one["state"], one["version"], one["digest"]) == ("new", "1.2.0", sha256(data))
    assert one["for"] == ["Chart.yaml:7"]
