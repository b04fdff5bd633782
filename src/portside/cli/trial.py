"""A rule tried on its own examples: with that rule alone, through the reader and the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.errors import UsageError
from portside.policy.own import compiled
from portside.policy.profile import NEWEST, parse_version
from portside.records import NamedTuple
from portside.sources.manifest import parse

if TYPE_CHECKING:
    from portside.model.finding import FileResult
    from portside.policy.rule import Example, Rule

_FILE = "example.yaml"


class Outcome(NamedTuple):
    """What became of one example. `problems` say why it fails; empty where it passes."""

    rule: str
    example: Example
    lines: tuple[int, ...]
    """The lines of the findings that there were."""
    problems: tuple[str, ...]


def tried(rule: Rule) -> Iterator[Outcome]:
    """The outcome of each example of `rule`. Raises PolicyError where it does not compile."""
    modules = compiled([rule])
    known = modules.scope("catalogue")["RULES"]
    for example in rule.examples:
        try:
            minor = parse_version(example.version) if example.version else NEWEST
        except UsageError as error:
            yield Outcome(rule.id, example, (), (f"version: {error.problem}",))
            continue
        plan = Plan(
            known,
            lambda _group, kind, bears_pods: modules.checks(kind, bears_pods),
            minor,
            params={rule.id: example.params},
        )
        result = judge_file(parse(example.manifest.encode(), _FILE), plan)
        lines = tuple(sorted(it.line for it in result.findings))
        yield Outcome(rule.id, example, lines, tuple(_problems(rule, example, result, lines)))


def _problems(
    rule: Rule, example: Example, result: FileResult, lines: tuple[int, ...]
) -> Iterator[str]:
    unknown = sorted(set(example.params) - set(rule.params))
    if unknown:
        yield f"sets parameters that the rule does not have: {', '.join(unknown)}"
    for it in result.unread:
        yield f"could not be judged: {_at(it.line)}{it.reason}"
    if not result.objects and not result.unread:
        yield f"holds no Kubernetes object: {result.fate.reason}"
    for doubt in result.undecided:
        if not getattr(example, "undecided", False):
            yield f"the rule is undecided: {doubt.missing}"
    if getattr(example, "undecided", False) and not result.undecided:
        yield "the rule is not undecided, and should be"
    if lines != tuple(sorted(example.lines)):
        yield f"expected {_lines(example.lines)}, got {_lines(lines)}"


def _at(line: int) -> str:
    return f"line {line}: " if line else ""


def _lines(lines: tuple[int, ...]) -> str:
    if not lines:
        return "no finding"
    numbers = ", ".join(map(str, sorted(lines)))
    return f"{'a finding' if len(lines) == 1 else 'findings'} on line {numbers}"
