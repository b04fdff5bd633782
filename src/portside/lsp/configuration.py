"""`portside.yaml` while it is written: what is wrong with it, and which of its waivers are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cli.config import read_config
from portside.cli.excuse_findings import expired
from portside.cli.excuses import today
from portside.errors import ExpectedError
from portside.model.evaluation import Evaluation

if TYPE_CHECKING:
    from portside.lsp.project import Projects
    from portside.lsp.verdict import Verdict


def judge_configuration(data: bytes, verdict: Verdict, projects: Projects) -> None:
    """Fill in `verdict` for the text `data` of a `portside.yaml`. Raises ConfigError, PolicyError.

    The text is looked at for itself: what is saved stays in force until this is.
    """
    config = read_config(data, verdict.path, projects.own_folders)
    try:
        project = projects.of(verdict.path)
    except ExpectedError:
        return
    verdict.project = project
    now = project.options(verdict.path).now or today()
    plan = project.chosen.plan
    over = [it for it in config.waivers if not (it.shared or it.holds(now))]
    told = [it for waiver in over for it in expired(waiver, 1, plan)]
    verdict.evaluation = Evaluation([], later=told)
