"""The summary: bands, choke points, places and owners, in that order, and nothing that is empty."""

from __future__ import annotations

from portside.model.evaluation import Evaluation
from portside.model.finding import ChokePoint, FileFate, FileResult, Finding
from portside.model.severity import CRITICAL, HIGH, LOW
from portside.report.priorities import priorities
from tests.report.examples import finding, rendered, shop

VIA = "internet → Service shop/web → container web → the node"


def evaluation(*findings: Finding, chokes: tuple[ChokePoint, ...] = ()) -> Evaluation:
    fate = FileFate("shop/web.yaml", "judged", 1, "")
    result = FileResult(fate, (), findings, (), (), ())
    return Evaluation([result], choke_points=chokes)


def test_findings_on_attack_paths_come_first_by_band() -> None:
    found = priorities(
        evaluation(
            finding("a", band="P3"),
            finding("b", band="P1", severity=LOW, via=VIA),
            finding("c", band="P0", severity=HIGH, via=VIA),
            finding("d", band="P1", severity=CRITICAL, via=VIA),
        )
    )
    assert found.bands == {"P0": 1, "P1": 2, "P2": 0, "P3": 1}
    assert [it.rule for it in found.first] == ["c", "d", "b"]


def test_a_line_at_which_several_stand_is_one_place_to_edit() -> None:
    (place,) = priorities(
        evaluation(
            finding("a", line=4), finding("b", line=9), finding("b", line=9), finding("c", line=9)
        )
    ).places
    assert place[:3] == ("shop/web.yaml", 9, 3)
    assert place.rules == ("b", "c")


def test_owners_come_by_what_they_have_worst() -> None:
    owners = priorities(
        evaluation(
            finding("a", owner="@low", severity=LOW),
            finding("b", owner="@worst", severity=CRITICAL),
            finding("c"),
        )
    ).owners
    assert [it.owner for it in owners] == ["@worst", "", "@low"]
    assert sum(it.findings for it in owners) == 3


def test_what_does_not_count_is_nobodys_work() -> None:
    found = priorities(evaluation(finding("a", covered_by="b", owner="@a", band="P0", line=1)))
    assert not any((found.bands, found.first, found.places, found.owners))


def test_the_summary_has_a_section_for_each_that_is_not_empty() -> None:
    choke = ChokePoint("a privileged container owns its node", "a", "shop/web.yaml", 9, 3, 4)
    text = rendered(
        "summary",
        evaluation(
            finding("a", band="P0", via=VIA, owner="@shop"), finding("b", line=9), chokes=(choke,)
        ),
    )
    assert text == SUMMARY
    assert "whose" not in rendered("summary", shop())


SUMMARY = """\
how soon
  P0  1 finding, within 3 days
      shop/web.yaml:9:9: a: internet → Service shop/web → container web → the node

where one fix cuts most attack paths
      3 of 4 paths  shop/web.yaml:9  a: a privileged container owns its node

where one edit mends most
      2  medium    shop/web.yaml:9  a, b

whose they are
  @shop                            1 medium
  nobody                           1 medium

2 medium in 1 of 0 objects
0 rules on 0 objects of 1 file
"""
