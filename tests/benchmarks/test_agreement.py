"""Other tools' cases: every disagreement is explained, and every explanation is needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from benchmarks import corpora, peer_cases
from benchmarks.admission_cases import KYVERNO, constraint, is_about
from benchmarks.agreement import Check, checks, field_reason, page, reason_for
from benchmarks.peer_cases import Answer, tables
from benchmarks.places import Place, nearest
from portside.model.finding import ResourceRef
from portside.model.place import FieldPath
from portside.policy import builtin
from tests.shared import ROOT, shared
from tools import agreement_page


@pytest.fixture(scope="module")
def asked() -> Sequence[Check]:
    shared("corpora/cases.jsonl")
    return checks()


@pytest.fixture
def differing(asked: Sequence[Check]) -> Sequence[Answer]:
    return [it for check in asked for it in check.answers if not it.agrees]


@pytest.fixture
def other_fields(asked: Sequence[Check]) -> Sequence[tuple[str, Place]]:
    places = [(it.check, place) for check in asked for it in check.answers for place in it.places]
    return [(check, place) for check, place in places if place.relation != "same"]


def test_every_disagreement_has_a_reason(differing: Sequence[Answer]) -> None:
    assert [it for it in differing if not reason_for(it)] == []


def test_every_reason_has_a_disagreement(differing: Sequence[Answer]) -> None:
    def matches(reason: Mapping[str, str]) -> bool:
        return any(
            it.corpus == reason["corpus"] and fnmatchcase(it.case, reason["case"])
            for it in differing
        )

    assert [it for it in tables()["reasons"] if not matches(it)] == []


def test_every_field_that_is_not_theirs_has_a_reason(
    other_fields: Sequence[tuple[str, Place]],
) -> None:
    assert [it for it in other_fields if not field_reason(*it)] == []


def test_every_reason_for_a_field_has_one(other_fields: Sequence[tuple[str, Place]]) -> None:
    def matches(reason: Mapping[str, str]) -> bool:
        return any(
            check == reason["check"] and fnmatchcase(place.theirs, reason["path"])
            for check, place in other_fields
        )

    assert [it for it in tables()["fields"] if not matches(it)] == []


def test_every_check_in_the_tables_has_a_case(asked: Sequence[Check]) -> None:
    known = {(it.corpus, it.name) for it in asked}
    listed = {
        (corpus, check)
        for table in ("mapped", "not-ours")
        for corpus, named in tables()[table].items()
        for check in named
    }
    listed |= {("trivy-examples", check) for check in tables()["trivy-examples"]}
    assert listed <= known


def test_no_check_is_both_ours_and_not_ours(asked: Sequence[Check]) -> None:
    told = {(corpus, check) for corpus, named in tables()["not-ours"].items() for check in named}
    assert not told & {(it.corpus, it.name) for it in asked if it.rules}


def test_every_case_of_a_check_of_ours_is_asked(asked: Sequence[Check]) -> None:
    cases = [(it["corpus"], it["check"]) for it in peer_cases.cases()]
    assert [it for it in asked if it.rules and len(it.answers) != cases.count(it[:2])] == []


def test_every_policy_of_gatekeeper_and_kyverno_is_ours_or_has_a_reason(
    asked: Sequence[Check],
) -> None:
    corpora_of = ("gatekeeper-library", *KYVERNO)
    left = {(it.corpus, it.name) for it in asked if it.corpus in corpora_of and not it.rules}
    near = {(corpus, check) for corpus in corpora_of for check in _told(corpus)}
    far = {
        (corpus, check)
        for corpus, groups in tables()["without"].items()
        for group in groups
        for check in group["checks"]
    }
    assert left == near | far
    assert not near & far


def _told(corpus: str) -> Mapping[str, str]:
    told: Mapping[str, str] = tables()["not-ours"][corpus]
    return told


def test_every_reason_not_to_ask_has_a_case(asked: Sequence[Check]) -> None:
    assert asked
    reasons = {" ".join(it["why"].split()) for it in tables()["apart"]}
    assert {" ".join(why.split()) for _, why in peer_cases.apart()} == reasons


@pytest.mark.parametrize(
    ("corpus", "resource", "ref", "expected"),
    [
        ("kyverno-policies", "web", ResourceRef("v1", "Pod", "", "web"), True),
        ("kyverno-policies", "web", ResourceRef("v1", "Pod", "shop", "web"), True),
        ("kyverno-policies", "web", ResourceRef("v1", "Pod", "", "store"), False),
        ("kyverno-policies", "web", ResourceRef("apps/v1", "Deployment", "", "web"), False),
        ("kyverno-cli", "shop/web", ResourceRef("v1", "Pod", "shop", "web"), True),
        ("kyverno-cli", "shop/web", ResourceRef("v1", "Pod", "", "web"), False),
        ("kyverno-cli", "default/web", ResourceRef("v1", "Pod", "", "web"), True),
        ("polaris", "", ResourceRef("v1", "Pod", "", "web"), True),
    ],
)
def test_a_case_of_kyverno_is_about_the_object_that_it_names(
    corpus: str, resource: str, ref: ResourceRef, expected: bool
) -> None:
    case = {"corpus": corpus, "kind": "Pod", "resource": resource}
    assert is_about(case, ref) is expected


def test_the_parameters_of_a_constraint_decide_its_cases(asked: Sequence[Check]) -> None:
    case = next(it for it in peer_cases.cases() if it["check"].endswith("network-allowed"))
    assert constraint(case, peer_cases.CORPORA)["ports"] == list(range(80, 9001))
    found = {it.case.rpartition("/")[2]: it.ours for it in _answers(asked, case["check"])}
    assert found["example-allowed"] == "pass"  # host port 80
    assert found["out-of-range"] == "fail"


def _answers(asked: Sequence[Check], name: str) -> Sequence[Answer]:
    (check,) = [it for it in asked if it.name == name]
    return check.answers


def test_what_a_policy_skips_is_expected_to_pass(asked: Sequence[Check]) -> None:
    assert {it.expected for check in asked for it in check.answers} == {"pass", "fail"}


def test_every_folder_of_the_corpora_is_on_the_page(asked: Sequence[Check]) -> None:
    text = "".join(corpora.page(asked))
    assert sorted(corpora.entries()) == corpora.folders()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == corpora.folders()
    assert [row for row in rows if " | — |" in row or "| 0 " in row] == []


def test_every_set_of_labelled_cases_belongs_to_a_folder() -> None:
    path = shared("corpora/cases.jsonl")
    with path.open(encoding="utf-8") as lines:
        labelled = {json.loads(line)["corpus"] for line in lines}
    listed = [name for it in corpora.entries().values() for name in it.get("sets", ())]
    assert sorted(listed) == sorted(labelled)


def test_every_test_page_and_section_that_a_folder_names_is_there() -> None:
    page_ = ROOT / agreement_page.PATH
    headings = page_.read_text(encoding="utf-8").splitlines()
    for it in corpora.entries().values():
        assert "test" not in it or (ROOT / it["test"]).is_file(), it
        assert "page" not in it or page_.with_name(it["page"]).is_file(), it
        assert "section" not in it or f"## {it['section']}" in headings, it


def test_every_mapped_rule_and_parameter_is_known() -> None:
    rules = builtin.rules()
    mapped = [rules_ for named in tables()["mapped"].values() for rules_ in named.values()]
    assert {rule for listed in mapped for rule in listed} <= set(rules)
    for it in tables()["settings"].values():
        assert it["param"] in rules[it["rule"]].params
    for named in tables()["given"].values():
        for params in named.values():
            assert all(given.keys() <= rules[it].params.keys() for it, given in params.items())


def test_the_settings_of_a_case_decide_it(asked: Sequence[Check]) -> None:
    (check,) = [it for it in asked if it.name == "container-image-repository"]
    assert {it.ours for it in check.answers if it.expected == "fail"} == {"fail"}
    assert check.agreeing == len(check.answers)


_PORT: FieldPath = ("spec", "containers", 1, "ports", 0, "hostPort")


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("spec.containers[1].ports[0].hostPort", [_PORT], "same"),
        ("spec.containers[1].ports[0].hostPort", [("spec",), _PORT], "same"),
        ("spec.containers[1].ports[0]", [_PORT], "inside"),
        ("spec.containers[1].ports[0].hostPort", [("spec", "containers", 1)], "around"),
        ("spec.containers[10].ports[0]", [("spec", "containers", 1)], "other"),
        ("spec.host", [("spec", "hostPID")], "other"),
        ("spec.hostPID", [], "other"),
    ],
)
def test_fields_are_compared_step_by_step(
    theirs: str, ours: list[FieldPath], expected: str
) -> None:
    assert nearest(theirs, ours).relation == expected


def test_the_page_is_generated(asked: Sequence[Check]) -> None:
    ((path, text),) = agreement_page.pages()
    assert "".join([*corpora.page(asked), *page(asked)]) in text
    assert (ROOT / path).read_text(encoding="utf-8") == text, "run python -m tools.docs"


def test_without_the_corpora_the_page_is_left_and_somebody_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(agreement_page, "CASES", tmp_path / "cases.jsonl")
    assert list(agreement_page.pages()) == []
    assert "there is no ../shared" in capsys.readouterr().err
