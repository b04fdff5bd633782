"""`portside network diff`: which connections a change adds, takes away and alters."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.network_list import cell
from portside.cli.network_map import FAMILIES, VERSION, NetworkMap, add_network
from portside.cli.options import add_format, parser
from portside.graph.network.difference import ADDED, CHANGED, REMOVED, difference
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.graph.network.difference import Change

_MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}


def run(argv: Sequence[str]) -> int:
    """Write what differs; 0 whether it does or not, 3 where one of the maps is not whole."""
    options = arguments().parse_args(argv)
    before = NetworkMap(options, [options.before])
    after = NetworkMap(options, [options.after])
    changes = list(difference(before.reach, after.reach, FAMILIES[options.ip_family]))
    write = {"text": _text, "json": _json, "md": _markdown}[options.output]
    if options.output != "text":
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.writelines(write(changes, before, after))
    return max(before.code, after.code)


def arguments() -> argparse.ArgumentParser:
    """The options of `portside network diff`."""
    made = parser(
        "network diff",
        "Which connections are allowed after a change, and which before.",
        usage="BEFORE AFTER [options]",
        examples=(
            ("portside network diff old/ new/", "+ allowed now, - allowed no more, ~ other ports"),
            ("portside network diff -o md old/ new/", "for the comment of a pull request"),
        ),
        ends="exit codes: 0 done, whether they differ or not, 2 usage, 3 a map is not whole",
    )
    made.add_argument("before", metavar="BEFORE", help="a folder or a file")
    made.add_argument("after", metavar="AFTER", help="a folder or a file")
    add_format(made, ("text", "json", "md"))
    add_network(made, paths=False)
    return made


def _text(changes: list[Change], _: NetworkMap, __: NetworkMap) -> Iterator[str]:
    for it in changes:
        yield f"{_MARKS[it.kind]} {shown(it.source)} => {shown(it.target)} : {_ports(it)}\n"
    if not changes:
        yield "the same connections are allowed\n"


def _ports(it: Change) -> str:
    if it.kind == CHANGED:
        return f"{it.before} -> {it.after}"
    return str(it.after or it.before)


def _markdown(changes: list[Change], _: NetworkMap, __: NetworkMap) -> Iterator[str]:
    if not changes:
        yield "The same connections are allowed.\n"
        return
    yield "| change | source | target | before | after |\n|---|---|---|---|---|\n"
    for it in changes:
        then, now = (str(ports) if ports else "" for ports in (it.before, it.after))
        yield f"| {it.kind} | {cell(it.source)} | {cell(it.target)} | {then} | {now} |\n"


def _json(changes: list[Change], before: NetworkMap, after: NetworkMap) -> Iterator[str]:
    then, now = set(before.reach.workloads), set(after.reach.workloads)
    row: dict[str, Any] = {
        "version": VERSION,
        "changes": [
            {
                "change": it.kind,
                "source": it.source,
                "target": it.target,
                "before": str(it.before) if it.before else None,
                "after": str(it.after) if it.after else None,
            }
            for it in changes
        ],
        "workloads": {"added": sorted(now - then), "removed": sorted(then - now)},
        "incomplete": {"before": before.missing, "after": after.missing},
        "notes": {"before": before.notes, "after": after.notes},
    }
    yield json.dumps(row, indent=2)
    yield "\n"
