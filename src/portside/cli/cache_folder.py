"""Where caches live: the user's own folder for them, if there is one."""

from __future__ import annotations

import os


def cache_folder() -> str:
    """`$PORTSIDE_CACHE_DIR`, `$XDG_CACHE_HOME/portside`, `~/.cache/portside`, or nothing.

    Source: XDG Base Directory Specification; a relative XDG_CACHE_HOME is ignored, as it says.
    """
    given = os.environ.get("PORTSIDE_CACHE_DIR", "")
    if given:
        return given if os.path.isabs(given) else ""
    folder = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(folder):
        home = os.environ.get("HOME", "")
        folder = os.path.join(home, ".cache") if os.path.isabs(home) else ""
    return os.path.join(folder, "portside") if folder else ""
