"""A shell script → the simple commands in it, with their words and what pipes into what.

This is no interpreter: commands are told apart as a POSIX shell or bash does (POSIX.1-2024, 2.9 and
2.10), and nothing in them is replaced.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from portside.syntax.dockerfile.shell_words import SEPARATORS, ShellError, ShellWord, WordReader

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")
_OPENERS = {
    "if": ("then", "elif", "else", "fi"),
    "while": ("do", "done"),
    "until": ("do", "done"),
    "{": ("}",),
}
_CLOSERS = frozenset({"then", "elif", "else", "fi", "do", "done", "}", "esac"})
_LAST = frozenset({"fi", "done", "}", "esac"})
_MOST = 20_000
"""Commands of one script."""


class Redirect(NamedTuple):
    """`operator` is what stands before the word: `>`, `2>`, `<<-`."""

    operator: str
    target: ShellWord


class Command(NamedTuple):
    """One simple command. `words` may be empty where it only sets variables or redirects."""

    words: tuple[ShellWord, ...]
    assignments: tuple[ShellWord, ...]
    redirects: tuple[Redirect, ...]
    index: int
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
    return Script(commands if not fault else parser.whole(), tuple(parser.comments), fault)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.reader = WordReader(text, self._run)
        self.commands: list[Command | None] = []
        self.comments: list[tuple[int, int]] = []
        self.inside = -1
        self.after = ""
        self.heredocs: list[tuple[str, bool]] = []
        """Names of the here-documents that begin on the next line, and whether tabs are dropped."""

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
        kept = self.inside, self.after, self.heredocs
        self.inside = len(self.commands) - 1 if self._current < 0 else self._current
        self.after, self.heredocs = "", []
        current, self._current = self._current, -1
        self.reader.at = begin
        self._list(end, close)
        if close and not self.text.startswith(close, self.reader.at, end):
            raise ShellError("a parenthesis is never closed")
        if not close and self.reader.at < end:
            raise ShellError(f"unexpected {self.text[self.reader.at]}")
        self.inside, self.after, self.heredocs = kept
        self._current = current
        where = self.reader.at
        self.reader.at = begin - 2 if close else begin - 1
        return where

    _current = -1
    """The number of the command whose words are being read."""

    def _list(self, end: int, close: str) -> str:
        """Commands up to `close`, the end, or a reserved word that ends a compound: that word."""
        while True:
            self._blank(end, lines=True)
            if self.reader.at >= end or (close and self.text[self.reader.at] == close):
                return ""
            word = self._reserved(end)
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
            self._blank(end)
            text, at = self.text, self.reader.at
            if not text.startswith("|", at, end) or text.startswith("||", at, end):
                return
            width = 2 if text.startswith("|&", at, end) else 1
            self.after = text[at : at + width]
            self.reader.at += width
            self._blank(end, lines=True)
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
        word = self._reserved(end)
        if word in ("!", "time"):
            self.reader.at += len(word)
            self._blank(end)
            word = self._reserved(end)
        if self.text.startswith("((", self.reader.at, end):
            self._double_parentheses(end)
        elif self.text.startswith("(", self.reader.at, end):
            self._subshell(end, reads)
        elif word in _OPENERS:
            self._compound(word, end, reads)
        elif word in ("for", "select"):
            self._for(word, end, reads)
        elif word == "case":
            self._case(end, reads)
        elif word == "[[":
            self._test(end, reads)
        elif word == "function":
            self._function(end)
        else:
            self._simple(end, reads)

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
        self._blank(end)
        self._redirects(end)

    def _enter(self) -> None:
        self.reader._enter()

    def _subshell(self, end: int, reads: tuple[int, ...]) -> None:
        self._enter()
        first = len(self.commands)
        self.reader.at += 1
        self._list(end, ")")
        self._expect(")", end)
        self.reader.depth -= 1
        self._nested(first, reads, end)

    def _double_parentheses(self, end: int) -> None:
        level = 0
        while self.reader.at < end:
            char = self.text[self.reader.at]
            level += (char == "(") - (char == ")")
            self.reader.at += 1
            if not level:
                return
        raise ShellError("a parenthesis is never closed")

    def _expect(self, text: str, end: int) -> None:
        if not self.text.startswith(text, self.reader.at, end):
            raise ShellError(f"{text} is missing")
        self.reader.at += len(text)

    def _compound(self, word: str, end: int, reads: tuple[int, ...]) -> None:
        self._enter()
        first = len(self.commands)
        ends = _OPENERS[word]
        self.reader.at += len(word)
        while True:
            found = self._list(end, "")
            if found not in ends:
                raise ShellError(f"{ends[-1]} is missing")
            self.reader.at += len(found)
            if found == ends[-1]:
                break
        self.reader.depth -= 1
        self._nested(first, reads, end)

    def _for(self, word: str, end: int, reads: tuple[int, ...]) -> None:
        self.reader.at += len(word)
        self._blank(end)
        if self.text.startswith("((", self.reader.at, end):
            self._double_parentheses(end)
        else:
            self._values(end)
        self._blank(end, lines=True)
        while self.text.startswith(";", self.reader.at, end):
            self.reader.at += 1
            self._blank(end, lines=True)
        if self._reserved(end) == "{":
            self._compound("{", end, reads)
        else:
            self._do(end, reads)

    def _values(self, end: int) -> None:
        """The name of a loop, and the words that it goes through."""
        while True:
            self._blank(end)
            if self.reader.word(end) is None:
                return

    def _do(self, end: int, reads: tuple[int, ...]) -> None:
        if self._reserved(end) != "do":
            raise ShellError("do is missing")
        self._enter()
        first = len(self.commands)
        self.reader.at += 2
        if self._list(end, "") != "done":
            raise ShellError("done is missing")
        self.reader.at += 4
        self.reader.depth -= 1
        self._nested(first, reads, end)

    def _case(self, end: int, reads: tuple[int, ...]) -> None:
        self._enter()
        first = len(self.commands)
        self.reader.at += 4
        self._blank(end, lines=True)
        self.reader.word(end)
        self._blank(end, lines=True)
        self._expect("in", end)
        while True:
            self._blank(end, lines=True)
            if self._reserved(end) == "esac":
                break
            self._patterns(end)
            self._branch(end)
        self.reader.at += 4
        self.reader.depth -= 1
        self._nested(first, reads, end)

    def _patterns(self, end: int) -> None:
        if self.text.startswith("(", self.reader.at, end):
            self.reader.at += 1
        while True:
            self._blank(end, lines=True)
            if self.reader.word(end) is None:
                raise ShellError("a pattern is missing")
            self._blank(end, lines=True)
            if not self.text.startswith("|", self.reader.at, end):
                return self._expect(")", end)
            self.reader.at += 1

    def _branch(self, end: int) -> None:
        """The commands of one branch, up to `;;` or the end of the case."""
        while True:
            self._case_ended = False
            self._blank(end, lines=True)
            if self.reader.at >= end:
                raise ShellError("esac is missing")
            if self._reserved(end) == "esac":
                return
            if self._operator(end):
                if self._case_ended:
                    return
                continue
            before = self.reader.at
            self._pipeline(end)
            if self.reader.at == before:
                raise ShellError(f"unexpected {self.text[before]}")

    def _function(self, end: int) -> None:
        self.reader.at += len("function")
        self._blank(end)
        self.reader.word(end)
        self._blank(end)
        if self.text.startswith("()", self.reader.at, end):
            self.reader.at += 2
        self._blank(end, lines=True)
        self._command(end, ())

    def _test(self, end: int, reads: tuple[int, ...]) -> None:
        """`[[ … ]]`, in which operators are words."""
        number, words = self._begin()
        outer, self._current = self._current, number
        while not words or words[-1].text != "]]" or words[-1].quoted:
            self._blank(end, lines=True)
            word = self.reader.word(end)
            if word is not None:
                words.append(word)
            elif self.text[self.reader.at : self.reader.at + 1] in tuple("&|<>()"):
                self.reader.at += 1
            else:
                raise ShellError("]] is missing")
        self._current = outer
        self._finish(number, Command(tuple(words), (), (), words[0].index, reads, -1, ""))
        self._blank(end)
        self._redirects(end)

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
            self._blank(end)
            redirects += self._redirects(end)
            self._blank(end)
            word = self.reader.word(end)
            if word is None:
                break
            raw = self.text[word.index : word.end]
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
            self._blank(end, lines=True)
            self._command(end, ())
            return
        found = Command(tuple(words), tuple(assignments), tuple(redirects), begin, reads, -1, "")
        self._finish(number, found)

    def _array(self, raw: str, end: int) -> None:
        if not raw.endswith("=") or not self.text.startswith("(", self.reader.at, end):
            return
        self.reader.at += 1
        while True:
            self._blank(end, lines=True)
            if self.reader.word(end) is None:
                break
        self._expect(")", end)

    def _defines(self, end: int) -> bool:
        """Whether `()` follows: the word before was the name of a function."""
        if not self.text.startswith("(", self.reader.at, end):
            return False
        self.reader.at += 1
        self._blank(end)
        self._expect(")", end)
        return True

    def _redirects(self, end: int) -> list[Redirect]:
        found: list[Redirect] = []
        while True:
            operator = self._redirect_operator(end)
            if not operator:
                return found
            self._blank(end)
            target = self.reader.word(end)
            if target is None:
                raise ShellError(f"nothing stands behind {operator}")
            if operator.lstrip("0123456789") in ("<<", "<<-"):
                self.heredocs.append((target.text, operator.endswith("-")))
            found.append(Redirect(operator, target))
            self._blank(end)

    def _redirect_operator(self, end: int) -> str:
        text, begin = self.text, self.reader.at
        at = begin
        while at < end and text[at] in "0123456789":
            at += 1
        if text.startswith("&>", at, end) and at == begin:
            width = 3 if text.startswith("&>>", at, end) else 2
        else:
            width = _redirect_width(text, at, end)
        if not width:
            return ""
        self.reader.at = at + width
        return text[begin : at + width]

    def _reserved(self, end: int) -> str:
        """The unquoted plain word that stands here, without going past it; empty for others."""
        text, at = self.text, self.reader.at
        stop = at
        while stop < end and stop - at < 9 and text[stop] not in SEPARATORS:
            stop += 1
        return text[at:stop] if stop - at < 9 else ""

    def _blank(self, end: int, lines: bool = False) -> None:
        """Goes past space, comments and, if asked to, line breaks."""
        text, reader = self.text, self.reader
        while reader.at < end:
            char = text[reader.at]
            if char in " \t\r" or text.startswith("\\\n", reader.at, end):
                reader.at += 1 if char != "\\" else 2
            elif char == "\n" and (lines or self.heredocs):
                if not lines:
                    return
                reader.at += 1
                self._skip_heredocs(end)
            elif char == "#":
                stop = text.find("\n", reader.at, end)
                stop = end if stop < 0 else stop
                self.comments.append((reader.at, stop))
                reader.at = stop
            else:
                return

    def _skip_heredocs(self, end: int) -> None:
        waiting, self.heredocs = self.heredocs, []
        for name, drops_tabs in waiting:
            while self.reader.at < end:
                stop = self.text.find("\n", self.reader.at, end)
                stop = end if stop < 0 else stop
                line = self.text[self.reader.at : stop]
                self.reader.at = min(stop + 1, end)
                if (line.lstrip("\t") if drops_tabs else line) == name:
                    break


def _redirect_width(text: str, at: int, end: int) -> int:
    for operator in ("<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"):
        if text.startswith(operator, at, end):
            if len(operator) == 1 and text.startswith("(", at + 1, end):
                return 0
            return len(operator)
    return 0
