"""Text on a pipe: a finding a line, as compilers say it."""

from __future__ import annotations

import re

from portside.model.evaluation import Evaluation
from portside.model.finding import ResourceRef, Unread
from tests.report.examples import (
    COMMENT,
    clean,
    finding,
    led_back,
    nothing,
    only_unread,
    rendered,
    result,
    shop,
)

LINE = re.compile(r"[^:]+(:\d+){0,2}: (critical|high|medium|low|info|unread) .+")


def test_a_finding_is_a_line_and_the_sums_follow() -> None:
    assert rendered("text", shop()) == (
        """\
shop/web.yaml:9:9: medium latest-tag container web runs nginx, whose tag moves
shop/web.yaml:11:11: critical privileged-container container web is privileged: it can leave the \
container and owns its node
shop/broken.yaml:7:1: unread not YAML: a tab begins the line; indent with spaces
shop/legacy: unread chart legacy: charts are not rendered yet

1 critical, 1 medium in 1 of 2 objects; 1 that follows from these, 1 excused, 1 undecided \
(-v lists them)
32 rules on 2 objects of 2 files; 2 not looked at: the answer is incomplete (exit 3)
"""
    )


def test_verbose_lists_what_does_not_count_and_why() -> None:
    lines = rendered("text", shop(), verbose=True).splitlines()

    assert lines[2:5] == [
        "shop/web.yaml:9:9: excused image-not-pinned container web runs an image without a digest "
        "[waiver of team-a until 2027-01-31: moves to digests (portside.yaml:9)]",
        "shop/web.yaml:10:9: covered seccomp-profile-missing container web has no seccomp profile "
        "[follows from privileged-container]",
        "shop/web.yaml:1: undecided run-as-non-root Deployment shop/web: "
        "the user that the image names",
    ]


def test_an_excuse_without_a_reason_says_so() -> None:
    said = rendered("text", shop(excuse=COMMENT), verbose=True)

    assert "[comment: no reason is given (shop/web.yaml:9)]" in said


def test_a_clean_scan_is_two_lines_that_say_what_was_looked_at() -> None:
    assert rendered("text", clean()) == "no findings\n32 rules on 1 object of 1 file\n"


def test_no_object_is_not_called_clean() -> None:
    empty = Evaluation([result(fate="not-kubernetes", objects=[])], rules=32)

    assert rendered("text", empty) == (
        "nothing to judge: no Kubernetes object was read\n"
        "32 rules on 0 objects of 0 files; 1 other file without objects\n"
    )
    assert rendered("text", nothing()).startswith("nothing to judge")


def test_what_was_not_read_is_not_called_clean() -> None:
    assert rendered("text", only_unread()) == (
        """\
shop/broken.yaml:7:1: unread not YAML: a tab begins the line; indent with spaces

nothing to judge: no Kubernetes object was read
32 rules on 0 objects of 0 files; 1 not looked at: the answer is incomplete (exit 3)
"""
    )


def test_a_finding_about_a_waiver_is_not_counted_as_an_object() -> None:
    waiver = ResourceRef("portside.dev/v1", "Waiver", "", "latest-tag")
    later = [finding("waiver-expired", resource=waiver, file="portside.yaml")]

    said = rendered("text", Evaluation([result()], later=later, rules=32))

    assert said.splitlines()[2:] == ["1 medium", "32 rules on 1 object of 1 file"]


def test_the_folder_of_an_unread_chart_is_said_once() -> None:
    chart = Unread("Helm chart shop/legacy", "charts are not rendered", "shop/legacy/Chart.yaml")
    evaluation = Evaluation([result(fate="unread", objects=[], unread=[chart])], rules=1)

    line, *_ = rendered("text", evaluation).splitlines()

    assert line == "shop/legacy/Chart.yaml: unread charts are not rendered"


def test_accepted_gaps_are_still_said() -> None:
    said = rendered("text", only_unread(), allow_unread=True)

    assert "the answer is incomplete (accepted by --allow-unread)" in said


def test_strict_says_that_undecided_is_not_accepted() -> None:
    assert "1 undecided, which --strict does not accept (exit 3)" in rendered(
        "text", shop(), strict=True
    )


def test_every_line_before_the_sums_has_the_form_that_editors_read() -> None:
    head, _ = rendered("text", shop()).split("\n\n")

    assert all(LINE.fullmatch(line) for line in head.splitlines())


def test_a_file_whose_name_a_ci_service_would_obey_is_called_by_another_path_to_it() -> None:
    found = [finding(file="::add-mask::x.yaml", message="runs ##[add-mask]nginx")]
    said = rendered("text", Evaluation([result(findings=found)], rules=1))

    assert said.splitlines()[0] == (
        "./::add-mask::x.yaml:9:9: medium latest-tag runs #\\x23[add-mask]nginx"
    )


def test_what_was_rendered_says_where_it_comes_from_and_where_it_holds() -> None:
    lines = rendered("text", Evaluation([led_back()])).splitlines()

    assert lines[0].endswith(
        " [set in c/values-prod.yaml:12 (image.tag); the line is a guess; holds in dev, prod]"
    )
