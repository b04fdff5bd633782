"""What is said of a place under the pointer: the rule's title, why, how to mend it, its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position, Range

from portside.lsp.marks import Mark, excused
from portside.lsp.pages import FIXES, literal, prose
from portside.model.severity import NAMES

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText

_MOST = 5
"""Findings that are told in full at one place."""


def hover(
    found: Sequence[Mark],
    words: Callable[[str], RuleText | None],
    link: Callable[[str], str],
    *,
    markdown: bool,
) -> Hover | None:
    """What to show for the marks at one place; None where there are none."""
    if not found:
        return None
    told = sorted(found, key=lambda it: -it.finding.severity if it.finding else 1)
    parts = [
        "\n\n".join(_of_finding(it, words(it.finding.rule), link(it.finding.rule), markdown))
        if it.finding
        else _literal(it.diagnostic.message, markdown)
        for it in told[:_MOST]
    ]
    if len(told) > _MOST:
        parts.append(f"and {len(told) - _MOST} more")
    kind = MarkupKind.Markdown if markdown else MarkupKind.PlainText
    text = "\n\n---\n\n".join(parts)
    return Hover(MarkupContent(kind, text), _smallest([it.diagnostic.range for it in found]))


def at(marks: Sequence[Mark], place: Position) -> list[Mark]:
    """The marks at `place`; the end of a range is still in it, as for a cursor."""
    where = (place.line, place.character)
    return [it for it in marks if _begin(it.diagnostic.range) <= where <= _end(it.diagnostic.range)]


def touching(marks: Sequence[Mark], span: Range) -> list[Mark]:
    """The marks that `span` touches."""
    return [
        it
        for it in marks
        if _begin(it.diagnostic.range) <= _end(span) and _begin(span) <= _end(it.diagnostic.range)
    ]


def _begin(span: Range) -> tuple[int, int]:
    return span.start.line, span.start.character


def _end(span: Range) -> tuple[int, int]:
    return span.end.line, span.end.character


def _smallest(spans: Sequence[Range]) -> Range:
    return min(spans, key=lambda it: it.end.character - it.start.character)


def _of_finding(mark: Mark, words: RuleText | None, page: str, markdown: bool) -> Iterator[str]:
    finding = mark.finding
    assert finding is not None  # noqa: S101 - asked for findings only
    severity = NAMES[finding.severity]
    title = words.title if words else finding.rule
    yield (
        f"**{prose(title)}** · `{finding.rule}` · {severity}"
        if markdown
        else f"{title} ({finding.rule}, {severity})"
    )
    yield _literal(finding.message, markdown)
    if words is not None and words.why:
        yield _prose(words.why, markdown)
        remark = FIXES.get(words.fix_class, "")
        head = "**What to do:**" if markdown else "What to do:"
        yield f"{head} {_prose(words.fix, markdown)} {remark}".rstrip()
    if finding.covered_by:
        yield f"It follows from {finding.covered_by}."
    if finding.band:
        yield f"{finding.band}: {_literal(finding.via, markdown)}".rstrip(": ")
    if finding.owner:
        yield f"To be mended by {_literal(finding.owner, markdown)}."
    if mark.excuse is not None:
        yield f"It is {_literal(excused(mark.excuse), markdown)}"
    if page:
        yield f"[The page of this rule]({page})" if markdown else page


def _literal(text: str, markdown: bool) -> str:
    if not markdown:
        return text
    return "  \n".join(literal(line) for line in text.split("\n"))


def _prose(text: str, markdown: bool) -> str:
    return prose(text) if markdown else text
