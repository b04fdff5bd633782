"""The reference of the command line: every command's own help, word for word."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from portside.cli import COMMANDS, OVERVIEW

PAGE = "docs/reference/cli.md"
_HEAD = """\
# The command line

Generated from the commands themselves; `portside COMMAND --help` says the same.
What the exit codes mean is in [exit-codes.md](exit-codes.md).
"""


def pages() -> Iterator[tuple[str, str]]:
    """docs/reference/cli.md"""
    with _width("100"):
        parts = [_HEAD, f"\n```\n$ portside\n{OVERVIEW}```\n"]
        for name, made in parsers():
            parts.append(f"\n## portside {name}\n\n```\n{made.format_help()}```\n")
    yield PAGE, "".join(parts)


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command and the commands below it, in the order of the overview."""
    for name in COMMANDS:
        module = import_module(f"portside.cli.{name}")
        if not hasattr(module, "parts"):
            yield name, module.arguments()
        else:
            for part, made in module.parts().items():
                yield f"{name} {part}", made
        if name == "waivers":
            yield "waivers new", import_module("portside.cli.waivers_new").arguments()


@contextmanager
def _width(columns: str) -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = columns
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
