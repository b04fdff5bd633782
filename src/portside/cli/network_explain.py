"""`portside network explain`: which rules allow or deny a connection, on either side of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.network_map import VERSION, NetworkMap, add_network
from portside.cli.options import add_format, parser
from portside.errors import UsageError, did_you_mean
from portside.graph.network.addresses import place_of
from portside.graph.network.entrances import CONTROLLER, GATEWAY
from portside.graph.network.explain import explained
from portside.graph.network.policy import INGRESS
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.graph.network import Reachability
    from portside.graph.network.explain import Explanation, Side, Step

ENDS = """\
SOURCE and TARGET are workloads, as NAMESPACE/NAME[KIND], NAMESPACE/NAME or NAME, or addresses
outside of the cluster, as 203.0.113.7, 203.0.113.0/24 or FIRST-LAST. SOURCE may be
{ingress-controller} or {gateway}.

exit codes: 0 explained, whether allowed or not, 2 usage, 3 the map is not whole"""
_WORDS = {"allow": "allows", "deny": "denies", "pass": "passes on"}


def run(argv: Sequence[str]) -> int:
    """Write why; 3 where the map is not whole."""
    options = arguments().parse_args(argv)
    made = NetworkMap(options, options.paths)
    source, target = (_found(made.reach, it) for it in (options.source, options.target))
    _check_ends(made.reach, source, target)
    answers = explained(made.reach, source, target)
    if options.output == "json":
        _say_json(answers, made)
    else:
        sys.stdout.write("\n".join(line for it in answers for line in _lines(it)))
    return made.code


def arguments() -> argparse.ArgumentParser:
    """The options of `portside network explain`."""
    made = parser(
        "network explain",
        "Why a connection is allowed or denied: the rules with a say, by file and line.",
        usage="SOURCE TARGET [PATH ...] [options]",
        examples=(
            ("portside network explain shop/web shop/db manifests/", "from workload to workload"),
            ("portside network explain 203.0.113.7 shop/web manifests/", "from outside"),
        ),
        ends=ENDS,
    )
    made.add_argument("source", metavar="SOURCE", help="who connects")
    made.add_argument("target", metavar="TARGET", help="who is connected to")
    add_format(made, ("text", "json"))
    add_network(made, families=False)
    return made


def _found(reach: Reachability, word: str) -> str:
    """The peer that `word` names. Raises UsageError where it names none, or several."""
    if word in reach.workloads or word in (CONTROLLER, GATEWAY):
        return word
    named = sorted(title for title in reach.workloads if word in _names(title))
    if len(named) == 1:
        return named[0]
    if named:
        raise _wrong(f"{word} is the name of {len(named)} workloads", ", ".join(named[:5]))
    try:
        place_of(word)
    except ValueError:
        near = did_you_mean(word, [name for title in reach.workloads for name in _names(title)])
        hint = f"{near}portside network list shows what there is"
        raise _wrong(f"no workload is called {word}, and it is no address", hint) from None
    return word


def _names(title: str) -> tuple[str, str, str]:
    """The ways to call a workload: `shop/web[Deployment]`, `shop/web` and `web`."""
    without_kind = title.partition("[")[0]
    return title, without_kind, without_kind.partition("/")[2]


def _check_ends(reach: Reachability, source: str, target: str) -> None:
    if target in (CONTROLLER, GATEWAY):
        raise _wrong(f"{target} is no target", "it only connects to workloads: name it as SOURCE")
    if target not in reach.workloads and source not in reach.workloads:
        raise _wrong("neither end is a workload", "one of SOURCE and TARGET has to be one")


def _wrong(problem: str, hint: str) -> UsageError:
    return UsageError(problem, hint=hint, undone="nothing was explained")


def _lines(it: Explanation) -> Iterator[str]:
    yield f"{shown(it.source)} => {shown(it.target)} : {it.allowed}"
    for lead in it.leads:
        yield f"  {lead.entrance} leads to {lead.ports} through Service {lead.service}"
        yield f"    {lead.file}:{lead.line}"
    if it.source in (CONTROLLER, GATEWAY) and not it.leads:
        yield "  nothing here leads to it"
    for side in it.sides:
        yield from _side_lines(side)
    yield ""


def _side_lines(side: Side) -> Iterator[str]:
    verb = "entering" if side.direction == INGRESS else "leaving"
    yield f"  {verb} {shown(side.peer)}: {side.allowed}"
    for step in side.steps:
        yield f"    {shown(_sentence(step))}"
        yield f"      {shown(step.file)}:{step.line}"
    if side.isolated:
        yield "    NetworkPolicies select it: what none of them allows is denied"
    else:
        rest = "the rest is allowed" if side.steps else "all is allowed"
        yield f"    no NetworkPolicy selects it for {side.direction}: {rest}"


def _sentence(step: Step) -> str:
    if step.effect == "isolate":
        return f"{step.policy} selects it, and no rule of it is about this connection"
    return f"{step.policy}, {step.rule}, {_WORDS[step.effect]} {step.ports}"


def _say_json(answers: list[Explanation], made: NetworkMap) -> None:
    row = {
        "version": VERSION,
        "explanations": [_answer(it) for it in answers],
        "incomplete": made.missing,
        "notes": made.notes,
    }
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(row, indent=2) + "\n")


def _answer(it: Explanation) -> dict[str, Any]:
    return {
        "source": it.source,
        "target": it.target,
        "ports": str(it.allowed) if it.allowed else None,
        "entrances": [{**lead._asdict(), "ports": str(lead.ports)} for lead in it.leads],
        "sides": [
            {
                "peer": side.peer,
                "direction": side.direction,
                "ports": str(side.allowed) if side.allowed else None,
                "isolated": side.isolated,
                "rules": [
                    {**step._asdict(), "ports": str(step.ports) if step.ports else None}
                    for step in side.steps
                ],
            }
            for side in it.sides
        ],
    }
