"""The manifests of a folder that is installed as it is."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import relpath
from typing import Any

from portside.render.gitops.told import UnresolvedError, text_of
from portside.render.globs import BadGlobError, free_match
from portside.render.tree import MOST_FOLDERS, Tree

_ENDS = (".yaml", ".yml", ".json")
_SKIPPED = b"+argocd:skip-file-rendering"


def manifests(tree: Tree, folder: str, directory: Mapping[str, Any]) -> list[str]:
    """The files that Argo CD takes of `folder`, by `spec.source.directory`.

    Raises UnresolvedError for a pattern that is none, and for Jsonnet, which is not run.
    """
    folders = tree.folders(folder) if directory.get("recurse") is True else [folder]
    files = [file for one in folders for file in tree.files_in(one)]
    if tree.cut:
        raise UnresolvedError(f"the tree has more than {MOST_FOLDERS:,} folders")
    try:
        taken = [it for it in files if _taken(relpath(it, folder), directory)]
    except BadGlobError as error:
        raise UnresolvedError(str(error)) from error
    program = next((it for it in taken if it.endswith(".jsonnet")), "")
    if program:
        raise UnresolvedError(f"{program} is a Jsonnet program, which is not run")
    return [it for it in taken if it.lower().endswith(_ENDS) and not _is_skipped(tree, it)]


def _taken(path: str, directory: Mapping[str, Any]) -> bool:
    exclude, include = text_of(directory.get("exclude")), text_of(directory.get("include"))
    if exclude and free_match(exclude, path):
        return False
    return free_match(include, path) if include else True


def _is_skipped(tree: Tree, file: str) -> bool:
    return _SKIPPED in (tree.data(file) or b"")
