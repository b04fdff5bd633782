"""A rule as text for people and as JSON for programs: `rules list`, `rules show`, `explain`."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.model.severity import NAMES
from portside.model.workload import BUILT_IN
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.rule import Example, Rule

WIDTH = 100
_EVERY_POD = "every kind that bears a pod"
_ASKED = (
    *("each", "containers", "when", "require", "undecided", "says", "at"),
    *("severity", "since", "until"),
)
FIXES = {
    "safe": "the edit changes nothing that a working program relies on",
    "conditional": "the edit is safe where its condition holds",
    "unsafe": "the edit may change what the program can do: review it",
    "none": "only you can know the right value",
}


def facts(text: RuleText) -> dict[str, Any]:
    """What `rules list -o json` says of a rule."""
    return {
        "id": text.id,
        "title": text.title,
        "severity": NAMES[text.severity],
        "profile": text.profile,
        "kinds": list(text.kinds or _pod_kinds()),
        "pods": not text.kinds,
        "aliases": list(text.aliases),
        "params": [
            {"name": name, "type": kind, "default": default, "description": description}
            for name, kind, default, description in text.params
        ],
        "frameworks": list(text.frameworks),
        "fix": text.fix_class,
    }


def full_facts(rule: Rule, written: Mapping[str, Any]) -> dict[str, Any]:
    """What `rules show -o json` says: the same, and all the words, conditions and examples."""
    text = rule.text
    return {
        **facts(text),
        "severity_reason": text.severity_reason,
        "why": text.why,
        "how": text.fix,
        "variables": dict(written.get("variables") or {}),
        "checks": [{key: it[key] for key in _ASKED if key in it} for it in _checks(written)],
        "examples": [
            {
                "title": it.title,
                "good": it.good,
                "lines": list(it.lines),
                "manifest": it.manifest,
                "fixed": it.fixed or None,
            }
            for it in rule.examples
        ],
    }


def _pod_kinds() -> list[str]:
    return sorted({kind for _, kind in BUILT_IN})


def shown_rule(rule: Rule, written: Mapping[str, Any]) -> Iterator[str]:
    """Everything about a rule, as lines."""
    text = rule.text
    yield from heading(rule)
    yield from section("why", text.why)
    yield from section("fix", f"{text.fix} ({text.fix_class}: {FIXES[text.fix_class]})")
    yield from _conditions(written)
    yield from parameters(text)
    yield from listed("maps to", text.frameworks)
    yield from listed("called elsewhere", text.aliases)
    for example in rule.examples:
        yield from shown_example(example)


def heading(rule: Rule) -> Iterator[str]:
    text = rule.text
    yield f"{text.id}: {text.title}"
    reason = f": {text.severity_reason}" if text.severity_reason else ""
    yield from _wrapped(f"{NAMES[text.severity]}{reason}", "  ")
    kinds = ", ".join(text.kinds) or _EVERY_POD
    yield from _wrapped(f"profile {text.profile}; asked of {kinds}", "  ")


def section(title: str, words: str) -> Iterator[str]:
    """A title and a paragraph under it; nothing where there are no words."""
    if words:
        yield ""
        yield title
        yield from _wrapped(words, "  ")


def listed(title: str, words: Iterable[str]) -> Iterator[str]:
    """A title and words under it, as many a line as fit; nothing where there are none."""
    yield from section(title, ", ".join(words))


def parameters(text: RuleText) -> Iterator[str]:
    if not text.params:
        return
    yield ""
    yield "parameters"
    for name, kind, default, description in text.params:
        yield f"  {name}: {kind}"
        yield from _wrapped(description, "      ")
        yield from _wrapped(f"default: {json.dumps(default)}", "      ")


def _conditions(written: Mapping[str, Any]) -> Iterator[str]:
    """What is asked, as the rule's file has it."""
    for check in _checks(written):
        yield ""
        yield f"asked of each {check.get('each', 'object')}"
        for key in _ASKED[1:]:
            if key in check:
                yield from _labelled(key, check[key])
    variables = written.get("variables")
    if variables:
        yield ""
        yield "variables"
        for name, source in variables.items():
            yield from _labelled(name, source)


def _checks(written: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The conditions of a rule: its `checks`, or the one that it is itself."""
    if "checks" in written:
        return list(written["checks"])
    if "require" not in written:
        return []
    return [{key: it for key, it in written.items() if key != "severity"}]


def _labelled(label: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = "; ".join(f"{key}: {it}" for key, it in value.items())
    words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    indent = " " * 14
    lines = _wrapped(words or '""', indent)
    yield f"  {label:<10}  {lines[0].strip()}"
    yield from lines[1:]


def shown_example(example: Example, title: str = "") -> Iterator[str]:
    """The manifest of an example, with a mark at the lines of its findings."""
    yield ""
    yield title or f"{'good' if example.good else 'bad'}: {example.title}"
    for number, line in enumerate(example.manifest.rstrip("\n").split("\n"), start=1):
        mark = ">" if number in example.lines else " "
        yield f"  {mark}{number:>3} │ {shown(line)}".rstrip()
    if example.fixed:
        yield ""
        yield "what --fix makes of it" if not title else f"{title}: what --fix makes of it"
        yield from _difference(example)


def _difference(example: Example) -> Iterator[str]:
    """The lines that the fix takes away and puts there, with three around them."""
    from difflib import unified_diff

    old, new = (text.splitlines() for text in (example.manifest, example.fixed))
    for line in list(unified_diff(old, new, lineterm=""))[2:]:
        yield f"  {shown(line)}".rstrip()


def _wrapped(words: str, indent: str) -> list[str]:
    """`words` in lines of our width, nothing broken within a word."""
    made = textwrap.wrap(
        shown(" ".join(words.split())),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return made or [indent]
