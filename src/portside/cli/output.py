"""Where reports go: standard output, or files that are replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from portside.errors import UsageError, did_you_mean
from portside.records import NamedTuple
from portside.report import REPORTS, report

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.report.context import Context


class Output(NamedTuple):
    """A report and the file it goes to; empty for standard output."""

    report: str
    path: str


def outputs(given: Sequence[str] | None, known: Iterable[str] = REPORTS) -> list[Output]:
    """What `-o FORMAT[=FILE]` asks for, in order, of the reports that are `known`; else text.

    Raises UsageError, before anything is scanned, for a report that does not exist, for a file
    that cannot be written, and for two reports in one place.
    """
    made = [_output(text, list(known)) for text in given or ["text"]]
    taken: set[str] = set()
    for it in made:
        place = os.path.realpath(it.path) if it.path else ""
        if place in taken:
            where = it.path or "standard output"
            raise UsageError(
                f"two reports go to {where}", hint="give each a file of its own: -o FORMAT=FILE"
            )
        taken.add(place)
        if it.path:
            _must_be_writable(it.path)
    return made


def _output(text: str, known: Sequence[str]) -> Output:
    name, equals, path = text.partition("=")
    if name not in known:
        hint = f"{did_you_mean(name, known)}reports: {', '.join(known)}"
        raise UsageError(f"no report is called {name}", hint=hint)
    if equals and not path:
        raise UsageError(f"-o {text} names no file", hint=f"-o {name}=FILE, or -o {name}")
    return Output(name, path)


def _must_be_writable(path: str) -> None:
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        problem = "is a folder"
    elif not os.path.isdir(folder):
        problem = "cannot be written: there is no such folder"
    elif not os.access(path if os.path.exists(path) else folder, os.W_OK):
        problem = "cannot be written: permission denied"
    else:
        return
    raise UsageError(
        problem, where=path, hint="name a file in a folder that exists: -o FORMAT=FILE"
    )


def write(wanted: Sequence[Output], evaluation: Evaluation, context: Context) -> None:
    """Write every report. Raises UsageError at the end for what could not be written."""
    plain = context._replace(terminal=False, color=False, links="", unicode=True, verbose=True)
    failed: UsageError | None = None
    for it in wanted:
        render = report(it.report)
        if not it.path:
            say(render(evaluation, context), machine=it.report != "text")
            continue
        try:
            written(it.path, render(evaluation, plain))
        except UsageError as error:
            failed = failed or error
    if failed:
        raise failed


def say(parts: Iterable[str], *, machine: bool) -> None:
    """Write `parts` to standard output; what a program reads is UTF-8 wherever we run."""
    out = sys.stdout
    if machine:
        out.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    else:
        out.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    out.writelines(parts)
    out.flush()


def written(path: str, parts: Iterable[str]) -> None:
    """Write `parts` to the file at `path`, which is replaced only once all is there.

    A link keeps pointing where it did; a device or a pipe is written to as it is.
    """
    target = os.path.realpath(path)
    try:
        if _is_file_or_new(target):
            _replaced(target, parts)
        else:
            _fill(target, parts)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=path, undone="the report was not written"
        ) from error


def _is_file_or_new(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


def _replaced(path: str, parts: Iterable[str]) -> None:
    fresh = f"{path}.{os.getpid()}.tmp"
    try:
        _fill(fresh, parts)
        if os.path.exists(path):
            os.chmod(fresh, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(fresh, path)
    except BaseException:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise


def _fill(path: str, parts: Iterable[str]) -> None:
    with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.writelines(parts)
