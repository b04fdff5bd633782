"""`portside migrate`: what other tools are told not to report, as waivers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.config import IMPORTED, NAME, Config, configured, rule_names
from portside.cli.coverage import coverage
from portside.cli.excuses import today
from portside.cli.imports import NO_RULE, Imported, in_file, settings
from portside.cli.options import add_format, add_judging, add_sources, parser
from portside.cli.waivers_new import as_item, waivers_for
from portside.errors import UsageError
from portside.policy.day import FORM, is_day
from portside.records import NamedTuple
from portside.report.context import shown
from portside.secrets.veil import veiled
from portside.sources.suppressions.model import EVERYTHING
from portside.sources.suppressions.translate import Translator

if TYPE_CHECKING:
    from portside.cli.coverage import Coverage
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding

DAYS = 90
"""How far ahead the waivers end unless somebody says otherwise."""
_UNDONE = "nothing was written"
_CLEAN, _INCOMPLETE = 0, 3


class Moved(NamedTuple):
    """A suppression, the findings it excuses today, and why it cannot be a waiver."""

    imported: Imported
    findings: tuple[Finding, ...]
    problem: str = ""


def run(argv: Sequence[str]) -> int:
    """Print what was found and what it is here; write it as waivers where that is asked for."""
    options = arguments().parse_args(argv)
    _must_know_who(options)
    config = configured(options)
    options.paths = options.paths or [config.folder or "."]
    evaluation = _evaluation(options, config)
    moved = list(_moved(evaluation, options, config))
    waivers = list(_waivers(moved, options, config))
    if options.output == "json":
        json.dump([_facts(it) for it in moved], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(_lines(moved))
    if options.write and waivers:
        _write(waivers, config)
    elif options.write:
        sys.stderr.write("portside: no waiver is needed: nothing was written\n")
    if not evaluation.complete and not options.allow_unread:
        sys.stderr.write("portside: not all was looked at: what stands there is not known\n")
        return _INCOMPLETE
    return _CLEAN


def arguments() -> argparse.ArgumentParser:
    """The options of `portside migrate`."""
    made = parser(
        "migrate",
        "What other tools are told not to report, put to rules by their aliases, as waivers.",
        usage="[PATH ...] [options]",
        examples=(
            ("portside migrate", "what is there, and what it is here"),
            ("portside migrate --write --approver sec@example.org", "waivers in portside.yaml"),
        ),
    )
    add_sources(made)
    add_judging(made)
    group = made.add_argument_group("what is made of it")
    group.add_argument(
        "--from",
        action="append",
        dest="tools",
        choices=IMPORTED,
        metavar="TOOL",
        help=f"only what is for this tool: {', '.join(IMPORTED)} (default: all)",
    )
    group.add_argument("--write", action="store_true", help="append waivers to portside.yaml")
    group.add_argument("--approver", metavar="TEXT", help="who answers for the waivers")
    group.add_argument("--owner", metavar="TEXT", help="who will mend what they are about")
    group.add_argument(
        "--until", metavar=FORM, help=f"the last day they hold (default: in {DAYS} days)"
    )
    group.add_argument("--allow-unread", action="store_true", help="accept what is not readable")
    add_format(group, ("text", "json"))  # type: ignore[arg-type]
    return made


def _must_know_who(options: argparse.Namespace) -> None:
    now = options.now or today()
    if options.until is None:
        from datetime import date, timedelta

        options.until = (date.fromisoformat(now) + timedelta(days=DAYS)).isoformat()
    if not is_day(options.until):
        said = f"--until {options.until}: not a date"
        raise UsageError(said, hint=f"expected {FORM}", undone=_UNDONE)
    if options.until < now:
        raise UsageError(f"--until {options.until}: that day is over", undone=_UNDONE)
    if options.write and not (options.approver or "").strip():
        hint = "nothing is excused without somebody who answers for it"
        raise UsageError("--write needs --approver", hint=hint, undone=_UNDONE)


def _evaluation(options: argparse.Namespace, config: Config) -> Evaluation:
    """What is found today by every rule, without regard to suppressions of other tools."""
    from portside.cli.plan import choose
    from portside.cli.scan import evaluate

    options.baseline = None
    chosen = choose(
        "auditor",
        options.kubernetes_version or config.kubernetes_version,
        settings=config.rules,
        folders=[*config.rule_folders, *(options.rules or [])],
        policies=(options.policy or [], options.params or []),
    )
    return evaluate(options, config._replace(imports=None), chosen)


def _moved(evaluation: Evaluation, options: argparse.Namespace, config: Config) -> Iterator[Moved]:
    """Every suppression with what it excuses, in the order of files and lines."""
    names = rule_names([*config.rule_folders, *(options.rules or [])])
    translator = Translator(names)
    wanted = options.tools or IMPORTED
    tools = [(tool, "") for tool in IMPORTED]
    tools += [it for it in config.imports or () if it[1]]
    found = [it for folder in _folders(options, config) for it in settings(tools, folder)]
    for result in evaluation.files:
        found += in_file(result.fate.file, config.limits)
    by_rule: dict[str, list[Finding]] = {}
    for finding, excuse in evaluation.findings():
        if excuse is None:
            by_rule.setdefault(finding.rule, []).append(finding)
    now = options.now or today()
    once = {(it.place, it.checks): it for it in found}
    for it in sorted(once.values(), key=lambda it: (it.place.file, it.place.line)):
        if it.tool in wanted:
            yield _matched(Imported(it, translator, names), by_rule, now)


def _folders(options: argparse.Namespace, config: Config) -> list[str]:
    """Where settings of other tools are looked for: where they are run, and what is asked for."""
    places = [config.folder or ".", *(it for it in options.paths if os.path.isdir(it))]
    return list({os.path.realpath(it): it for it in places}.values())


def _matched(it: Imported, by_rule: dict[str, list[Finding]], now: str) -> Moved:
    if it.comment.fault:
        return Moved(it, (), it.comment.fault)
    rules = sorted(frozenset().union(*it.rules.values()))
    if not rules:
        return Moved(it, (), NO_RULE)
    if it.ended(now):
        return Moved(it, (), f"is over since {it.comment.until}")
    found = (finding for rule in rules for finding in by_rule.get(rule, ()))
    return Moved(it, tuple(finding for finding in found if it.reaches(finding)))


def _waivers(
    moved: Iterable[Moved], options: argparse.Namespace, config: Config
) -> Iterator[dict[str, Any]]:
    """The waivers for what is excused today, each finding once."""
    covered = coverage(options, config.folder or ".")
    done: set[tuple[str, str]] = set()
    for it in sorted(moved, key=_width):
        fresh = [found for found in it.findings if (found.rule, found.identity) not in done]
        done.update((found.rule, found.identity) for found in fresh)
        if fresh:
            yield from _of_one(it.imported, fresh, options, covered)


def _width(it: Moved) -> tuple[bool, bool]:
    """What narrow suppressions come before: their reasons are the better ones."""
    suppression = it.imported.suppression
    return EVERYTHING in suppression.checks, suppression.wide is not None


def _of_one(
    it: Imported, findings: Sequence[Finding], options: argparse.Namespace, covered: Coverage
) -> Iterator[dict[str, Any]]:
    hit = {finding.rule for finding in findings}
    named = sorted(alias for alias, ids in it.rules.items() if ids & hit)
    end = it.comment.until
    said = {
        "reason": f"{it.comment.reason} ({it.suppression.where})",
        "owner": options.owner or "",
        "approver": options.approver or "",
        "until": min(end, options.until) if end else options.until,
        "ticket": "",
    }
    rule = named[0] if len(named) == 1 else named
    wide = it.suppression.wide
    if wide is not None and not wide.objects and not wide.line:
        files = [glob.pattern for glob in wide.files] or ["**"]
        yield _waiver(rule, {"files": _from_home(files, it, covered)}, said)
        return
    whole = (wide is not None and not wide.line) or it.comment.scope == "object"
    for made in waivers_for((found._replace(rule=named[0]) for found in findings), said):
        subject = dict(made["subject"])
        if whole:
            subject.pop("path", None)
        ref = [found for found in findings if _about(found, subject)]
        files = sorted({covered.below_home(found.file) for found in ref})
        yield _waiver(rule, {"subject": subject, "files": files}, said)


def _about(finding: Finding, subject: dict[str, Any]) -> bool:
    """Whether `finding` is on the object of `subject`."""
    return all(
        getattr(finding.resource, key) == subject.get(key, "")
        for key in ("group", "kind", "namespace", "name")
    )


def _from_home(patterns: Sequence[str], it: Imported, covered: Coverage) -> list[str]:
    """Patterns relative to the folder of `portside.yaml`."""
    folder = covered.below_home(it.suppression.folder or ".")
    if folder == ".":
        return list(patterns)
    return [f"{folder}/{text.removeprefix('./')}" for text in patterns]


def _waiver(rule: Any, about: dict[str, Any], said: dict[str, str]) -> dict[str, Any]:
    return {
        "rule": rule,
        **about,
        "reason": said["reason"],
        "owner": said["owner"],
        "approver": said["approver"],
        "expires": said["until"],
    }


def _write(waivers: Sequence[dict[str, Any]], config: Config) -> None:
    from portside.cli.waiver_file import append

    file = config.file or NAME
    append(file, "\n".join(as_item(it) for it in waivers), len(waivers))
    many = f"{len(waivers)} waiver{'' if len(waivers) == 1 else 's'}"
    sys.stderr.write(f"{file}: {many} written\n")


def _facts(it: Moved) -> dict[str, Any]:
    made, comment = it.imported, it.imported.comment
    return {
        "tool": made.suppression.tool,
        "checks": [veiled(it) for it in made.suppression.checks],
        "rules": sorted(frozenset().union(*made.rules.values())),
        "not_translated": [veiled(it) for it in made.unknown],
        "problem": it.problem or None,
        "excuses": len(it.findings),
        "reason": made.suppression.place.reason or None,
        "until": comment.until or None,
        "file": comment.file,
        "line": comment.line,
        "column": comment.column,
    }


_MOST_RULES = 4


def _lines(moved: Sequence[Moved]) -> Iterator[str]:
    for it in moved:
        made, comment = it.imported, it.imported.comment
        checks = veiled(", ".join(made.suppression.checks)) or "its settings"
        place = f"{comment.file}:{comment.line}:{comment.column}"
        yield f"{shown(place)}: {made.suppression.tool} {shown(checks)}: {shown(_said(it))}\n"
    needed = sum(bool(it.findings) for it in moved)
    lost = sum(bool(it.problem) for it in moved)
    number = len({(f.rule, f.identity) for it in moved for f in it.findings})
    yield (
        f"{len(moved)} suppression{'' if len(moved) == 1 else 's'} of other tools: {needed} "
        f"needed here today, for {number} finding{'' if number == 1 else 's'}; "
        f"{len(moved) - needed - lost} not needed, {lost} not translated\n"
    )


def _said(it: Moved) -> str:
    if it.problem:
        return f"not translated: {it.problem}"
    rules = sorted(frozenset().union(*it.imported.rules.values()))
    more = f" and {len(rules) - _MOST_RULES} more" if len(rules) > _MOST_RULES else ""
    number = len(it.findings)
    what = f"excuses {number} finding{'' if number == 1 else 's'}" if number else "not needed today"
    lost = f"; {', '.join(it.imported.unknown)}: {NO_RULE}" if it.imported.unknown else ""
    return f"{', '.join(rules[:_MOST_RULES])}{more}: {what}{lost}"
