"""A template of a chart: its actions, and the YAML that its text holds besides them."""

from __future__ import annotations

from collections.abc import Iterator

from portside.model.resource import FileResource
from portside.syntax import Document, read
from portside.syntax.document import Lines
from portside.syntax.gotemplate.parse import Action, Template

_BLANKS = " \t\r"


class HelmTemplate:
    """A template as text: its actions, and the documents that its text holds besides.

    `documents` are what the text says where it has no action: what an action makes in a line of its
    own is absent there, and a value that one makes is `unknown`.
    """

    __slots__ = ("broken", "documents", "lines", "masked_lines", "partial", "template", "writing")

    def __init__(self, template: Template, partial: bool) -> None:
        self.template = template
        self.partial = partial
        """Whether it makes no file by itself: its name begins with `_`."""
        self.lines = Lines(template.text, 0)
        self.documents: list[Document] = []
        self.broken: list[int] = []
        """The lines at which documents begin that are no YAML without their actions."""
        self.masked_lines: list[str] = []
        """The lines of its text without its actions."""
        self.writing: list[tuple[int, int]] = []
        """(line, indentation) of the actions that may write lines of their own: how deep these
        begin, or -1 where nobody knows."""
        if not partial:
            text = masked(template)
            self.masked_lines = text.split("\n")
            self.writing = list(self._writing())
            for it in read(text.encode()):
                if not isinstance(it, Document):
                    self.broken.append(it.line)
                elif type(it.value) is dict:
                    self.documents.append(it)

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
