"""Rules asked outside a scan: through the real reader, the judged form and the engine."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from portside.cli.plan import choose
from portside.engine.across import judge_across
from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.facts import Fact
from portside.model.finding import FileResult
from portside.model.place import FieldPath
from portside.policy import builtin
from portside.policy.checkout import builtin_rules
from portside.policy.compiled import CompiledCheck, CompiledRule
from portside.policy.generate import modules
from portside.policy.profile import NEWEST, parse_version
from portside.policy.rule import FILES, Example, Rule
from portside.sources.files import KUSTOMIZATION, KUSTOMIZE_PATCH, kind_in_chart
from portside.sources.known import UNKNOWN, Known
from portside.sources.manifest import parse

FILE = "shop.yaml"
_PACKAGE = "rules_made_in_tests"


@cache
def rules() -> tuple[Rule, ...]:
    """The built-in rules in full, in the order of their ids."""
    return builtin_rules()


def plan_of(
    chosen: Iterable[str],
    minor: int = NEWEST,
    params: Mapping[str, Mapping[str, Any]] | None = None,
) -> Plan:
    """A plan of these built-in rules alone."""
    known = builtin.rules()
    return Plan({name: known[name] for name in chosen}, builtin.checks, minor, params=params)


def profile_plan(name: str) -> Plan:
    """The plan of a scan with a profile such as `pss:restricted@1.31`."""
    return choose(name, "").plan


Compiled = tuple[dict[str, CompiledRule], list[CompiledCheck]]


def compiled(rule: Rule) -> Compiled:
    """`rule` as a scan would load it, made here and now in place of what was made before."""
    loaded = {name: _executed(name, text) for name, text in modules([rule], "test").items()}
    made: dict[str, CompiledRule] = loaded["catalogue"].RULES
    checks: list[CompiledCheck] = [
        check for module in loaded.values() for check in getattr(module, "CHECKS", ())
    ]
    return made, checks


def compiled_plan(made: Compiled, minor: int, params: Mapping[str, Any]) -> Plan:
    """A plan of the one rule that was compiled."""
    rules, checks = made
    (rule,) = rules.values()
    return Plan(
        rules,
        lambda group, kind, bears_pods: checks if bears_pods or rule.kinds else (),
        minor,
        params={rule.id: params},
    )


def _executed(name: str, text: str) -> ModuleType:
    """The module that a scan would import, in a package of its own: siblings find each other."""
    module = ModuleType(f"{_PACKAGE}.{name}")
    module.__package__ = _PACKAGE
    sys.modules[module.__name__] = module
    exec(text, module.__dict__)  # noqa: S102 - the code was generated from the rule
    return module


def judged(
    manifest: str | bytes,
    plan: Plan,
    file: str = FILE,
    *,
    whole: bool = True,
    known: Known = UNKNOWN,
) -> FileResult:
    """All that a scan would say of the manifest, as the whole of an application or a part of it."""
    data = manifest.encode() if isinstance(manifest, str) else manifest
    result = judge_file(parse(data, file, known=known), plan)
    if not result.facts:
        return result
    resources = parse(data, file).resources

    def locate(fact: Fact, path: FieldPath) -> tuple[int, int, int]:
        resource = resources[fact.number]
        return *resource.place(path), resource.text.width(resource.prefix + path)

    (told,) = judge_across([result], plan, locate, whole=whole)
    return told


def judged_example(example: Example, plan: Plan) -> FileResult:
    """All that a scan with `plan` would say of an example."""
    return judged(
        example.manifest, plan, example.file, whole=not example.part, known=known_of(example)
    )


def known_of(example: Example) -> Known:
    """What the folder around the file of an example would tell: a chart's, or an overlay's."""
    kind = kind_in_chart(example.file)
    if example.file == FILES["Kustomization"]:
        kind = KUSTOMIZATION
    elif example.file == FILES["KustomizePatch"]:
        kind = KUSTOMIZE_PATCH
    if not kind:
        return UNKNOWN
    beside = {name: text.encode() for name, text in example.beside.items()}
    return Known(kind, names=tuple(beside), beside=None if example.part else beside)


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
