"""Small trees of files for tests."""

from __future__ import annotations

from pathlib import Path

from portside.cli.config import Config, read_config
from portside.render.environment import Environments
from portside.render.environments import environments
from portside.render.kustomizations import Kustomizations, kustomizations
from portside.render.tree import Tree

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def write(folder: Path, files: dict[str, str]) -> Tree:
    """A tree of these texts by their paths."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Tree(str(folder))


def charts_of(tree: Tree) -> list[str]:
    return [it for it in tree.folders() if "Chart.yaml" in tree.names(it)]


def kustomizations_of(tree: Tree) -> Kustomizations:
    return kustomizations(tree, [it for it in tree.folders() if tree.kustomization(it)])


def config_of(tree: Tree, text: str) -> Config:
    return read_config(text.encode(), tree.path("portside.yaml"))


def found(tree: Tree, config: str = "") -> Environments:
    """The environments of all charts and overlays of `tree`."""
    read = config_of(tree, config) if config else Config()
    overlays = kustomizations_of(tree)
    return environments(tree, charts_of(tree), overlays, read.environments, read.kustomize_roots)
