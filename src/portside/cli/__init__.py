"""The command line: what exists, and the way to it. A command's module is imported when chosen."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from portside.errors import ExpectedError, UsageError, did_you_mean

COMMANDS = (
    "scan",
    "diff",
    "render",
    "vendor",
    "rules",
    "eval",
    "explain",
    "waivers",
    "migrate",
    "config",
    "network",
    "graph",
    "access",
    "compliance",
    "lsp",
    "schema",
    "completion",
    "version",
)
"""Every command; each is a module of this package with `run(argv) -> exit code`."""

CLEAN, FOUND, USAGE, INCOMPLETE, BUG = range(5)
INTERRUPTED = 130

OVERVIEW = """\
Judge what you are about to run on Kubernetes, and where it must be edited.

  portside scan .                    what is wrong here, and where
  portside scan --profile strict .   the same, asked more sternly
  kubectl kustomize o/ | portside scan -
  portside diff                      what a change brings: new findings, reach, rights
  portside explain RULE              why, how to mend, how to be excused
  portside rules list                every rule
  portside eval 'object.kind' .      ask objects anything, in CEL

portside COMMAND --help for the rest: render, vendor, waivers, migrate, config, network, graph,
access, compliance, lsp, schema, completion, version
"""


def program() -> NoReturn:
    """The installed command: `main`, and then out at once.

    Taking the interpreter apart would cost a scan of one file a tenth of its time.
    """
    import os

    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or USAGE
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code; see docs/reference/exit-codes.md."""
    # A scan makes many values and no cycles: collecting as often as usual doubles its time.
    gc.set_threshold(1_000_000, 20, 100)
    _open_streams()
    try:
        code = _command(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where all is told
        return _told(error)
    return code


def _command(words: list[str]) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(OVERVIEW)
        return CLEAN
    if words[0] in ("--version", "-V"):
        words[0] = "version"
    return _run(words[0], words[1:])


def _run(command: str, words: list[str]) -> int:
    if command not in COMMANDS:
        raise _no_such(command)
    from importlib import import_module

    code: int = import_module(f"portside.cli.{command}").run(words)
    return code


def _no_such(command: str) -> UsageError:
    what = "command"
    hint = f"{did_you_mean(command, COMMANDS)}commands: {', '.join(COMMANDS)}"
    if command.startswith("-"):
        what, hint = "option", f"options follow a command: portside COMMAND {command}"
    return UsageError(f"no {what} is called {command}", hint=hint, undone="nothing was done")


def _open_streams() -> None:
    """Let the three streams be usable: open, and able to write every character somehow.

    A closed one would give its number to the next file that is opened, and our messages with it.
    """
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        _open_closed()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def _open_closed() -> None:
    import os

    while os.open(os.devnull, os.O_RDWR) < 3:  # the lowest number that is free is taken
        pass
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as we live


def _safe(text: str) -> str:
    """`text` for a terminal: names of files and keys may hold what would move its cursor."""
    from portside.report.context import shown

    return "\n".join(shown(line) for line in text.split("\n"))


def _told(error: BaseException) -> int:
    """Say on standard error how the run ended, and give its exit code."""
    while True:
        try:
            return _said(error)
        except KeyboardInterrupt as again:  # one more Ctrl-C, before the first was told
            error = again


def _said(error: BaseException) -> int:
    if isinstance(error, ExpectedError):
        sys.stderr.write(f"{_safe(str(error))}\n")
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        _leave_output()
        return INCOMPLETE
    if isinstance(error, KeyboardInterrupt):
        return _interrupted()
    return _unforeseen(error)


def _interrupted() -> int:
    import signal

    # A second Ctrl-C while we leave would end in a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_output()
    sys.stderr.write("portside: interrupted: the answer is not complete\n")
    return INTERRUPTED


def _leave_output() -> None:
    """Let nothing more be written at the end: nobody reads it, or it cannot be whole."""
    import os
    from contextlib import suppress

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unforeseen(error: BaseException) -> int:
    import errno

    from portside.crash import traceback_of

    if isinstance(error, FileNotFoundError) and _folder_is_gone():
        sys.stderr.write("portside: the current folder is gone\n  change to one that exists\n")
        return USAGE
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EFBIG):
        _leave_output()
        sys.stderr.write(f"standard output: cannot be written: {error.strerror}\n")
        return USAGE
    sys.stderr.write(_safe(traceback_of(error)))
    sys.stderr.write("portside: this is a bug in portside, not in what was scanned (exit 4)\n")
    return BUG


def _folder_is_gone() -> bool:
    import os

    try:
        os.getcwd()
    except OSError:
        return True
    return False
