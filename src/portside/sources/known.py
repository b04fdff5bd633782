"""What the folder around a file tells of it, that neither its name nor its bytes do."""

from __future__ import annotations

from collections.abc import Mapping

from portside.records import NamedTuple


class Known(NamedTuple):
    """`kind` is what its map is (`HelmValues`), empty where only the file itself tells."""

    kind: str = ""
    rest: str = ""
    """Why it is only a part of what is read: the chart around it is not rendered."""
    names: tuple[str, ...] = ()
    """Files that belong to it, by their paths below its folder."""
    beside: Mapping[str, bytes] | None = None
    """What those files hold; an archive nothing. None where they were not opened yet."""


UNKNOWN = Known()
