"""A graph as one HTML page: an SVG and lists, no script, and nothing that is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from portside.graph.drawing.layout import HEIGHT, WIDTH, Spot, laid_out
from portside.graph.drawing.text import plain
from portside.graph.drawing.view import Arrow, Box, View

_LONGEST = 34
_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 1.5rem; color: #1b1f24; background: #fff; }
svg { border: 1px solid #d5d9de; max-width: 100%; height: auto; }
svg.large { max-width: none; }
.frame { overflow: auto; }
rect { fill: #f5f7f9; stroke: #8a939d; }
text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
path { fill: none; stroke: #a9b1ba; }
.P0 { stroke: #c0202f; stroke-width: 2; } .P1 { stroke: #c05a00; stroke-width: 2; }
.P2 { stroke: #9a7d00; stroke-width: 1.5; }
rect.jewel { fill: #fdecea; } rect.internet { fill: #e8f0fe; } rect.workload { fill: #eef7ee; }
rect.account, rect.user, rect.group { fill: #f3eefb; } rect.role, rect.hub { fill: #fbf6e6; }
td, th { text-align: left; vertical-align: top; padding: .15rem .8rem .15rem 0; }
""".strip()
_WORDS = {
    "P0": "from outside, within 3 days",
    "P1": "from outside through two weaknesses, or by those who are let in: within 14 days",
    "P2": "once a container is taken over: within 60 days",
}


def page(drawn: View, notes: Sequence[str]) -> Iterator[str]:
    """The lines of the page."""
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8"><title>Graph of the application</title>'
    # Nothing may be fetched, whatever a name in it says.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<style>{_STYLE}</style></head><body>"
    yield "<h1>Graph of the application</h1>"
    yield from _paths(drawn)
    yield f"<p>{len(drawn.boxes)} things, {len(drawn.arrows)} steps."
    if drawn.left_out:
        yield f" {drawn.left_out} more things are not drawn."
    yield "</p>"
    yield from (f"<p>{_escaped(note)}</p>" for note in notes)
    yield from _picture(drawn)
    yield from _table(drawn)
    yield "</body></html>"


def _paths(drawn: View) -> Iterator[str]:
    if not drawn.paths:
        yield "<p>No attack path was found.</p>"
        return
    yield "<h2>Attack paths</h2><table><tr><th>band</th><th>path</th></tr>"
    for band, path in drawn.paths:
        title = _WORDS.get(band, "")
        yield f'<tr><td title="{title}">{_escaped(band)}</td><td>{_escaped(path)}</td></tr>'
    yield "</table>"


def _picture(drawn: View) -> Iterator[str]:
    spots = laid_out(drawn)
    width = max((it.x for it in spots), default=0) + WIDTH + 20
    height = max((it.y for it in spots), default=0) + HEIGHT + 20
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    yield f'<div class="frame"><svg class="large" role="img" {size}>'
    yield '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
    yield ' markerHeight="7" orient="auto"><polygon points="0 0, 8 4, 0 8"/></marker></defs>'
    for arrow in drawn.arrows:
        yield _curve(arrow, spots, drawn.boxes)
    for box, spot in zip(drawn.boxes, spots, strict=True):
        yield _box(box, spot)
    yield "</svg></div>"


def _curve(arrow: Arrow, spots: Sequence[Spot], boxes: Sequence[Box]) -> str:
    one, other = spots[arrow.source], spots[arrow.target]
    y, to_y = one.y + HEIGHT // 2, other.y + HEIGHT // 2
    x, to_x = one.x + WIDTH, other.x
    bend = max(40, (to_x - x) // 2)
    if other.x <= one.x:  # back, or within a column: out and in on the right
        to_x = other.x + WIDTH
        way = f"M{x} {y} C{x + 60} {y}, {to_x + 60} {to_y}, {to_x} {to_y}"
    else:
        way = f"M{x} {y} C{x + bend} {y}, {to_x - bend} {to_y}, {to_x} {to_y}"
    said = f"{boxes[arrow.source].title} → {boxes[arrow.target].title}: {arrow.words}"
    css = f' class="{arrow.band}"' if arrow.band else ""
    return f'<path d="{way}"{css} marker-end="url(#tip)"><title>{_escaped(said)}</title></path>'


def _box(box: Box, spot: Spot) -> str:
    title = box.title if len(box.title) <= _LONGEST else f"{box.title[: _LONGEST - 1]}…"
    css = f"{box.kind} {box.band}".strip()
    return (
        f'<g><title>{_escaped(box.title)}</title><rect class="{css}" x="{spot.x}" y="{spot.y}" '
        f'width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{spot.x + 10}" y="{spot.y + HEIGHT // 2 + 4}">{_escaped(title)}</text></g>'
    )


def _table(drawn: View) -> Iterator[str]:
    yield "<h2>Steps</h2><table><tr><th>from</th><th>to</th><th>how</th><th>band</th></tr>"
    for it in drawn.arrows:
        source, target = drawn.boxes[it.source].title, drawn.boxes[it.target].title
        cells = (source, target, it.words, it.band)
        yield f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _escaped(words: str) -> str:
    return escape(plain(words))
