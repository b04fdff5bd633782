"""What a Dockerfile holds: instructions with the place of every part."""

from __future__ import annotations

from collections.abc import Mapping

from portside.records import NamedTuple
from portside.syntax.dockerfile.text import BrokenError, Placed, Position
from portside.syntax.dockerfile.words import Pair, Word

EXEC = "exec"
SHELL = "shell"


class Limits(NamedTuple):
    """How much of a Dockerfile is read before it is refused."""

    size: int = 1 << 20
    """Bytes of one file."""
    instructions: int = 5_000
    words: int = 100_000
    """Words, flags and here-documents of all instructions."""


DEFAULT = Limits()


class Heredoc(NamedTuple):
    """A text within the file, up to the line that is its name."""

    name: str
    expand: bool
    """Whether variables in it are replaced; not so where its name was quoted."""
    chomp: bool
    """Whether tabs at the beginning of its lines are dropped (`<<-`)."""
    content: Placed


class Directive(NamedTuple):
    """`# escape=`, `# syntax=` or `# check=` at the top of the file."""

    name: str
    value: str
    at: Position
    """Where the value begins."""


class Comment(NamedTuple):
    """A line that is a comment. `text` is what follows the hash sign."""

    text: str
    at: Position
    inside: bool
    """Whether it stands within an instruction that goes on below it."""


class Instruction(NamedTuple):
    """One instruction. Indices of words are those of `line.text`.

    `words` are its arguments as BuildKit splits them: the strings of an array, the words of FROM
    or COPY, and for the shell form of RUN, CMD and ENTRYPOINT the whole command as one word.
    """

    keyword: str
    """In capitals."""
    line: Placed
    """The logical line: continuation lines joined, comments in between left out."""
    begin: int
    """Where the keyword begins in it."""
    last: int
    """The last line of the file that belongs to it."""
    flags: tuple[Word, ...]
    words: tuple[Word, ...]
    form: str
    """`exec` where the arguments were an array, `shell` where they were one command, or empty."""
    maps: tuple[tuple[int, ...], ...]
    """Of an array: where each character of each string is written."""
    pairs: tuple[Pair, ...]
    """The variables of ARG, ENV and LABEL."""
    heredocs: tuple[Heredoc, ...]
    trigger: Instruction | None = None
    """The instruction of ONBUILD."""

    @property
    def at(self) -> Position:
        return self.line.place(self.begin)

    def flag(self, name: str) -> str | None:
        """The value of the first flag of that name; empty where it is a flag alone."""
        return next((value for key, value, _ in self.options() if key == name), None)

    def options(self) -> list[tuple[str, str, Word]]:
        """Its flags as name, value and the flag itself."""
        found = []
        for word in self.flags:
            name, _, value = word.text[2:].partition("=")
            found.append((name, value, word))
        return found


class Source(NamedTuple):
    """A Dockerfile as it is written."""

    instructions: tuple[Instruction, ...]
    directives: Mapping[str, Directive]
    comments: tuple[Comment, ...]
    escape: str
    fault: BrokenError | None = None
    """Why BuildKit refuses it all the same: nothing is in it that a build could begin with."""
