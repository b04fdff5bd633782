"""Rules asked outside a scan: through the real reader, the judged form and the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.finding import FileResult
from portside.policy import builtin
from portside.policy.checkout import builtin_rules
from portside.policy.compiled import CompiledCheck, CompiledRule
from portside.policy.generate import modules
from portside.policy.profile import NEWEST, parse_profile, parse_version
from portside.policy.rule import Example, Rule
from portside.sources.manifest import parse

FILE = "shop.yaml"


@cache
def rules() -> tuple[Rule, ...]:
    """The built-in rules in full, in the order of their ids."""
    return builtin_rules()


def plan_of(
    chosen: Iterable[str], minor: int = NEWEST, params: Mapping[str, Mapping[str, Any]] | None = None
) -> Plan:
    """A plan of these built-in rules alone."""
    known = builtin.rules()
    return Plan({name: known[name] for name in chosen}, builtin.checks, minor, params=params)


def profile_plan(name: str) -> Plan:
    """The plan of a profile such as `pss:restricted@1.31`, for the newest version without one."""
    profile = parse_profile(name)
    minor = NEWEST if profile.minor is None else profile.minor
    chosen = profile.select(builtin.rules())
    return Plan(chosen, builtin.checks, minor, level=profile.level)


def compiled_plan(rule: Rule, minor: int, params: Mapping[str, Any]) -> Plan:
    """A plan of `rule` alone, compiled here and now."""
    texts = modules([rule], "test")
    made: dict[str, CompiledRule] = _executed(texts["catalogue"])["RULES"]
    checks: list[CompiledCheck] = [
        check
        for name, text in texts.items()
        if name not in ("catalogue", "texts", "__init__")
        for check in _executed(text)["CHECKS"]
    ]
    bearing = not rule.text.kinds
    return Plan(
        made,
        lambda group, kind, bears_pods: checks if bears_pods or not bearing else (),
        minor,
        params={rule.id: params},
    )


def _executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102 - the module that a scan would import
    return namespace


def judged(manifest: str | bytes, plan: Plan) -> FileResult:
    """All that a scan would say of the manifest."""
    data = manifest.encode() if isinstance(manifest, str) else manifest
    return judge_file(parse(data, FILE), plan)


def minor_of(example: Example) -> int:
    return parse_version(example.version) if example.version else NEWEST


def lines_of(result: FileResult) -> tuple[int, ...]:
    return tuple(it.line for it in result.findings)


def told(result: FileResult) -> Sequence[str]:
    """What was said, for a failing test to show."""
    return [
        *(f"{it.line}: {it.rule}: {it.message}" for it in result.findings),
        *(f"undecided {it.rule}: {it.missing}" for it in result.undecided),
        *(f"unread: {it.reason}" for it in result.unread),
    ]
