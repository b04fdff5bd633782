"""The line at fault as a screen shows it: cut around the mark, and never with a secret in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.records import NamedTuple
from portside.report.cells import cells, head, tail
from portside.report.context import Context, in_ascii, shown

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding, ObjectFate

_SECRET_FIELDS = ("data", "stringData", "binaryData")


class Excerpt(NamedTuple):
    text: str
    """The line, or the part of it around the mark."""
    before: int
    """How many cells stand before the mark."""
    mark: int
    """How many cells the mark spans."""


class Secrets:
    """Which excerpts may show the value of a secret, and so show keys only.

    Those of objects of kind Secret, of the values of a ConfigMap and of environment variables (a
    rule that points at one does so because it holds a secret), of lines of JSON on which the text
    of a Secret may begin or end, and of any line that holds a credential by its format or name.
    """

    __slots__ = ("_lines",)

    def __init__(self, evaluation: Evaluation) -> None:
        self._lines: dict[str, set[int]] = {}
        for result in evaluation.files:
            for at, it in enumerate(result.objects):
                if it.resource.kind == "Secret":
                    after = _next(result.objects, at)
                    self._lines.setdefault(it.file, set()).update((it.line, after))

    def hidden(self, finding: Finding, line: str) -> bool:
        """Whether the excerpt of `finding`, which stands on `line`, shows keys only."""
        path = finding.path
        if finding.resource.kind == "Secret":
            return True
        if finding.resource.kind == "ConfigMap" and path[:1] in [(it,) for it in _SECRET_FIELDS]:
            return True
        if "env" in path:
            return True
        if "}" in line and finding.line in self._lines.get(finding.file, ()):
            return True
        from portside.secrets.texts import may_tell

        return may_tell(line)


def _next(objects: Sequence[ObjectFate], at: int) -> int:
    """The line on which the object behind the one `at` begins, or 0."""
    return objects[at + 1].line if at + 1 < len(objects) else 0


def excerpt(finding: Finding, line: str, room: int, context: Context, *, hidden: bool) -> Excerpt:
    """The part of `line` around the field at fault, in at most `room` cells.

    Characters that no terminal should get are spelt out, tabs are single spaces, and where the
    excerpt is `hidden` only the field's key is shown.
    """
    from portside.secrets.veil import blotted

    line = blotted(line)
    start = min(finding.column - 1, len(line))
    before = line[max(0, start - room) : start]
    marked = line[start : start + min(max(1, finding.width), room)]
    rest = line[start : start + room + 1]
    if hidden:
        before = "".join(it if it in " \t-" else " " for it in before)
        rest = marked = _key_only(rest)
    dots = "…" if context.unicode else "..."
    left, right = _clean(before, context), _clean(rest, context)
    if start > room or (cells(left) > room // 2 and cells(left) + cells(right) > room):
        left = dots + tail(left, max(0, min(room // 2, room - cells(right)) - len(dots)))
    space = room - cells(left)
    if cells(right) > space:
        right = head(right, space - len(dots)) + dots
    mark = max(1, min(cells(_clean(marked, context).rstrip()), cells(right)))
    return Excerpt(left + right, cells(left), mark)


def _key_only(text: str) -> str:
    """The key that `text` begins with, and a mask in place of its value; never a value."""
    from re import match

    key = match(r"""\s*("[^"\\]*"|'[^']*'|[^\s"'{}\[\],:&*!|>][^"'{}\[\],:]*)\s*:(?=\s|$)""", text)
    return f"{key.group()} ******" if key else "******"


def _clean(text: str, context: Context) -> str:
    text = shown(text.replace("\t", " "))
    return text if context.unicode else in_ascii(text)
