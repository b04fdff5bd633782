"""`portside graph`: what there is in an application, what leads where, and the attack paths."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.as_installed import left_out
from portside.cli.built import Rounds
from portside.cli.config import load_config
from portside.cli.deployed import Deploying
from portside.cli.graph_facts import graph_plan, joined, judged_for_graph, together
from portside.cli.options import add_format, add_sources, add_version, parser
from portside.graph.attack import Attack
from portside.graph.drawing.page import page
from portside.graph.drawing.text import dot, mermaid, text
from portside.graph.drawing.view import MOST_DRAWN, View, view
from portside.policy.profile import NEWEST, parse_version
from portside.report.context import shown
from portside.sources.ignores import ignores_of
from portside.sources.read import read_file
from portside.sources.walk import STDIN, Found, find

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.graph.build import Application
    from portside.model.finding import FileResult, Unread

ENDS = """\
An arrow is a fact (a Service leads to a Deployment) or a step of an attacker. Steps exist as
controls fail, whatever the profile: mend a finding, and its step is gone. Bands are those of
portside scan --paths.

exit codes: 0 drawn, 2 usage, 3 something could not be read: then the graph lacks it"""
_FORMATS = ("text", "dot", "mermaid", "html")
_ALL = 1_000_000
CLEAN, INCOMPLETE = 0, 3


def run(argv: Sequence[str]) -> int:
    """Write the graph; 3 where something could not be read."""
    options = arguments().parse_args(argv)
    made, unread = read_graph(options, policies=True)
    attack = Attack(made)
    # A picture is for people; what programs and pipes read is whole.
    most = MOST_DRAWN if options.output in ("mermaid", "html") else _ALL
    drawn = view(attack, only_paths=options.attack_paths, most=most)
    if options.output != "text":
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    notes = _notes(made, drawn)
    for line in _lines(options.output, drawn, notes):
        sys.stdout.write(f"{shown(line) if options.output == 'text' else line}\n")
    say_notes(notes)
    return exit_code(unread, allowed=options.allow_unread)


def arguments() -> argparse.ArgumentParser:
    """The options of `portside graph`."""
    made = parser(
        "graph",
        "The graph of an application: what there is, what leads where, and the attack paths.",
        usage="[PATH ...] [options]",
        examples=(
            ("portside graph shop/", "every step, a line each"),
            ("portside graph -o html shop/ > shop.html", "a page to look at"),
            ("portside graph --paths -o mermaid shop/", "only what attack paths lead over"),
        ),
        ends=ENDS,
    )
    add_format(made, _FORMATS)
    made.add_argument(
        "--paths", action="store_true", dest="attack_paths", help="only what attack paths lead over"
    )
    add_graph(made)
    return made


def add_graph(made: argparse.ArgumentParser) -> None:
    """What the commands share that read a graph."""
    add_sources(made)
    group = made.add_argument_group("how it is judged")
    add_version(group)
    group.add_argument(
        "--part",
        action="store_true",
        help="what is read is a part: objects that are absent may exist elsewhere",
    )
    group.add_argument("--allow-unread", action="store_true", help="accept what could not be read")


def read_graph(
    options: argparse.Namespace, *, policies: bool = False
) -> tuple[Application, list[Unread]]:
    """The graph of the paths in `options`; what could not be read is said on standard error."""
    config = load_config(options.config, options.paths)
    ignores = ignores_of(*config.selection(options))
    items: list[Item] = [
        read_file(it, config.limits) if isinstance(it, Found) and it.path == STDIN else it
        for it in find(options.paths or ["."], ignores, config.folder)
    ]
    version = options.kubernetes_version or config.kubernetes_version
    minor = parse_version(version) if version else NEWEST
    cached = None if options.no_cache else [os.getcwd(), options.paths]

    def judge(some: Sequence[Item]) -> list[FileResult]:
        return judged_for_graph(some, config.limits, version, cached)

    known = Rounds(items, Deploying(items, options, config), config, minor, judge).settled()
    results = together(known.items, known.results)
    made, unread = joined(results, graph_plan(version), whole=not options.part, policies=policies)
    made.graph.notes.extend(left_out(known.items))
    unread = [*unread, *known.unread]
    for it in unread:
        place = ":".join(str(part) for part in (shown(it.file), it.line, it.column) if part)
        sys.stderr.write(f"{place}: {shown(it.reason)}\n")
    return made, unread


def exit_code(unread: Sequence[Unread], *, allowed: bool) -> int:
    """3 where something went unread, which is said."""
    if not unread or allowed:
        return CLEAN
    sys.stdout.flush()
    sys.stderr.write(f"{len(unread)} not read: the graph is incomplete (exit {INCOMPLETE})\n")
    return INCOMPLETE


def say_notes(notes: Sequence[str]) -> None:
    """Say on standard error what qualifies the graph."""
    sys.stdout.flush()
    for note in notes:
        sys.stderr.write(f"note: {shown(note)}\n")


def _notes(made: Application, drawn: View) -> list[str]:
    notes = list(made.graph.notes)
    if not made.whole:
        notes.append("what was read is a part: that a path is not here says nothing")
    if drawn.left_out:
        notes.append(
            f"{drawn.left_out} more things are not drawn: name fewer folders, or -o text or dot"
        )
    return notes


def _lines(output: str, drawn: View, notes: Sequence[str]) -> Iterator[str]:
    if output == "html":
        return page(drawn, notes)
    return {"text": text, "dot": dot, "mermaid": mermaid}[output](drawn)
