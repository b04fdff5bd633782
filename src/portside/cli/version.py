"""`portside version`: what is installed, and what it can do here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from portside import __version__
from portside.cli.options import add_format, parser


def run(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    facts = installed()
    if options.output == "json":
        import json

        sys.stdout.write(f"{json.dumps(facts, indent=2)}\n")
        return 0
    sys.stdout.write(f"portside {facts['version']}\n")
    for words in _words(facts):
        sys.stdout.write(f"  {words}\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside version`."""
    made = parser(
        "version",
        "What is installed: the version, and what it can do here.",
        usage="[-o text|json]",
        examples=(("portside version -o json", "the same, for programs"),),
    )
    add_format(made, ("text", "json"))
    return made


def installed() -> dict[str, Any]:
    """The facts, as JSON has them."""
    import platform
    from importlib.util import find_spec

    import yaml

    from portside.policy import builtin
    from portside.policy.profile import NEWEST

    return {
        "version": __version__,
        "python": platform.python_version(),
        "kubernetes": f"1.{NEWEST}",
        "rules": len(builtin.rules()),
        "re2": find_spec("re2") is not None,
        "libyaml": bool(yaml.__with_libyaml__),
    }


def _words(facts: dict[str, Any]) -> list[str]:
    re2 = (
        "there" if facts["re2"] else "absent: pip install portside[re2] for all patterns of others"
    )
    libyaml = "there" if facts["libyaml"] else "absent: reading is ten times slower"
    return [
        f"Kubernetes up to {facts['kubernetes']}",
        f"{facts['rules']} built-in rules",
        f"Python {facts['python']}",
        f"libyaml {libyaml}",
        f"re2 {re2}",
    ]
