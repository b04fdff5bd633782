"""The parts of a shell script between its words: space, comments, redirections, here-documents."""

from __future__ import annotations

from portside.records import NamedTuple
from portside.syntax.dockerfile.shell_words import SEPARATORS, ShellError, ShellWord, WordReader


class Redirect(NamedTuple):
    """`operator` is what stands before the word: `>`, `2>`, `<<-`."""

    operator: str
    target: ShellWord


class Scanner:
    """Goes through a script beside the reader of its words."""

    __slots__ = ("comments", "heredocs", "reader", "text")

    def __init__(self, reader: WordReader) -> None:
        self.reader = reader
        self.text = reader.text
        self.comments: list[tuple[int, int]] = []
        self.heredocs: list[tuple[str, bool]] = []
        """Names of the here-documents that begin on the next line, and whether tabs are dropped."""

    def redirects(self, end: int) -> list[Redirect]:
        found: list[Redirect] = []
        while True:
            operator = self._redirect_operator(end)
            if not operator:
                return found
            self.blank(end)
            target = self.reader.word(end)
            if target is None:
                raise ShellError(f"nothing stands behind {operator}")
            if operator.lstrip("0123456789") in ("<<", "<<-"):
                self.heredocs.append((target.text, operator.endswith("-")))
            found.append(Redirect(operator, target))
            self.blank(end)

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

    def reserved(self, end: int) -> str:
        """The unquoted plain word that stands here, without going past it; empty for others."""
        text, at = self.text, self.reader.at
        stop = at
        while stop < end and stop - at < 9 and text[stop] not in SEPARATORS:
            stop += 1
        return text[at:stop] if stop - at < 9 else ""

    def blank(self, end: int, lines: bool = False) -> None:
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

    def expect(self, text: str, end: int) -> None:
        if not self.text.startswith(text, self.reader.at, end):
            raise ShellError(f"{text} is missing")
        self.reader.at += len(text)

    def double_parentheses(self, end: int) -> None:
        level = 0
        while self.reader.at < end:
            char = self.text[self.reader.at]
            level += (char == "(") - (char == ")")
            self.reader.at += 1
            if not level:
                return
        raise ShellError("a parenthesis is never closed")


def _redirect_width(text: str, at: int, end: int) -> int:
    for operator in ("<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"):
        if text.startswith(operator, at, end):
            if len(operator) == 1 and text.startswith("(", at + 1, end):
                return 0
            return len(operator)
    return 0
