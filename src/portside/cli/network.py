"""`portside network`: who reaches whom, what a change does to it, and why."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from portside.cli import network_diff, network_explain, network_list
from portside.cli.options import columns, did_you_mean
from portside.errors import UsageError


class Part(NamedTuple):
    """One of the commands below `network`."""

    about: str
    arguments: Callable[[], argparse.ArgumentParser]
    run: Callable[[Sequence[str]], int]


_PARTS = {
    "list": Part("every connection that is allowed", network_list.arguments, network_list.run),
    "diff": Part("what a change allows and denies", network_diff.arguments, network_diff.run),
    "explain": Part(
        "which rules allow or deny a connection", network_explain.arguments, network_explain.run
    ),
}
_HEAD = "Network reachability: who may connect to whom, by the policies in your files."
_TAIL = "portside network COMMAND --help for the rest"


def run(argv: Sequence[str]) -> int:
    """Run `network list` and its like; alone, say which there are."""
    if not argv or argv[0] in ("-h", "--help"):
        rows = [(f"portside network {name}", part.about) for name, part in _PARTS.items()]
        sys.stdout.write("\n".join([_HEAD, "", *columns(rows), "", _TAIL, ""]))
        return 0
    if argv[0] not in _PARTS:
        raise UsageError(
            f"network has no command {argv[0]}",
            hint=f"{did_you_mean(argv[0], _PARTS)}commands: {', '.join(_PARTS)}",
            undone="nothing was done",
        )
    return _PARTS[argv[0]].run(argv[1:])


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `network`: for completion and the reference."""
    return {name: part.arguments() for name, part in _PARTS.items()}
