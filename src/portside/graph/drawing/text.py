"""A graph as lines of text, DOT and Mermaid. Every name is escaped for where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from portside.graph.drawing.layout import COLUMNS
from portside.graph.drawing.view import Box, View

_COLORS = {"P0": "#c0202f", "P1": "#c05a00", "P2": "#9a7d00"}
_SHAPES = {"internet": "doublecircle", "jewel": "octagon", "role": "note", "secret": "cylinder"}


def text(drawn: View) -> Iterator[str]:
    """A line for each arrow; what has none stands alone. Attack paths come first."""
    for band, path in drawn.paths:
        yield f"{band}  {path}"
    if drawn.paths:
        yield ""
    met: set[int] = set()
    boxes = drawn.boxes
    for it in sorted(drawn.arrows, key=lambda it: _order(boxes[it.source], boxes[it.target])):
        met.update((it.source, it.target))
        band = f"  [{it.band}]" if it.band else ""
        yield f"{boxes[it.source].title} → {boxes[it.target].title}: {it.words}{band}"
    for at, box in enumerate(boxes):
        if at not in met:
            yield box.title


def _order(source: Box, target: Box) -> tuple[int, str, int, str]:
    """From outside to inside, then by name."""
    return COLUMNS.get(source.kind, 3), source.title, COLUMNS.get(target.kind, 3), target.title


def dot(drawn: View) -> Iterator[str]:
    """For Graphviz, a cluster for each namespace."""
    yield "digraph application {"
    yield "  rankdir=LR; node [shape=box, fontname=sans]; edge [fontname=sans, fontsize=9];"
    namespaces: dict[str, list[int]] = {}
    for at, box in enumerate(drawn.boxes):
        namespaces.setdefault(box.namespace, []).append(at)
    for number, (namespace, listed) in enumerate(namespaces.items()):
        if namespace:
            yield f"  subgraph cluster_{number} {{ label={_quoted(namespace)};"
        for at in listed:
            box = drawn.boxes[at]
            shape = _SHAPES.get(box.kind, "box")
            color = f", color={_quoted(_COLORS[box.band])}" if box.band in _COLORS else ""
            yield f"  n{at} [label={_quoted(box.title)}, shape={shape}{color}];"
        if namespace:
            yield "  }"
    for it in drawn.arrows:
        color = f", color={_quoted(_COLORS[it.band])}" if it.band in _COLORS else ""
        yield f"  n{it.source} -> n{it.target} [label={_quoted(it.words)}{color}];"
    yield "}"


def mermaid(drawn: View) -> Iterator[str]:
    """For Markdown that shows Mermaid."""
    yield "flowchart LR"
    for at, box in enumerate(drawn.boxes):
        yield f'  n{at}["{_entities(box.title)}"]'
    for number, it in enumerate(drawn.arrows):
        yield f'  n{it.source} -->|"{_entities(it.words)}"| n{it.target}'
        if it.band in _COLORS:
            yield f"  linkStyle {number} stroke:{_COLORS[it.band]},stroke-width:2px"


def plain(words: str) -> str:
    """`words` without what could break a line or move a cursor."""
    return "".join(it if it.isprintable() else f"\\x{ord(it):02x}" for it in words)


def _quoted(words: str) -> str:
    return '"' + plain(words).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(words: str) -> str:
    """Mermaid's own entities: `#NUMBER;` for all that it, Markdown or HTML would read."""
    return "".join(it if it.isalnum() or it in " /-.:→," else f"#{ord(it)};" for it in plain(words))
