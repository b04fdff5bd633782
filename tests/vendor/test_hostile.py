"""Content and servers that mean no good, and runs that are cut off."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from portside.vendor import web
from portside.vendor.faults import FetchError, LockError
from portside.vendor.folder import Filled
from portside.vendor.lock import parse_lock, read_lock, text_of
from portside.vendor.packed import look_through, unpack
from tests.cli.running import COMMAND, environment
from tests.vendor.conftest import Tree
from tests.vendor.parts import LOOPBACK, Server, answer, chart
from tests.vendor.test_charts import CHART


def tar(*members: tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as it:
        for member in members:
            it.addfile(member, io.BytesIO(b"x" * member.size))
    return gzip.compress(made.getvalue())


def member(
    name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 1
) -> tarfile.TarInfo:
    it = tarfile.TarInfo(name)
    it.type, it.linkname = kind, target
    it.size = size if kind == tarfile.REGTYPE else 0
    return it


def bomb(size: int) -> bytes:
    """A tar whose one file unpacks to `size` zeros, of which the archive holds a thousandth."""
    head = tarfile.TarInfo("zeros")
    head.size = size
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=9) as it:
        it.write(head.tobuf())
        for _ in range(size >> 20):
            it.write(bytes(1 << 20))
        it.write(bytes(1024))
    return made.getvalue()


HOSTILE = {
    "a path up": (tar(member("../up")), "leads out of it"),
    "a path up within": (tar(member("a/../../up")), "leads out of it"),
    "an absolute path": (tar(member("/etc/x")), "leads out of it"),
    "a drive": (tar(member("c:/x")), "no name of a file everywhere"),
    "a backslash": (tar(member("..\\x")), "no name of a file everywhere"),
    "git's own folder": (tar(member("a/.git/config")), "belongs to git alone"),
    "git's own folder in capitals": (tar(member(".GIT/config")), "belongs to git alone"),
    "a hard link": (tar(member("a", tarfile.LNKTYPE, "/etc/passwd")), "neither file nor folder"),
    "a device": (tar(member("a", tarfile.CHRTYPE)), "neither file nor folder"),
    "a pipe": (tar(member("a", tarfile.FIFOTYPE)), "neither file nor folder"),
    "a file twice": (tar(member("a"), member("a")), "twice"),
    "a file below a file": (tar(member("a"), member("a/b")), "below what is a file"),
    "a deep path": (tar(member("a/" * 80 + "b")), "too long"),
    "too many files": (tar(*(member(str(it), size=0) for it in range(50_002))), "50,000 files"),
    "a bomb": (bomb(300 << 20), "MiB"),
    "no archive": (b"nothing of the kind", "no tar.gz that can be read"),
    "half an archive": (chart("a", "1.0.0")[:120], "no tar.gz that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_written_outside(
    what: str, tmp_path: Path
) -> None:
    data, said = HOSTILE[what]
    into = tmp_path / "deep" / "into"
    into.mkdir(parents=True)
    with pytest.raises(FetchError, match=said):
        unpack(io.BytesIO(data), Filled(str(into), "there"))
    assert [it.name for it in tmp_path.iterdir()] == ["deep"]
    assert [it.name for it in (tmp_path / "deep").iterdir()] == ["into"]


def test_a_header_that_says_it_is_huge_is_not_read_into_memory(tmp_path: Path) -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 200 << 20
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as it:
        it.write(head.tobuf())
        for _ in range(200):
            it.write(bytes(1 << 20))
    with pytest.raises(FetchError, match="header larger than any is"):
        unpack(io.BytesIO(made.getvalue()), Filled(str(tmp_path), "there"))


def test_links_are_never_written_through(tmp_path: Path) -> None:
    into, outside = tmp_path / "into", tmp_path / "outside"
    into.mkdir()
    outside.mkdir()
    data = tar(member("d", tarfile.SYMTYPE, "../outside"), member("d/x"))
    filled = Filled(str(into), "there")
    with suppress(FetchError):
        unpack(io.BytesIO(data), filled)
    assert list(outside.iterdir()) == []
    assert not (into / "d").is_symlink()


def test_a_link_that_leads_out_through_another_is_left_out(tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    (tmp_path / "outside").write_text("x")
    filled = Filled(str(into), "there")
    filled.file("p/q/a", [b"1"])
    filled.link("p/q/top", "../..")
    filled.link("p/q/out", "top/../outside")
    filled.link("p/q/in", "top/p/q/a")
    filled.finish()
    assert filled.left_out == ["p/q/out"]
    assert sorted(it.name for it in (into / "p" / "q").iterdir()) == ["a", "in", "top"]


def test_a_packed_chart_with_links_or_a_bomb_is_not_kept() -> None:
    with pytest.raises(FetchError, match="holds the link"):
        look_through(io.BytesIO(tar(member("a/x", tarfile.SYMTYPE, "/etc/passwd"))), "there")
    with pytest.raises(FetchError, match="MiB"):
        look_through(io.BytesIO(bomb(150 << 20)), "there")


def test_a_body_without_an_end_is_cut_off(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(1 << 16))

    server.pages["/x"] = endless
    with pytest.raises(FetchError, match="larger than the limit of 1,000,000 bytes"):
        web.Web(frozenset([LOOPBACK])).get(f"{server.url}/x", 1_000_000)


def test_a_server_that_sends_a_little_for_ever_is_left(server: Server) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    server.pages["/x"] = slow
    began = time.monotonic()
    with pytest.raises(FetchError, match="takes longer than is waited for"):
        web.Web(frozenset([LOOPBACK]), seconds=1).get(f"{server.url}/x", 1_000_000)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "index",
    [
        b"", b"[]", b"entries: 3", b"entries: {redis: 7}", b"entries: {redis: [{version: 1.2.3}]}",
        b"entries: {redis: [7, null, {version: [], urls: {}}]}", b"\xff\xfe\x00", b"{" * 100_000,
        b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nentries: {redis: [*c,*c,*c]}",
        b"entries: {redis: [{version: 1.2.3, urls: ['file:///etc/passwd']}]}",
        b"entries: {redis: [{version: 1.2.3, urls: ['//[bad/x']}]}",
    ],
)  # fmt: skip
def test_an_index_that_is_none_is_told_and_nothing_is_kept(
    tree: Tree, server: Server, index: bytes
) -> None:
    server.pages["/index.yaml"] = index
    tree.write("Chart.yaml", CHART.format(url=server.url))
    ran = tree.vendor()
    assert ran.code == 3, ran
    assert "Chart.yaml:7: chart redis ^1.2" in ran.out
    assert not list(tree.cache.rglob("*.tgz"))
    assert not (tree.folder / "portside.lock").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 2\n", "version: expected 1"),
        ("version: 1\nsources: [{kind: x}]\n", "is none of"),
        ("version: 1\nsources: [{kind: git}]\n", "is required"),
        ("version: 1\nsources: [{kind: git, url: 'https://a.b/c', digest: md5:1}]\n", "sha256:"),
        ("version: 1\nsources: [{kind: git, url: '--upload-pack=x', digest: x}]\n", "an option"),
        ("version: 1\ninto: ../x\n", "leads out"),
        ("version: 1\ninto: /x\n", "leads out"),
        ("version: 1\nsourcs: []\n", "did you mean sources?"),
        ("- 1\n", "expected a map"),
        ("<<<<<<< HEAD\n", "portside.lock"),
    ],
)  # fmt: skip
def test_a_lock_that_is_not_well_formed_is_told_by_its_line(text: str, said: str) -> None:
    with pytest.raises(LockError) as refused:
        parse_lock(text.encode(), "portside.lock")
    assert said in str(refused.value)


def test_a_pin_that_stands_twice_is_refused() -> None:
    one = f"  - {{kind: git, url: 'https://a.b/c', digest: 'sha256:{'0' * 64}'}}\n"
    with pytest.raises(LockError, match="is pinned twice"):
        parse_lock(f"version: 1\nsources:\n{one}{one}".encode(), "portside.lock")


def test_a_lock_that_is_read_and_written_is_the_same(tree: Tree, server: Server) -> None:
    names = ("redis", "on", "1.0", "it's", "- x", "ü", "true", "null")
    url = server.charts("", *((it, "1.2.0", chart("x", "1.2.0")) for it in names))
    lines = "".join(
        f"  - {{name: \"{it}\", version: 1.2.0, repository: '{url}'}}\n" for it in names
    )
    tree.write("Chart.yaml", f"apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n{lines}")
    assert tree.vendor().code == 0
    lock = read_lock(str(tree.folder / "portside.lock"))
    assert {it.wanted.name for it in lock.pins} == set(names)
    assert text_of(lock) == tree.lock


def test_a_name_in_an_index_cannot_leave_the_folder_that_it_is_kept_in(
    tree: Tree, server: Server
) -> None:
    name, version = "../../evil", "1.2.0"
    url = server.charts("", (name, version, chart("x", version)))
    server.pages["/x.tgz"] = chart("x", version)
    index = server.pages["/index.yaml"]
    assert isinstance(index, bytes)
    server.pages["/index.yaml"] = index.replace(b"../../evil-1.2.0.tgz", b"x.tgz")
    text = f"dependencies: [{{name: {name}, version: 1.2.0, repository: '{url}'}}]\n"
    tree.write("Chart.yaml", f"apiVersion: v2\nname: shop\nversion: 1.0.0\n{text}")
    ran = tree.vendor("--into", "vendor")
    assert ran.code == 0, ran
    (place,) = tree.folder.rglob("*.tgz")
    assert (tree.folder / "vendor" / "chart") in place.parents


@pytest.mark.parametrize("link", ["vendor", "vendor/chart"])
def test_links_in_the_tree_lead_nothing_out_of_it(
    tree: Tree, server: Server, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tree.folder / link).parent.mkdir(exist_ok=True)
    (tree.folder / link).symlink_to(outside)
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor("--into", "vendor")
    assert ran.code in (2, 3)
    assert "symbolic link" in ran.out + ran.err
    assert not list(outside.rglob("*.tgz"))


def test_what_killed_runs_left_is_swept_after_a_day(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    folder = tree.cache / "vendored"
    for name in (".fetching-old", ".fetching-new"):
        (folder / name / "tree").mkdir(parents=True)
    os.utime(folder / ".fetching-old", (0, 0))
    assert tree.vendor().code == 0
    assert [it.name for it in folder.glob(".fetching-*")] == [".fetching-new"]


def started(tree: Tree, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "vendor", "--insecure", LOOPBACK, *words],
        cwd=tree.folder,
        env=environment(PORTSIDE_CACHE_DIR=str(tree.cache)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # What a shell starts in the background ignores SIGINT, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def held(data: bytes, gate: threading.Event) -> Callable[[BaseHTTPRequestHandler], None]:
    def page(handler: BaseHTTPRequestHandler) -> None:
        gate.wait(30)
        answer(handler, 200, data)

    return page


def test_runs_at_the_same_time_wait_for_one_another_and_both_end_well(
    tree: Tree, server: Server
) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    running = [started(tree) for _ in range(4)]
    said = [it.communicate(timeout=60) for it in running]
    assert [it.returncode for it in running] == [0] * 4, said
    assert tree.vendor("--check").code == 0
    # One fetched it; the others found it.
    assert server.asked.count("/redis-1.2.0.tgz") == 1
    assert sum(b"1 new" in out for out, _ in said) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_cut_off_leaves_the_lock_as_it_was(
    tree: Tree, server: Server, how: signal.Signals
) -> None:
    url = server.charts("", *((it, "1.2.0", chart(it, "1.2.0")) for it in ("mysql", "redis")))
    file = tree.write("Chart.yaml", CHART.format(url=url))
    assert tree.vendor().code == 0
    before = tree.lock
    gate = threading.Event()
    server.pages["/mysql-1.2.0.tgz"] = held(chart("mysql", "1.2.0"), gate)
    file.write_text(file.read_text() + f'  - {{name: mysql, version: "^1", repository: "{url}"}}\n')
    running = started(tree)
    for _ in range(300):
        if "/mysql-1.2.0.tgz" in server.asked:
            break
        time.sleep(0.05)
    os.kill(running.pid, how)
    _, err = running.communicate(timeout=30)
    gate.set()
    assert running.returncode != 0
    assert b"Traceback" not in err
    assert tree.lock == before
    server.pages["/mysql-1.2.0.tgz"] = chart("mysql", "1.2.0")
    assert tree.vendor().code == 0
    assert "name: mysql" in tree.lock
    assert not [it for it in tree.folder.iterdir() if it.name.endswith(".tmp")]


def test_a_lock_that_cannot_be_written_is_told(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    (tree.folder / "portside.lock").mkdir()
    ran = tree.vendor()
    assert ran.code == 2
    assert "portside.lock" in ran.err


def test_without_a_folder_to_keep_it_in_the_remedy_is_told(tree: Tree, server: Server) -> None:
    url = server.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.vendor(PORTSIDE_CACHE_DIR=None, XDG_CACHE_HOME=None, HOME=None)
    assert ran.code == 3
    assert "portside vendor --into vendor" in ran.out
    assert tree.vendor("--into", "vendor", PORTSIDE_CACHE_DIR=None, HOME=None).code == 0


def test_vendoring_is_not_loaded_by_a_scan(tree: Tree) -> None:
    tree.write("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    code = (
        "import sys; from portside.cli import main; main(['scan', '--no-cache', '.']); "
        "sys.exit(any(it.startswith('portside.vendor') for it in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tree.folder, env=environment(), capture_output=True
    )
    assert done.returncode == 0, done
