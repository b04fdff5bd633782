"""Parts that many tests share: Kubernetes' own code, and a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.cluster import Cluster
from tests.oracle import Oracle, UnavailableError


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
