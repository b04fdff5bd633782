"""The bytes of a Dockerfile → its instructions, as BuildKit's parser reads them.

Source: moby/buildkit, frontend/dockerfile/parser (parser.go, directives.go).
"""

from __future__ import annotations

from collections.abc import Iterator

from portside.syntax.dockerfile.checks import check
from portside.syntax.dockerfile.heredoc import Opened, may_hold, opened
from portside.syntax.dockerfile.instruction import (
    DEFAULT,
    EXEC,
    SHELL,
    Comment,
    Directive,
    Heredoc,
    Instruction,
    Limits,
    Source,
)
from portside.syntax.dockerfile.text import SPACES, BrokenError, Gathered, Placed, Position
from portside.syntax.dockerfile.words import (
    NotStringsError,
    Pair,
    Word,
    json_list,
    optional_pair,
    pairs,
    split_blanks,
    split_command,
    split_words,
)

_LONGEST_LINE = 64 * 1024
"""Bytes, with the line break: BuildKit reads no longer ones."""
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_LISTS = frozenset({"ADD", "COPY", "VOLUME"})
_COMMANDS = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL"})
_WHOLE = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_NO_MAPS: tuple[tuple[int, ...], ...] = ()
_ARRAY = "an array of arguments may hold strings only"


def read(data: bytes, limits: Limits = DEFAULT) -> Source:
    """The instructions in `data`. Raises BrokenError for what BuildKit refuses to build."""
    source = read_fragment(data, limits)
    if source.fault is not None:
        raise source.fault
    return source


def read_fragment(data: bytes, limits: Limits = DEFAULT) -> Source:
    """The same, but that instructions without a FROM before them are a `fault` of the source."""
    if len(data) > limits.size:
        said = f"more than {limits.size:,} bytes, which is no Dockerfile"
        raise BrokenError(said, Position(1, 1), "size")
    return _Reader(data, limits).source()


class _Reader:
    """Goes through the lines of the file once."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.lines = _lines(data)
        self.limits = limits
        self.number = 0
        """How many lines are read: the number, from 1, of the last one."""
        self.escape = "\\"
        self.directives: dict[str, Directive] = {}
        self.may_be_directive = True
        self.comments: list[Comment] = []
        self.instructions: list[Instruction] = []
        self.has_stage = False
        self.fault: BrokenError | None = None
        self.words = 0

    def source(self) -> Source:
        while self.number < len(self.lines):
            placed = self._logical_line()
            if placed is not None:
                self._instruction(placed)
        found = tuple(self.instructions)
        if not found:
            raise BrokenError("a Dockerfile without instructions", Position(max(1, self.number), 1))
        if not self.has_stage:
            self.fault = BrokenError("a Dockerfile without FROM", found[0].at)
        return Source(found, self.directives, tuple(self.comments), self.escape, self.fault)

    def _next(self) -> str:
        line = self.lines[self.number]
        self.number += 1
        if len(line) >= _LONGEST_LINE // 4 and _too_long(line):
            said = f"a line of more than {_LONGEST_LINE - 1:,} bytes, which BuildKit does not read"
            raise BrokenError(said, Position(self.number, 1))
        return line

    def _logical_line(self) -> Placed | None:
        """The next line with those that continue it; None where it is a comment or empty."""
        raw = self._next().rstrip("\r\n")
        text = raw.lstrip(SPACES)
        self._directive(text)
        if text.startswith("#"):
            self._comment(raw, inside=False)
            text = ""
        text, goes_on = self._continued(text)
        if not text and not goes_on:
            return None
        parts = Gathered()
        parts.add(text, self.number, len(raw) - len(raw.lstrip(SPACES)) + 1)
        while goes_on and self.number < len(self.lines):
            line = self._next().rstrip("\r\n")
            self._directive(line)
            bare = line.lstrip(SPACES)
            if bare.startswith("#"):
                self._comment(line, inside=True)
            elif bare:
                text, goes_on = self._continued(line)
                parts.add(text, self.number, 1)
        return parts.placed()

    def _continued(self, text: str) -> tuple[str, bool]:
        """The line without the escape token at its end, and whether it has one."""
        bare = text.rstrip(" \t")
        if bare.endswith(self.escape) and not bare[:-1].endswith(self.escape):
            return bare[:-1], True
        return text, False

    def _comment(self, line: str, inside: bool) -> None:
        column = line.index("#") + 1
        self.comments.append(Comment(line[column:], Position(self.number, column), inside))

    def _directive(self, line: str) -> None:
        """Takes note of `# name=value`; the first line that is none ends them."""
        if not self.may_be_directive:
            return
        name, equals, value = line[1:].partition("=")
        key = name.strip(SPACES).lower()
        value = value.strip("\t\n\f\r ")
        if not line.startswith("#") or not equals or key not in _DIRECTIVES or not value:
            self.may_be_directive = False
            return
        at = Position(self.number, self.lines[self.number - 1].index(value, 0) + 1)
        if key in self.directives:
            raise BrokenError(f"only one {key} parser directive can be used", at)
        if key == "escape":
            if value not in ("\\", "`"):
                raise BrokenError("the escape token is neither \\ nor `", at)
            self.escape = value
        self.directives[key] = Directive(key, value, at)

    def _instruction(self, placed: Placed) -> None:
        first = placed.place(0)
        instruction = self._parsed(placed, 0, self.number)
        if may_hold(instruction) and "<<" in placed.text:
            try:
                wanted = opened(placed.text)
            except ValueError as error:
                raise BrokenError(str(error), first) from error
            heredocs = tuple(self._heredoc(it, first) for it in wanted)
            instruction = _with_heredocs(instruction, heredocs, self.number)
        self._count(instruction)
        try:
            check(instruction)
        except ValueError as error:
            raise BrokenError(str(error), instruction.at) from error
        if instruction.keyword not in ("FROM", "ARG") and not self.has_stage:
            said = f"{instruction.keyword} stands before the first FROM"
            self.fault = self.fault or BrokenError(said, instruction.at)
        self.has_stage = self.has_stage or instruction.keyword == "FROM"
        self.instructions.append(instruction)

    def _parsed(self, placed: Placed, begin: int, last: int) -> Instruction:
        try:
            return parsed(placed, begin, last, self.escape)
        except ValueError as error:
            raise BrokenError(str(error), placed.place(begin)) from error
        except NotStringsError as error:
            raise BrokenError(_ARRAY, placed.place(begin)) from error

    def _heredoc(self, wanted: Opened, at: Position) -> Heredoc:
        content = Gathered()
        while self.number < len(self.lines):
            line = self._next()
            bare = line.rstrip("\r\n")
            if (bare.lstrip("\t") if wanted.chomp else bare) == wanted.name:
                return Heredoc(wanted.name, wanted.expand, wanted.chomp, content.placed())
            content.add(line, self.number, 1)
        raise BrokenError("the here-document that begins here never ends", at)

    def _count(self, instruction: Instruction) -> None:
        self.words += len(instruction.words) + len(instruction.flags) + len(instruction.pairs)
        self.words += len(instruction.heredocs)
        for limit, count in (
            ("words", self.words),
            ("instructions", len(self.instructions) + 1),
        ):
            most = getattr(self.limits, limit)
            if count > most:
                raise BrokenError(f"more than {most:,} {limit}", instruction.at, limit)


def parsed(placed: Placed, begin: int, last: int, escape: str) -> Instruction:
    """The instruction that begins at `begin`. Raises ValueError and NotStringsError."""
    text = placed.text
    keyword, flags, start, end = split_command(text, begin, escape)
    name = keyword.text.upper()
    words: tuple[Word, ...] = ()
    variables: tuple[Pair, ...] = ()
    form, maps, trigger = "", _NO_MAPS, None
    if name in _LISTS or name in _COMMANDS:
        words, form, maps = _maybe_array(text, start, end, name in _COMMANDS)
    elif name == "HEALTHCHECK":
        words, form, maps = _health(text, start, end)
    elif name in ("ENV", "LABEL"):
        variables = tuple(pairs(text, start, end, escape, name))
    elif name == "ARG":
        words = tuple(split_words(text, start, end, escape))
        variables = tuple(map(optional_pair, words))
    elif name in ("FROM", "EXPOSE"):
        words = tuple(split_blanks(text, start, end))
    elif name in _WHOLE:
        words = (Word(text[start:end], start, end),) if start < end else ()
    elif name == "ONBUILD" and start < end:
        trigger = _trigger(placed, start, last, escape)
    return Instruction(
        name, placed, keyword.begin, last, flags, words, form, maps, variables, (), trigger
    )


def _trigger(placed: Placed, begin: int, last: int, escape: str) -> Instruction:
    if split_command(placed.text, begin, escape)[0].text.upper() == "ONBUILD":
        raise ValueError("ONBUILD cannot be the trigger of ONBUILD")
    return parsed(placed, begin, last, escape)


_Array = tuple[tuple[Word, ...], str, tuple[tuple[int, ...], ...]]


def _maybe_array(text: str, begin: int, end: int, command: bool) -> _Array:
    array = json_list(text, begin, end)
    if array is not None:
        return array.words, EXEC, array.maps
    if not command:
        return tuple(split_blanks(text, begin, end)), "", ()
    return ((Word(text[begin:end], begin, end),) if begin < end else ()), SHELL, ()


def _health(text: str, begin: int, end: int) -> _Array:
    at = begin
    while at < end and text[at] not in SPACES:
        at += 1
    if at == begin:
        return (), "", ()
    kind = Word(text[begin:at], begin, at)
    while at < end and text[at] in SPACES:
        at += 1
    words, form, maps = _maybe_array(text, at, end, True)
    return (kind, *words), form, ((), *maps) if maps else ()


def _with_heredocs(
    instruction: Instruction, heredocs: tuple[Heredoc, ...], last: int
) -> Instruction:
    trigger = instruction.trigger
    if trigger is not None:
        trigger = trigger._replace(heredocs=heredocs, last=last)
    return instruction._replace(heredocs=heredocs, last=last, trigger=trigger)


def _lines(data: bytes) -> list[str]:
    """The lines with their ends; a line ends at LF alone. What is no UTF-8 is replaced."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin) + 1 or len(text)
        yield text[begin:end]
        begin = end


def _too_long(line: str) -> bool:
    size = len(line.encode("utf-8", "surrogatepass"))
    return size > _LONGEST_LINE if line.endswith("\n") else size >= _LONGEST_LINE
