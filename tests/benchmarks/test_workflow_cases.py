"""Our rules for workflows say what zizmor says of its own cases, on the same lines."""

from __future__ import annotations

from benchmarks.workflow_cases import answers, cases, kinds, without_a_rule
from tests.shared import shared


def test_nine_of_ten_cases_agree_in_verdict_and_line_and_the_others_have_a_reason() -> None:
    shared("corpora")
    found = list(answers())
    assert len(found) > 70
    agree = [it for it in found if it.agrees]
    assert len(agree) >= 0.97 * len(found)
    assert [it.case for it in found if not it.agrees and not it.why] == []


def test_every_audit_that_has_cases_is_one_of_ours() -> None:
    shared("corpora")
    assert not without_a_rule()


def test_every_workflow_of_actionlint_is_read_or_its_fault_has_a_line() -> None:
    shared("corpora")
    read = 0
    for case in cases("actionlint"):
        for name, found, unread in kinds(case):
            assert found or unread, name
            assert all(not it.startswith("0:") for it in unread), (name, unread)
            read += bool(found)
    assert read > 60
