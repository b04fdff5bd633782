"""Where our rules and the cases of other tools disagree, somebody has said why."""

from __future__ import annotations

from benchmarks.agreement import answers, reason_for, tables
from tests.shared import shared


def test_every_disagreement_has_a_reason() -> None:
    shared("corpora/cases.jsonl")
    silent = [it for it in answers() if not it.agrees and not reason_for(it)]
    assert not silent


def test_no_reason_has_lost_its_disagreement() -> None:
    shared("corpora/cases.jsonl")
    given = {reason_for(it) for it in answers() if not it.agrees}
    assert {it["why"] for it in tables()["reasons"]} == given
