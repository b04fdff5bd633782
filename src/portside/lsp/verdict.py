"""A text judged as `portside scan FILE` judges the file: the same reader, engine and excuses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from portside.cli.scan import judged
from portside.errors import ExpectedError
from portside.sources.anchor import below_anchor
from portside.sources.folders import known_of
from portside.sources.read import parsed
from portside.sources.templates import is_template
from portside.sources.walk import Found

if TYPE_CHECKING:
    from portside.lsp.project import Project
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding


class StaleError(Exception):
    """The text is not the newest any more: nobody waits for the answer."""


class Verdict:
    """What was said of one version of a text, and by which project; `version` is the client's."""

    __slots__ = ("crash", "error", "evaluation", "path", "project", "template", "version")

    def __init__(self, path: str, version: int) -> None:
        self.path = path
        self.version = version
        self.project: Project | None = None
        self.evaluation: Evaluation | None = None
        """None where nothing was judged: left out by `portside.yaml`, or for the `error`."""
        self.error: ExpectedError | None = None
        """Why the configuration could not be read."""
        self.crash = ""
        """What went wrong, where that is a bug of ours."""
        self.template = False
        """Whether the text is a template, which is unread as it has to be."""

    def findings(self) -> Iterator[tuple[Finding, Excuse | None]]:
        """The findings that stand in the text itself."""
        if self.evaluation is not None:
            for finding, excuse in self.evaluation.findings():
                if finding.file == self.path:
                    yield finding, excuse


def judge(
    data: bytes, verdict: Verdict, project: Project, stale: Callable[[], bool] = lambda: False
) -> Verdict:
    """`verdict`, filled in for the text `data`. Raises StaleError once `stale` says so."""
    verdict.project = project
    path, config = verdict.path, project.config
    if project.leaves_out(path):
        return verdict
    if stale():
        raise StaleError
    folder, name = os.path.split(path)
    below = below_anchor(folder or ".", config.folder)
    # A text without a sign of an object is none of ours, broken or not: as in a folder.
    read = parsed(data, Found(path, path, False, below + name, known_of(path)), config.limits)
    if stale():
        raise StaleError
    verdict.evaluation = judged(iter([read]), project.options(path), config, project.chosen)
    verdict.template = bool(read.unread) and is_template(data)
    return verdict
