"""A shell script → the simple commands in it, with their words and what pipes into what.

This is no interpreter: commands are told apart as a POSIX shell or bash does (POSIX.1-2024, 2.9 and
2.10), and nothing in them is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from portside.records import NamedTuple
from portside.syntax.dockerfile.shell_scan import Redirect, Scanner
from portside.syntax.dockerfile.shell_words import ShellError, ShellWord, WordReader

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")
_OPENERS = {
    "if": ("then", "elif", "else", "fi"),
    "while": ("do", "done"),
    "until": ("do", "done"),
    "{": ("}",),
}
_CLOSERS = frozenset({"then", "elif", "else", "fi", "do", "done", "}", "esac"})
_LAST = frozenset({"fi", "done", "}", "esac"})
_Read = Callable[[str, int], None]
_MOST = 20_000
"""Commands of one script."""


class Command(NamedTuple):
    """One simple command. `words` may be empty where it only sets variables or redirects."""

    words: tuple[ShellWord, ...]
    assignments: tuple[ShellWord, ...]
    redirects: tuple[Redirect, ...]
    begin: int
    reads: tuple[int, ...]
    """The commands whose output it reads through a pipe, by their number in the script."""
    inside: int
    """The number of the command in a word of which it is substituted; -1 where there is none."""
    after: str
    """How it is joined to the one before: `|`, `|&`, `&&`, `||`, `;`, or empty at the beginning."""

    @property
    def name(self) -> str:
        """What is run, without its folder."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""


class Script(NamedTuple):
    """The commands in the order in which they begin."""

    commands: tuple[Command, ...]
    comments: tuple[tuple[int, int], ...]
    """Where each comment begins (its hash sign) and ends."""
    fault: str
    """Why the rest could not be read; empty where all was."""


def parse(text: str, begin: int = 0, end: int | None = None) -> Script:
    """The commands of a script; those before a fault are told, with the fault."""
    parser = _Parser(text)
    fault = ""
    try:
        parser.script(begin, len(text) if end is None else end)
    except ShellError as error:
        fault = str(error)
    commands = tuple(it for it in parser.commands if it is not None)
    return Script(commands if not fault else parser.whole(), tuple(parser.scan.comments), fault)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.reader = WordReader(text, self._run)
        self.commands: list[Command | None] = []
        self.scan = Scanner(self.reader)
        self.inside = -1
        self.after = ""

    def whole(self) -> tuple[Command, ...]:
        """The commands that were read to their end; those that were not are left empty."""
        blank = Command((), (), (), 0, (), -1, "")
        return tuple(it or blank for it in self.commands)

    def script(self, begin: int, end: int) -> None:
        self.reader.at = begin
        self._list(end, "")
        if self.reader.at < end:
            raise ShellError(f"unexpected {self.text[self.reader.at]}")

    def _run(self, begin: int, end: int, close: str) -> int:
        """The commands of a substitution."""
        kept = self.inside, self.after, self.scan.heredocs
        self.inside = len(self.commands) - 1 if self._current < 0 else self._current
        self.after, self.scan.heredocs = "", []
        current, self._current = self._current, -1
        self.reader.at = begin
        self._list(end, close)
        if close and not self.text.startswith(close, self.reader.at, end):
            raise ShellError("a parenthesis is never closed")
        if not close and self.reader.at < end:
            raise ShellError(f"unexpected {self.text[self.reader.at]}")
        self.inside, self.after, self.scan.heredocs = kept
        self._current = current
        where = self.reader.at
        self.reader.at = begin - 2 if close else begin - 1
        return where

    _current = -1
    """The number of the command whose words are being read."""

    def _list(self, end: int, close: str) -> str:
        """Commands up to `close`, the end, or a reserved word that ends a compound: that word."""
        while True:
            self.scan.blank(end, lines=True)
            if self.reader.at >= end or (close and self.text[self.reader.at] == close):
                return ""
            word = self.scan.reserved(end)
            if word in _CLOSERS:
                return word
            if self._operator(end):
                continue
            before = self.reader.at
            self._pipeline(end)
            if self.reader.at == before:
                if self.text[before] == ")":
                    return ""
                raise ShellError(f"unexpected {self.text[before]}")

    def _operator(self, end: int) -> bool:
        for operator in ("&&", "||", ";;&", ";;", ";&", ";", "&"):
            if self.text.startswith(operator, self.reader.at, end):
                self.reader.at += len(operator)
                self.after = operator if operator in ("&&", "||") else ";"
                if operator in (";;", ";;&", ";&"):
                    self._case_ended = True
                return True
        return False

    _case_ended = False

    def _pipeline(self, end: int) -> None:
        reads: tuple[int, ...] = ()
        while True:
            first = len(self.commands)
            self._command(end, reads)
            self.scan.blank(end)
            text, at = self.text, self.reader.at
            if not text.startswith("|", at, end) or text.startswith("||", at, end):
                return
            width = 2 if text.startswith("|&", at, end) else 1
            self.after = text[at : at + width]
            self.reader.at += width
            self.scan.blank(end, lines=True)
            inside = self.inside
            reads = tuple(
                number
                for number in range(first, len(self.commands))
                if self._inside_of(number) == inside
            )

    def _inside_of(self, number: int) -> int:
        command = self.commands[number]
        return command.inside if command is not None else self.inside

    def _command(self, end: int, reads: tuple[int, ...]) -> None:
        word = self.scan.reserved(end)
        if word in ("!", "time"):
            self.reader.at += len(word)
            self.scan.blank(end)
            word = self.scan.reserved(end)
        if self.text.startswith("((", self.reader.at, end):
            self.scan.double_parentheses(end)
        elif self.text.startswith("(", self.reader.at, end):
            self._within(self._subshell, word, end, reads)
        elif word in _OPENERS:
            self._within(self._compound, word, end, reads)
        elif word in ("for", "select"):
            self._for(word, end, reads)
        elif word == "case":
            self._within(self._case, word, end, reads)
        else:
            self._plain(word, end, reads)

    def _plain(self, word: str, end: int, reads: tuple[int, ...]) -> None:
        if word == "[[":
            self._test(end, reads)
        elif word == "function":
            self._within(self._function, word, end, reads)
        else:
            self._simple(end, reads)

    def _within(self, read: _Read, word: str, end: int, reads: tuple[int, ...]) -> None:
        """Reads a compound command, with what is redirected behind it."""
        self.reader.enter()
        first = len(self.commands)
        read(word, end)
        self.reader.depth -= 1
        self._nested(first, reads, end)

    def _nested(self, begin: int, reads: tuple[int, ...], end: int) -> None:
        """What is piped into a compound command is read by the first command in it."""
        for number in range(begin, len(self.commands)):
            command = self.commands[number]
            if (
                command is not None
                and reads
                and not command.reads
                and command.inside == self.inside
            ):
                self.commands[number] = command._replace(reads=reads)
                break
        self.scan.blank(end)
        self.scan.redirects(end)

    def _subshell(self, word: str, end: int) -> None:
        self.reader.at += 1
        self._list(end, ")")
        self.scan.expect(")", end)

    def _compound(self, word: str, end: int) -> None:
        ends = _OPENERS[word]
        self.reader.at += len(word)
        while True:
            found = self._list(end, "")
            if found not in ends:
                raise ShellError(f"{ends[-1]} is missing")
            self.reader.at += len(found)
            if found == ends[-1]:
                return

    def _for(self, word: str, end: int, reads: tuple[int, ...]) -> None:
        self.reader.at += len(word)
        self.scan.blank(end)
        if self.text.startswith("((", self.reader.at, end):
            self.scan.double_parentheses(end)
        else:
            self._values(end)
        self.scan.blank(end, lines=True)
        while self.text.startswith(";", self.reader.at, end):
            self.reader.at += 1
            self.scan.blank(end, lines=True)
        read = self._compound if self.scan.reserved(end) == "{" else self._do
        self._within(read, "{", end, reads)

    def _values(self, end: int) -> None:
        """The name of a loop, and the words that it goes through."""
        while True:
            self.scan.blank(end)
            if self.reader.word(end) is None:
                return

    def _do(self, word: str, end: int) -> None:
        if self.scan.reserved(end) != "do":
            raise ShellError("do is missing")
        self.reader.at += 2
        if self._list(end, "") != "done":
            raise ShellError("done is missing")
        self.reader.at += 4

    def _case(self, word: str, end: int) -> None:
        self.reader.at += 4
        self.scan.blank(end, lines=True)
        self.reader.word(end)
        self.scan.blank(end, lines=True)
        self.scan.expect("in", end)
        while True:
            self.scan.blank(end, lines=True)
            if self.scan.reserved(end) == "esac":
                break
            self._patterns(end)
            self._branch(end)
        self.reader.at += 4

    def _patterns(self, end: int) -> None:
        if self.text.startswith("(", self.reader.at, end):
            self.reader.at += 1
        while True:
            self.scan.blank(end, lines=True)
            if self.reader.word(end) is None:
                raise ShellError("a pattern is missing")
            self.scan.blank(end, lines=True)
            if not self.text.startswith("|", self.reader.at, end):
                return self.scan.expect(")", end)
            self.reader.at += 1

    def _branch(self, end: int) -> None:
        """The commands of one branch, up to `;;` or the end of the case."""
        while True:
            self._case_ended = False
            self.scan.blank(end, lines=True)
            if self.reader.at >= end:
                raise ShellError("esac is missing")
            if self.scan.reserved(end) == "esac":
                return
            if self._operator(end):
                if self._case_ended:
                    return
                continue
            before = self.reader.at
            self._pipeline(end)
            if self.reader.at == before:
                raise ShellError(f"unexpected {self.text[before]}")

    def _function(self, word: str, end: int) -> None:
        self.reader.at += len("function")
        self.scan.blank(end)
        self.reader.word(end)
        self.scan.blank(end)
        if self.text.startswith("()", self.reader.at, end):
            self.reader.at += 2
        self._body(word, end)

    def _body(self, word: str, end: int) -> None:
        self.scan.blank(end, lines=True)
        self._command(end, ())

    def _test(self, end: int, reads: tuple[int, ...]) -> None:
        """`[[ … ]]`, in which operators are words."""
        number, words = self._begin()
        outer, self._current = self._current, number
        while not words or words[-1].text != "]]" or words[-1].quoted:
            self.scan.blank(end, lines=True)
            word = self.reader.word(end)
            if word is not None:
                words.append(word)
            elif self.text[self.reader.at : self.reader.at + 1] in tuple("&|<>()"):
                self.reader.at += 1
            else:
                raise ShellError("]] is missing")
        self._current = outer
        self._finish(number, Command(tuple(words), (), (), words[0].begin, reads, -1, ""))
        self.scan.blank(end)
        self.scan.redirects(end)

    def _begin(self) -> tuple[int, list[ShellWord]]:
        self.commands.append(None)
        if len(self.commands) > _MOST:
            raise ShellError(f"more than {_MOST:,} commands")
        return len(self.commands) - 1, []

    def _finish(self, number: int, command: Command) -> None:
        self.commands[number] = command._replace(inside=self.inside, after=self.after)
        self.after = ";"

    def _simple(self, end: int, reads: tuple[int, ...]) -> None:
        number, words = self._begin()
        outer, self._current = self._current, number
        assignments: list[ShellWord] = []
        redirects: list[Redirect] = []
        begin = self.reader.at
        while True:
            self.scan.blank(end)
            redirects += self.scan.redirects(end)
            self.scan.blank(end)
            word = self.reader.word(end)
            if word is None:
                break
            raw = self.text[word.begin : word.end]
            if not words and _ASSIGNMENT.match(raw):
                self._array(raw, end)
                assignments.append(word)
            else:
                words.append(word)
        self._current = outer
        if self.reader.at == begin:
            self.commands.pop()
            return
        if len(words) == 1 and self._defines(end):
            self.commands.pop()
            self._within(self._body, "", end, ())
            return
        found = Command(tuple(words), tuple(assignments), tuple(redirects), begin, reads, -1, "")
        self._finish(number, found)

    def _array(self, raw: str, end: int) -> None:
        if not raw.endswith("=") or not self.text.startswith("(", self.reader.at, end):
            return
        self.reader.at += 1
        while True:
            self.scan.blank(end, lines=True)
            if self.reader.word(end) is None:
                break
        self.scan.expect(")", end)

    def _defines(self, end: int) -> bool:
        """Whether `()` follows: the word before was the name of a function."""
        if not self.text.startswith("(", self.reader.at, end):
            return False
        self.reader.at += 1
        self.scan.blank(end)
        self.scan.expect(")", end)
        return True
