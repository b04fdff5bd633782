"""`portside completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from portside.cli.options import parser, word_of
from portside.errors import UsageError

SHELLS = ("bash", "zsh", "fish", "tcsh")


def run(argv: Sequence[str]) -> int:
    options = arguments().parse_args(argv)
    try:
        import shtab
    except ImportError as error:
        raise UsageError(
            "completion needs shtab, which is not installed",
            hint="pip install 'portside[completion]'",
            undone="nothing was written",
        ) from error
    if options.shell not in shtab.SUPPORTED_SHELLS:
        raise UsageError(
            f"the installed shtab does not know {options.shell}",
            hint="pip install --upgrade shtab",
            undone="nothing was written",
        )
    sys.stdout.write(shtab.complete(tree(), shell=options.shell))
    sys.stdout.write("\n")
    return 0


def arguments() -> argparse.ArgumentParser:
    """The options of `portside completion`."""
    made = parser(
        "completion",
        "Print the script that lets a shell complete portside's commands and options.",
        usage="bash|zsh|fish|tcsh",
        examples=(
            ('eval "$(portside completion bash)"', "in ~/.bashrc"),
            ("portside completion zsh > ~/.zfunc/_portside", "a folder of zsh's fpath"),
        ),
    )
    made.add_argument(
        "shell", choices=SHELLS, type=word_of("shell", SHELLS), metavar="SHELL", help="which shell"
    )
    return made


def tree() -> argparse.ArgumentParser:
    """One parser of all commands, as they are."""
    from portside.cli import COMMANDS

    root = argparse.ArgumentParser(prog="portside", add_help=False)
    below = root.add_subparsers()
    for name in COMMANDS:
        _add(below, name, import_module(f"portside.cli.{name}"))
    return root


def _add(
    below: argparse._SubParsersAction[argparse.ArgumentParser], name: str, module: object
) -> None:
    if not hasattr(module, "parts"):
        made: argparse.ArgumentParser = module.arguments()  # type: ignore[attr-defined]
        below.add_parser(name, parents=[made], add_help=False, help=made.description)
        return
    inner = below.add_parser(name, add_help=False, help=name).add_subparsers()
    for part, made in module.parts().items():
        inner.add_parser(part, parents=[made], add_help=False, help=made.description)
