"""`portside access`: what identities may do, and whom they can become by it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from portside.cli import access_paths
from portside.cli.options import columns, did_you_mean
from portside.errors import UsageError


class Part(NamedTuple):
    """One of the commands below `access`."""

    about: str
    arguments: Callable[[], argparse.ArgumentParser]
    run: Callable[[Sequence[str]], int]


_PARTS = {"paths": Part("who can become what", access_paths.arguments, access_paths.run)}
_HEAD = "Rights: what the roles and bindings in your files come to."
_TAIL = "portside access COMMAND --help for the rest"


def run(argv: Sequence[str]) -> int:
    """Run `access paths`; alone, say what there is."""
    if not argv or argv[0] in ("-h", "--help"):
        import sys

        rows = [(f"portside access {name}", part.about) for name, part in _PARTS.items()]
        sys.stdout.write("\n".join([_HEAD, "", *columns(rows), "", _TAIL, ""]))
        return 0
    if argv[0] not in _PARTS:
        raise UsageError(
            f"access has no command {argv[0]}",
            hint=f"{did_you_mean(argv[0], _PARTS)}commands: {', '.join(_PARTS)}",
            undone="nothing was done",
        )
    return _PARTS[argv[0]].run(argv[1:])


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `access`: for completion and the reference."""
    return {name: part.arguments() for name, part in _PARTS.items()}
