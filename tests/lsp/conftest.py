"""What tests of the editor share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def on_path(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A PATH with the renderer, and nothing else that renders; the server and scans have it."""
    path = f"{render_program.parent}:/bin:/usr/sbin"
    monkeypatch.setenv("PATH", path)
    return path
