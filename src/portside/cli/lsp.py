"""`portside lsp`: the language server, which an editor starts and talks to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

from portside.cli.options import add_config, add_judging, parser
from portside.errors import UsageError

_USUAL_PORT = 7658
_LEFT, _LOST = 0, 1
Serve = Callable[[BinaryIO, BinaryIO], None]
ServeAt = Callable[[int], None]


def run(argv: Sequence[str]) -> int:
    """Serve one editor until it leaves; 1 where it went without a word."""
    options = arguments().parse_args(argv)
    try:
        from portside.lsp.server import Server
    except ImportError as error:
        if not (error.name or "").startswith(("pygls", "lsprotocol", "attrs", "cattrs")):
            raise
        raise UsageError(
            "lsp needs pygls, which is not installed",
            hint="pip install 'portside[lsp]'",
            undone="no editor was served",
        ) from error
    server = Server(_of_a_scan(options))
    if options.tcp is not None:
        sys.stderr.write(f"portside lsp: waits for an editor at 127.0.0.1:{options.tcp}\n")
        _served_at(server.serve_at, options.tcp)
    else:
        _be_quiet_and(server.serve)
    return _LEFT if server.left_in_order else _LOST


def arguments() -> argparse.ArgumentParser:
    """The options of `portside lsp`."""
    made = parser(
        "lsp",
        "Judge in an editor what is typed there: a language server (LSP) on standard input.",
        usage="[options]",
        examples=(
            ("portside lsp", "what an editor starts; docs/howto/editor.md has how"),
            ("portside lsp --profile strict", "asked more sternly"),
        ),
    )
    add_config(made)
    add_judging(made)
    made.add_argument(
        "--tcp",
        type=_port,
        nargs="?",
        const=_USUAL_PORT,
        metavar="PORT",
        help=f"wait at 127.0.0.1, to debug (default: {_USUAL_PORT}); any user may connect",
    )
    made.add_argument("--stdio", action="store_true", help="what it does anyway; editors pass it")
    return made


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise UsageError(f"--tcp {text}: no port", hint="expected 1 to 65535")
    return int(text)


def _of_a_scan(options: argparse.Namespace) -> argparse.Namespace:
    """The options of `portside scan` that these stand for."""
    from portside.cli import scan

    made = scan.arguments().parse_args([])
    for name, value in vars(options).items():
        if hasattr(made, name):
            setattr(made, name, value)
    made.no_cache = True
    # One text is never all there is: rules across objects that miss something are undecided.
    made.part = True
    return made


def _be_quiet_and(serve: Serve) -> None:
    """Keep standard output for the protocol: what anything else prints goes to standard error."""
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(reader, writer)


def _served_at(serve_at: ServeAt, port: int) -> None:
    try:
        serve_at(port)
    except OSError as error:
        raise UsageError(
            f"--tcp {port}: {error.strerror or error}", undone="no editor was served"
        ) from error
