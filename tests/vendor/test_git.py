"""Trees of Git: found by branch, tag, commit and range, kept as they are, and nothing executed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from portside.vendor.address import Located, Wanted, located, plain, trouble_of
from portside.vendor.faults import FetchError
from portside.vendor.folder import Filled, digest_of_folder
from portside.vendor.git import Git
from portside.vendor.vendored import Vendored, open_vendored
from tests.vendor.conftest import Tree
from tests.vendor.parts import Origin, Server, answer, redirect

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\n"
BASE = "resources: [a.yaml]\n"


@pytest.fixture
def origin(tmp_path: Path, server: Server) -> Origin:
    folder = tmp_path / "origins"
    folder.mkdir()
    server.git = folder
    return Origin(folder, "base")


def kept(tree: Tree) -> Vendored:
    found = open_vendored(str(tree.folder), str(tree.cache))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "url", "path", "ref"),
    [
        ("https://github.com/a/b//c/d?ref=v1", "https://github.com/a/b", "c/d", "v1"),
        ("https://github.com/a/b/c/d?ref=v1", "https://github.com/a/b", "c/d", "v1"),
        ("github.com/a/b?ref=main", "https://github.com/a/b", "", "main"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git", "", ""),
        ("ssh://git@example.org/a/b.git/c?version=x", "ssh://git@example.org/a/b.git", "c", "x"),
        ("git::https://example.org/a/b.git//c", "https://example.org/a/b.git", "c", ""),
        ("https://dev.azure.com/o/p/_git/r/x/y", "https://dev.azure.com/o/p/_git/r", "x/y", ""),
    ],
)
def test_an_address_is_cut_where_kustomize_cuts_it(
    text: str, url: str, path: str, ref: str
) -> None:
    assert located(text) == Located(Wanted("git", url, version=ref), path)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://example.org/a/b/c.yaml", "file"),
        ("https://example.org/a/b.tar.gz", "archive"),
        ("https://raw.example.org/a/b/v1/c.yml", "file"),
        ("https://example.org/x", "file"),
        ("https://example.org/a/b.yaml?ref=v1", "git"),
        ("oci://example.org/a/b:1.2", "artifact"),
    ],
)
def test_what_is_a_file_is_told_from_what_is_a_repository(text: str, kind: str) -> None:
    found = located(text)
    assert found is not None
    assert found.wanted.kind == kind


@pytest.mark.parametrize(
    "text", ["https://github.com/a/b//../../etc", "base", "./base", "github.com/a", "ext::sh -c x"]
)
def test_what_is_no_address_or_leads_out_of_its_repository_is_none(text: str) -> None:
    assert located(text) is None


def test_two_ways_to_write_an_address_are_one() -> None:
    assert plain("git@GitHub.com:a/b.git") == plain("ssh://git@github.com/a/b/")
    assert plain("https://Example.org/A/b.git") != plain("https://example.org/a/b.git")


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=x:y",
        "ssh://-oProxyCommand=touch/x",
        "ext::sh -c touch% x",
        "git@-host:a/b",
        "https://ann:pw@example.org/a",
        "https://exa mple.org/a",
        "https:///a",
        "not an address",
    ],
)
def test_an_address_that_could_be_an_option_or_holds_credentials_is_refused(url: str) -> None:
    assert trouble_of(url)
    with pytest.raises(FetchError):
        Git(url, insecure=True, local=True)


@pytest.mark.parametrize("url", ["http://example.org/a.git", "git://example.org/a", "file:///a/b"])
def test_only_encrypted_transports_are_allowed(url: str) -> None:
    with pytest.raises(FetchError, match="only https and ssh"):
        Git(url)


def test_a_base_is_fetched_at_its_branch_and_pinned_by_its_commit(
    tree: Tree, server: Server, origin: Origin
) -> None:
    first = origin.commit({"k/kustomization.yaml": BASE, "k/a.yaml": CONFIG_MAP})
    text = f"{server.url}/git/base.git//k?ref=main"
    tree.write("overlay/kustomization.yaml", f"resources:\n  - {text}\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert f"version: {first}\n" in tree.lock or f'version: "{first}"\n' in tree.lock
    assert "      - overlay/kustomization.yaml:2\n" in tree.lock
    place = kept(tree)(text)
    assert place is not None
    assert (Path(place) / "a.yaml").read_text() == CONFIG_MAP
    assert not list(Path(place).parent.rglob(".git"))
    # The branch moves on; the pin does not, even when its content has to be fetched again.
    second = origin.commit({"k/a.yaml": CONFIG_MAP + "data: {a: b}\n"})
    assert tree.vendor("--check").code == 0
    subprocess.run(["rm", "-rf", str(tree.cache)], check=True)
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert f"fetched  git base {first[:12]}" in ran.out
    again = kept(tree)(text)
    assert again is not None
    assert (Path(again) / "a.yaml").read_text() == CONFIG_MAP
    ran = tree.vendor("--update", "base")
    assert f"moved  git base {first[:12]} → {second[:12]}" in ran.out


@pytest.mark.parametrize(
    "ref",
    [
        "v1.2.0",
        "refs/tags/v1.2.0",
        "COMMIT",
        "main",
        "",
        "semver:^1.0",
        "refs/heads/main",
        "v1.*",
        "1.x",
    ],
)
def test_a_tree_is_found_by_whatever_names_it(
    ref: str, origin: Origin, server: Server, tmp_path: Path
) -> None:
    old = origin.commit({"a": "old"}, tag="v1.2.0")
    new = origin.commit({"a": "new"}, tag="v2.0.0")
    git = Git(f"{server.url}/git/base.git", insecure=True)
    found = git.find(old if ref == "COMMIT" else ref)
    expected = new if ref in ("main", "", "refs/heads/main") else old
    assert found.commit == expected
    (tmp_path / "into").mkdir()
    git.fetch(found, Filled(str(tmp_path / "into"), "x"), str(tmp_path))
    assert (tmp_path / "into" / "a").read_text() == ("new" if expected == new else "old")


def test_a_commit_that_is_on_no_end_of_a_branch_is_fetched_with_its_branch(
    origin: Origin, tmp_path: Path, server: Server
) -> None:
    first = origin.commit({"a": "1"})
    origin.commit({"a": "2"})
    subprocess.run(
        ["git", "-C", str(origin.bare), "config", "uploadpack.allowAnySHA1InWant", "false"],
        check=True,
    )
    git = Git(f"{server.url}/git/base.git", insecure=True)
    (tmp_path / "into").mkdir()
    git.fetch(git.find(first), Filled(str(tmp_path / "into"), "x"), str(tmp_path))
    assert (tmp_path / "into" / "a").read_text() == "1"


def test_a_path_of_this_machine_is_fetched_only_where_it_is_allowed(
    origin: Origin, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    url = f"file://{origin.bare}"
    with pytest.raises(FetchError):
        Git(url)
    git = Git(url, local=True)
    (tmp_path / "into").mkdir()
    git.fetch(git.find("main"), Filled(str(tmp_path / "into"), "x"), str(tmp_path))
    assert (tmp_path / "into" / "a").read_text() == "1"


def test_nothing_of_a_repository_or_of_the_users_filters_is_run(
    tree: Tree, server: Server, origin: Origin, tmp_path: Path
) -> None:
    """Filters, hooks, attributes and modules all ask for a program to be run: none is."""
    mark = tmp_path / "was-run"
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[filter "x"]\n\tsmudge = touch {mark}; cat\n\tclean = cat\n\trequired = true\n'
        f"[core]\n\thooksPath = {hooks}\n\tfsmonitor = touch {mark}\n\tautocrlf = true\n"
    )
    origin.run("config", "filter.x.clean", "cat")
    origin.commit({
        "k/kustomization.yaml": BASE,
        "k/a.yaml": CONFIG_MAP,
        ".gitattributes": "* filter=x text eol=crlf export-subst\n",
        ".gitmodules": f'[submodule "s"]\n\tpath = s\n\turl = "ext::touch {mark}"\n',
    })  # fmt: skip
    text = f"{server.url}/git/base.git//k?ref=main"
    tree.write("kustomization.yaml", f"resources: ['{text}']\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert not mark.exists()
    place = kept(tree)(text)
    assert place is not None
    assert (Path(place) / "a.yaml").read_bytes() == CONFIG_MAP.encode()


def test_links_that_lead_out_and_submodules_are_left_out_and_told(
    tree: Tree, server: Server, origin: Origin
) -> None:
    origin.commit(
        {"k/kustomization.yaml": BASE, "k/a.yaml": CONFIG_MAP},
        links={"k/out": "../../../../etc/passwd", "k/abs": "/etc/passwd", "k/in": "a.yaml",
               "k/up": "..", "k/through": "up/../../../x"},
    )  # fmt: skip
    head = origin.run("rev-parse", "HEAD")
    origin.run("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    origin.run("commit", "-q", "-m", "a submodule")
    origin.push()
    text = f"{server.url}/git/base.git//k?ref=main"
    tree.write("kustomization.yaml", f"resources: ['{text}']\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    for name in ("k/out", "k/abs", "k/through", "sub"):
        assert f"left out of base: {name}\n" in ran.out
    place = kept(tree)(text)
    assert place is not None
    assert sorted(it.name for it in Path(place).iterdir()) == [
        "a.yaml", "in", "kustomization.yaml", "up",
    ]  # fmt: skip
    assert (Path(place) / "in").read_text() == CONFIG_MAP


def test_what_a_base_builds_on_elsewhere_is_fetched_too(
    tree: Tree, server: Server, origin: Origin
) -> None:
    assert server.git
    other = Origin(server.git, "other")
    other.commit({"kustomization.yaml": BASE, "a.yaml": CONFIG_MAP})
    deep = f"{server.url}/git/other.git?ref=main"
    origin.commit({"k/kustomization.yaml": "resources: [../l]\n",
                   "l/kustomization.yaml": f"resources:\n- {deep}\n"})  # fmt: skip
    tree.write("kustomization.yaml", f"resources: ['{server.url}/git/base.git//k?ref=main']\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert f"      - {server.url}/git/base.git//l/kustomization.yaml:2\n" in tree.lock or (
        f'      - "{server.url}/git/base.git//l/kustomization.yaml:2"\n' in tree.lock
    )
    assert kept(tree)(deep)
    assert tree.vendor("--check").code == 0


def test_bases_that_build_on_each_other_come_to_an_end(
    tree: Tree, server: Server, origin: Origin
) -> None:
    here = f"{server.url}/git/base.git?ref=main"
    origin.commit({"kustomization.yaml": f"resources: ['{here}']\n"})
    tree.write("kustomization.yaml", f"resources: ['{here}']\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    assert tree.lock.count("kind: git") == 1


def test_a_rewritten_history_is_told_and_the_pin_stays(
    tree: Tree, server: Server, origin: Origin
) -> None:
    origin.commit({"kustomization.yaml": BASE, "a.yaml": CONFIG_MAP})
    tree.write("kustomization.yaml", f"resources: ['{server.url}/git/base.git?ref=main']\n")
    assert tree.vendor().code == 0
    before = tree.lock
    origin.run("commit", "-q", "--amend", "-m", "rewritten", "--date=2020-01-01T00:00:00Z")
    origin.push()
    subprocess.run(["git", "-C", str(origin.bare), "gc", "-q", "--prune=now"], check=True)
    subprocess.run(["rm", "-rf", str(tree.cache)], check=True)
    ran = tree.vendor()
    assert ran.code == 3
    assert "the commit may be gone" in ran.out
    assert tree.lock == before


def test_a_branch_that_is_not_there_is_told(tree: Tree, server: Server, origin: Origin) -> None:
    origin.commit({"kustomization.yaml": BASE})
    tree.write("kustomization.yaml", f"resources: ['{server.url}/git/base.git?ref=v9']\n")
    ran = tree.vendor()
    assert ran.code == 3
    assert "kustomization.yaml:1: git base v9" in ran.out
    assert "has no branch or tag v9" in ran.out


def test_a_server_that_leads_git_to_another_protocol_is_not_followed(
    tree: Tree, server: Server, origin: Origin
) -> None:
    origin.commit({"kustomization.yaml": BASE})
    server.pages["/moved.git/info/refs"] = redirect(f"file://{origin.bare}/info/refs")
    tree.write("kustomization.yaml", f"resources: ['{server.url}/moved.git?ref=main']\n")
    ran = tree.vendor()
    assert ran.code == 3
    assert "git: " in ran.out


def test_a_server_that_answers_nonsense_is_told(tree: Tree, server: Server) -> None:
    server.pages["/x.git/info/refs"] = lambda handler: answer(
        handler, 200, b"nonsense", {"Content-Type": "application/x-git-upload-pack-advertisement"}
    )
    tree.write("kustomization.yaml", f"resources: ['{server.url}/x.git?ref=main']\n")
    ran = tree.vendor()
    assert ran.code == 3
    assert "nothing of it was kept" in ran.out


def test_credentials_that_the_users_git_adds_to_an_address_are_not_told(
    tree: Tree, server: Server, tmp_path: Path
) -> None:
    asks = {"WWW-Authenticate": 'Basic realm="x"'}
    server.pages["/x.git/info/refs"] = lambda handler: answer(handler, 401, b"", asks)
    (tmp_path / "home" / ".gitconfig").write_text(
        f'[url "http://s3cr3t-t0k3n@{server.host}/"]\n\tinsteadOf = {server.url}/\n'
    )
    tree.write("kustomization.yaml", f"resources: ['{server.url}/x.git?ref=main']\n")
    ran = tree.vendor()
    assert ran.code == 3
    assert "git: " in ran.out
    assert "s3cr3t" not in ran.out + ran.err


def test_a_file_and_a_packed_folder_are_fetched_by_their_addresses(
    tree: Tree, server: Server
) -> None:
    from tests.vendor.parts import packed

    server.pages["/a/b/crds.yaml"] = CONFIG_MAP.encode()
    server.pages["/base.tar.gz"] = packed({"k/kustomization.yaml": BASE, "k/a.yaml": CONFIG_MAP})
    file, archive = f"{server.url}/a/b/crds.yaml", f"{server.url}/base.tar.gz//k"
    tree.write("kustomization.yaml", f"resources:\n- {file}\n- {archive}\n")
    ran = tree.vendor()
    assert ran.code == 0, ran
    place = kept(tree)(file)
    assert place is not None
    assert Path(place).name == "crds.yaml"
    assert Path(place).read_text() == CONFIG_MAP
    place = kept(tree)(archive)
    assert place is not None
    assert (Path(place) / "a.yaml").read_text() == CONFIG_MAP


def test_the_digest_of_a_folder_is_that_of_its_names_and_content(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    before = digest_of_folder(str(tmp_path))
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    renamed = digest_of_folder(str(tmp_path))
    (tmp_path / "a" / "y").write_text("2")
    changed = digest_of_folder(str(tmp_path))
    (tmp_path / "z").symlink_to("a")
    assert len({before, renamed, changed, digest_of_folder(str(tmp_path))}) == 4
