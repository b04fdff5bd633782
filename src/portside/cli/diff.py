"""`portside diff`: what a change does to objects, findings, connections and rights."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from portside.cli.cache_folder import cache_folder
from portside.cli.config import configured
from portside.cli.diff_revisions import compared_by
from portside.cli.options import add_judging, add_reading, parser, word_of
from portside.cli.output import Output, outputs, written
from portside.cli.plan import choose
from portside.model.severity import NAMES
from portside.sources.blobs import Blobs

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.report.context import Context

EXAMPLES = (
    ("portside diff", "this branch since it left main, with what is not committed"),
    ("portside diff HEAD", "what is not committed yet"),
    ("portside diff main..topic shop/", "two revisions, of one folder"),
    ("portside diff -o markdown=comment.md", "for the comment of a pull request"),
)
ENDS = """\
REV is compared with the work tree, REV..REV with each other, REV...REV from where they parted.
Without a revision: where HEAD left the default branch. Both sides are judged by the configuration
of the new side; what that loosens is listed. What is installed is what each side itself says.

exit codes: 0 nothing new at or above --fail-on, 1 new findings, 2 usage or configuration error,
3 incomplete: something on one of the sides could not be looked at, 4 a bug in portside"""


def run(argv: Sequence[str]) -> int:
    """Compare what the arguments name; the exit code says what is new."""
    from portside.cli.diff_compare import compare, exit_code
    from portside.cli.diff_stand import stand
    from portside.cli.reporting import context
    from portside.diff.reports import REPORTS

    options = arguments().parse_args(argv)
    wanted = [_absolute(it) for it in outputs(options.output, REPORTS)]
    compared = compared_by(options.words)
    options.paths = list(compared.paths)
    with Blobs(compared.repository) as blobs, ExitStack() as standing:
        sides, stands = stand(compared, options, blobs, standing)
        config = configured(options)
        chosen = choose(
            options.profile or config.profile,
            options.kubernetes_version or config.kubernetes_version,
            settings=config.rules,
            folders=[*config.rule_folders, *(options.rules or [])],
            policies=(options.policy or [], options.params or []),
            profiles=config.profiles,
            cache="" if options.no_cache else cache_folder(),
        )
        change = compare(options, config, chosen, sides, stands)
        told = context(options, config, chosen)
        _write(wanted, change, told)
    return exit_code(change, told, options)


def arguments() -> argparse.ArgumentParser:
    """The options of `portside diff`."""
    from portside.diff.reports import REPORTS

    made = parser(
        "diff",
        "What a change does: to objects, to findings, to who reaches whom and may do what.",
        usage="[REV|REV..REV] [PATH ...] [options]",
        examples=EXAMPLES,
        ends=ENDS,
    )
    made.add_argument(
        "words",
        nargs="*",
        default=[],
        metavar="REV|PATH",
        help="a revision or two, then files and folders (default: the current folder)",
    )
    add_reading(made)
    add_judging(made)
    out = made.add_argument_group("what is said")
    out.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(REPORTS)}; several may be given (default: text)",
    )
    out.add_argument("-v", "--verbose", action="store_true", help="show what is unchanged, too")
    out.add_argument(
        "--fail-on",
        choices=NAMES,
        type=word_of("severity", NAMES, "nothing was compared"),
        metavar="SEVERITY",
        help=f"the least severity of a new finding that makes the exit code 1: {', '.join(NAMES)} "
        "(default: medium)",
    )
    out.add_argument(
        "--fail-on-loosened",
        action="store_true",
        help="exit 1 where the change asks for less or excuses more, whatever is new",
    )
    out.add_argument("--no-reach", action="store_true", help="leave out connections and rights")
    out.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
    out.add_argument(
        "--strict", action="store_true", help="what is undecided is incomplete: exit 3"
    )
    return made


def _absolute(it: Output) -> Output:
    return it._replace(path=os.path.abspath(it.path)) if it.path else it


def _write(wanted: Sequence[Output], change: Change, told: Context) -> None:
    """Write every report. Raises UsageError for the first that could not be written."""
    from portside.cli.output import say
    from portside.diff.reports import report

    plain = told._replace(terminal=False, color=False, links="", unicode=True, verbose=True)
    for it in wanted:
        render = report(it.report)
        if it.path:
            written(it.path, render(change, plain))
        else:
            say(render(change, told), machine=it.report != "text")
