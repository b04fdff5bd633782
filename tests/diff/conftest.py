"""What tests of comparisons share: the renderer, as a user has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.render import process


@pytest.fixture
def renders(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The renderer, found as a user's is: as a program on PATH, and nothing else that renders."""
    monkeypatch.setenv("PATH", f"{render_program.parent}:/bin:/usr/sbin")
    return render_program


@pytest.fixture
def nothing_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    """No renderer, whatever is installed here."""
    monkeypatch.setattr(process, "_found", lambda path: None)
