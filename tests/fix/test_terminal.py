"""The question about each edit, on a real terminal."""

from __future__ import annotations

import os
import pty
import select
import sys
from pathlib import Path

import pytest

from tests.fix.test_scan import MENDED, POD
from tests.shared import ROOT

TWO = f"{POD}---\n{POD.replace('shop', 'web')}"


def asked(folder: Path, answers: str) -> str:
    """What a terminal shows where somebody types `answers`, a line each, when asked."""
    child, terminal = pty.fork()
    if not child:
        os.chdir(folder)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "dumb"}
        command = [sys.executable, "-m", "portside", "scan", "--no-cache", "--fix", "shop.yaml"]
        os.execve(sys.executable, command, environment)  # noqa: S606 - a terminal of its own
    shown, left = b"", answers.encode()
    while select.select([terminal], [], [], 30)[0]:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            break
        shown += part
        if shown.endswith(b"[y/n/a/q] ") and left:
            os.write(terminal, left[:1] + b"\n")
            left = left[1:]
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


@pytest.mark.parametrize(
    ("answers", "first", "second"),
    [
        ("yn", True, False),
        ("ny", False, True),
        ("a", True, True),
        ("q", False, False),
        ("?yq", True, False),
    ],
)
def test_each_edit_is_asked_about(tmp_path: Path, answers: str, first: bool, second: bool) -> None:
    (tmp_path / "shop.yaml").write_text(TWO)
    shown = asked(tmp_path, answers)
    one = MENDED if first else POD
    other = (MENDED if second else POD).replace("shop", "web")
    assert (tmp_path / "shop.yaml").read_text() == f"{one}---\n{other}"
    assert "+        allowPrivilegeEscalation: false" in shown
