"""The rules of a SARIF run: what they are about, why, how to mend it, and how to be excused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.report.context import words_of

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.rule_text import RuleText
    from portside.report.context import Context

LEVELS = ("note", "note", "warning", "error", "error")
_SECURITY = ("", "3.0", "5.5", "8.0", "9.5")
"""GitHub: over 9 is critical, from 7 high, from 4 medium, the rest low; without one, by level."""
_MOST_TAGS = 20
"""GitHub refuses a rule with more."""


def rules_of(evaluation: Evaluation) -> dict[str, int]:
    """The rules of the run's results, in the order of their first result.

    With the worst severity of their findings, or -1 where they are undecided only.
    """
    rules: dict[str, int] = {}
    for it, _ in evaluation.findings():
        rules[it.rule] = max(it.severity, rules.get(it.rule, -1))
    for doubt in evaluation.undecided():
        rules.setdefault(doubt.rule, -1)
    return rules


def descriptors(evaluation: Evaluation, context: Context) -> Iterator[dict[str, Any]]:
    """A reportingDescriptor (section 3.49) for each of the rules."""
    for rule, severity in rules_of(evaluation).items():
        words = words_of(context, rule, max(0, severity))
        yield _descriptor(words, severity if severity >= 0 else words.severity)


def _descriptor(words: RuleText, severity: int) -> dict[str, Any]:
    why = words.why or words.title
    return {
        "id": words.id,
        "name": "".join(part[:1].upper() + part[1:] for part in words.id.split("-")),
        "shortDescription": {"text": words.title},
        "fullDescription": {"text": why},
        "help": {"text": _plain(words), "markdown": _markdown(words)},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": _properties(words, severity),
    }


def _properties(words: RuleText, severity: int) -> dict[str, Any]:
    tags = ["security"] if words.frameworks else []
    tags = [*tags, "kubernetes", *words.frameworks]
    made: dict[str, Any] = {
        "precision": "high",
        "problem.severity": ("recommendation", "recommendation", "warning", "error", "error")[
            severity
        ],
        "tags": tags[:_MOST_TAGS],
        "frameworks": list(words.frameworks),
        "aliases": list(words.aliases),
    }
    if words.frameworks and _SECURITY[severity]:
        made["security-severity"] = _SECURITY[severity]
    return made


def _plain(words: RuleText) -> str:
    return "\n\n".join(f"{title}: {text}" for title, text in _parts(words) if text)


def _markdown(words: RuleText) -> str:
    return "\n\n".join(f"**{title}.** {text}" for title, text in _parts(words) if text)


def _parts(words: RuleText) -> tuple[tuple[str, str], ...]:
    return (
        ("Why", words.why),
        ("Severity", words.severity_reason),
        ("How to mend it", words.fix),
        (
            "How to be excused",
            f"Write `# portside:ignore {words.id} until=YYYY-MM-DD reason` on the field's line, "
            "or a waiver with a reason and an owner in portside.yaml.",
        ),
        ("More", f"Run `portside explain {words.id}`."),
        ("Also known as", ", ".join(f"`{it}`" for it in words.aliases)),
    )
