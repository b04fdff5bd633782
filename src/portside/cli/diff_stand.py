"""Where both sides of a comparison stand: the work tree, or folders they are written into."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack, chdir
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from portside.cli.diff_revisions import Compared
from portside.cli.diff_sides import Stands, Touched
from portside.sources.blobs import Blobs
from portside.sources.checkout import write
from portside.sources.revision import Revision, has_charts

if TYPE_CHECKING:
    from portside.cli.config import Config

_FILES = ("rules", "crds", "policy", "params")
_DEPLOYING = ("argoproj.io", "toolkit.fluxcd.io")
_LARGEST = 1 << 20


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
    if has_charts((*before.entries, *touched.paths)) or _deploys(before, touched, head):
        place, missing_before = _written(before, here, standing)
    if head:
        folder, missing_after = _written(Revision(repository, head, blobs), here, standing)
        _lead(options, root, os.path.normpath(os.path.join(folder, _up(here))), folder)
        options.no_cache = True
        repository.root = os.path.normpath(os.path.join(folder, _up(here)))
        standing.enter_context(chdir(folder))
    else:
        _lead(options, root, root, os.path.realpath(os.curdir))
    top = os.path.normpath(os.path.join(place, _up(here))) if place else ""
    written = {it: root for it in (top, repository.root) if it and it != root}
    written |= {os.path.dirname(it): os.path.dirname(root) for it in written}
    stands = Stands(place, top, missing_before, missing_after, written)
    return (before, touched, compared), stands


def for_old_side(options: argparse.Namespace) -> argparse.Namespace:
    """`options` for where the old side stands: what says how both are judged is that of the new
    side."""
    given = {
        name: [os.path.abspath(it) for it in vars(options)[name]]
        for name in _FILES
        if vars(options)[name]
    }
    return argparse.Namespace(**{**vars(options), **given, "no_cache": True})


def config_for_old_side(config: Config, was: Config, root: str) -> Config:
    """`config` for there, with what `was` says of what is installed; `root` is the new side's."""
    return config._replace(
        crds=tuple(map(os.path.abspath, config.crds)),
        imports=config.imports
        and tuple((tool, path and os.path.abspath(path)) for tool, path in config.imports),
        environments=was.environments,
        kustomize_roots=was.kustomize_roots,
        generated=was.generated,
        checkouts={
            name: it if _is_below(it, root) else os.path.realpath(it)
            for name, it in was.checkouts.items()
        },
    )


def _head(compared: Compared) -> str:
    """The commit of the new side; empty where the work tree has just that."""
    repository, head = compared.repository, compared.after.commit
    if head and head == repository.commit("HEAD") and repository.is_clean():
        return ""
    return head


def _written(revision: Revision, here: str, standing: ExitStack) -> tuple[str, tuple[str, ...]]:
    """The folder `here` of a revision that is written to the disk, and what is not there."""
    outer = os.path.realpath(standing.enter_context(TemporaryDirectory(prefix="portside-")))
    # A chart that is the whole repository is called as its folder is.
    folder = os.path.join(outer, os.path.basename(revision.repository.root) or "root")
    os.mkdir(folder)
    missing = tuple(write(revision, folder))
    _mark(folder, revision.repository.root)
    place = os.path.normpath(os.path.join(folder, here))
    os.makedirs(place, exist_ok=True)
    return place, missing


def _mark(folder: str, root: str) -> None:
    """Make `folder` the root of a repository, known by the addresses that `root` is known by."""
    from portside.render.gitops.sources import remotes

    mark = os.path.join(folder, ".git")
    os.mkdir(mark)
    with open(os.path.join(mark, "config"), "w", encoding="utf-8", newline="\n") as file:
        for at, address in enumerate(remotes(root)):
            file.write(f'[remote "{at}"]\n\turl = {address}\n')


def _up(here: str) -> str:
    """The way from the folder `here` to the root."""
    return os.path.relpath(os.curdir, here) if here not in ("", ".") else os.curdir


def _lead(options: argparse.Namespace, root: str, folder: str, place: str) -> None:
    """Let the paths in `options` lead where they would if `folder` were the repository `root`, and
    `place` in it the current folder."""

    def led(path: str) -> str:
        real = os.path.realpath(path)
        if not _is_below(real, root):
            return real
        inside = os.path.relpath(real, root)
        return os.path.relpath(os.path.join(folder, inside), place)

    options.paths = [led(it) for it in options.paths]
    if options.config:
        options.config = led(options.config)
    for name in _FILES:
        given = vars(options)[name]
        if given:
            setattr(options, name, [led(it) for it in given])
    if options.sources:
        parted = (it.rpartition("=") for it in options.sources)
        options.sources = [f"{name}{mark}{led(path)}" for name, mark, path in parted]


def _is_below(path: str, root: str) -> bool:
    inside = os.path.relpath(os.path.realpath(path), root)
    return inside != os.pardir and not inside.startswith(os.pardir + os.sep)


def _deploys(before: Revision, touched: Touched, head: str) -> bool:
    """Whether there are objects of Argo CD or Flux on either side, as far as their texts tell."""
    root = before.repository.root
    for path in touched.paths:
        try:
            with open(os.path.join(root, path), "rb") as file:
                data = file.read(_LARGEST)
        except OSError:
            continue
        if any(it.encode() in data for it in _DEPLOYING):
            return True
    commits = (it for it in (before.commit, head) if it)
    return any(before.repository.holds(it, _DEPLOYING) for it in commits)
