"""`portside network list`: every connection that the objects allow."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.network_map import FAMILIES, VERSION, NetworkMap, add_network
from portside.cli.options import add_format, parser
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.graph.network import Connection

ENDS = """\
A workload is called NAMESPACE/NAME[KIND], a range of addresses outside FIRST-LAST[External];
{ingress-controller} is whoever serves Ingresses and Routes, {gateway} the Gateway API.

exit codes: 0 the map is whole, 2 usage, 3 something could not be read or is not taken into
account: then the map lacks it"""


def run(argv: Sequence[str]) -> int:
    """Write the map; 3 where it is not whole."""
    options = arguments().parse_args(argv)
    made = NetworkMap(options, options.paths)
    connections = made.reach.connections(FAMILIES[options.ip_family])
    # What a program reads is UTF-8 wherever we run.
    if options.output != "text":
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    written = _FORMATS[options.output](connections, made)
    sys.stdout.writelines(written)
    return made.code


def arguments() -> argparse.ArgumentParser:
    """The options of `portside network list`."""
    made = parser(
        "network list",
        "Every connection that NetworkPolicies, cluster-wide policies and Ingresses allow.",
        usage="[PATH ...] [options]",
        examples=(
            ("portside network list shop/", "SOURCE => TARGET : PORTS, a line each"),
            ("portside network list -o json shop/", "for programs"),
            ("portside network list -o dot shop/ | dot -Tsvg", "a picture"),
        ),
        ends=ENDS,
    )
    add_format(made, tuple(_FORMATS))
    add_network(made)
    return made


def _text(connections: Iterable[Connection], _: NetworkMap) -> Iterator[str]:
    written: dict[int, str] = {}
    for source, target, ports in connections:
        said = written.get(id(ports))
        if said is None:
            said = written[id(ports)] = str(ports)
        yield f"{shown(source)} => {shown(target)} : {said}\n"


def _json(connections: Iterable[Connection], made: NetworkMap) -> Iterator[str]:
    yield f'{{\n  "version": {VERSION},\n  "connections": ['
    mark = "\n"
    for it in connections:
        row = {"source": it.source, "target": it.target, "ports": str(it.ports)}
        yield f"{mark}    {json.dumps(row)}"
        mark = ",\n"
    yield f"{'' if mark == chr(10) else chr(10) + '  '}],\n"
    yield f'  "incomplete": {json.dumps(made.missing)},\n  "notes": {json.dumps(made.notes)}\n}}\n'


def _markdown(connections: Iterable[Connection], _: NetworkMap) -> Iterator[str]:
    yield "| source | target | ports |\n|---|---|---|\n"
    for it in connections:
        yield f"| {cell(it.source)} | {cell(it.target)} | {it.ports} |\n"


def _dot(connections: Iterable[Connection], made: NetworkMap) -> Iterator[str]:
    yield "digraph network {\n  rankdir=LR;\n  node [shape=box];\n"
    for title in sorted(made.reach.workloads):
        yield f"  {_quoted(title)};\n"
    for it in connections:
        yield f"  {_quoted(it.source)} -> {_quoted(it.target)} [label={_quoted(str(it.ports))}];\n"
    yield "}\n"


def cell(text: str) -> str:
    """`text` as code in a cell of a Markdown table, whatever is in it."""
    return f"`{shown(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _quoted(text: str) -> str:
    return '"' + shown(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


_FORMATS = {"text": _text, "json": _json, "md": _markdown, "dot": _dot}
