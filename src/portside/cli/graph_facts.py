"""The graph of what is scanned: made of rules of its own, whatever the profile asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside import __version__
from portside.cli.plan import choose
from portside.cli.stage_a import judge_all
from portside.cli.stage_b import stage_b
from portside.engine.plan import Plan
from portside.graph.build import Application, application
from portside.graph.drawing.view import add_policies
from portside.graph.table import EDGE_RULES
from portside.model.facts import Facts
from portside.policy import builtin

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.model.finding import FileResult, Unread
    from portside.syntax import Limits


def made_of(
    items: Sequence[Item],
    limits: Limits,
    version: str,
    *,
    whole: bool,
    cached: Sequence[object] | None,
) -> tuple[Application, list[Unread]]:
    """The graph of the objects in `items`, and what could not be read.

    Neither the profile nor `portside.yaml` decide which steps there are: the rules are asked with
    the parameters that they are delivered with, and what is excused is a step all the same.
    `cached` is where the files were looked for, under which results are kept for the next run; None
    keeps nothing.
    """
    results = together(items, judged_for_graph(items, limits, version, cached))
    return joined(results, graph_plan(version), whole=whole)


def judged_for_graph(
    items: Sequence[Item], limits: Limits, version: str, cached: Sequence[object] | None
) -> list[FileResult]:
    """What the rules of the graph say of each of the items."""
    plan = graph_plan(version)
    fingerprint: list[object] | None = None
    if cached is not None:
        fingerprint = ["graph", __version__, builtin.stamp(), plan.minor, *cached]
    return judge_all(items, plan, limits, fingerprint)


def joined(
    results: list[FileResult], plan: Plan, *, whole: bool, policies: bool = False
) -> tuple[Application, list[Unread]]:
    """The graph of what `graph_plan` says of files, and what of them could not be read.

    `policies` adds the network policies, which no path needs but a picture.
    """
    unread = [it for result in results for it in result.unread]
    facts = Facts([it for result in results for it in result.facts], whole=whole and not unread)
    judged = stage_b(results, plan, lambda fact, _: fact.place, whole=facts.whole)
    findings = [it for result in judged for it in result.findings]
    made = application(facts, findings)
    if policies:
        add_policies(made.graph, facts)
    return made, unread


def together(items: Sequence[Item], results: list[FileResult]) -> list[FileResult]:
    """What is there at one time: of a chart, what it makes in its first environment."""
    if not any(it.rendering is not None for it in results):
        return results
    from portside.cli.inputs import with_inputs
    from portside.cli.worlds import first_world

    return first_world(with_inputs(items, results))


def graph_plan(version: str) -> Plan:
    """The rules whose findings are steps, as they are delivered."""
    chosen = choose("auditor", version)
    rules = {name: it for name, it in chosen.plan.rules.items() if name in EDGE_RULES}
    return Plan(rules, builtin.checks, chosen.plan.minor)
