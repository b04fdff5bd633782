"""An evaluation of the new side that also says what could not be read of the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.evaluation import Evaluation
from portside.model.finding import UNREAD, FileFate, FileResult

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.model.finding import Unread


def with_old_side(evaluation: Evaluation, change: Change) -> Evaluation:
    """`evaluation`, to whose files those of the old side are added that went unread there."""
    if not change.unread_before:
        return evaluation
    return Evaluation(
        [*evaluation.files, *(_unread(it, change.before.name) for it in change.unread_before)],
        later=evaluation.later,
        later_undecided=evaluation.later_undecided,
        excuses=evaluation.excuses,
        profile=evaluation.profile,
        rules=evaluation.rules,
        target=evaluation.target,
    )


def _unread(it: Unread, side: str) -> FileResult:
    said = it._replace(reason=f"{it.reason} (in {side})")
    fate = FileFate(it.file, UNREAD, 0, said.reason)
    return FileResult(fate, (), (), (), (said,), ())
