"""What paths in identities are relative to, so that they are the same from wherever a scan starts.

That is the root of the git repository around what is scanned; without one, the folder of
`portside.yaml`; without that, the folder that is scanned itself. A submodule belongs to the
repository it is in.
"""

from __future__ import annotations

import os


def below_anchor(folder: str, home: str = "") -> str:
    """The path of `folder` below its anchor, with a slash at its end; empty where it is the anchor.

    `home` is the folder of `portside.yaml`, where there is one.
    """
    real = os.path.realpath(folder)
    anchor = anchor_of(real, home)
    if not anchor or anchor == real:
        return ""
    return os.path.relpath(real, anchor).replace(os.sep, "/") + "/"


def anchor_of(folder: str, home: str = "") -> str:
    """The repository around `folder`, else `home` where it is around it; empty without either."""
    real = os.path.realpath(folder)
    anchor = _repository(real)
    if not anchor and home:
        configured = os.path.realpath(home)
        if real == configured or real.startswith(configured.rstrip(os.sep) + os.sep):
            return configured
    return anchor


def _repository(folder: str) -> str:
    """The root of the repository that `folder` is in, or the empty text."""
    found = ""
    while True:
        mark = os.path.join(folder, ".git")
        if os.path.isdir(mark):
            return folder
        if os.path.isfile(mark):
            found = folder
            if not _is_submodule(mark):
                return found
        above = os.path.dirname(folder)
        if above == folder:
            return found
        folder = above


def _is_submodule(mark: str) -> bool:
    """Whether the file `.git` leads into the repository around it (a work tree's does not)."""
    try:
        with open(mark, encoding="utf-8", errors="replace") as file:
            return "/modules/" in file.read(4096).replace("\\", "/")
    except OSError:
        return False
