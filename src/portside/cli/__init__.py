"""The command line: what exists, and the way to it. A command's module is imported when chosen."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from portside.errors import ExpectedError

COMMANDS = (
    "scan",
    "render",
    "rules",
    "eval",
    "explain",
    "waivers",
    "schema",
    "completion",
    "version",
)
"""Every command; each is a module of this package with `run(argv) -> exit code`."""

CLEAN, FOUND, USAGE, INCOMPLETE, BUG = range(5)

OVERVIEW = """\
Judge what you are about to run on Kubernetes, and where it must be edited.

  portside scan .                    what is wrong here, and where
  portside scan --profile strict .   the same, asked more sternly
  kubectl kustomize o/ | portside scan -
  portside explain RULE              why, how to mend, how to be excused
  portside rules list                every rule
  portside eval 'object.kind' .      ask objects anything, in CEL

portside COMMAND --help for the rest: render, waivers, schema, completion, version
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code; see docs/reference/exit-codes.md."""
    # A scan makes many values and no cycles: collecting as often as usual doubles its time.
    gc.set_threshold(200_000, 20, 100)
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(OVERVIEW)
        return CLEAN
    if words[0] in ("--version", "-V"):
        words[0] = "version"
    try:
        return _run(words[0], words[1:])
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("portside: interrupted; the scan is not complete\n")
        return 130
    except BrokenPipeError:
        _leave_pipe()
        return INCOMPLETE
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except Exception:  # noqa: BLE001 - the one place where a bug of ours is told
        import traceback

        traceback.print_exc()
        sys.stderr.write("portside: this is a bug in portside, not in what was scanned (exit 4)\n")
        return BUG


def _run(command: str, words: list[str]) -> int:
    if command not in COMMANDS:
        from difflib import get_close_matches

        from portside.errors import UsageError

        near = get_close_matches(command, COMMANDS, 1)
        meant = f"did you mean {near[0]}?  " if near else ""
        raise UsageError(
            f"no command is called {command}",
            hint=f"{meant}commands: {', '.join(COMMANDS)}",
            undone="nothing was done",
        )
    from importlib import import_module

    code: int = import_module(f"portside.cli.{command}").run(words)
    return code


def _leave_pipe() -> None:
    """The reader of our output is gone: let nothing more be written at the end."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
