"""Findings on rendered objects → the places in the text that somebody wrote.

Rules speak of lines of rendered text, which nobody edits. What a field is made of is worked out
afterwards, by whatever knows most: `led` renders again, with markers. Where that cannot be, every
field is led back to the file that made its object, and that is said to be a guess.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol

from portside.model.finding import Step, Undecided
from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.classes import (
    MENDED_BY_OBJECTS,
    NOT_OF_HELM,
    NOT_OF_HOOKS,
    NOT_OF_TESTS,
    OF_CREDENTIALS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portside.model.finding import FileResult, Finding, RenderedPart, Rendering
    from portside.model.reading import Target
    from portside.render.source import Made

GUESS = "guess"
GENERATED = "a value that is generated, or looked up, when it is installed"


Asked = tuple[int, FieldPath]
"""A line of rendered text, and the path of a field in the object that it is in."""


class Led(NamedTuple):
    """Where a field was made, and how sure that is (`exact`, `template`, `guess`)."""

    file: str
    line: int
    column: int
    width: int
    chain: tuple[Step, ...]
    confidence: str


class Places(Protocol):
    """Asked where a field of a rendered object was made."""

    def begin(self, asked: Sequence[Asked]) -> None:
        """Have the renderer do what those answers need, while something else is done.

        What is asked beyond them takes longer.
        """

    def place(self, line: int, path: FieldPath) -> Led:
        """`line` is one of the rendered text, `path` the field's in the object that it is in."""


class ByFile:
    """Knows of every object which file made it, and no more."""

    __slots__ = ("_parts",)

    def __init__(self, rendering: Rendering) -> None:
        self._parts = rendering.parts

    def begin(self, asked: Sequence[Asked]) -> None:
        """Nothing is needed."""

    def place(self, line: int, path: FieldPath) -> Led:
        part = part_at(self._parts, line)
        role = "kustomization" if part.kind == "kustomization" else "template"
        return Led(part.file, part.line, 1, 0, (Step(role, part.file, part.line),), GUESS)


def places(target: Target, rendering: Rendering, made: Made | None = None) -> Places:
    """What knows most of where the fields of what `target` makes come from.

    `made` is what it was rendered into, where that is at hand; to render it again costs as much as
    the first time.
    """
    from portside.render.led import Traced

    return Traced(target, rendering, made.answer if made is not None else None)


def part_at(parts: Sequence[RenderedPart], line: int) -> RenderedPart:
    """The piece of rendered text that `line` stands in."""
    return parts[max(0, bisect_right(parts, line, key=lambda it: it.first) - 1)]


def prepare(result: FileResult, known: Places) -> None:
    """Have the renderer do what `led_back` needs, while something else is done."""
    known.begin([(it.line, it.path) for it in result.findings if not it.confidence])


def led_back(result: FileResult, known: Places) -> FileResult:
    """`result` with each finding at the place where its field was made, and those that fit only.

    `known` was told what is asked by `prepare`, or takes longer.
    """
    rendering = result.rendering
    if rendering is None or not rendering.parts:
        return result
    kept, doubts = [], []
    for it in result.findings:
        if it.confidence:
            kept.append(it)
            continue
        part = part_at(rendering.parts, it.line)
        if not fits(it.rule, part, rendering):
            continue
        if part.generated and it.rule in OF_CREDENTIALS:
            doubts.append(Undecided(it.rule, it.resource, GENERATED, it.file, it.line))
            continue
        kept.append(_led(it, known))
    undecided = (*result.undecided, *dict.fromkeys(doubts))
    return result._replace(findings=tuple(kept), undecided=undecided)


def fitting(result: FileResult) -> FileResult:
    """`result` with the findings that fit what they are about, at their lines of the text."""
    rendering = result.rendering
    if rendering is None or not rendering.parts:
        return result
    parts = rendering.parts
    kept = [it for it in result.findings if fits(it.rule, part_at(parts, it.line), rendering)]
    return result._replace(findings=tuple(kept))


def fits(rule: str, part: RenderedPart, rendering: Rendering) -> bool:
    """Whether `rule` is one for what `part` is: see `classes`."""
    if rendering.kind == "helm" and rule in NOT_OF_HELM:
        return False
    if part.kind == "test":
        return rule not in NOT_OF_TESTS
    return part.kind != "hook" or rule not in NOT_OF_HOOKS


def _led(it: Finding, known: Places) -> Finding:
    found = known.place(it.line, it.path)
    return it._replace(
        file=found.file,
        line=found.line,
        column=found.column,
        width=found.width,
        chain=found.chain,
        confidence=found.confidence,
        mends="" if it.rule in MENDED_BY_OBJECTS else it.mends,
    )
