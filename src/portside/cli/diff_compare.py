"""Both sides of a change judged, and held against each other."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.cli.deployed import with_unread
from portside.cli.diff_installed import Installed
from portside.cli.diff_loosened import Now, config_before, loosened
from portside.cli.diff_objects import changed_objects
from portside.cli.diff_reach import changed_reach
from portside.cli.diff_sides import NOWHERE, Sides, Stands, Touched, told_once
from portside.cli.diff_stand import config_for_old_side, for_old_side
from portside.cli.excuse_findings import RULES as ABOUT_EXCUSES
from portside.cli.scan import completed, fingerprint
from portside.diff.findings import compared
from portside.diff.model import NEW, Change, Reach
from portside.diff.model import Compared as Findings
from portside.diff.told import with_old_side
from portside.errors import ExpectedError
from portside.model.evaluation import Evaluation
from portside.model.finding import UNREAD, Excuse
from portside.report.totals import CLEAN, FOUND, Totals

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.cli.diff_revisions import Compared
    from portside.cli.plan import Chosen
    from portside.cli.stage_a import Item
    from portside.model.finding import FileResult
    from portside.report.context import Context
    from portside.sources.revision import Revision

WAS_THERE = Excuse("baseline", "it was there before this change", "", "", "")


def compare(
    options: argparse.Namespace,
    config: Config,
    chosen: Chosen,
    sides: tuple[Revision, Touched, Compared],
    stands: Stands = NOWHERE,
) -> Change:
    """What the change does.

    `sides` are the old one, what is not the same on the new one, which stands here, and their
    names. Raises SourceError.
    """
    revision, touched, asked = sides
    files = Sides(options, config, revision, touched, stands)
    _prepare(chosen, config, files)
    now = Now(options, config, chosen)
    was = Now(for_old_side(options), _config_before(now, files), chosen)
    both = Installed(files, (was, now), fingerprint(options, chosen))
    results = both.results
    whole = not (any(it.unread for side in results for it in side) or any(both.unread))
    with both.there():
        before = _evaluation(both.before, _unwarned(results[0]), was, whole=whole)
    after = _evaluation(both.after, list(results[1]), now, whole=whole)
    for side, unread in zip((before, after), both.unread, strict=True):
        side.files = stands.called(with_unread(side.files, unread))
    told = loosened(now, revision, touched, (before, after), files.hidden)
    after.later = [*after.later, *told]
    renamed = touched.identities | both.renamed()
    found = compared(before, after, renamed, both.environments())
    objects = changed_objects(files, both, (before, after), renamed)
    return Change(
        before=asked.before,
        after=asked.after,
        evaluation=after,
        judged=_only_new(after, found),
        compared=_really_fixed(found, files, config, after),
        objects=objects,
        reach=changed_reach(now, files, both) if _matter(objects, options) else Reach(),
        unread_before=[*both.broken, *told_once(before.files, after.files)],
    )


def exit_code(change: Change, told: Context, options: argparse.Namespace) -> int:
    """3 where a side is not known in whole, 1 for what is new, else 0."""
    code = Totals(with_old_side(change.judged, change)).exit_code(
        told.fail_on, allow_unread=told.allow_unread, strict=told.strict
    )
    if code == CLEAN and options.fail_on_loosened and change.loosened:
        return FOUND
    return code


def _prepare(chosen: Chosen, config: Config, files: Sides) -> None:
    chosen.plan.owner_labels = config.owners.labels
    if chosen.plan.foreign is not None and chosen.plan.foreign.needs_namespaces():
        from portside.cli.policies import with_namespaces

        # Both sides are asked in the namespaces of the new one, as they are in its configuration.
        _, chosen.plan.foreign = with_namespaces(files.after, chosen.plan.foreign, config.limits)


def _config_before(now: Now, files: Sides) -> Config:
    """The configuration for the old side: that of the new one, with what was installed before."""
    if not files.written:
        return now.config
    try:
        was = config_before(now, files.revision, files.touched)
    except ExpectedError:
        was = now.config  # what it loosens is not known, which is said
    return config_for_old_side(now.config, was, files.here.root)


def _unwarned(results: Sequence[FileResult]) -> list[FileResult]:
    """The results without what a renderer warned of: what it does today is said."""
    return [
        it
        if it.rendering is None or not it.rendering.warnings
        else it._replace(rendering=it.rendering._replace(warnings=()))
        for it in results
    ]


def _evaluation(
    items: Sequence[Item], results: list[FileResult], side: Now, *, whole: bool
) -> Evaluation:
    """The answer for one side: where one is a part, neither concludes from what is absent."""
    options = side.options
    own = {"baseline": None, "attack_paths": False, "part": options.part or not whole}
    alike = argparse.Namespace(**{**vars(options), **own})
    return completed(items, results, alike, side.config, side.chosen)


def _only_new(after: Evaluation, found: Findings) -> Evaluation:
    excuses = dict(after.excuses)
    for at, state in enumerate(found.states):
        if state != NEW:
            excuses.setdefault(at, WAS_THERE)
    return Evaluation(
        after.files,
        later=after.later,
        later_undecided=after.later_undecided,
        excuses=excuses,
        profile=after.profile,
        rules=after.rules,
        target=after.target,
    )


def _really_fixed(found: Findings, sides: Sides, config: Config, after: Evaluation) -> Findings:
    """Without findings of files that are not read any more, and of waivers that are new.

    On the old side a waiver that the change adds excuses nothing, which is no fault mended.
    """
    below, touched = sides.here.below, sides.touched.paths
    files = {it.file for it in sides.hidden}
    files |= {it.fate.file for it in after.files if it.fate.fate == UNREAD}
    waivers = {it.file for it in config.sections if below(it.file) in touched}
    return found._replace(
        fixed=tuple(
            (it, excuse)
            for it, excuse in found.fixed
            if it.file not in files and not (it.rule in ABOUT_EXCUSES and it.file in waivers)
        )
    )


def _matter(objects: Sequence[object], options: argparse.Namespace) -> bool:
    return bool(objects) and not options.no_reach
