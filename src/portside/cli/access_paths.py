"""`portside access paths`: who can become what, step by step."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from portside.cli.graph import add_graph, exit_code, read_graph, say_notes
from portside.cli.options import add_format, parser
from portside.errors import UsageError, did_you_mean
from portside.graph.access import MOST_PATHS, Access, Become
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.graph.build import Application
    from portside.graph.model import Edge
    from portside.model.finding import Unread

VERSION = 1
ENDS = """\
X is a workload, a service account, a user or a group, as NAMESPACE/NAME or NAME; Y is one of the
last three, a Secret, or cluster-admin (every right), node (root on a node) or secrets (all of
them). Without --to: what an attacker is after; with --from alone: all that it can become.

exit codes: 0 said, whether there are paths or not, 2 usage, 3 something could not be read"""


def run(argv: Sequence[str]) -> int:
    """Write the paths; 3 where something could not be read."""
    options = arguments().parse_args(argv)
    made, unread = read_graph(options)
    access = Access(made)
    sources = _named(access, options.source, as_source=True)
    targets = _named(access, options.target, as_source=False)
    found = list(islice(access.paths(sources, targets), MOST_PATHS + 1))
    notes = list(made.graph.notes)
    if len(found) > MOST_PATHS:
        found.pop()
        notes.append(f"more than {MOST_PATHS} paths: name --from or --to for the others")
    if not made.whole:
        notes.append("what was read is a part: that a path is not here says nothing")
    if options.output == "json":
        sys.stdout.write(_json(found, made, access, notes, unread))
    else:
        sys.stdout.writelines(_text(found, made, access))
        say_notes(notes)
    return exit_code(unread, allowed=options.allow_unread)


def arguments() -> argparse.ArgumentParser:
    """The options of `portside access paths`."""
    made = parser(
        "access paths",
        "Who can become what: by roles, bindings, tokens, Secrets and the pods they may create.",
        usage="[PATH ...] [options]",
        examples=(
            ("portside access paths shop/", "who comes to every right, a node or all Secrets"),
            ("portside access paths --from shop/web shop/", "all that shop/web can become"),
            ("portside access paths --to cluster-admin -o json shop/", "for programs"),
        ),
        ends=ENDS,
    )
    made.add_argument("--from", dest="source", metavar="X", default="", help="who starts")
    made.add_argument("--to", dest="target", metavar="Y", default="", help="what is to be reached")
    add_format(made, ("text", "json"))
    add_graph(made)
    return made


def _named(access: Access, word: str, *, as_source: bool) -> list[int]:
    if not word:
        return []
    found = access.named(word, as_source=as_source)
    if not found and word in ("cluster-admin", "node", "secrets") and not as_source:
        return [-1]  # nothing here leads there
    if not found:
        near = did_you_mean(word, access.known(as_source=as_source))
        raise UsageError(
            f"nothing here is called {word}",
            hint=f"{near}portside graph shows what there is",
            undone="no path was looked for",
        )
    return found


def _text(found: Sequence[Become], made: Application, access: Access) -> Iterator[str]:
    for it in found:
        cost = ("", " (needs another bug)", " (needs a rare condition)")[min(it.cost, 2)]
        yield f"{shown(it.source)} can become: {shown(it.target)}{cost}\n"
        for edge in it.steps:
            source, target = (access.nodes[end].title for end in (edge.source, edge.target))
            place = f"  {edge.file}:{edge.line}" if edge.file else ""
            rules = ", ".join(_rules(edge, made))
            yield shown(f"  {source} → {target}: {edge.why}{place}")
            yield f"  [{shown(rules)}]\n" if rules else "\n"
        yield "\n"
    if not found:
        yield "no path\n"


def _rules(edge: Edge, made: Application) -> list[str]:
    return list(dict.fromkeys(made.faults[it].rule for it in edge.faults))


def _json(
    found: Sequence[Become],
    made: Application,
    access: Access,
    notes: Sequence[str],
    unread: Sequence[Unread],
) -> str:
    row: dict[str, Any] = {
        "version": VERSION,
        "paths": [
            {
                "from": it.source,
                "to": it.target,
                "cost": it.cost,
                "steps": [_step(edge, made, access) for edge in it.steps],
            }
            for it in found
        ],
        "incomplete": [
            {"what": it.what, "reason": it.reason, "file": it.file, "line": it.line or None}
            for it in unread
        ],
        "notes": list(notes),
    }
    return f"{json.dumps(row, indent=2)}\n"


def _step(edge: Edge, made: Application, access: Access) -> dict[str, Any]:
    return {
        "from": access.nodes[edge.source].title,
        "to": access.nodes[edge.target].title,
        "kind": edge.kind,
        "why": edge.why,
        "file": edge.file or None,
        "line": edge.line or None,
        "rules": _rules(edge, made),
    }
