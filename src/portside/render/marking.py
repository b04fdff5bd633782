"""Templates → the same templates with a comment at the end of each line that may make YAML.

Three edits are made, and nothing else:

- a marker before the line break of a line that shows something, unless it is a comment, stands in
  a block scalar, or its last action takes the line break away;
- in a pipe that makes lines of its own (`toYaml … | nindent 8`), a marker before each line break;
- an `include` that is not shown as it is (`eq (include …)`, `include … | sha256sum`, `name:
  {{ include … }}`) has the markers taken out of what it makes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Final

from portside.records import NamedTuple
from portside.render.blocks import Line, in_texts, lines_of
from portside.syntax.gotemplate.lex import MARK as SIGN
from portside.syntax.gotemplate.lex import WORD, Raw, TemplateError, Token, raw_actions

MARK: Final = " #pv:{}:vp"
"""The comment; ` #` begins one in YAML, and the end tells lines that carry one."""
TAKEN: Final = ("#pv:", ":vp")
"""What no text of a chart may hold, or it is not marked."""
_STRIP = '(regexReplaceAll " #pv:[0-9]+:vp" ({}) "")'
_WRAP = ' | replace "\\n" "{}\\n"'
_WEAK_WRAP = ' | replace ":vp\\n" ":vp{}\\n"'
_AS_IT_IS = frozenset(("include", "nindent", "indent", "trim"))
"""What an include may be given to, and still be shown as it is."""
_MAKES_LINES = frozenset(("nindent", "indent", "toYaml", "toYamlPretty", "tpl", "include"))
_CONTROL = frozenset(("if", "else", "end", "with", "range", "define", "block", "break", "continue"))
_NUMBERED = re.compile(MARK.format(r"(\d+)"))
_DECLARES = re.compile(r"\{\{-?\s*\$\w*\s*(?:,\s*\$\w*\s*)?:?=")
_SKIPPED = (".txt", ".json")
_NO_FIELDS = ("#", "---", "...")


class Mark(NamedTuple):
    """A marker: of a line, or of the lines that an action on it makes."""

    template: str
    line: int
    within: bool


class Edit(NamedTuple):
    """A replacement in a text; `mark` is the number of the marker it carries, -1 for none.

    A marker at the end of a line gets its text with its number, which is behind those before it.
    """

    start: int
    end: int
    text: str
    mark: int = -1
    weak: str = ""
    """The replacement that marks only lines that carry a marker already."""


class Marking:
    """The templates of a chart, what may be marked in them, and what was taken back."""

    __slots__ = ("_edits", "_sources", "emptied", "marks", "refused", "weak")

    def __init__(self, sources: Mapping[str, str], emptied: Collection[str] = ()) -> None:
        """`emptied` are templates that need not be rendered."""
        self.emptied = emptied
        self.marks: list[Mark] = []
        self.refused: set[int] = set()
        self.weak: set[int] = set()
        self._sources = sources
        self._edits = {name: tuple(self._found(name, text)) for name, text in sources.items()}

    def texts(self) -> dict[str, str]:
        """The marked and the emptied templates, those only that differ."""
        made = {name: self._marked(name) for name in self._sources}
        differing = {name: text for name, text in made.items() if text != self._sources[name]}
        return dict.fromkeys(self.emptied, "") | differing

    def take_back(self, number: int) -> None:
        """Mark less: first only lines that are marked already, then nothing."""
        within = self.marks[number].within
        if within and number not in self.weak:
            self.weak.add(number)
        else:
            self.refused.add(number)

    def refuse(self, templates: set[str]) -> None:
        """Mark nothing in `templates`."""
        self.refused.update(
            number for number, it in enumerate(self.marks) if it.template in templates
        )

    def _marked(self, name: str) -> str:
        text, at = self._sources[name], 0
        parts: list[str] = []
        for edit in self._edits[name]:
            if edit.mark in self.refused:
                continue
            parts += (text[at : edit.start], edit.weak if edit.mark in self.weak else edit.text)
            at = edit.end
        return "".join((*parts, text[at:]))

    def _found(self, name: str, text: str) -> Iterator[Edit]:
        """The edits of a template, its markers numbered behind those that there are."""
        if name.endswith(_SKIPPED) or any(it in text for it in TAKEN):
            return
        marks, edits = _analysed(text)
        first = len(self.marks)
        self.marks += (Mark(name, line, within) for line, within in marks)
        for it in edits:
            if it.mark < 0:
                yield it
            else:
                yield _renumbered(it, first)


def _renumbered(it: Edit, first: int) -> Edit:
    """The edit, with `first` added to the numbers of its markers."""
    if not it.weak:
        # At the end of a line stands nothing but its own.
        return Edit(it.start, it.end, MARK.format(it.mark + first), it.mark + first)
    text, weak = (
        _NUMBERED.sub(lambda found: MARK.format(int(found[1]) + first), one)
        for one in (it.text, it.weak)
    )
    return Edit(it.start, it.end, text, it.mark + first, weak)


@lru_cache(maxsize=1024)
def _analysed(text: str) -> tuple[tuple[tuple[int, bool], ...], tuple[Edit, ...]]:
    """What may be marked in a text: the line of each marker, and the edits.

    A chart is rendered once for each of its environments, and its templates are the same in all.
    """
    try:
        raws = raw_actions(text)
    except TemplateError:
        return (), ()
    lines = lines_of(text, raws)
    found = _Analysis(text, in_texts(text, lines))
    edits = [it for line in lines if line.actions or line.indent >= 0 for it in found.line(line)]
    return tuple(found.marks), tuple(sorted(edits, key=itemgetter(0, 1)))


class _Analysis:
    """One text, looked through line by line."""

    __slots__ = ("_blocks", "_text", "marks")

    def __init__(self, text: str, blocks: set[int]) -> None:
        self._text = text
        self._blocks = blocks
        self.marks: list[tuple[int, bool]] = []

    def line(self, line: Line) -> Iterator[Edit]:
        """The edits on a line."""
        text = self._text
        inside = line.number in self._blocks
        end = -1
        if not inside and _ends_markable(text, line):
            end = self._number(line.number, False)
            at = line.start + len(text[line.start : line.end].rstrip(" \t\r"))
            yield Edit(at, at, "", end)
        for raw in line.actions:
            if raw.comment:
                continue
            wraps = not inside and _makes_lines(text, line, raw)
            if wraps:
                yield self._wrap(line, raw, end)
            yield from _stripped(text, raw, shown=wraps or (not inside and alone(text, line, raw)))

    def _number(self, line: int, within: bool) -> int:
        self.marks.append((line, within))
        return len(self.marks) - 1

    def _wrap(self, line: Line, raw: Raw, end: int) -> Edit:
        """The pipe of `raw`, with a marker before each line break that it makes."""
        number = self._number(line.number, True)
        mark = MARK.format(number)
        last = commands(raw)[-1]
        close = raw.tokens[-1].at + len(raw.tokens[-1].text)
        full, weak = _WRAP.format(mark), _WEAK_WRAP.format(mark)
        if last[0].text != "nindent" or len(last) != 2:
            return Edit(close, close, full, number, weak)
        # What nindent begins with ends the line that the action stands on, and is none of its own.
        before = self._text[line.start : raw.start].strip(" \t")
        head = MARK.format(end) if before and end >= 0 else ""
        tail = f' | printf "{head}\\n%s"'
        begin = last[0].at
        indent = f"indent {last[1].text}"
        return Edit(begin, close, indent + full + tail, number, indent + weak + tail)


def commands(raw: Raw) -> list[list[Token]]:
    """The commands of an action's outermost pipe; `template` counts as a word of its first."""
    depth, found = 0, [[]]  # type: ignore[var-annotated]
    for token in raw.tokens:
        depth += (token.text == "(") - (token.text == ")") if token.kind == SIGN else 0
        if token.kind == SIGN and token.text == "|" and not depth:
            found.append([])
        else:
            found[-1].append(token)
    return [it for it in found if it]


def alone(text: str, line: Line, raw: Raw) -> bool:
    """Whether `raw` is all that its line shows, and shows the value of an include as it is."""
    if not shows(text, raw) or text[line.start : raw.start].strip(" \t"):
        return False
    if text[raw.end : line.end].strip(" \t\r"):
        return False
    return _plain(raw)


def shows(text: str, raw: Raw) -> bool:
    """Whether the action may write something where it stands."""
    if raw.comment or not raw.tokens or _DECLARES.match(text, raw.start):
        return False
    return raw.tokens[0].kind != WORD or raw.tokens[0].text not in _CONTROL


def _plain(raw: Raw) -> bool:
    """Whether its value is an include's, with no more done to it than indentation."""
    whole = commands(raw)
    first = whole[0][0].text if whole else ""
    if first not in ("include", "template") or whole[0][0].kind != WORD:
        return False
    return all(it[0].kind == WORD and it[0].text in _AS_IT_IS for it in whole[1:])


def _makes_lines(text: str, line: Line, raw: Raw) -> bool:
    """Whether it shows lines of its own, indented, with nothing before or a key on the first."""
    if not shows(text, raw) or text[raw.end : line.end].strip(" \t\r"):
        return False
    last = commands(raw)[-1][0]
    if last.kind != WORD or last.text not in _MAKES_LINES:
        return False
    before = text[line.start : raw.start].strip(" \t")
    return not before or (before.endswith(":") and last.text == "nindent" and "{{" not in before)


def _ends_markable(text: str, line: Line) -> bool:
    if not line.ends_outside or (line.actions and line.actions[-1].end > line.end):
        return False
    if line.indent < 0 and not any(shows(text, raw) for raw in line.actions):
        return False
    if text[line.start : line.end].rstrip().endswith("-}}"):
        # Behind it the line break is gone.
        return False
    return not line.written.lstrip(" \t").startswith(_NO_FIELDS)


def _stripped(text: str, raw: Raw, shown: bool) -> Iterator[Edit]:
    """An edit for each include whose value is not shown as it is."""
    tokens = raw.tokens
    keep = shown and _plain(raw)
    inline = tokens and tokens[0].kind == WORD and tokens[0].text == "template"
    if inline:
        if not keep:
            called = text[tokens[1].at : tokens[-1].at + len(tokens[-1].text)]
            given = called if len(tokens) > 2 else f"{called} nil"
            end = tokens[-1].at + len(tokens[-1].text)
            yield Edit(tokens[0].at, end, _STRIP.format(f"include {given}"))
        return
    # The outermost only: what is within it is taken out with it.
    until = -1
    for number, token in enumerate(tokens):
        if token.at < until or token.kind != WORD or token.text != "include":
            continue
        if keep and number == 0:
            continue
        until = _end(tokens, number)
        if number and tokens[number - 1].text == "|" and tokens[number - 1].kind == SIGN:
            continue
        yield Edit(token.at, until, _STRIP.format(text[token.at : until]))


def _end(tokens: tuple[Token, ...], number: int) -> int:
    """Where the command that begins at a token ends."""
    depth, last = 0, tokens[number]
    for token in tokens[number:]:
        if token.kind == SIGN:
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0 or (token.text == "|" and not depth):
                break
        last = token
    return last.at + len(last.text)
