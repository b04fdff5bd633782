"""The environments of one chart or kustomization: configured, or discovered beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.render.environments import environments
from portside.render.kustomizations import kustomizations
from portside.render.tree import Tree

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.model.reading import Root
    from portside.render.environment import Environment


def environments_of(root: Root, config: Config) -> list[Environment]:
    """The environments of `root`, in order of their names."""
    tree = Tree(root.within or os.path.dirname(os.path.realpath(root.path)))
    below = tree.below(root.path)
    if below is None:
        return []
    charts = [below] if root.kind == "helm" else []
    overlays = kustomizations(tree, [below] if root.kind == "kustomize" else [])
    found = environments(tree, charts, overlays, config.environments)
    real = os.path.realpath(root.path)
    return [it for it in found.found if os.path.realpath(it.path) == real]
