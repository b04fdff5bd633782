"""`portside scan`: read, ask, say. The one place that knows every part by name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside import __version__
from portside.cli.config import Config, load_config
from portside.cli.options import add_judging, add_sources, parser
from portside.cli.plan import Chosen, choose
from portside.cli.stage_a import judge_all
from portside.errors import UsageError
from portside.model.evaluation import Evaluation
from portside.model.severity import NAMES, severity
from portside.report import REPORTS, report
from portside.report.context import Context
from portside.report.totals import Totals
from portside.sources.ignores import ignores_of
from portside.sources.walk import find

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText


def run(argv: Sequence[str]) -> int:
    """Scan what the arguments name; the exit code says how it went."""
    options = arguments().parse_args(argv)
    config = load_config(options.config, options.paths)
    outputs = [_output(text) for text in options.output or ["text"]]
    chosen = choose(
        options.profile or config.profile,
        options.kubernetes_version or config.kubernetes_version,
        settings=config.rules,
        folders=[*config.rule_folders, *(options.rules or [])],
    )
    evaluation = evaluate(options, config, chosen)
    context = _context(options, config, chosen)
    for name, target in outputs:
        _write(name, target, evaluation, context)
    if options.write_baseline:
        from portside.cli.baseline import write_baseline

        write_baseline(options.write_baseline, evaluation)
        return 0 if evaluation.complete or options.allow_unread else 3
    return Totals(evaluation).exit_code(
        context.fail_on, allow_unread=options.allow_unread, strict=options.strict
    )


def arguments() -> argparse.ArgumentParser:
    """The options of `portside scan`."""
    made = parser("scan", "Judge manifests: what is wrong, and where to edit it.")
    add_sources(made)
    add_judging(made)
    out = made.add_argument_group("what is said")
    out.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(REPORTS)}; several may be given (default: text)",
    )
    out.add_argument("-v", "--verbose", action="store_true", help="show all there is to show")
    out.add_argument(
        "--fail-on",
        choices=NAMES,
        help="the least severity that makes the exit code 1 (default: medium)",
    )
    out.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
    out.add_argument(
        "--strict", action="store_true", help="what is undecided is incomplete: exit 3"
    )
    out.add_argument("--baseline", metavar="FILE", help="findings in FILE do not count")
    out.add_argument("--write-baseline", metavar="FILE", help="write today's findings to FILE")
    return made


def evaluate(options: argparse.Namespace, config: Config, chosen: Chosen) -> Evaluation:
    """Judge everything that the options name."""
    files = find(options.paths or ["."], ignores_of(*config.selection(options)))
    results = judge_all(files, chosen.plan, config.limits, cache=not options.no_cache)
    evaluation = Evaluation(
        results,
        profile=options.profile or config.profile,
        rules=len(chosen.plan.rules),
        target=f"1.{chosen.plan.minor}",
    )
    if config.waivers or options.baseline or any(result.comments for result in results):
        from portside.cli.excuses import excuse

        excuse(evaluation, config, options, chosen.plan)
    return evaluation


def _output(text: str) -> tuple[str, str]:
    name, _, target = text.partition("=")
    if name not in REPORTS:
        from difflib import get_close_matches

        near = get_close_matches(name, REPORTS, 1)
        meant = f"did you mean {near[0]}?  " if near else ""
        raise UsageError(
            f"no report is called {name}", hint=f"{meant}reports: {', '.join(REPORTS)}"
        )
    return name, target


def _context(options: argparse.Namespace, config: Config, chosen: Chosen) -> Context:
    terminal = sys.stdout.isatty()
    width = 100
    if terminal:
        import shutil

        width = max(40, shutil.get_terminal_size((100, 40)).columns)
    return Context(
        words=_words(chosen),
        source=_source_lines,
        version=__version__,
        fail_on=severity(options.fail_on or config.fail_on),
        target=" ".join(options.paths or ["."]),
        terminal=terminal,
        color=terminal and not os.environ.get("NO_COLOR"),
        width=width,
        verbose=options.verbose,
        strict=options.strict,
        allow_unread=options.allow_unread,
    )


def _words(chosen: Chosen):  # type: ignore[no-untyped-def]
    from collections.abc import Mapping

    loaded: list[Mapping[str, RuleText]] = []

    def words(rule: str) -> RuleText:
        if not loaded:
            from portside.policy import builtin

            loaded.append({**builtin.texts(), **(chosen.texts or {})})
        return loaded[0][rule]

    return words


_LAST_SOURCE: dict[str, list[str] | None] = {}


def _source_lines(name: str) -> list[str] | None:
    """The lines of the file last asked for; None where it cannot be had (standard input)."""
    if name not in _LAST_SOURCE:
        _LAST_SOURCE.clear()
        try:
            with open(name, encoding="utf-8-sig", errors="replace") as file:
                _LAST_SOURCE[name] = file.read().split("\n")
        except OSError:
            _LAST_SOURCE[name] = None
    return _LAST_SOURCE[name]


def _write(name: str, target: str, evaluation: Evaluation, context: Context) -> None:
    if not target:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        for part in report(name)(evaluation, context):
            sys.stdout.write(part)
        sys.stdout.flush()
        return
    from portside.cli.output import written

    plain = context._replace(terminal=False, color=False, verbose=True)
    written(target, report(name)(evaluation, plain))
