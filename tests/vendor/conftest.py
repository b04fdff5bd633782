"""A tree, a cache, and the servers that the tree refers to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Ran, portside
from tests.oracle import UnavailableError
from tests.vendor.parts import (
    LOOPBACK,
    Registry,
    Server,
    registry_program,
    running_registry,
    served,
)


class Tree:
    """A tree with a cache of its own, in which `portside vendor` runs."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.cache = cache

    def write(self, name: str, text: str) -> Path:
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def vendor(self, *words: str, **environment: str | None) -> Ran:
        return self.run("vendor", "--insecure", LOOPBACK, *words, **environment)

    def run(self, *words: str, **environment: str | None) -> Ran:
        known = {"PORTSIDE_CACHE_DIR": str(self.cache), "HOME": str(self.cache.parent / "home")}
        return portside(*words, cwd=self.folder, env={**known, **environment})

    @property
    def lock(self) -> str:
        return (self.folder / "portside.lock").read_text()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "tree").mkdir()
    (tmp_path / "home").mkdir()
    return Tree(tmp_path / "tree", tmp_path / "cache")


@pytest.fixture
def server() -> Iterator[Server]:
    with served() as running:
        yield running


@pytest.fixture(scope="session")
def registry_binary() -> Path:
    try:
        return registry_program()
    except UnavailableError as reason:
        pytest.skip(f"no registry: {reason}")


@pytest.fixture
def registry(registry_binary: Path, tmp_path: Path) -> Iterator[Registry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with running_registry(registry_binary, folder) as running:
        yield running
