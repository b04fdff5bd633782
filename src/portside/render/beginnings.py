"""What the template that made a document tells of it: where it begins, what it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.render.wire import Rendered, RenderedFile

_KIND = "kind:"
_LOOKUP = "lookup"


class Beginnings:
    """Asked for each document of what a chart was rendered into."""

    __slots__ = ("_functions", "_lines", "_sources")

    def __init__(self, answer: Rendered) -> None:
        self._sources = answer.sources
        self._lines: dict[str, dict[str, int]] = {}
        self._functions: dict[str, dict[str, None]] = {}
        for looked in answer.lookups:
            self._functions.setdefault(looked.template, {})[_LOOKUP] = None
        for made in answer.generated:
            self._functions.setdefault(made.template, {})[made.function] = None

    def line(self, it: RenderedFile) -> int:
        """The line of the template that says the kind of the document: it begins there.

        1 where the template does not tell: it writes the kind on several lines, or on none.
        """
        source = self._sources.get(it.name, "")
        if source and it.name not in self._lines:
            self._lines[it.name] = _only(list(_kinds(source)))
        said = next((kind for _, kind in _kinds(it.text)), "")
        return self._lines.get(it.name, {}).get(said, 1)

    def functions(self, it: RenderedFile) -> str:
        """The functions whose answers its template shows, and which differ at installation."""
        found = {**self._functions.get(it.name, {}), **self._functions.get(it.path, {})}
        return ", ".join(sorted(found))


def _kinds(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say the kind of an object, and which; most of a long text is passed over."""
    text = f"\n{text}"
    number, begin = 0, 0
    while (at := text.find(f"\n{_KIND}", begin)) >= 0:
        number += text.count("\n", begin, at + 1)
        begin = at + 1
        end = text.find("\n", begin)
        line = text[begin : end if end >= 0 else len(text)]
        yield number, line[len(_KIND) :].split("#", 1)[0].strip().strip("\"'")


def _only(kinds: list[tuple[int, str]]) -> dict[str, int]:
    """The kinds that are said on one line alone."""
    said = [kind for _, kind in kinds]
    return {kind: line for line, kind in kinds if said.count(kind) == 1}
