"""`portside waivers`: every exception there is, whether it still holds, and new ones."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.config import Config, configured, rule_names
from portside.cli.excuses import Reach, today
from portside.cli.options import add_judging, add_sources, parser
from portside.errors import UsageError
from portside.policy.waiver import ACTIVE, EXPIRED, Waiver, state
from portside.report.context import shown
from portside.secrets.veil import veiled
from portside.sources.ignores import ignores_of
from portside.sources.read import read_file
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding
    from portside.policy.names import RuleNames

ACTIONS = ("list", "check", "new")
CLEAN, FOUND, INCOMPLETE = 0, 1, 3
INVALID = "invalid"


def run(argv: Sequence[str]) -> int:
    """List exceptions, check them, or make new ones from today's findings."""
    if argv and argv[0] == "new":
        from portside.cli.waivers_new import new

        return new(argv[1:])
    options = arguments().parse_args(argv)
    config = configured(options)
    options.paths = options.paths or [config.folder or "."]
    listed = list(_listed(options, config) if options.action == "list" else [])
    if options.base:
        return _since(options, config)
    if options.action == "check":
        return _check(options, config)
    if options.output == "json":
        json.dump(listed, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(_lines(listed))
    return CLEAN


def arguments() -> argparse.ArgumentParser:
    """The options of `portside waivers list` and `check`."""
    made = parser(
        "waivers",
        "Exceptions: every one with its state, whether each still holds, and new ones.",
        usage="list|check|new [PATH ...] [options]",
        examples=(
            ("portside waivers list", "waivers, comments and annotations, with their state"),
            ("portside waivers check", "exit 1 where one has expired or is not needed"),
            ("portside waivers check --base origin/main", "exit 1 where an approver is missing"),
            ("portside waivers new RULE PATH", "from what is found today; new has its own --help"),
        ),
    )
    made.add_argument("action", choices=ACTIONS, help="what to do; new has a --help of its own")
    add_sources(made)
    add_judging(made)
    made.add_argument("-o", "--output", choices=("text", "json"), default="text")
    made.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
    made.add_argument(
        "--base",
        metavar="REV",
        help="check what is excused since REV instead: whether those who must agree did, by git",
    )
    return made


def _listed(options: argparse.Namespace, config: Config) -> Iterator[dict[str, Any]]:
    """Every exception as plain values: the waivers, then comments and annotations by file."""
    now = options.now or today()
    for waiver in config.waivers:
        yield _waiver(waiver, now)
    names = rule_names([*config.rule_folders, *(options.rules or [])])
    files: list[str] = []
    for item in find(options.paths, ignores_of(*config.selection(options)), config.folder):
        read = read_file(item, config.limits) if isinstance(item, Found) else item
        files.append(read.fate.file)
        for comment in read.comments:
            yield _comment(Reach(comment, names), now)
    if config.imports:
        yield from _imported(config, files, names, now)


def _imported(
    config: Config, files: Sequence[str], names: RuleNames, now: str
) -> Iterator[dict[str, Any]]:
    """What other tools are told not to report, with the aliases of the rules it is about."""
    from portside.cli.imports import imported

    for it in imported(config, files, names):
        told = _comment(it, now)
        if not it.rules:
            checks = [f"{it.suppression.tool}:{check}" for check in it.unknown]
            told |= {"state": INVALID, "rule": checks}
        yield told


def _waiver(it: Waiver, now: str) -> dict[str, Any]:
    return {
        "kind": "waiver",
        "state": it.state(now),
        "rule": list(it.rule),
        "subject": {key: list(texts) for key, texts in it.written.items()},
        "files": [glob.pattern for glob in it.files],
        "reason": it.reason,
        "owner": it.owner or None,
        "approver": it.approver,
        "expires": it.expires,
        "ticket": it.ticket or None,
        "file": it.file,
        "line": it.line,
    }


def _comment(reach: Reach, now: str) -> dict[str, Any]:
    it = reach.comment
    invalid = not reach.valid or bool(reach.hints)
    holds = state(it.until, now) if it.until and not invalid else ACTIVE
    return {
        "kind": it.kind,
        "state": INVALID if invalid else holds,
        "rule": list(it.rules),
        "subject": {"scope": [it.scope], **({"object": [str(it.resource)]} if it.resource else {})},
        "files": [],
        "reason": it.reason,
        "owner": None,
        "approver": None,
        "expires": veiled(it.until) or None,
        "ticket": None,
        "file": it.file,
        "line": it.line,
    }


def _lines(listed: Sequence[dict[str, Any]]) -> Iterator[str]:
    for it in listed:
        about = [f"{key} {', '.join(texts)}" for key, texts in it["subject"].items()]
        about += [f"files {', '.join(it['files'])}"] if it["files"] else []
        until = f" ({it['expires']})" if it["expires"] else ""
        yield f"{it['file']}:{it['line']}: {it['state']}{until}: {', '.join(it['rule'])}\n"
        yield f"    {it['kind']} for {shown(', '.join(about))}\n"
        who = [f"{key} {it[key]}" for key in ("owner", "approver", "ticket") if it[key]]
        yield f"    {shown('; '.join([it['reason'] or 'no reason is given', *who]))}\n"
    over = sum(it["state"] == EXPIRED for it in listed)
    yield f"{_many(len(listed), 'exception')}, {over} expired\n"


def _check(options: argparse.Namespace, config: Config) -> int:
    """Judge everything by every rule, and tell what is wrong with the exceptions."""
    evaluation, told = checked(options, config)
    if options.output == "json":
        json.dump([_told(it) for it in told], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for it in told:
            place = f"{shown(it.file)}:{it.line}:{it.column}"
            sys.stdout.write(f"{place}: {it.rule} {shown(it.message)}\n")
        asked = len(config.waivers) + sum(len(it.comments) for it in evaluation.files)
        sys.stdout.write(f"{_many(asked, 'exception')}, {len(told)} to be looked at\n")
    if not evaluation.complete and not options.allow_unread:
        unread = sum(1 for _ in evaluation.unread())
        sys.stderr.write(f"portside: {unread} not looked at: what is needed there is not known\n")
        return INCOMPLETE
    return FOUND if told else CLEAN


def _since(options: argparse.Namespace, config: Config) -> int:
    """Tell the exceptions since `--base` that nobody is known to have agreed to."""
    from portside.cli.waivers_base import unapproved

    if options.action != "check":
        raise UsageError("--base goes with waivers check", undone="nothing was done")
    told, fresh = unapproved(options, config)
    if options.output == "json":
        json.dump([it._asdict() for it in told], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for it in told:
            place = f"{shown(it.file)}:{it.line}:{it.column}"
            sys.stdout.write(f"{place}: {it.rule} {shown(it.message)}\n")
        new = f"{_many(fresh, 'exception')} since {shown(options.base)}"
        sys.stdout.write(f"{new}, {len(told)} without the approver needed\n")
    return FOUND if told else CLEAN


def _told(it: Finding) -> dict[str, Any]:
    return {
        "rule": it.rule,
        "message": it.message,
        "about": str(it.resource),
        "file": it.file,
        "line": it.line,
        "column": it.column,
    }


def checked(options: argparse.Namespace, config: Config) -> tuple[Evaluation, list[Finding]]:
    """A scan by every rule, and the findings about exceptions; expired ones are all among them.

    Rules that `portside.yaml` switches off are asked too, so that no waiver of theirs goes unseen.
    """
    from portside.cli.excuse_findings import EXPIRED as OVER
    from portside.cli.excuse_findings import RULES, expired
    from portside.cli.plan import choose
    from portside.cli.scan import evaluate

    options.baseline = None
    settings = {rule: {**it, "off": False} for rule, it in config.rules.items()}
    chosen = choose(
        "auditor",
        options.kubernetes_version or config.kubernetes_version,
        settings=settings,
        folders=[*config.rule_folders, *(options.rules or [])],
        policies=(options.policy or [], options.params or []),
    )
    evaluation = evaluate(options, config, chosen)
    told = [it for it in evaluation.later if it.rule in RULES]
    known = {(it.file, it.line, it.column) for it in told if it.rule == OVER}
    now = options.now or today()
    for waiver in config.waivers:
        if not waiver.holds(now) and (waiver.file, *waiver.end) not in known:
            told += expired(waiver, 0, chosen.plan)
    told.sort(key=lambda it: (it.file, it.line, it.column))
    return evaluation, told


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
