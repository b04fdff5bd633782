"""Folders of a commit written into a folder: for a new side that is a revision, and renderers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.errors import SourceError

if TYPE_CHECKING:
    from portside.sources.revision import Entry, Revision

LARGEST_FILE = 1 << 26
UNDONE = "nothing was compared"
_MOST_BYTES = 4 << 30
_LINK, _MODULE, _PROGRAM = "120000", "160000", "100755"
_NEVER = frozenset(("", ".", "..", ".git"))


def write(revision: Revision, into: str, below: str = "") -> list[str]:
    """Write the files of the folder `below` (empty: all of them) into the folder `into`.

    Returns the paths that are not there afterwards: those of more than `LARGEST_FILE` bytes, those
    that this clone does not hold, and submodules. Raises SourceError for paths that no file may
    have, and for more than there is room for.
    """
    prefix = f"{below}/" if below else ""
    chosen = {path: it for path, it in revision.entries.items() if path.startswith(prefix)}
    missing: list[str] = []
    left = _MOST_BYTES
    # Links come last: whatever a tree says, nothing is written through one.
    for path in sorted(chosen, key=lambda it: chosen[it].mode == _LINK):
        data = _content(revision, chosen[path])
        if data is None:
            missing.append(path)
            continue
        left -= len(data)
        if left < 0:
            more = f"holds more than {_MOST_BYTES:,} bytes"
            raise SourceError(more, where=revision.commit[:12], undone=UNDONE)
        try:
            place = os.path.join(into, *_steps(path[len(prefix) :], revision))
            _write(place, chosen[path].mode, data)
        except (FileExistsError, NotADirectoryError):
            missing.append(path)  # another one has its name, where letters have no case
    return missing


def _content(revision: Revision, entry: Entry) -> bytes | None:
    if entry.mode == _MODULE:
        return None
    try:
        data = revision.blobs.content(entry.blob, LARGEST_FILE + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST_FILE else None


def _steps(path: str, revision: Revision) -> list[str]:
    steps = path.split("/")
    if any(it.lower() in _NEVER or (os.sep != "/" and os.sep in it) for it in steps):
        said = f"has a file called {path}, which no file may be"
        raise SourceError(said, where=revision.commit[:12], undone=UNDONE)
    return steps


def _write(file: str, mode: str, data: bytes) -> None:
    """Write one file; a folder on its way that is a link, or a file that is there, is an error."""
    os.makedirs(os.path.dirname(file), exist_ok=True)
    if mode == _LINK:
        os.symlink(os.fsdecode(data), file)
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags, 0o700 if mode == _PROGRAM else 0o600), "wb") as out:
        out.write(data)
