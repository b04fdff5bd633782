"""The errors a reader can act on. Everything else is a bug and keeps its traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExpectedError(Exception):
    """An outcome we foresaw: shown as a message, never as a traceback.

    `problem` says what is wrong, `where` names the thing it is wrong with (a file, a line, an
    option), `hint` says what to do next, and `undone` what did not happen because of it. `excerpt`
    is the text at fault with a mark under it, behind which the hint is written.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        where: str = "",
        hint: str = "",
        undone: str = "nothing was scanned",
        excerpt: str = "",
    ) -> None:
        from portside.secrets.veil import veiled

        # What is wrong may be that a credential stands where it does not belong.
        self.problem = veiled(problem)
        super().__init__(self.problem)
        self.where = where
        self.hint = veiled(hint)
        self.undone = undone
        self.excerpt = excerpt

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else f"portside: {self.problem}"
        lines = [self.hint]
        if self.excerpt:
            lines = f"{self.excerpt} {self.hint}".rstrip().split("\n")
        return "\n".join([head, *(f"  {line}" for line in (*lines, self.undone) if line)])


class UsageError(ExpectedError):
    """The command line asks for something that does not exist or does not fit together."""


class ConfigError(ExpectedError):
    """`portside.yaml`, a waiver or a baseline is not well formed."""


class PolicyError(ExpectedError):
    """A rule, a profile or a foreign policy is not well formed."""


class SourceError(ExpectedError):
    """What was asked for does not exist or cannot be opened at all."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """`did you mean NEAREST?  ` with its trailing spaces, or nothing where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(names), 1)
    return f"did you mean {near[0]}?  " if near else ""
