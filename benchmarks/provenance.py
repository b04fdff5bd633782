"""How much of what is found in rendered text is led back, and whether that is true.

`python -m benchmarks.provenance` prints docs/reference/provenance.md, and `--rows [NAME]` every
finding that is not exact, or not true. The shared corpora must be beside the project, and a
renderer must be there.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks.provenance_cases import Case, Place, cases
from benchmarks.provenance_truth import Answer, Judge
from portside.model.place import dotted
from portside.render.origins import EXACT, GUESS


class Row(NamedTuple):
    """One finding, the place it was led back to, and whether that is true (None: not exact)."""

    case: str
    rule: str
    place: Place
    path: str
    confidence: str
    answer: Answer | None
    where: str


def rows(case: Case, judge: Judge) -> Iterator[Row]:
    """Every finding of a case, led back and tried."""
    for finding, place in judge.findings(case, case.plain):
        origin = case.origins.of(place.file, place.document, place.path)
        answer = judge.tried(case, finding, place, origin) if origin.confidence == EXACT else None
        where = f"{origin.file}:{origin.line}"
        yield Row(
            case.name, finding.rule, place, dotted(place.path), origin.confidence, answer, where
        )


def measured() -> list[Row]:
    """All rows of all cases. Raises FileNotFoundError without the corpora or a renderer."""
    judge = Judge()
    return [row for case in cases() for row in rows(case, judge)]


def shares(found: Sequence[Row]) -> tuple[str, ...]:
    """Findings, template line known, exact of present, exact of absent, true, ended."""
    present = [it for it in found if it.place.present]
    absent = [it for it in found if not it.place.present]
    tried = [it.answer for it in found if it.answer is not None]
    ended = [it for it in tried if it.ended is not None]
    return (
        str(len(found)),
        _share([it.confidence != GUESS for it in found]),
        _share([it.confidence == EXACT for it in present]),
        _share([it.confidence == EXACT for it in absent]),
        _share([it.true for it in tried]),
        _share([bool(it.ended) for it in ended]),
    )


def _share(held: list[bool]) -> str:
    return f"{sum(held)}/{len(held)} ({100 * sum(held) / len(held):.1f} %)" if held else "-"


def page() -> Iterator[str]:
    """The page, in pieces."""
    found = measured()
    yield _HEAD
    for name in dict.fromkeys(it.case for it in found):
        cells = " | ".join(shares([it for it in found if it.case == name]))
        yield f"| {name} | {cells} |\n"
    yield f"| **all** | {' | '.join(shares(found))} |\n"
    whole = [it for it in found if it.place.present and it.place.whole]
    yield _WHOLE.format(len(whole), _share([it.confidence == EXACT for it in whole]))
    rest = [it for it in found if it.place.present and not it.place.whole]
    yield _REST.format(len(rest), _share([it.confidence == EXACT for it in rest]))
    yield _WAYS
    lacking = Counter(
        (it.rule, "present" if it.place.present else "absent", it.confidence)
        for it in found
        if it.confidence != EXACT
    )
    for (rule, what, confidence), number in lacking.most_common(20):
        yield f"| `{rule}` | {what} | {confidence} | {number} |\n"


_HEAD = """\
# Where findings on rendered objects come from

Every finding on an object that a chart or a kustomization makes is led back to the text that
somebody wrote ([ADR 30](../adr/0030-provenance-by-markers.md)). Here every finding of the profile
`auditor` on the shared charts and overlays is led back, and every place that is called exact is
put to the test: the place is edited, everything is rendered and judged again. Measured by hand with
`python -m benchmarks.provenance`, which takes minutes.

- **Line known**: the template line, or the line of a base or patch, that made the field or its
  nearest ancestor.
- **Exact, present**: editing the place changes the field. **Exact, absent**: a value put there
  makes the field appear.
- **True**: the share of the exact ones for which that was so.
- **Ended**: of the absent ones for which this benchmark knows a value that the rule wants, the
  share whose finding is gone after that value was put there.

| chart or overlay | findings | line known | exact, present | exact, absent | true | ended |
|---|---|---|---|---|---|---|
"""
_WHOLE = """
Of the fields that are there {} are maps or items of lists (a container, a Service, the labels), for
which the line of their key or of their dash is the place; exact are {}.
"""
_REST = """The other {} are single values; exact are {}.
"""
_WAYS = """
## What stands in the way

The findings that are not exact, by rule.

| rule | field | confidence | findings |
|---|---|---|---|
"""


def main(argv: Sequence[str]) -> int:
    """Print the page, or the rows that are not as they should be."""
    if "--rows" in argv:
        _print_rows(argv)
        return 0
    sys.stdout.writelines(page())
    return 0


def _print_rows(argv: Sequence[str]) -> None:
    judge = Judge()
    for case in cases():
        if len(argv) > 1 and argv[1] not in case.name:
            continue
        found = list(rows(case, judge))
        print(case.name, *shares(found))
        for it in found:
            said: Any = it.answer
            if said is None or not said.true or said.ended is False:
                state = "present" if it.place.present else "absent"
                print(f"  {it.confidence:8} {state:7} {it.rule:40} {it.path} -> {it.where} {said}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
