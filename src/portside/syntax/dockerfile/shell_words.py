"""The words of shell commands: quotes, escapes, substitutions (POSIX.1-2024, 2.2 and 2.6; bash).

What a substitution yields nobody knows before it runs: it stays in the word as it is written.
"""

from __future__ import annotations

from collections.abc import Callable

from portside.records import NamedTuple

DEEPEST = 60
"""Substitutions and compound commands within each other."""
SEPARATORS = frozenset(" \t\r\n;&|<>()")


class ShellError(Exception):
    """The text is no shell command, or is nested too deep."""


class ShellWord(NamedTuple):
    """One word: `text` without quotes and with `$…` as written; indices are those of its text."""

    text: str
    begin: int
    end: int
    quoted: bool
    """Whether any part of it was quoted."""
    literal: bool
    """Whether nothing in it is replaced when it runs."""


class WordReader:
    """Reads words from `at` on. `run` reads a list of commands within a word: called with where it
    begins and must end, and the character that closes it, it tells where that stands.
    """

    __slots__ = ("_literal", "_parts", "_quoted", "at", "depth", "run", "text")

    def __init__(self, text: str, run: Callable[[int, int, str], int]) -> None:
        self.text = text
        self.at = 0
        self.run = run
        self.depth = 0
        self._parts: list[str] = []
        self._quoted = False
        self._literal = True

    def word(self, end: int, stops: frozenset[str] = SEPARATORS) -> ShellWord | None:
        """The word at `self.at`, or None where none begins there. Raises ShellError."""
        outer = self._parts, self._quoted, self._literal
        self._parts, self._quoted, self._literal = [], False, True
        begin = self.at
        while self.at < end:
            char = self.text[self.at]
            if char in stops:
                if char not in "<>" or not self.text.startswith("(", self.at + 1, end):
                    break
                self._substitution(2, end)
            else:
                self._piece(char, end)
        word = ShellWord("".join(self._parts), begin, self.at, self._quoted, self._literal)
        self._parts, self._quoted, self._literal = outer
        return word if self.at > begin else None

    def _piece(self, char: str, end: int) -> None:
        if char == "\\":
            self._escape(end)
        elif char == "'":
            self._single(end)
        elif char == '"':
            self._double(end)
        elif char == "$":
            self._dollar(end, False)
        elif char == "`":
            self._backquotes(end)
        else:
            self._parts.append(char)
            self.at += 1

    def _escape(self, end: int) -> None:
        after = self.text[self.at + 1 : min(self.at + 2, end)]
        self.at += 2 if after else 1
        if after != "\n":
            self._quoted = True
            self._parts.append(after or "\\")

    def _single(self, end: int) -> None:
        close = self.text.find("'", self.at + 1, end)
        if close < 0:
            raise ShellError("a single quotation mark is never closed")
        self._parts.append(self.text[self.at + 1 : close])
        self._quoted = True
        self.at = close + 1

    def _double(self, end: int) -> None:
        self.at += 1
        self._quoted = True
        while self.at < end:
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return
            self._in_double(char, end)
        raise ShellError("a double quotation mark is never closed")

    def _in_double(self, char: str, end: int) -> None:
        if char == "$":
            self._dollar(end, True)
        elif char == "`":
            self._backquotes(end)
        elif char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
            self._escape(end)
        else:
            self._parts.append(char)
            self.at += 1

    def _dollar(self, end: int, in_double: bool) -> None:
        text, at = self.text, self.at
        after = text[at + 1 : min(at + 2, end)]
        if after == "(":
            if not text.startswith("(", at + 2, end) or not self._arithmetic(end):
                self._substitution(2, end)
        elif after == "{":
            self._braces(end, in_double)
        elif after == "'" and not in_double:
            self._ansi(end)
        elif after == '"' and not in_double:
            self.at += 1
        else:
            self._keep(_name_end(text, at + 1, end))

    def _ansi(self, end: int) -> None:
        begin = at = self.at + 2
        while at < end and self.text[at] != "'":
            at += 2 if self.text[at] == "\\" else 1
        if at >= end:
            raise ShellError("a single quotation mark is never closed")
        self._parts.append(self.text[begin:at])
        self._quoted = True
        self.at = at + 1

    def _keep(self, end: int) -> None:
        """Keeps what is replaced at run time as it is written."""
        self._parts.append(self.text[self.at : end])
        if end > self.at + 1:
            self._literal = False
        self.at = end

    def _arithmetic(self, end: int) -> bool:
        """Whether `$((…))` stands here, which is then kept; it may be `$((a); b)` as well."""
        level, at = 0, self.at + 1
        while at < end:
            char = self.text[at]
            level += (char == "(") - (char == ")")
            if level == 0:
                if self.text[at - 1] == ")":
                    self._keep(at + 1)
                    return True
                return False
            at += 2 if char == "\\" else 1
        raise ShellError("a parenthesis is never closed")

    def _braces(self, end: int, in_double: bool) -> None:
        """`${…}`: commands that are substituted within it run too."""
        begin = self.at
        kept = self._parts
        self.enter()
        self._parts = []
        self.at += 2
        while self.at < end and self.text[self.at] != "}":
            char = self.text[self.at]
            if char == "'" and in_double:
                self.at += 1
            else:
                self._piece(char, end)
        if self.at >= end:
            raise ShellError("a ${ is never closed")
        self.depth -= 1
        self._parts = kept
        close, self.at = self.at + 1, begin
        self._keep(close)

    def _substitution(self, width: int, end: int) -> None:
        self.enter()
        close = self.run(self.at + width, end, ")")
        self.depth -= 1
        self._keep(close + 1)

    def _backquotes(self, end: int) -> None:
        begin = at = self.at + 1
        while at < end and self.text[at] != "`":
            at += 2 if self.text[at] == "\\" else 1
        if at >= end:
            raise ShellError("a backquote is never closed")
        self.enter()
        self.run(begin, at, "")
        self.depth -= 1
        self._keep(at + 1)

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellError("nested too deep")


def _name_end(text: str, at: int, end: int) -> int:
    if at < end and text[at] in "@*#?-$!0123456789":
        return at + 1
    while at < end and (text[at] == "_" or (text[at].isascii() and text[at].isalnum())):
        at += 1
    return at
