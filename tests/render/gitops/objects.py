"""Trees with objects of Argo CD and Flux in them, for tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from portside.model.resource import Resource
from portside.render.environment import Environment, Environments
from portside.render.gitops.installed import deployments
from portside.render.tree import Tree
from portside.render.wire import ValuesFile, ValuesText
from portside.sources.manifest import parse
from portside.syntax import DEFAULT
from tests.render.trees import write

REPOSITORY = "https://git.example.org/team/shop.git"
GIT_CONFIG = f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {REPOSITORY}\n'


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: c, namespace: live}
spec:
  interval: 5m
  chart: {spec: {chart: ./c, sourceRef: {kind: GitRepository, name: flux-system}}}
"""
"""Installs the chart in the folder `c`."""


def objects_of(tree: Tree) -> list[Resource]:
    """The objects of all YAML files of the tree that are neither templates nor values."""
    found: list[Resource] = []
    for folder in tree.folders():
        for file in tree.files_in(folder):
            data = tree.data(file)
            if file.endswith(".yaml") and data and "templates/" not in file:
                found += parse(data, file, DEFAULT, file).resources
    return found


def deployed(
    folder: Path,
    files: dict[str, str],
    sources: Mapping[str, str] | None = None,
    generated: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Environments:
    """What the objects in these files install; they are in a repository with a remote."""
    tree = write(folder, {".git/config": GIT_CONFIG, **files})
    return deployments(tree, objects_of(tree), sources, generated)


def one(environments: Environments) -> Environment:
    assert environments.unread == ()
    (found,) = environments.found
    return found


def below(folder: Path, environment: Environment) -> str:
    return os.path.relpath(environment.path, folder)


def values_of(folder: Path, environment: Environment) -> list[str]:
    """Its values: files below `folder`, and texts as they are."""
    texts = (it.text if isinstance(it, ValuesText) else it for it in environment.values)
    return [os.path.relpath(it.path, folder) if isinstance(it, ValuesFile) else it for it in texts]
