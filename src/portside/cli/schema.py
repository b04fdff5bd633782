"""`portside schema`: the JSON schemas of what is read and written, for editors and programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from portside.cli.options import columns, parser, word_of
from portside.schemas import SCHEMAS, schema_text, shipped

ABOUT = {
    "config": "portside.yaml",
    "report": "what scan -o json writes",
    "diff": "what diff -o json writes",
    "rule": "a rule file of your own",
    "compliance": "what compliance -o json writes",
}


def run(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    if options.name is None:
        rows = [(f"portside schema {name}", ABOUT[name]) for name in shipped()]
        sys.stdout.write("\n".join(["The schemas:", "", *columns(rows), ""]))
        return 0
    sys.stdout.write(schema_text(options.name))
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside schema`."""
    names = [name for name in SCHEMAS if name in shipped()]
    made = parser(
        "schema",
        "Print a JSON schema; without a name, list them.",
        usage=f"[{'|'.join(names)}]",
        examples=tuple((f"portside schema {name}", ABOUT[name]) for name in names),
    )
    made.add_argument(
        "name",
        nargs="?",
        choices=names,
        type=word_of("schema", names),
        metavar="NAME",
        help=f"one of {', '.join(names)}",
    )
    return made
