"""The renderer of Portside: a program on Helm's engine and Kustomize's library."""

from __future__ import annotations

import os

_NAME = "portside-render.exe" if os.name == "nt" else "portside-render"


def program() -> str:
    """The path of the program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), _NAME)


def main() -> None:
    """Becomes the program: for `portside-render` on PATH."""
    import subprocess
    import sys

    if os.name == "posix":
        os.execv(program(), [program(), *sys.argv[1:]])  # noqa: S606 - our own program
    sys.exit(subprocess.call([program(), *sys.argv[1:]]))  # noqa: S603 - our own program
