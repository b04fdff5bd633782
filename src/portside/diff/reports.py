"""Reports of a change, by the names that `-o` takes.

What has no words for a change gets what a scan would get: the new side, where only what is new
counts. GitLab holds two whole reports against each other by itself, and gets all of the new side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from portside.diff.told import with_old_side
from portside.diff.words import sides, sums
from portside.report import REPORTS as OF_A_SCAN
from portside.report import report as of_a_scan
from portside.report.context import logged

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.report.context import Context

    Render = Callable[[Change, Context], Iterator[str]]

REPORTS = tuple(OF_A_SCAN)
_OWN = {
    "text": ("text", "render"),
    "json": ("json_v1", "render"),
    "markdown": ("markdown", "render"),
    "sarif": ("sarif", "render"),
    "sarif-github": ("sarif", "render_for_github"),
}
_WHOLE = ("gitlab",)
_IN_WORDS = ("github", "summary")


def report(name: str) -> Render:
    """The function that renders the report called `name`. Raises KeyError."""
    if name in _OWN:
        module, function = _OWN[name]
        own: Render = getattr(import_module(f"portside.diff.{module}"), function)
        return own
    render = of_a_scan(name)
    if name in _WHOLE:
        return lambda change, context: render(with_old_side(change.evaluation, change), context)

    def rendered(change: Change, context: Context) -> Iterator[str]:
        yield from render(with_old_side(change.judged, change), context)
        if name in _IN_WORDS:
            yield f"{logged(sides(change))}: {sums(change)}\n"

    return rendered
