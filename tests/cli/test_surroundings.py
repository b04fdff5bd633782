"""Where we run is not what we were tested on: no traceback, and the same verdict, everywhere."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, POD, environment, portside

NAME = "caf\u00e9"
PRIVILEGED = "privileged-container"
SCAN = ("scan", "web.yaml")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_text(POD.replace("name: web, n", f"name: {NAME}, n"), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "changes",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "LANG": None},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        {"HOME": None, "XDG_CACHE_HOME": None},
        {"HOME": "/nonexistent", "XDG_CACHE_HOME": None},
        {"XDG_CACHE_HOME": "relative/path"},
        {"TERM": None, "COLUMNS": None},
        {"COLUMNS": "3"},
        {"COLUMNS": "many"},
        {"TZ": "no/where"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
    ],
    ids=str,
)
def test_the_environment_does_not_change_the_verdict(
    changes: dict[str, str | None], shop: Path
) -> None:
    usual = portside(*SCAN, cwd=shop)
    ran = portside(*SCAN, cwd=shop, env=changes)
    assert ran.code == usual.code == 1
    assert ran.err == usual.err == ""
    assert ran.out.count(PRIVILEGED) == usual.out.count(PRIVILEGED) > 0
    for words in ((), ("scan", "--help"), ("explain", PRIVILEGED), ("render", "web.yaml")):
        assert portside(*words, cwd=shop, env=changes).code == 0
    assert portside("scan", "n\u00f6.yaml", cwd=shop, env=changes).code == 2
    assert portside("eval", "object.metadata.name", "web.yaml", cwd=shop, env=changes).code == 0


def closed(shop: Path, *streams: int, words: tuple[str, ...] = SCAN) -> tuple[int, bytes, bytes]:
    """Runs with the streams of these numbers closed before Python starts."""
    shut = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in streams)
    ran = subprocess.run(
        ["sh", "-c", f'exec "$@" {shut}', "sh", *COMMAND, *words],
        capture_output=True,
        cwd=shop,
        env=environment(),
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("streams", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)], ids=str)
def test_closed_streams(streams: tuple[int, ...], shop: Path) -> None:
    code, out, err = closed(shop, *streams)
    assert (code, err) == (1, b"")
    assert (PRIVILEGED.encode() in out) == (1 not in streams)


@pytest.mark.parametrize("streams", [(1,), (0, 1, 2)], ids=str)
def test_with_closed_streams_no_file_takes_their_numbers(
    streams: tuple[int, ...], shop: Path
) -> None:
    """The report that goes to a file is whole: nothing that we print goes in between."""
    words = ("scan", "-o", "text", "-o", "json=found.json", "web.yaml")
    code, _, _ = closed(shop, *streams, words=words)
    assert code == 1
    import json

    assert json.loads((shop / "found.json").read_text())["complete"]


def test_closed_standard_input_is_empty(shop: Path) -> None:
    code, _, err = closed(shop, 0, words=("scan", "-"))
    assert (code, err) == (0, b"")


def test_an_error_with_standard_error_closed(shop: Path) -> None:
    code, out, _ = closed(shop, 2, words=("scan", "no-such.yaml"))
    assert (code, out) == (2, b"")


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root writes all")
def test_a_folder_that_cannot_be_written(shop: Path) -> None:
    shop.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    try:
        env = {"HOME": str(shop), "XDG_CACHE_HOME": str(shop / "cache")}
        assert portside(*SCAN, cwd=shop, env=env).code == 1
        assert not (shop / "cache").exists() or os.geteuid() == 0
    finally:
        shop.chmod(stat.S_IRWXU)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
@pytest.mark.parametrize(
    "words",
    [("scan",), ("scan", "FILE"), ("render", "FILE"), ("rules", "list"), ("waivers", "list"), ()],
    ids=str,
)
def test_a_folder_that_is_gone_is_an_error_of_its_own(words: tuple[str, ...], shop: Path) -> None:
    gone = shop / "gone"
    gone.mkdir()
    words = tuple(str(shop / "web.yaml") if it == "FILE" else it for it in words)
    ran = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *COMMAND, *words],
        capture_output=True,
        cwd=gone,
        env=environment(),
        timeout=60,
        check=False,
    )
    err = ran.stderr.decode()
    assert "Traceback" not in err
    assert ran.returncode == 0 or (ran.returncode, "the current folder is gone" in err) == (2, True)


def test_a_reader_that_leaves_early_is_no_bug(shop: Path) -> None:
    for number in range(300):
        (shop / f"{number}.yaml").write_text(POD)
    for words in (("scan", "."), ("render", "."), ("rules", "list"), ("eval", "object", ".")):
        ran = subprocess.run(
            [
                "bash",
                "-c",
                '"$@" | head -1; echo "exit ${PIPESTATUS[0]}"',
                "bash",
                *COMMAND,
                *words,
            ],
            capture_output=True,
            text=True,
            cwd=shop,
            env=environment(),
            timeout=60,
            check=False,
        )
        assert ran.stderr == ""
        assert len(ran.stdout.splitlines()) == 2
        # What was written may have fitted into the pipe before its reader left.
        assert ran.stdout.splitlines()[1] in ("exit 0", "exit 1", "exit 3")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("name", [b"\xff\xfe.yaml", b"a\nb.yaml", b"\x1b[31m.yaml"], ids=repr)
def test_names_of_files_may_be_any_bytes(name: bytes, shop: Path) -> None:
    folder = shop / "odd"
    folder.mkdir()
    with open(os.path.join(os.fsencode(folder), name), "wb") as file:
        file.write(POD.encode())
    for words in (
        ("scan", "."),
        ("scan", "-o", "json", "."),
        ("eval", "object.kind", "."),
        ("eval", "object.kind", ".", "-o", "json"),
        ("render", "."),
    ):
        ran = portside(*words, cwd=folder)
        assert ran.code == (1 if words[0] == "scan" else 0), ran
        assert "\x1b" not in ran.out + ran.err
        assert len(ran.out.splitlines()) > 0
    missing = subprocess.run(
        [*COMMAND, "scan", b"no" + name], capture_output=True, env=environment(), check=False
    )
    assert missing.returncode == 2
    assert b"Traceback" not in missing.stderr
    assert b"\x1b" not in missing.stderr
