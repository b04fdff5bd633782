"""Reports to files: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable

from portside.errors import UsageError


def written(path: str, parts: Iterable[str]) -> None:
    """Write `parts` to the file at `path`, which is replaced only once all is there."""
    fresh = f"{path}.{os.getpid()}.tmp"
    try:
        with open(fresh, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(parts)
        os.replace(fresh, path)
    except OSError as error:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise UsageError(
            f"cannot be written: {error.strerror}", where=path, undone="the report was not written"
        ) from error
