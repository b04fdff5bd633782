"""`portside rules test`: the examples of the user's own rules, each against what it promises."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.options import add_config, add_format, parser
from portside.errors import UsageError
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.cli.trial import Outcome
    from portside.policy.rule import Rule

CLEAN, FAILED = 0, 1
_AROUND = 2
"""Lines shown before and behind a line at fault."""


def run(argv: Sequence[str]) -> int:
    """Run the examples; 1 where one fails, or a rule lacks a good or a bad one."""
    from portside.cli.config import load_config
    from portside.cli.trial import tried
    from portside.policy.own import own_rules

    options = arguments().parse_args(argv)
    folders = options.folders or load_config(options.config, ["."]).rule_folders
    if not folders:
        raise UsageError(
            "no folder of rules is named",
            hint="portside rules test FOLDER, or rule-folders: in portside.yaml",
            undone="nothing was tested",
        )
    rules = own_rules(folders)
    outcomes = [(rule, list(tried(rule))) for rule in rules]
    missing = {rule.id: _missing(rule) for rule in rules if _missing(rule)}
    say = _say_json if options.output == "json" else _say_lines
    say(outcomes, missing)
    failed = any(it.problems for _, listed in outcomes for it in listed)
    return FAILED if failed or missing else CLEAN


def arguments() -> argparse.ArgumentParser:
    """The options of `portside rules test`."""
    made = parser(
        "rules test",
        "Run the examples of your own rules: a bad one must be found on its lines, a good one not.",
        usage="[FOLDER ...] [-o text|json]",
        examples=(
            ("portside rules test rules/", "every rule of a folder"),
            ("portside rules test", "of the rule-folders of portside.yaml"),
        ),
        ends="exit codes: 0 all examples hold, 1 one does not, 2 a rule file is not well formed",
    )
    made.add_argument("folders", nargs="*", default=[], metavar="FOLDER", help="holds rule files")
    add_format(made, ("text", "json"))
    add_config(made)
    return made


def _missing(rule: Rule) -> str:
    kinds = {it.good for it in rule.examples}
    lacking = [word for word, good in (("bad", False), ("good", True)) if good not in kinds]
    return f"has no {' and no '.join(lacking)} example" if lacking else ""


def _say_json(outcomes: Sequence[tuple[Rule, list[Outcome]]], missing: dict[str, str]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": rule.id,
            "file": rule.file,
            "problem": missing.get(rule.id),
            "examples": [_fact(it) for it in listed],
        }
        for rule, listed in outcomes
    ]
    sys.stdout.write(f"{json.dumps(rows, indent=2)}\n")


def _fact(it: Outcome) -> dict[str, Any]:
    return {
        "title": it.example.title,
        "good": it.example.good,
        "passed": not it.problems,
        "expected": sorted(it.example.lines),
        "got": list(it.lines),
        "problems": list(it.problems),
    }


def _say_lines(outcomes: Sequence[tuple[Rule, list[Outcome]]], missing: dict[str, str]) -> None:
    failed = total = 0
    for rule, listed in outcomes:
        for it in listed:
            total += 1
            failed += bool(it.problems)
            _say_outcome(rule, it)
        if rule.id in missing:
            sys.stdout.write(f"FAIL  {rule.id}: {missing[rule.id]}\n      {shown(rule.file)}\n")
    of = f"{_many(total, 'example')} of {_many(len(outcomes), 'rule')}"
    verdict = f"{total - failed} hold, {failed} do not" if failed else "all hold"
    lacking = f"; {_many(len(missing), 'rule')} without a good or a bad one" if missing else ""
    sys.stdout.write(f"\n{of}: {verdict}{lacking}\n")


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _say_outcome(rule: Rule, it: Outcome) -> None:
    kind = "good" if it.example.good else "bad"
    mark = "FAIL" if it.problems else "ok  "
    sys.stdout.write(f"{mark}  {rule.id}: {kind}: {shown(it.example.title)}\n")
    if not it.problems:
        return
    sys.stdout.write(f"      {shown(rule.file)}\n")
    for problem in it.problems:
        sys.stdout.write(f"      {shown(problem)}\n")
    for line in _excerpt(it):
        sys.stdout.write(f"      {line}\n")


def _excerpt(it: Outcome) -> list[str]:
    """The lines of the manifest around what was expected and what was found."""
    expected, got = set(it.example.lines), set(it.lines)
    wanted = {
        number for line in expected ^ got for number in range(line - _AROUND, line + _AROUND + 1)
    }
    made = []
    for number, line in enumerate(it.example.manifest.split("\n"), start=1):
        if number in wanted:
            marks = ("expected",) * (number in expected) + ("got",) * (number in got)
            note = f"   <- {' and '.join(marks)}" if marks and number in expected ^ got else ""
            made.append(f"{number:>4} │ {shown(line)}{note}")
    return made
