"""Reports: an `Evaluation` as text or data. Each is a module with `render(evaluation, context)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.report.context import Context

    Render = Callable[[Evaluation, Context], Iterator[str]]

REPORTS: Mapping[str, str] = {
    "text": "text",
    "json": "json_v1",
    "sarif": "sarif",
    "sarif-github": "sarif_github",
    "junit": "junit",
    "gitlab": "gitlab",
    "github": "github",
    "markdown": "markdown",
    "summary": "summary",
}
"""What `-o` takes, and the module that makes it."""


def report(name: str) -> Render:
    """The `render` function of the report called `name`. Raises KeyError."""
    from importlib import import_module

    render: Render = import_module(f"portside.report.{REPORTS[name]}").render
    return render
