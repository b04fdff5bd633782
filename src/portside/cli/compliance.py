"""`portside compliance`: how files stand against a framework, item by item, with the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING

from portside import __version__
from portside.cli.options import add_judging, add_sources, columns, parser
from portside.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from portside.cli.plan import Chosen
    from portside.compliance.judge import Assessment, Book
    from portside.compliance.words import Told
    from portside.policy.framework import Framework

REPORTS = ("text", "html", "json", "oscal")
_MODULES = {"text": "text", "html": "page", "json": "json_v1", "oscal": "oscal"}
LIST = "list"
EXIT_CODES = """\
exit codes: 0 no item is unmet, 1 some are, 2 usage or configuration error,
3 incomplete: something could not be looked at, 4 a bug in portside"""


def run(argv: Sequence[str]) -> int:
    """Assess what the arguments name; the exit code says how it went."""
    options = _options(argv)
    if options.framework == LIST:
        if options.paths:
            raise UsageError(
                f"{LIST} takes no path", hint="portside compliance FRAMEWORK PATH ...",
                undone="nothing was done",
            )  # fmt: skip
        sys.stdout.writelines(f"{line}\n" for line in _listed())
        return 0
    framework = _framework(options.framework)
    from portside.cli.output import outputs

    wanted = outputs(options.output, REPORTS)
    assessment, told = _assessed(framework, options)
    _write(wanted, assessment, told)
    return _exit_code(assessment, options)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    """The options in `argv`: argparse alone takes no path behind an option after a first word."""
    first = argv[0] if argv else ""
    if not first or first.startswith("-"):
        named: argparse.Namespace = arguments().parse_args(argv)
        return named
    parsed: argparse.Namespace = _arguments().parse_args(
        argv[1:], argparse.Namespace(framework=first)
    )
    return parsed


def arguments() -> argparse.ArgumentParser:
    """The options of `portside compliance`."""
    return _arguments(named=True)


def _arguments(*, named: bool = False) -> argparse.ArgumentParser:
    """The options; `named` is whether the framework is among them."""
    made = parser(
        "compliance",
        "How files stand against a framework, item by item: met, not met, or not judged and why.",
        usage="FRAMEWORK [PATH ...] [options]",
        examples=(
            ("portside compliance list", "the frameworks there are"),
            ("portside compliance cis-1.12 .", "what is met here, and what is not"),
            ("portside compliance soc2 -o html=soc2.html .", "a page to print, with the evidence"),
            ("portside compliance nist-800-190 -o oscal=results.json .", "OSCAL, for programs"),
        ),
        ends=EXIT_CODES,
    )
    if named:
        made.add_argument("framework", metavar="FRAMEWORK", help="its name, or `list`")
    add_sources(made)
    add_judging(made, profile=False)
    out = made.add_argument_group("what is said")
    out.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(REPORTS)}; several may be given (default: text)",
    )
    out.add_argument("-v", "--verbose", action="store_true", help="show all there is to show")
    out.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
    out.add_argument(
        "--strict", action="store_true", help="what is undecided is incomplete: exit 3"
    )
    # What a scan has besides: every finding counts here, and a baseline excuses nothing.
    made.set_defaults(profile=None, baseline=None, fail_on=None)
    return made


def _listed() -> Iterable[str]:
    from portside.policy import builtin
    from portside.policy.framework import framework_names, load_framework, rules_by_item

    texts = builtin.texts().values()
    rows = []
    for name in framework_names():
        framework = load_framework(name)
        mapped = sum(1 for rules in rules_by_item(framework, texts).values() if rules)
        said = f"{framework.title} ({mapped} of {len(framework.items)} items from files)"
        rows.append((name, said + ("" if framework.confirmed else ", not confirmed")))
    yield from columns(rows)


def _framework(name: str) -> Framework:
    """The framework called `name`, which may have a version: `pss:baseline@1.31`."""
    from portside.policy.framework import framework_names, load_framework

    names = framework_names()
    bare = name.partition("@")[0] if name.startswith("pss:") else name
    if bare not in names:
        hint = f"{did_you_mean(name, [*names, LIST])}frameworks: {', '.join(names)}"
        raise UsageError(f"no framework is called {name}", hint=hint)
    return load_framework(bare)


def _assessed(framework: Framework, options: argparse.Namespace) -> tuple[Assessment, Told]:
    from portside.cli.cache_folder import cache_folder
    from portside.cli.config import configured
    from portside.cli.plan import choose
    from portside.cli.scan import evaluate
    from portside.compliance.judge import assess

    config = configured(options)
    options.profile = options.framework
    chosen = choose(
        options.profile,
        options.kubernetes_version or config.kubernetes_version,
        settings=config.rules,
        folders=[*config.rule_folders, *(options.rules or [])],
        policies=(options.policy or [], options.params or []),
        cache="" if options.no_cache else cache_folder(),
    )
    evaluation = evaluate(options, config, chosen)
    book = _book(framework, chosen)
    found = assess(framework, evaluation, book, allow_unread=options.allow_unread)
    return found, _told(options, chosen)


def _book(framework: Framework, chosen: Chosen) -> Book:
    from portside.compliance.judge import Book
    from portside.engine.asked import asked
    from portside.policy import builtin
    from portside.policy.framework import rules_by_item

    texts = {**builtin.texts(), **(chosen.texts or {})}
    return Book(
        rules_by_item(framework, texts.values()),
        cache(partial(asked, chosen.plan)),
        partial(_silent, chosen),
        lambda rule: texts[rule].kinds,
    )


def _silent(chosen: Chosen, rule: str) -> str:
    """Why the configuration keeps `rule` from saying anything; empty where it does not."""
    from portside.policy.framework import SILENT_WITHOUT

    if rule not in chosen.plan.rules:
        return "it is switched off"
    name = SILENT_WITHOUT.get(rule, "")
    if name and not chosen.plan.params(rule)[name]:
        return f"its parameter {name} is not set"
    return ""


def _told(options: argparse.Namespace, chosen: Chosen) -> Told:
    from portside.cli.excuses import today
    from portside.compliance.words import Told
    from portside.policy import builtin

    texts = {**builtin.texts(), **(chosen.texts or {})}
    return Told(
        version=__version__,
        day=options.now or today(),
        about=", ".join(options.paths or ["."]),
        title=lambda rule: texts[rule].title,
        verbose=options.verbose,
    )


def _write(wanted: Sequence[object], assessment: Assessment, told: Told) -> None:
    """Write every report. Raises UsageError at the end for what could not be written."""
    from portside.cli.output import Output, say, written

    failed: UsageError | None = None
    for it in wanted:
        assert isinstance(it, Output)  # noqa: S101 - for the type checker
        render = _report(it.report)
        if not it.path:
            say(render(assessment, told), machine=it.report != "text")
            continue
        try:
            written(it.path, render(assessment, told._replace(verbose=True)))
        except UsageError as error:
            failed = failed or error
    if failed:
        raise failed


def _report(name: str) -> Callable[[Assessment, Told], Iterable[str]]:
    module = import_module(f"portside.compliance.{_MODULES[name]}")
    render: Callable[[Assessment, Told], Iterable[str]] = module.render
    return render


def _exit_code(assessment: Assessment, options: argparse.Namespace) -> int:
    from portside.cli import CLEAN, FOUND, INCOMPLETE
    from portside.compliance.judge import NOT_MET, UNDECIDED

    undecided = any(it.reason == UNDECIDED for it in assessment.verdicts)
    if (assessment.unread and not options.allow_unread) or (options.strict and undecided):
        return INCOMPLETE
    return FOUND if assessment.count(NOT_MET) else CLEAN
