"""BuildKit's parser for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import buildkit
from tests.oracle import Oracle, UnavailableError


@pytest.fixture(scope="session")
def peer() -> Iterator[Oracle]:
    """BuildKit's Dockerfile parser and a shell parser; skips where Go cannot have them."""
    with ExitStack() as running:
        try:
            started = running.enter_context(Oracle(buildkit.built()))
        except UnavailableError as reason:
            pytest.skip(f"no BuildKit: {reason}")
        yield started
