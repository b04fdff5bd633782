"""Variables in the arguments of instructions, and words as BuildKit's own small shell has them.

Source: moby/buildkit, frontend/dockerfile/shell/lex.go, and "Environment replacement" in the
Dockerfile reference. BuildKit replaces the variables of ADD, COPY, ENV and so on itself; those of
RUN, CMD and ENTRYPOINT are the business of the shell that runs them.
"""

from __future__ import annotations

from collections.abc import Mapping

from portside.records import NamedTuple
from portside.syntax.dockerfile.glob import match_prefix, parts_of, replaced, without_suffix
from portside.syntax.dockerfile.text import SPACES

_LONGEST = 64 * 1024
"""Characters of an expanded text; variables that hold each other could double it in each line."""
_DEEPEST = 50
"""Substitutions within substitutions."""
_SPECIAL = "@*#?-$!0"


class ExpansionError(Exception):
    """BuildKit refuses the word, or it is beyond what is expanded here."""


class Expansion(NamedTuple):
    """The word without quotes, its variables replaced; those in `unset` had no value."""

    text: str
    unset: frozenset[str]
    blank: bool
    """Whether one of those left nothing: no default stood in for it."""


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> Expansion:
    """`word` as an instruction sees it. Raises ExpansionError."""
    lexer = _Lexer(word, values, escape)
    try:
        return Expansion(lexer.stop_on("", False, False), frozenset(lexer.unset), lexer.blank)
    except ValueError as error:
        raise ExpansionError(f"invalid pattern in substitution: {error}") from error


def split_raw(text: str) -> list[str]:
    """The words of a line with quotes, escapes and variables as written; none where one is broken.

    This is how BuildKit looks for here-documents, always with the backslash as escape token.
    """
    lexer = _Lexer(text, {}, "\\", raw_quotes=True, raw_escapes=True, keep_unset=True)
    try:
        return lexer.words()
    except ExpansionError:
        return []


def unquoted(text: str, raw: bool = False) -> list[str]:
    """The words of a here-document's name, without its quotes or with them. ExpansionError."""
    return _Lexer(text, {}, "\\", raw_quotes=raw, keep_unset=True).words()


class _Words:
    """Words at unquoted space."""

    __slots__ = ("current", "found", "inside")

    def __init__(self) -> None:
        self.found: list[str] = []
        self.current: list[str] = []
        self.inside = False

    def add(self, char: str) -> None:
        if char not in SPACES:
            self.add_raw(char)
        elif self.inside and any(self.current):
            self.found.append("".join(self.current))
            self.current = []
            self.inside = False

    def add_raw(self, text: str) -> None:
        self.current.append(text)
        self.inside = True

    def finish(self) -> list[str]:
        if any(self.current):
            self.found.append("".join(self.current))
        return self.found


class _Lexer:
    def __init__(
        self,
        text: str,
        values: Mapping[str, str],
        escape: str,
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        keep_unset: bool = False,
    ) -> None:
        self.text = text
        self.values = values
        self.escape = escape
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.keep_unset = keep_unset
        self.unset: set[str] = set()
        self.blank = False
        self.at = 0
        self.depth = 0
        self.split = _Words()

    def words(self) -> list[str]:
        self.stop_on("", self.raw_escapes, False)
        return self.split.finish()

    def stop_on(self, stop: str, raw_escapes: bool, keeps_patterns: bool) -> str:
        """The text up to `stop`, or to the end; `keeps_patterns` doubles escapes in quotes."""
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        # As in BuildKit: the words of an inner text take the place of those before it.
        self.split.current = []
        split = _Words()
        self.split, outer = split, self.split
        try:
            return self._until(stop, keeps_patterns)
        finally:
            self.raw_escapes = before
            if stop:
                self.split = outer

    def _until(self, stop: str, keeps_patterns: bool) -> str:
        result: list[str] = []
        length = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == stop:
                self.at += 1
                return "".join(result)
            piece = self._piece(char, keeps_patterns)
            result.append(piece)
            length += len(piece)
            if length > _LONGEST:
                raise ExpansionError(f"more than {_LONGEST:,} characters")
        if stop:
            raise ExpansionError(f"unexpected end of statement while looking for matching {stop}")
        return "".join(result)

    def _piece(self, char: str, keeps_patterns: bool) -> str:
        if char == "$":
            value = self._dollar()
            for it in value:
                self.split.add(it)
            return value
        if char == "'":
            return self._raw(self._single(keeps_patterns))
        if char == '"':
            return self._raw(self._double(keeps_patterns))
        if char == "<":
            return self._raw(self._here())
        self.at += 1
        if char != self.escape:
            self.split.add(char)
            return char
        return self._escaped()

    def _escaped(self) -> str:
        said = self._raw(self.escape) if self.raw_escapes else ""
        after = self._take()
        return said + self._raw(after) if after else said

    def _raw(self, text: str) -> str:
        self.split.add_raw(text)
        return text

    def _take(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        return char

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _single(self, keeps_patterns: bool) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise ExpansionError(
                "unexpected end of statement while looking for matching single-quote"
            )
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        if keeps_patterns:
            inside = inside.replace(self.escape, self.escape * 2)
        return f"'{inside}'" if self.raw_quotes else inside

    def _double(self, keeps_patterns: bool) -> str:
        self.at += 1
        result = ['"'] if self.raw_quotes else []
        while True:
            char = self._peek()
            if not char:
                raise ExpansionError(
                    "unexpected end of statement while looking for matching double-quote"
                )
            if char == "$":
                result.append(self._dollar())
                continue
            self.at += 1
            if char == '"':
                result.extend(['"'] if self.raw_quotes else [])
                return "".join(result)
            result.append(self._quoted_escape(keeps_patterns) if char == self.escape else char)

    def _quoted_escape(self, keeps_patterns: bool) -> str:
        after = self._peek()
        if not after:
            return ""
        if after in ('"', "$", self.escape):
            self.at += 1
            return self.escape + after if self.raw_escapes else after
        if self.raw_escapes and (not self.raw_quotes or keeps_patterns):
            return self.escape * 2
        return self.escape

    def _here(self) -> str:
        self.at += 1
        if self._peek() != "<":
            return "<"
        begin = self.at
        self.at += 1
        while self._peek() and self._peek() in "\t\r ":
            self.at += 1
        return "<" + self.text[begin : self.at]

    def _dollar(self) -> str:
        self.at += 1
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            return self._nothing(f"${name}") if value is None else value
        self.at += 1
        if not self._peek():
            raise ExpansionError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise ExpansionError("syntax error: bad substitution")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ExpansionError(f"more than {_DEEPEST} substitutions within each other")
        try:
            return self._braced(self._name())
        finally:
            self.depth -= 1

    def _braced(self, name: str) -> str:
        char = self._take()
        if char == "}":
            value = self._value(name)
            return self._nothing(f"${{{name}}}") if value is None else value
        if char == "/":
            return self._replace(name)
        colon = char == ":"
        operator = self._take() if colon else char
        patterned = operator in ("#", "%")
        # Behind a colon BuildKit reads the word before it finds an operator unknown.
        if patterned if colon else operator not in tuple("+-?#%"):
            raise ExpansionError(f"unsupported modifier ({':' * colon}{operator})")
        word = self._operand("}", patterned, patterned)
        return self._modified(name, ":" if colon else "", operator, word)

    def _operand(self, stop: str, raw_escapes: bool, keeps_patterns: bool) -> str:
        try:
            return self.stop_on(stop, raw_escapes, keeps_patterns)
        except ExpansionError as error:
            if self.at >= len(self.text):
                raise ExpansionError(f"syntax error: missing '{stop}'") from error
            raise

    def _modified(self, name: str, colon: str, operator: str, word: str) -> str:
        value = self._value(name)
        if value is None and self.keep_unset:
            return f"${{{name}{colon}{operator}{word}}}"
        missing = value is None or (bool(colon) and not value)
        self.blank = self.blank or (value is None and operator in ("#", "%"))
        value = value or ""
        if operator == "-":
            return word if missing else value
        if operator == "+":
            return "" if missing else word
        if operator == "?":
            if missing:
                raise ExpansionError(f"{name} is not allowed to be unset or empty")
            return value
        if operator not in ("#", "%"):
            raise ExpansionError(f"unsupported modifier ({colon}{operator})")
        return self._trimmed(operator, word, value)

    def _trimmed(self, operator: str, word: str, value: str) -> str:
        greedy = word.startswith(operator)
        pattern = word[1:] if greedy else word
        if operator == "%":
            return without_suffix(pattern, value, greedy)
        end = match_prefix(parts_of(pattern), value, 0, greedy)
        return value if end is None else value[end:]

    def _replace(self, name: str) -> str:
        everywhere = self._peek() == "/"
        self.at += everywhere
        pattern = self._operand("/", True, True)
        replacement = self._operand("}", True, False)
        value = self._value(name)
        self.blank = self.blank or value is None
        if value is None and self.keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        return replaced(parts_of(pattern), replacement, value or "", everywhere)

    def _nothing(self, written: str) -> str:
        self.blank = True
        return written if self.keep_unset else ""

    def _value(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None:
            self.unset.add(name)
        return value

    def _name(self) -> str:
        begin = self.at
        text = self.text
        first = text[begin : begin + 1]
        if first.isdecimal():
            while self._peek().isdecimal():
                self.at += 1
            return text[begin : self.at]
        if first and first in _SPECIAL:
            self.at += 1
            return first
        while self._peek() and (
            self._peek().isalpha() or self._peek().isdecimal() or self._peek() == "_"
        ):
            self.at += 1
        return text[begin : self.at]
