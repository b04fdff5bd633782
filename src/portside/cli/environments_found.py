"""The environments of one chart or kustomization, as `scan` of its repository would have them."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from portside.cli.as_installed import installed
from portside.cli.defined import told_by_tree
from portside.cli.deployed import DEPLOYS, Deployed
from portside.cli.targets import targets
from portside.model.reading import ReadFile, Target
from portside.policy.profile import NEWEST
from portside.render.wire import HelmRequest
from portside.sources.ignores import ignores_of
from portside.sources.read import content
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.model.reading import Root
    from portside.syntax import Limits


def environments_of(
    head: ReadFile, options: argparse.Namespace, config: Config, version: str
) -> list[Target]:
    """A target for each environment of what `head` is the head of, in order of their names.

    Where objects of Argo CD or Flux stand around it, they may say how it is installed: then all of
    the repository is looked at.
    """
    root = head.root
    assert root is not None  # noqa: S101 - a head of something
    within = root.within or os.path.dirname(os.path.realpath(root.path))
    around = argparse.Namespace(**{**vars(options), "paths": [os.path.relpath(within)]})
    if _deploys(around, config):
        items = installed(around, config).items
        own = [it for it in items if isinstance(it, Target) and _is_of(it, root)]
        return sorted(own, key=lambda it: it.called)
    head = head._replace(root=root._replace(within=within))
    minor = int(version.split(".")[1]) if version else NEWEST
    found = targets([head], config, minor, Deployed(trees=(within,))).items
    return [_told(it, config, around) for it in found if isinstance(it, Target)]


def _told(it: Target, config: Config, options: argparse.Namespace) -> Target:
    if not isinstance(it.request, HelmRequest):
        return it
    return it._replace(request=told_by_tree(it.request, config, options))


def _is_of(it: Target, root: Root) -> bool:
    same = os.path.realpath(it.root.path) == os.path.realpath(root.path)
    return same and it.root.kind == root.kind


def _deploys(options: argparse.Namespace, config: Config) -> bool:
    """Whether a text around it is, or makes, an object of Argo CD or Flux, as far as it tells."""
    found = find(options.paths, ignores_of(*config.selection(options)), config.folder)
    return any(isinstance(it, Found) and _holds(it, config.limits) for it in found)


def _holds(item: Found, limits: Limits) -> bool:
    try:
        data = content(item, limits)
    except OSError:
        return False
    return any(mark in data for mark in DEPLOYS)
