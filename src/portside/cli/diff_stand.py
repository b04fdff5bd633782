"""Where both sides of a comparison stand: the work tree, or folders they are written into."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack, chdir
from tempfile import TemporaryDirectory

from portside.cli.diff_revisions import Compared
from portside.cli.diff_sides import Stands, Touched
from portside.sources.blobs import Blobs
from portside.sources.checkout import write
from portside.sources.revision import Revision, has_charts

_FILES = ("rules", "crds", "policy", "params")


def stand(
    compared: Compared, options: argparse.Namespace, blobs: Blobs, standing: ExitStack
) -> tuple[tuple[Revision, Touched, Compared], Stands]:
    """Go where the new side stands, until `standing` ends, and let the options lead there.

    A revision that is not what the work tree has is written into a folder. So is the old side
    where there are charts or kustomizations on either: a renderer reads files. Raises SourceError.
    """
    repository = compared.repository
    root = repository.root
    head = _head(compared)
    before = Revision(repository, compared.before.commit, blobs)
    touched = Touched.of(repository.changed(before.commit, head))
    if repository.below(os.curdir) is None:
        _lead(options, root, root, root)
        standing.enter_context(chdir(root))
    here = repository.below(os.curdir) or ""
    place = ""
    missing_before: tuple[str, ...] = ()
    missing_after: tuple[str, ...] = ()
    if has_charts((*before.entries, *touched.paths)):
        place, missing_before = _written(before, here, standing)
    if head:
        folder, missing_after = _written(Revision(repository, head, blobs), here, standing)
        _lead(options, root, os.path.normpath(os.path.join(folder, _up(here))), folder)
        options.no_cache = True
        repository.root = os.path.normpath(os.path.join(folder, _up(here)))
        standing.enter_context(chdir(folder))
    else:
        _lead(options, root, root, os.path.realpath(os.curdir))
    return (before, touched, compared), Stands(place, missing_before, missing_after)


def _head(compared: Compared) -> str:
    """The commit of the new side; empty where the work tree has just that."""
    repository, head = compared.repository, compared.after.commit
    if head and head == repository.commit("HEAD") and repository.is_clean():
        return ""
    return head


def _written(revision: Revision, here: str, standing: ExitStack) -> tuple[str, tuple[str, ...]]:
    """The folder `here` of a revision that is written to the disk, and what is not there."""
    folder = os.path.realpath(standing.enter_context(TemporaryDirectory(prefix="portside-")))
    missing = tuple(write(revision, folder))
    os.mkdir(os.path.join(folder, ".git"))  # the mark of a repository's root
    place = os.path.normpath(os.path.join(folder, here))
    os.makedirs(place, exist_ok=True)
    return place, missing


def _up(here: str) -> str:
    """The way from the folder `here` to the root."""
    return os.path.relpath(os.curdir, here) if here not in ("", ".") else os.curdir


def _lead(options: argparse.Namespace, root: str, folder: str, place: str) -> None:
    """Let the paths in `options` lead where they would if `folder` were the repository `root`, and
    `place` in it the current folder."""

    def led(path: str) -> str:
        real = os.path.realpath(path)
        inside = os.path.relpath(real, root)
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            return real
        return os.path.relpath(os.path.join(folder, inside), place)

    options.paths = [led(it) for it in options.paths]
    if options.config:
        options.config = led(options.config)
    for name in _FILES:
        given = vars(options)[name]
        if given:
            setattr(options, name, [led(it) for it in given])
