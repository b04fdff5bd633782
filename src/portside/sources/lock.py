"""Where the `portside.lock` of a folder is: every scan asks it, and most have none."""

from __future__ import annotations

import os
from collections.abc import Callable

NAME = "portside.lock"


def nearest(folder: str, is_file: Callable[[str], bool] = os.path.isfile) -> str:
    """The `portside.lock` in `folder` or above it; empty where there is none."""
    folder = os.path.abspath(folder)
    while True:
        file = os.path.join(folder, NAME)
        if is_file(file):
            return file
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return ""
        folder = above
