"""Parts that many tests share: Kubernetes' own code, and a real API server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.oracle import Oracle, UnavailableError
from tests.render import built

# Programs that tests start run the code of this checkout too, whatever folder they start in.
_SOURCE = str(Path(__file__).resolve().parent.parent / "src")
os.environ["PYTHONPATH"] = os.pathsep.join([_SOURCE, *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """Kubernetes' own packages; skips where Go or its modules cannot be had."""
    with ExitStack() as running:
        try:
            started = running.enter_context(Oracle())
        except UnavailableError as reason:
            pytest.skip(f"no oracle: {reason}")
        yield started


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real kube-apiserver with etcd; skips where they cannot be had."""
    with ExitStack() as running:
        try:
            started = running.enter_context(Cluster())
        except UnavailableError as reason:
            pytest.skip(f"no cluster: {reason}")
        yield started


@pytest.fixture(scope="session")
def render_program() -> Path:
    """portside-render, built from renderer/; skips where Go or its modules cannot be had."""
    try:
        return built()
    except UnavailableError as reason:
        pytest.skip(f"no renderer: {reason}")
