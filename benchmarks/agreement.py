"""How often we and other tools say the same of their own cases: docs/reference/agreement.md.

`python -m benchmarks.agreement` prints these sections; `python -m tools.docs` writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from benchmarks.peer_cases import SETS, Answer, answers, apart, cases, rules_for, tables
from benchmarks.places import RELATIONS, Place

Row = tuple[object, ...]


class Check(NamedTuple):
    """A check of another tool, and what became of its cases."""

    corpus: str
    name: str
    rules: tuple[str, ...]
    answers: tuple[Answer, ...]
    """Empty where the check is none of ours."""

    @property
    def agreeing(self) -> int:
        return sum(it.agrees for it in self.answers)


def checks() -> list[Check]:
    """Every check that has a case, in order. Raises FileNotFoundError without the corpora."""
    asked: dict[tuple[str, str], list[Answer]] = {}
    for case in cases():
        asked[case["corpus"], case["check"]] = []
    for it in answers():
        asked[it.corpus, it.check].append(it)
    return [
        Check(*key, rules_for(*key), tuple(asked[key]))
        for key in sorted(asked, key=lambda key: (SETS.index(key[0]), key[1]))
    ]


def reason_for(answer: Answer) -> str:
    """Why we are right where we disagree; empty where nobody has said."""
    for it in tables()["reasons"]:
        if it["corpus"] == answer.corpus and fnmatchcase(answer.case, it["case"]):
            return str(it["why"])
    return ""


def field_reason(check: str, place: Place) -> str:
    """Why our field is another than theirs; empty where nobody has said."""
    for it in tables()["fields"]:
        if it["check"] == check and fnmatchcase(place.theirs, it["path"]):
            return str(it["why"])
    return ""


def page(every: Sequence[Check]) -> Iterator[str]:
    """The sections of the page about checks, in pieces."""
    ours = [check for check in every if check.rules]
    yield _HEAD
    yield from table(
        ("corpus", "checks", "ours", "their cases", "agree", "disagree"), _totals(every)
    )
    yield "\n## Where we disagree\n\n"
    yield from table(("corpus", "case", "theirs", "ours", "why"), _disagreements(ours))
    yield from _fields([check for check in ours if any(it.places for it in check.answers)])
    yield "\n## What was asked\n\n"
    yield from table(("corpus", "check", "rules of ours", "cases", "agree"), _asked(ours))
    yield "\n## Checks that only sound like ours\n\n"
    yield from table(("corpus", "check", "why it is another"), _others())
    yield "\n## Cases that are not asked\n\n"
    yield from table(("corpus", "cases", "example", "why"), _apart())
    yield "\n## Checks without a rule of ours\n\n"
    yield from _missing(every)


_HEAD = """\
## Checks of other tools

Other tools keep cases for their own checks: manifests, and whether they must pass. Here they are
asked of the rules of ours that stand for the same fact, with the settings that a case comes with.
A case that we leave undecided would count as a disagreement; what their policy skips, it lets pass.

"""
_FIELDS = """
## Where the fault is

Of these corpora regolibrary alone names the fields that are at fault or must be set. Ours is the
*same* field, one *inside* theirs, one *around* it, or in an *other* place than any of these.

"""
_DIFFERING = "\nWhere the fields differ:\n\n"


def _totals(every: Sequence[Check]) -> Iterator[Row]:
    for corpus in SETS:
        here = [check for check in every if check.corpus == corpus]
        ours = [check for check in here if check.rules]
        cases = sum(len(check.answers) for check in ours)
        agree = sum(check.agreeing for check in ours)
        yield corpus, len(here), len(ours), cases, agree, cases - agree


def _disagreements(ours: Iterable[Check]) -> Iterator[Row]:
    """Those of one corpus that have one verdict and one reason, as one row."""
    rows: dict[Row, list[str]] = {}
    for check in ours:
        for it in check.answers:
            if not it.agrees:
                key = (it.corpus, it.expected, it.ours, reason_for(it))
                rows.setdefault(key, []).append(f"`{_short(it)}`")
    for (corpus, theirs, said, why), names in rows.items():
        yield corpus, ", ".join(dict.fromkeys(names)), theirs, said, why


def _short(answer: Answer) -> str:
    """The name of a case, without what the files of all cases of Kyverno are called."""
    short = answer.case.replace("/.kyverno-test", "").replace("/kyverno-test.yaml", "")
    return short.removeprefix(f"{answer.corpus}/")


def _fields(ours: Sequence[Check]) -> Iterator[str]:
    yield _FIELDS
    yield from table(("check", "fields", *RELATIONS), _relations(ours))
    yield _DIFFERING
    head = ("check", "theirs", "ours", "fields", "why")
    yield from table(head, (row for check in ours for row in _differing(check)))


def _relations(ours: Iterable[Check]) -> Iterator[Row]:
    sums = [0] * (len(RELATIONS) + 1)
    for check in ours:
        found = [place.relation for place in _places(check)]
        numbers = [len(found), *(found.count(relation) for relation in RELATIONS)]
        sums = [a + b for a, b in zip(sums, numbers, strict=True)]
        yield f"`{check.name}`", *numbers
    yield "all", *sums


def _differing(check: Check) -> Iterator[Row]:
    """The fields of a check that are not ours, those of one reason as one row with an example."""
    rows: dict[tuple[str, str], list[Place]] = {}
    for place in _places(check):
        if place.relation != "same":
            rows.setdefault((field_reason(check.name, place), place.relation), []).append(place)
    for (why, _), places in rows.items():
        ours = f"`{places[0].ours}`" if places[0].ours else "none"
        yield f"`{check.name}`", f"`{places[0].theirs}`", ours, len(places), why


def _places(check: Check) -> Iterator[Place]:
    return (place for it in check.answers for place in it.places)


def _asked(ours: Iterable[Check]) -> Iterator[Row]:
    for check in ours:
        rules = ", ".join(f"[`{rule}`](../rules/{rule}.md)" for rule in check.rules)
        yield check.corpus, f"`{check.name}`", rules, len(check.answers), check.agreeing


def _others() -> Iterator[Row]:
    for corpus, listed in tables()["not-ours"].items():
        for name, why in sorted(listed.items()):
            yield corpus, f"`{name}`", why


def _apart() -> Iterator[Row]:
    rows: dict[tuple[str, str], list[str]] = {}
    for case, why in apart():
        rows.setdefault((case["corpus"], why), []).append(case["case"])
    for (corpus, why), names in rows.items():
        yield corpus, len(names), f"`{names[0]}`", why


def _missing(every: Iterable[Check]) -> Iterator[str]:
    """Their names by corpus, but for those that have a reason of their own above."""
    for corpus in SETS:
        told = tables()["not-ours"].get(corpus, {})
        names = [it.name for it in every if it.corpus == corpus and not it.rules]
        left = [name for name in names if name not in told]
        yield f"**{corpus}** ({len(left)})"
        groups = tables()["without"].get(corpus)
        if groups:
            yield "\n\n"
            yield from (f"- {it['why']}: {_listed(it['checks'])}\n" for it in groups)
            yield "\n"
        else:
            yield f": {_listed(left)}\n\n" if left else "\n\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{it}`" for it in names)


def table(head: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A table of Markdown; a column of numbers stands at the right."""
    body = list(rows)
    right = [all(isinstance(row[i], int) for row in body) for i in range(len(head))]
    for cells in (head, ["---:" if it else "---" for it in right], *body):
        yield f"| {' | '.join(str(it) or '—' for it in cells)} |\n"


if __name__ == "__main__":
    sys.stdout.writelines(page(checks()))
