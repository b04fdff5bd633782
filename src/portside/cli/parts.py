"""Commands that have commands below them: `rules list`, `network diff`, `access paths`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from portside.cli.options import columns
from portside.errors import UsageError, did_you_mean
from portside.records import NamedTuple


class Part(NamedTuple):
    """One of the commands below another."""

    about: str
    arguments: Callable[[], argparse.ArgumentParser]
    run: Callable[[Sequence[str]], int]


def module(name: str, about: str) -> Part:
    """A command that is a module of its own in `portside.cli`, imported when chosen."""

    def imported() -> Any:
        return import_module(f"portside.cli.{name}")

    return Part(about, lambda: imported().arguments(), lambda argv: imported().run(argv))


def run_part(command: str, head: str, known: Mapping[str, Part], argv: Sequence[str]) -> int:
    """Run the part of `command` that `argv` begins with; without one, say which there are.

    Raises UsageError where there is no such part.
    """
    if not argv or argv[0] in ("-h", "--help"):
        rows = [(f"portside {command} {name}", part.about) for name, part in known.items()]
        tail = f"portside {command} COMMAND --help for the rest"
        sys.stdout.write("\n".join([head, "", *columns(rows), "", tail, ""]))
        return 0
    if argv[0] not in known:
        raise UsageError(
            f"{command} has no command {argv[0]}",
            hint=f"{did_you_mean(argv[0], known)}commands: {', '.join(known)}",
            undone="nothing was done",
        )
    return known[argv[0]].run(argv[1:])


def parsers(known: Mapping[str, Part]) -> dict[str, argparse.ArgumentParser]:
    """The parser of each part: for completion and the reference."""
    return {name: part.arguments() for name, part in known.items()}
