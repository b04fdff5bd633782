"""Both sides of a change judged, and held against each other."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from portside import __version__
from portside.cli.diff_loosened import Now, loosened
from portside.cli.diff_sides import NOWHERE, Hidden, Sides, Stands, Touched, told_once
from portside.cli.excuse_findings import RULES as ABOUT_EXCUSES
from portside.cli.scan import completed, fingerprint
from portside.diff.findings import compared
from portside.diff.model import NEW, Change, Reach
from portside.diff.model import Compared as Findings
from portside.diff.objects import object_changes
from portside.diff.told import with_old_side
from portside.model.evaluation import Evaluation
from portside.model.finding import Excuse
from portside.report.totals import CLEAN, FOUND, Totals

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.cli.diff_revisions import Compared
    from portside.cli.plan import Chosen
    from portside.cli.stage_a import Item
    from portside.model.facts import Fact
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
    results = files.judged(chosen.plan, fingerprint(options, chosen))
    whole = not any(it.unread for side in results for it in side)
    before, after = (
        _evaluation(items, list(found), _alike(options, whole=whole), config, chosen)
        for items, found in zip((files.items_before(), files.after), results, strict=True)
    )
    told = loosened(Now(options, config, chosen), revision, touched, (before, after), files.hidden)
    after.later = [*after.later, *told]
    found = compared(before, after, touched.identities)
    objects = object_changes(*files.differing(), touched.identities)
    return Change(
        before=asked.before,
        after=asked.after,
        evaluation=after,
        judged=_only_new(after, found),
        compared=_really_fixed(found, files.hidden, config, touched, revision),
        objects=objects,
        reach=_reach(options, config, files) if _matter(objects, options) else Reach(),
        unread_before=told_once(before.files, after.files),
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


def _alike(options: argparse.Namespace, *, whole: bool) -> argparse.Namespace:
    """The options for either side: where one is a part, neither concludes from what is absent."""
    own = {"baseline": None, "attack_paths": False, "part": options.part or not whole}
    return argparse.Namespace(**{**vars(options), **own})


def _evaluation(
    items: Sequence[Item],
    results: list[FileResult],
    options: argparse.Namespace,
    config: Config,
    chosen: Chosen,
) -> Evaluation:
    return completed(items, results, options, config, chosen)


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


def _really_fixed(
    found: Findings,
    hidden: Sequence[Hidden],
    config: Config,
    touched: Touched,
    revision: Revision,
) -> Findings:
    """Without findings of files that are only not read any more, and of waivers that are new.

    On the old side a waiver that the change adds excuses nothing, which is no fault mended.
    """
    files = {it.file for it in hidden}
    waivers = {
        it.file for it in config.sections if revision.repository.below(it.file) in touched.paths
    }
    return found._replace(
        fixed=tuple(
            (it, excuse)
            for it, excuse in found.fixed
            if it.file not in files and not (it.rule in ABOUT_EXCUSES and it.file in waivers)
        )
    )


def _matter(objects: Sequence[object], options: argparse.Namespace) -> bool:
    return bool(objects) and not options.no_reach


def _reach(options: argparse.Namespace, config: Config, files: Sides) -> Reach:
    """What the change does to connections and rights, from the graphs of both sides."""
    from portside.cli.graph_facts import graph_plan, joined
    from portside.diff.reach import reach_changes
    from portside.diff.relevance import may_differ
    from portside.model.facts import Facts
    from portside.policy import builtin

    plan = graph_plan(options.kubernetes_version or config.kubernetes_version)
    if not may_differ(*files.judged_where_differing(plan)):
        return Reach()
    kept: list[object] | None = None
    if not options.no_cache:
        kept = ["graph", __version__, builtin.stamp(), plan.minor, os.getcwd(), options.paths]
    results = files.judged(plan, kept)
    whole = not options.part and not any(it.unread for side in results for it in side)
    facts = [Facts(list(_facts(it)), whole=whole) for it in results]
    made = [joined(it, plan, whole=whole)[0] for it in results]
    names = {it.file for side in files.differing() for it in side}
    return reach_changes((facts[0], facts[1]), (made[0], made[1]), names)


def _facts(results: Sequence[FileResult]) -> Iterator[Fact]:
    return (it for result in results for it in result.facts)
