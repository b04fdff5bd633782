"""`.Capabilities.APIVersions` of charts: what the target serves, and the definitions in the tree.

Source: action/action.go of Helm 4 (GetVersionSet), which asks the API server's discovery.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache

from portside.policy.profile import NEWEST
from portside.render.api_served import SERVED
from portside.render.source import files_below

_ASKED = b"APIVersions"
_VERSION = re.compile(r"v?1\.(\d{1,3})\b")


@cache
def served(minor: int) -> tuple[str, ...]:
    """`group/version` and `group/version/Kind` of all that Kubernetes 1.`minor` serves."""
    found: list[str] = []
    for version, kinds in SERVED.items():
        here = [it for it, (since, until) in kinds.items() if since <= minor < (until or minor + 1)]
        if here:
            found += (version, *(f"{version}/{kind}" for kind in here))
    return tuple(found)


class Serving:
    """What charts are told: those alone that ask, for others nothing depends on it."""

    __slots__ = ("_asking", "more")

    def __init__(self, more: Iterable[str] = ()) -> None:
        self.more = tuple(more)
        """What definitions in the tree add."""
        self._asking: dict[str, bool] = {}

    def of(self, chart: str, version: str, said: Iterable[str] = ()) -> tuple[str, ...] | None:
        """What the chart is told where Kubernetes has the version, with what is `said` besides.

        None where it does not ask.
        """
        if not self.asked(chart):
            return tuple(said) or None
        found = _VERSION.match(version)
        minor = min(int(found[1]), NEWEST) if found else NEWEST
        return tuple(dict.fromkeys((*served(minor), *self.more, *said)))

    def asked(self, chart: str) -> bool:
        """Whether a file of the chart names them; an archive may."""
        if chart not in self._asking:
            self._asking[chart] = not os.path.isdir(chart) or any(map(_asks, files_below(chart)))
        return self._asking[chart]


def _asks(path: str) -> bool:
    if path.endswith((".tgz", ".tar.gz")):
        return True
    try:
        with open(path, "rb") as file:
            return _ASKED in file.read()
    except OSError:
        return False
