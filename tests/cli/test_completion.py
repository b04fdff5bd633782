"""`portside completion`: a script of each shell that knows every command and option."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portside.cli import COMMANDS
from portside.cli.completion import SHELLS, tree
from portside.cli.rules import parts
from tests.cli.running import COMMAND, environment, portside

shtab = pytest.importorskip("shtab")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_names_every_command(shell: str) -> None:
    ran = portside("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    for word in (*COMMANDS, *parts(), "--fail-on", "--kubernetes-version"):
        assert word.removeprefix("--") in ran.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_accepts_its_script(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(portside("completion", shell).out)
    subprocess.run([program, "-n", str(script)], check=True, capture_output=True)


def completed(line: str, tmp_path: Path) -> set[str]:
    """What bash offers behind `line`."""
    script = tmp_path / "script"
    script.write_text(portside("completion", "bash").out)
    program = f"""
source {script}
COMP_WORDS=({line} "")
[[ "{line}" == *- ]] && COMP_WORDS=({line})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_portside
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    ran = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
    return set(ran.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_options_and_choices(tmp_path: Path) -> None:
    assert set(COMMANDS) <= completed("portside", tmp_path)
    assert set(parts()) <= completed("portside rules", tmp_path)
    assert {"--profile", "--fail-on"} <= completed("portside scan --", tmp_path)
    assert {"low", "critical"} <= completed("portside scan --fail-on", tmp_path)


def test_the_tree_is_made_of_the_commands_own_parsers() -> None:
    help_text = tree().format_help()
    assert all(name in help_text for name in COMMANDS)


def test_without_shtab_the_error_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "shtab.py").write_text("raise ImportError('not here')\n")
    path = f"{tmp_path}:{environment()['PYTHONPATH']}"
    ran = portside("completion", "bash", env={"PYTHONPATH": path})
    assert ran.code == 2
    assert "pip install 'portside[completion]'" in ran.err
    assert COMMAND
