"""The renderer for tests: the built program, and a real helm to hold it to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portside.render.process import Program
from tests.oracle import UnavailableError
from tests.render import helm, limited


@pytest.fixture(scope="session")
def rendering(render_program: Path) -> Iterator[Program]:
    """The renderer with its usual limits."""
    program = Program(str(render_program))
    yield program
    program.close()


@pytest.fixture
def bounded(render_program: Path) -> Iterator[Program]:
    """The renderer with 3 seconds, 512 MiB and 8 MiB of output."""
    program = limited(render_program)
    yield program
    program.close()


@pytest.fixture(scope="session")
def real_helm() -> Path:
    """helm of the version that the renderer is built with."""
    try:
        return helm()
    except UnavailableError as reason:
        pytest.skip(f"no helm: {reason}")


@pytest.fixture
def on_path(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The renderer, found as a user's is: as a program on PATH, and nothing else that renders."""
    monkeypatch.setenv("PATH", f"{render_program.parent}:/bin:/usr/sbin")
    return render_program
