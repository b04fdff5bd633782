"""`portside explain`: why a rule is there, how to mend what it found, and how to be excused."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.options import parser
from portside.cli.rule_words import (
    FIXES,
    heading,
    listed,
    parameters,
    section,
    shown_example,
)
from portside.cli.rulebook import Rulebook, add_rulebook
from portside.model.severity import NAMES

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.rule import Rule


def run(argv: Sequence[str]) -> int:
    """Explain the rule that the arguments name; list them where it stands for several."""
    options = arguments().parse_args(argv)
    book = Rulebook(options)
    names = book.named(options.name)
    if len(names) > 1:
        lines = _several(options.name, [book.texts[name] for name in names])
    else:
        rule = book.full(names[0])
        lines = _explained(rule, book.config.rules.get(rule.id, {}))
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside explain`."""
    made = parser(
        "explain",
        "Why a rule is there, how to mend what it found, and how to be excused.",
        usage="RULE",
        examples=(
            ("portside explain privileged-container", "by the id that findings show"),
            ("portside explain CKV_K8S_16", "by what another tool calls it"),
        ),
    )
    made.add_argument("name", metavar="RULE", help="an id, an alias, or a pattern of ids")
    add_rulebook(made)
    return made


def _several(name: str, texts: Sequence[RuleText]) -> Iterator[str]:
    yield f"{name} stands for {len(texts)} rules:"
    yield ""
    width = max(len(it.id) for it in texts)
    for it in texts:
        yield f"  portside explain {it.id:<{width}}  {it.title}"


def _explained(rule: Rule, settings: Mapping[str, Any]) -> Iterator[str]:
    text = rule.text
    yield from heading(rule)
    yield from section("why", text.why)
    yield from section("how to mend it", text.fix)
    yield f"  ({text.fix_class}: {FIXES[text.fix_class]})"
    bad = next((it for it in rule.examples if not it.good), None)
    good = next((it for it in rule.examples if it.good), None)
    if bad:
        yield from shown_example(bad, f"found here: {bad.title}")
    if good:
        yield from shown_example(good, f"and not here: {good.title}")
    yield from _excuses(text.id)
    yield from parameters(text)
    yield from _settings(text, settings)
    yield from listed("maps to", text.frameworks)
    yield from listed("called elsewhere", text.aliases)


def _excuses(rule: str) -> Iterator[str]:
    """The three ways to be excused, ready to be copied. Each needs a reason."""
    yield ""
    yield "how to be excused"
    yield "  a comment on the line of the field, or on a line of its own above a key or an object:"
    yield f"    # portside:ignore {rule} until=YYYY-MM-DD the reason"
    yield "  an annotation of the object:"
    yield f'    portside.dev/ignore: "{rule} the reason"'
    yield "  a waiver in portside.yaml, which names who answers for it and ends:"
    yield "    waivers:"
    yield f"      - rule: {rule}"
    yield "        subject: {kind: Deployment, namespace: shop, name: web}"
    yield "        reason: the reason"
    yield "        owner: your team"
    yield "        approver: who agreed"
    yield "        expires: YYYY-MM-DD"


def _settings(text: RuleText, settings: Mapping[str, Any]) -> Iterator[str]:
    """How portside.yaml changes the rule, and what it says now."""
    yield ""
    yield "in portside.yaml"
    yield "  rules:"
    yield f"    {text.id}: off            # or:"
    yield f"    {text.id}:"
    yield "      severity: low"
    if text.params:
        yield "      params:"
        for name, _, default, _ in text.params:
            yield f"        {name}: {json.dumps(default)}"
    for name, value in settings.items():
        said = NAMES[value] if name == "severity" else json.dumps(value)
        yield f"  there now: {name}: {said}"
