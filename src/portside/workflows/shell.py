"""Scripts of shells → their commands: words, redirections and what joins them.

Enough of POSIX's shell command language to see which program is run with which words, and where
what it prints goes; nothing is expanded. PowerShell's scripts are cut in the same way, which is
near enough for this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from portside.records import NamedTuple

LONGEST = 100_000
"""Characters of a script that are looked at."""
_DEEPEST = 10
"""Substitutions within substitutions that are looked into."""
POWERSHELLS = ("pwsh", "powershell")
_BLANK = " \t\r"
_JOINTS = ("&&", "||", ";;", "|&", "|", ";", "&", "\n")
_REDIRECTIONS = ("&>>", "&>", ">>", ">|", ">&", "<<<", "<<-", "<<", "<&", "<", ">")
_ENDS = frozenset(_BLANK + "\n;&|<>()")
_PREFIXES = frozenset(
    ("sudo", "env", "time", "exec", "command", "nohup", "!", "then", "do", "else", "if", "while")
)


class Word(NamedTuple):
    text: str
    """As it is written, with its quotes."""
    start: int
    end: int

    @property
    def value(self) -> str:
        """Without its quotes."""
        return self.text.replace('"', "").replace("'", "").replace("\\\n", "")

    @property
    def is_fixed(self) -> bool:
        """Whether it holds nothing that is expanded: `'…'` whole, or no `$` and no backtick."""
        if self.text[:1] == "'" and self.text.find("'", 1) == len(self.text) - 1:
            return True
        return "$" not in self.text and "`" not in self.text


class Redirection(NamedTuple):
    sign: str
    target: Word


@dataclass(slots=True)
class Command:
    """One program with its words. `before` and `after` are what joins it to its neighbours."""

    words: list[Word] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)
    before: str = ""
    after: str = ""

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        """Behind its last word or the target of its last redirection."""
        return max(self.words[-1].end, *(it.target.end for it in self.redirections or ()), 0)

    @property
    def program(self) -> list[Word]:
        """Its words from the program's name on: without assignments, `sudo` and `env`."""
        words = self.words
        for at, word in enumerate(words):
            name, sign, _ = word.text.partition("=")
            if word.value in _PREFIXES or (sign and name.isidentifier()):
                continue
            if at and word.text.startswith("-") and words[at - 1].value in ("sudo", "env"):
                continue
            return words[at:]
        return []

    @property
    def name(self) -> str:
        """The program's name, without its folder; empty where there is none."""
        program = self.program
        return program[0].value.rpartition("/")[2] if program else ""

    @property
    def arguments(self) -> list[str]:
        return [it.value for it in self.program[1:]]


def commands(script: str, shell: str = "bash") -> Iterator[Command]:
    """The commands of `script`, in the order of the text, and then those in `$(…)`."""
    if shell in POWERSHELLS:
        # A backtick continues the line; what stands in its place is as long.
        script = script.replace("`\n", "\\\n")
    pending = [(0, min(len(script), LONGEST), 0)]
    while pending:
        begin, end, depth = pending.pop(0)
        cutter = _Cutter(script, begin, end)
        yield from cutter.commands()
        if depth < _DEEPEST:
            pending += [(*span, depth + 1) for span in cutter.inner]


class _Cutter:
    __slots__ = ("at", "command", "end", "heredocs", "inner", "text")

    def __init__(self, text: str, begin: int, end: int) -> None:
        self.text = text
        self.at = begin
        self.end = end
        self.command = Command()
        self.heredocs: list[tuple[str, bool]] = []
        self.inner: list[tuple[int, int]] = []
        """Where the command substitutions of this text stand."""

    def commands(self) -> Iterator[Command]:
        while self.at < self.end:
            character = self.text[self.at]
            if character in _BLANK or self.text.startswith("\\\n", self.at):
                self.at += 1 if character in _BLANK else 2
            elif character == "#":
                self._comment()
            elif character in "()":
                yield from self._join(";", 1)
            else:
                yield from self._next()
        yield from self._join("", 0)

    def _next(self) -> Iterator[Command]:
        redirection = self._redirection()
        if redirection:
            self._redirect(redirection)
            return
        for joint in _JOINTS:
            if self.text.startswith(joint, self.at):
                yield from self._join(joint, len(joint))
                if joint == "\n":
                    self._skip_heredocs()
                return
        word = self._word()
        if word.text not in ("{", "}"):
            self.command.words.append(word)

    def _join(self, joint: str, width: int) -> Iterator[Command]:
        self.at += width
        if self.command.words:
            self.command.after = joint
            yield self.command
            self.command = Command(before=joint)
        elif joint not in ("\n", ""):
            self.command.before = joint

    def _redirection(self) -> str:
        at = self.at
        while at < self.end and self.text[at].isdigit():
            at += 1
        for sign in _REDIRECTIONS:
            if self.text.startswith(sign, at):
                return self.text[self.at : at] + sign
        return ""

    def _redirect(self, sign: str) -> None:
        self.at += len(sign)
        while self.at < self.end and self.text[self.at] in _BLANK:
            self.at += 1
        target = self._word()
        bare = sign.lstrip("0123456789")
        if bare in ("<<", "<<-"):
            self.heredocs.append((target.value.replace("\\", ""), bare == "<<-"))
        self.command.redirections.append(Redirection(sign, target))

    def _comment(self) -> None:
        found = self.text.find("\n", self.at, self.end)
        self.at = self.end if found < 0 else found

    def _skip_heredocs(self) -> None:
        for mark, tabs in self.heredocs:
            while self.at < self.end:
                found = self.text.find("\n", self.at, self.end)
                stop = self.end if found < 0 else found
                line = self.text[self.at : stop]
                self.at = min(stop + 1, self.end)
                if (line.lstrip("\t") if tabs else line).rstrip("\r") == mark:
                    break
        self.heredocs = []

    def _word(self) -> Word:
        start = self.at
        while self.at < self.end and self.text[self.at] not in _ENDS:
            self._piece()
        if self.at == start:
            self.at += 1
        return Word(self.text[start : self.at], start, self.at)

    def _piece(self) -> None:
        """Pass a character, or what is quoted or substituted."""
        text, at = self.text, self.at
        if text[at] == "\\":
            self.at = min(at + 2, self.end)
        elif text.startswith("${{", at):
            self._behind("}}", at + 3)
        elif text[at] == "'":
            self._behind("'", at + 1)
        elif text[at] == '"':
            self._double_quoted()
        elif text.startswith("$(", at):
            self._substitution()
        elif text.startswith("${", at):
            self._behind("}", at + 2)
        elif text[at] == "`":
            self._behind("`", at + 1)
            self.inner.append((at + 1, self.at - 1))
        else:
            self.at += 1

    def _behind(self, mark: str, begin: int) -> None:
        found = self.text.find(mark, begin, self.end)
        self.at = self.end if found < 0 else found + len(mark)

    def _double_quoted(self) -> None:
        self.at += 1
        while self.at < self.end and self.text[self.at] != '"':
            if self.text[self.at] == "'":
                self.at += 1
            else:
                self._piece()
        self.at = min(self.at + 1, self.end)

    def _substitution(self) -> None:
        """Pass `$(…)`, whose commands are looked at afterwards; parentheses in it must match."""
        begin = self.at + 2
        depth, self.at = 1, begin
        while self.at < self.end and depth:
            character = self.text[self.at]
            depth += (character == "(") - (character == ")")
            if character in "'\\":
                self._piece()
            else:
                self.at += 1
        self.inner.append((begin, self.at - 1 if not depth else self.at))
