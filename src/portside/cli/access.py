"""`portside access`: what identities may do, and whom they can become by it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from portside.cli.parts import module, parsers, run_part

_HEAD = "Rights: what the roles and bindings in your files come to."
_PARTS = {"paths": module("access_paths", "who can become what")}


def run(argv: Sequence[str]) -> int:
    """Run `access paths`; alone, say what there is."""
    return run_part("access", _HEAD, _PARTS, argv)


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `access`: for completion and the reference."""
    return parsers(_PARTS)
