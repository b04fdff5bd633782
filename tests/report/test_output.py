"""Where reports go: several in one run, files whole or not at all, and standard output."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portside.cli import main
from portside.cli.output import written
from portside.cli.reporting import shows_links
from portside.errors import UsageError

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  hostPID: true
  containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""
SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test, with one manifest in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pod.yaml").write_text(POD)
    return tmp_path


def test_several_reports_in_one_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["scan", "pod.yaml", "-o", "sarif=a.sarif", "-o", "text", "-o", "json=a.json"])

    assert code == 1
    assert "pod.yaml:5:3: high host-pid" in capsys.readouterr().out
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((folder / "a.json").read_text())["summary"]["high"] == 1
    assert sorted(it.name for it in folder.iterdir()) == ["a.json", "a.sarif", "pod.yaml"]


def test_a_report_to_a_file_keeps_the_exit_code(folder: Path) -> None:
    (folder / "broken.yaml").write_text("kind: Pod\napiVersion: [\n")

    assert main(["scan", "pod.yaml", "-o", "json=a"]) == 1
    assert main(["scan", "pod.yaml", "broken.yaml", "-o", "json=a"]) == 3
    assert main(["scan", "pod.yaml", "--fail-on", "critical", "-o", "json=a"]) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["-o", "json=no/such/a.json"],
            "no/such/a.json: cannot be written: there is no such folder",
        ),
        (["-o", "json=."], ".: is a folder"),
        (["-o", "json="], "portside: -o json= names no file"),
        (["-o", "sariff"], "did you mean sarif?"),
        (["-o", "text", "-o", "json"], "portside: two reports go to standard output"),
        (["-o", "json=a", "-o", "sarif=./a"], "portside: two reports go to ./a"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_scan(
    given: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "pod.yaml", *given]) == 2

    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.endswith("  nothing was scanned\n")
    assert captured.out == ""
    assert [it.name for it in folder.iterdir()] == ["pod.yaml"]


def test_a_report_that_breaks_off_leaves_the_old_one(folder: Path) -> None:
    def parts() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    (folder / "a.json").write_text("old")

    with pytest.raises(KeyboardInterrupt):
        written("a.json", parts())

    assert (folder / "a.json").read_text() == "old"
    assert sorted(it.name for it in folder.iterdir()) == ["a.json", "pod.yaml"]


def test_a_report_keeps_the_mode_and_the_links_of_what_it_replaces(folder: Path) -> None:
    (folder / "real.json").write_text("old")
    (folder / "real.json").chmod(0o640)
    (folder / "a.json").symlink_to("real.json")

    written("a.json", ["new"])

    assert (folder / "a.json").is_symlink()
    assert (folder / "real.json").read_text() == "new"
    assert stat.S_IMODE((folder / "real.json").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays_one(folder: Path) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        written("pipe", ["through"])
        assert reader.stdout is not None
        assert reader.stdout.read() == b"through"

    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


def test_a_full_disk_is_an_error_that_names_the_file() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")

    with pytest.raises(UsageError) as caught:
        written("/dev/full", ["x" * 100_000])

    assert str(caught.value).startswith("/dev/full: cannot be written: No space left on device")
    assert "the report was not written" in str(caught.value)


def test_services_get_paths_from_the_root_of_the_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "deploy").mkdir()
    (folder / "deploy" / "pod.yaml").write_text(POD)
    monkeypatch.chdir(folder / "deploy")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))

    main(["scan", ".", "-o", "github", "-o", "text=out.txt"])

    assert "file=deploy/pod.yaml,line=5" in capsys.readouterr().out
    assert (folder / "deploy" / "out.txt").read_text().startswith("pod.yaml:5:3: ")


def test_services_get_relative_paths_of_what_was_named_absolutely(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["scan", str(folder / "pod.yaml"), "-o", "gitlab"])

    issues = json.loads(capsys.readouterr().out)
    assert {it["location"]["path"] for it in issues} == {"pod.yaml"}


def on_terminal(folder: Path, *words: str, **environment: str) -> str:
    """What `portside` writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "TERM": "xterm-256color"}
    variables |= {"COLUMNS": "80", "LINES": "24", "PYTHONUTF8": "1"} | environment
    command = [sys.executable, "-m", "portside", *words]
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    ) as run:
        os.close(theirs)
        said = b"".join(_read(ours))
        run.wait(timeout=60)
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            return
        if not part:
            return
        yield part


def test_a_terminal_gets_the_screen_in_colour(folder: Path) -> None:
    screen = on_terminal(folder, "scan", "pod.yaml")

    plain = re.sub(r"\x1b\[[0-9;]*m", "", screen)
    assert plain != screen
    assert "\x1b]8;;" not in screen
    assert plain.startswith("\nPod shop\n")
    assert "     5 │   hostPID: true\n       │   ^^^^^^^^^^^^^ " in plain
    assert plain.endswith("\nnext: portside explain host-pid\n")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_no_escape_sequence_where_none_is_wanted(environment: dict[str, str], folder: Path) -> None:
    assert "\x1b" not in on_terminal(folder, "scan", "pod.yaml", **environment)


def test_a_terminal_that_is_known_to_show_links_gets_them(folder: Path) -> None:
    screen = on_terminal(folder, "scan", "pod.yaml", TERM_PROGRAM="WezTerm")

    assert re.search(r"\x1b\]8;;file://[^/]*" + re.escape(str(folder)) + "/pod.yaml\x1b", screen)


def test_a_terminal_that_is_not_utf_8_gets_ascii(folder: Path) -> None:
    screen = on_terminal(
        folder, "scan", "pod.yaml", PYTHONUTF8="0", PYTHONIOENCODING="ascii", NO_COLOR="1"
    )

    assert screen.isascii()
    assert "     5 |   hostPID: true\n" in screen


@pytest.mark.parametrize(
    ("environment", "links"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "iTerm.app"}, False),
        ({"TMUX": "/run/tmux,1", "TERM_PROGRAM": "WezTerm"}, False),
        ({"VTE_VERSION": "4600"}, False),
        ({"VTE_VERSION": "7200"}, True),
        ({"WT_SESSION": "1"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)
def test_links_are_off_where_unsure(environment: dict[str, str], links: bool) -> None:
    assert shows_links(environment) is links


def test_an_excerpt_is_read_as_the_file_was(folder: Path) -> None:
    (folder / "wide.yaml").write_bytes(POD.replace("shop", "läden").encode("utf-16"))

    assert "  hostPID: true\n" in on_terminal(folder, "scan", "wide.yaml", NO_COLOR="1")


def test_standard_input_has_no_excerpt_and_keeps_its_message() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "portside", "scan", "-", "-v"],
        input=POD.encode(),
        capture_output=True,
        env={"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]},
        check=False,
    )

    assert run.returncode == 1
    assert b"<stdin>:5:3: high host-pid " in run.stdout
