"""`portside network`: who reaches whom, what a change does to it, and why."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from portside.cli.parts import module, parsers, run_part

_HEAD = "Network reachability: who may connect to whom, by the policies in your files."
_PARTS = {
    "list": module("network_list", "every connection that is allowed"),
    "diff": module("network_diff", "what a change allows and denies"),
    "explain": module("network_explain", "which rules allow or deny a connection"),
}


def run(argv: Sequence[str]) -> int:
    """Run `network list` and its like; alone, say which there are."""
    return run_part("network", _HEAD, _PARTS, argv)


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `network`: for completion and the reference."""
    return parsers(_PARTS)
