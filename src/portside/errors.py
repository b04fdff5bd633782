"""The errors a reader can act on. Everything else is a bug and keeps its traceback."""

from __future__ import annotations


class ExpectedError(Exception):
    """An outcome we foresaw: shown as a message, never as a traceback.

    `problem` says what is wrong, `where` names the thing it is wrong with (a file, a line, an
    option), `hint` says what to do next, and `undone` what did not happen because of it.
    """

    exit_code = 2

    def __init__(
        self, problem: str, *, where: str = "", hint: str = "", undone: str = "nothing was scanned"
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.hint = hint
        self.undone = undone

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else f"portside: {self.problem}"
        return "\n".join([head, *(f"  {line}" for line in (self.hint, self.undone) if line)])


class UsageError(ExpectedError):
    """The command line asks for something that does not exist or does not fit together."""


class ConfigError(ExpectedError):
    """`portside.yaml`, a waiver or a baseline is not well formed."""


class PolicyError(ExpectedError):
    """A rule, a profile or a foreign policy is not well formed."""


class SourceError(ExpectedError):
    """What was asked for does not exist or cannot be opened at all."""
