"""A template of a chart: its actions, and the YAML that its text holds besides them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portside.model.resource import FileResource
from portside.records import NamedTuple
from portside.syntax import Document, read
from portside.syntax.document import Lines
from portside.syntax.gotemplate.parse import Action, Template

_BLANKS = " \t\r"
_ESCAPE = re.compile(r"\\[xuU/\r\n]")
"""What may stand for a letter, or in the midst of a word, of a text in quotes."""


class Spelt(NamedTuple):
    """What the text of a template says where it has no action.

    What an action makes in a line of its own is absent, and a value that one makes is `UNKNOWN`.
    """

    documents: tuple[Document, ...]
    lines: list[str]
    writing: tuple[tuple[int, int], ...]
    """(line, indentation) of the actions that may write lines of their own: how deep these begin,
    or -1 where nobody knows."""


class HelmTemplate:
    """A template as text: its actions, and the documents that its text holds besides."""

    __slots__ = ("_spelt", "lines", "partial", "template")

    def __init__(self, template: Template, partial: bool) -> None:
        self.template = template
        self.partial = partial
        """Whether it makes no file by itself: its name begins with `_`."""
        self.lines = Lines(template.text, 0)
        self._spelt: Spelt | None = None

    def may_spell(self, word: str) -> bool:
        """Whether the text holds `word` where it has no action, be it with escapes."""
        text = self.template.text
        return not self.partial and (word in text or _ESCAPE.search(text) is not None)

    def spelt(self) -> Spelt:
        """What the text says where it has no action, read when it is first asked."""
        if self._spelt is None:
            text = masked(self.template)
            found = [it for it in read(text.encode()) if isinstance(it, Document)]
            documents = tuple(it for it in found if type(it.value) is dict)
            self._spelt = Spelt(documents, text.split("\n"), tuple(self._writing()))
        return self._spelt

    def _writing(self) -> Iterator[tuple[int, int]]:
        for action in self.template.actions:
            begin, end = action.start, action.end
            if action.shows and (_opens_lines(action) or _alone(self.template.text, begin, end)):
                yield self.lines(begin)[0], _indentation(action, self.lines(begin)[1] - 1)

    def mark(self, start: int, end: int) -> tuple[int, int, int]:
        """Line, column and width of what stands between two indices of its text."""
        line, column = self.lines(start)
        first = self.template.text[start:end].split("\n", 1)[0]
        return line, column, max(1, len(first))


UNKNOWN = "\u2026"
"""What stands, in the documents of a template, for each character that an action makes."""


def masked(template: Template) -> str:
    """The template's text with the same places, and without its actions."""
    text = template.text
    parts: list[str] = []
    at = 0
    for action in template.actions:
        parts.append(text[at : action.start])
        alone = not action.shows or _opens_lines(action) or _alone(text, action.start, action.end)
        written = text[action.start : action.end]
        parts.append(_blank(written) if alone or "\n" in written else UNKNOWN * len(written))
        at = action.end
    return "".join((*parts, text[at:]))


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _indentation(action: Action, column: int) -> int:
    """How deep the lines begin that an action writes; -1 where nobody knows."""
    commands = action.pipe.commands
    last = commands[-1] if commands else ()
    if not last or last[0].text not in ("nindent", "indent"):
        return column if last and last[0].text not in ("include", "template") else -1
    if len(last) > 1 and last[1].text.isdecimal():
        return int(last[1].text) + (0 if last[0].text == "nindent" else column)
    return -1


def _opens_lines(action: Action) -> bool:
    """Whether what it makes begins on a line of its own: `labels: {{- … | nindent 4 }}`."""
    commands = action.pipe.commands
    return bool(commands) and commands[-1][0].text == "nindent"


def _alone(text: str, start: int, end: int) -> bool:
    """Whether nothing but blanks stands beside it on its lines."""
    before = text.rfind("\n", 0, start) + 1
    behind = text.find("\n", end)
    rest = text[end : behind if behind >= 0 else len(text)]
    return not text[before:start].strip(_BLANKS) and not rest.strip(_BLANKS)


def template_of(it: FileResource) -> HelmTemplate:
    """What the parser made of a file of kind HelmTemplate."""
    source: HelmTemplate = it.source
    return source
