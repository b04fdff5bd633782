"""`portside waivers new`: waivers for what a rule finds today, ready for `portside.yaml`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.config import NAME, Config, configured, rule_names
from portside.cli.options import add_judging, add_sources, parser
from portside.errors import UsageError
from portside.policy.day import FORM, is_day

if TYPE_CHECKING:
    from portside.model.finding import Finding, ResourceRef

_UNDONE = "nothing was written"
_ASKED = (
    ("reason", "why it must be so", True),
    ("owner", "who will mend it", False),
    ("approver", "who answers for it", True),
    ("until", f"the last day it holds, {FORM}", True),
    ("ticket", "where it is tracked", False),
)
"""What a waiver says besides its subject: option, what is asked for, and whether it is required."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@ -]*(?<! )")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def new(argv: Sequence[str]) -> int:
    """Print waivers for today's findings of one rule, or write them to `portside.yaml`."""
    options = arguments().parse_args(argv)
    config = configured(options)
    names = rule_names([*config.rule_folders, *(options.rules or [])])
    rules = names.named(options.rule)
    if not rules:
        raise UsageError(
            f"no rule is called {options.rule}", hint=names.hint(options.rule), undone=_UNDONE
        )
    said = _answers(options)
    found = [it for it in _findings(options, config) if it.rule in rules]
    if not found:
        where = " ".join(options.paths or ["."])
        raise UsageError(f"{options.rule} finds nothing to be excused in {where}", undone=_UNDONE)
    items = list(waivers_for(found, said))
    text = "\n".join(as_item(it) for it in items)
    if not options.write:
        sys.stdout.write(f"waivers:\n{text}\n")
        return 0
    from portside.cli.waiver_file import append

    file = config.file or NAME
    append(file, text, len(items))
    sys.stderr.write(f"{file}: {len(items)} waiver{'s' if len(items) > 1 else ''} written\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    made = parser(
        "waivers new",
        "Make waivers for what a rule finds today.",
        usage="RULE [PATH ...] [options]",
        examples=(
            ("portside waivers new latest-tag shop/", "asks for what is missing, and prints"),
            ("portside waivers new latest-tag shop/ --write", "appends to portside.yaml"),
        ),
    )
    made.add_argument("rule", metavar="RULE", help="the rule to be excused from")
    add_sources(made)
    add_judging(made)
    for name, what, required in _ASKED:
        usual = "" if required else " (may be left out)"
        made.add_argument(f"--{name}", metavar="TEXT", help=f"{what}{usual}")
    made.add_argument(
        "--write", action="store_true", help="append to portside.yaml instead of printing"
    )
    return made


def _answers(options: argparse.Namespace) -> dict[str, str]:
    """What the options say; what they do not is asked for at a terminal, and an error elsewhere."""
    said = {name: (getattr(options, name) or "").strip() for name, *_ in _ASKED}
    missing = [f"--{name}" for name, _, required in _ASKED if required and not said[name]]
    if missing and not sys.stdin.isatty():
        hint = "nothing is excused without a reason, somebody who answers for it, and an end"
        raise UsageError(f"needs {', '.join(missing)}", hint=hint, undone=_UNDONE)
    if missing:
        for name, what, required in _ASKED:
            said[name] = said[name] or _ask(name, what, required)
    _must_be_ahead(options, said["until"])
    return said


def _ask(name: str, what: str, required: bool) -> str:
    while True:
        sys.stderr.write(f"{name}: {what}{'' if required else ' (may be empty)'}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise UsageError(f"needs --{name}", undone=_UNDONE)
        if line.strip() or not required:
            return line.strip()


def _must_be_ahead(options: argparse.Namespace, until: str) -> None:
    from portside.cli.excuses import today

    if not is_day(until):
        raise UsageError(f"--until {until}: not a date", hint=f"expected {FORM}", undone=_UNDONE)
    if until < (options.now or today()):
        raise UsageError(f"--until {until}: that day is over", undone=_UNDONE)


def _findings(options: argparse.Namespace, config: Config) -> Iterator[Finding]:
    """What counts today, by every rule there is."""
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
    for finding, excuse in evaluate(options, config, chosen).findings():
        if excuse is None:
            yield finding


def waivers_for(found: Iterable[Finding], said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A waiver for each rule and object, for exactly the fields that were found.

    `said` holds `reason`, `owner`, `approver`, `until` and `ticket`.
    """
    paths: dict[tuple[str, ResourceRef], list[str]] = {}
    for it in found:
        listed = paths.setdefault((it.rule, it.resource), [])
        if it.named_path not in listed:
            listed.append(it.named_path)
    for (rule, ref), fields in paths.items():
        subject: dict[str, Any] = {
            key: value
            for key in ("group", "kind", "namespace", "name")
            if (value := getattr(ref, key))
        }
        if "" not in fields:
            subject["path"] = fields
        yield {
            "rule": rule,
            "subject": subject,
            "reason": said["reason"],
            "owner": said["owner"],
            "approver": said["approver"],
            "expires": said["until"],
            "ticket": said["ticket"],
        }


def as_item(waiver: dict[str, Any]) -> str:
    """The waiver as an item of a YAML list, two spaces in."""
    lines = []
    for key, value in waiver.items():
        if isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [f"  {name}: {_value(it)}" for name, it in value.items()]
        elif value:
            lines.append(f"{key}: {_value(value)}")
    return "\n".join(f"{'    ' if at else '  - '}{line}" for at, line in enumerate(lines))


def _value(value: Any) -> str:
    if isinstance(value, list):
        if len(value) == 1:
            return _value(value[0])
        return f"[{', '.join(_quoted(it) for it in value)}]"
    if is_day(value) or (_PLAIN.fullmatch(value) and value.lower() not in _WORDS):
        return str(value)
    return _quoted(value)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
