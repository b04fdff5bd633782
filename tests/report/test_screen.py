"""The screen of a terminal: by object, with the line at fault, what to do, and what is next."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portside.model.evaluation import Evaluation
from portside.model.finding import ObjectFate, ResourceRef
from portside.model.severity import CRITICAL, HIGH
from portside.report.cells import cells
from tests.report.examples import (
    WEB,
    clean,
    finding,
    many,
    on_screen,
    only_unread,
    result,
    shop,
)

SECRET = ResourceRef("v1", "Secret", "shop", "login")


def one(**parts: Any) -> Evaluation:
    return Evaluation([result(findings=[finding(**parts)])], rules=1)


def lines_of(source: str, terminal: int = 100, **parts: Any) -> list[str]:
    """The excerpt of a finding in `source`: its line, and the line of the mark."""
    screen = on_screen(one(**parts), sources={"shop/web.yaml": source}, width=terminal)
    return [line for line in screen.splitlines() if "│" in line]


def test_the_whole_screen() -> None:
    assert on_screen(shop()) == (
        """
Deployment shop/web
  medium    latest-tag                   shop/web.yaml:9:9
     9 │         image: nginx
       │         ^^^^^^^^^^^^ container web runs nginx, whose tag moves
       fix  Name a version.
  critical  privileged-container         shop/web.yaml:11:11
    11 │           privileged: true
       │           ^^^^^^^^^^^^^^^^
       │ container web is privileged: it can leave the container and owns its node
       fix  Remove `privileged`, and add the one capability the program needs.

not looked at
  shop/broken.yaml:7:1    not YAML: a tab begins the line; indent with spaces
  shop/legacy             chart legacy: charts are not rendered yet

1 critical, 1 medium in 1 of 2 objects;
  1 that follows from these, 1 excused, 1 undecided (-v lists them)
32 rules on 2 objects of 2 files; 2 not looked at: the answer is incomplete (exit 3)
next: portside explain privileged-container
"""
    )


def test_a_message_that_fits_stands_in_the_line_of_the_mark() -> None:
    assert "^^^^^^^^^^^^^^^^ container web is privileged" in on_screen(shop(), width=120)


def test_verbose_shows_what_does_not_count_and_other_names_of_rules() -> None:
    screen = on_screen(shop(), verbose=True)

    assert "       also checkov:CKV_K8S_16, trivy:KSV-0017\n" in screen
    assert screen.split("\n\n")[1:4] == [
        """\
excused
  low       image-not-pinned             shop/web.yaml:9:9
       container web runs an image without a digest
       waiver of team-a until 2027-01-31: moves to digests (portside.yaml:9)""",
        """\
follows from another finding
  medium    seccomp-profile-missing      shop/web.yaml:10:9
       container web has no seccomp profile
       follows from privileged-container""",
        """\
undecided
  run-as-non-root              shop/web.yaml:1
       Deployment shop/web: the user that the image names""",
    ]


def test_a_clean_screen_is_two_lines() -> None:
    assert on_screen(clean()) == "no findings\n32 rules on 1 object of 1 file\n"


def test_only_unread_says_no_command_that_would_not_help() -> None:
    assert "next:" not in on_screen(only_unread())


def test_a_line_is_shown_once_for_neighbours_that_point_at_it() -> None:
    found = [finding(), finding("image-not-pinned", message="container web runs no digest")]
    screen = on_screen(Evaluation([result(findings=found)], rules=2))

    assert screen.count("image: nginx") == 1
    assert screen.count("^^^^^^^^^^^^ container web") == 2


def test_a_fix_is_said_once_an_object() -> None:
    found = [finding(), finding(line=10)]

    assert on_screen(Evaluation([result(findings=found)], rules=2)).count("fix ") == 1


def test_colour_and_links_dress_the_same_words() -> None:
    plain = on_screen(shop())
    dressed = on_screen(shop(), color=True, links="file://host/here/")

    undressed = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", dressed)
    assert undressed == plain
    assert "\x1b]8;;file://host/here/shop/web.yaml\x1b\\shop/web.yaml:9:9\x1b]8;;\x1b\\" in dressed
    assert "\x1b[1;31mcritical \x1b[0m" in dressed


def test_a_hostile_file_name_does_not_end_its_link() -> None:
    evaluation = one(file="a\x1b\\b;\udcff.yaml")

    screen = on_screen(evaluation, links="file://host/")

    assert "\x1b]8;;file://host/a%1B%5Cb%3B%FF.yaml\x1b\\a\\x1b\\b;\\xff.yaml:9:9\x1b]8;;" in screen


def test_a_terminal_without_unicode_gets_ascii() -> None:
    found = [finding(message="läuft 日本 …", file="ü.yaml")]
    screen = on_screen(Evaluation([result(findings=found)], rules=1), unicode=False)

    assert screen.isascii()
    assert "l\\xe4uft \\u65e5\\u672c ..." in screen


def test_tabs_and_wide_characters_keep_the_mark_below_the_field() -> None:
    text, mark = lines_of("\t日本: nginx", line=1, column=2, width=9, message="moves")

    assert text == "     1 │  日本: nginx"
    assert mark == "       │  ^^^^^^^^^^^ moves"


def test_a_mark_after_wide_characters_counts_their_cells() -> None:
    text, mark = lines_of("{日本: 1, a: b}", line=1, column=9, width=4, message="moves")

    before, _ = mark.split("^", 1)
    assert cells(before) == cells(text[: text.index("a: b")])


def test_combining_characters_take_no_cell() -> None:
    text, mark = lines_of("e\u0301e\u0301: 1, a: b", line=1, column=10, width=4, message="moves")

    assert cells(text[: text.index("a: b")]) == mark.index("^")


@pytest.mark.parametrize("column", [1, 50, 5_000, 99_990])
@pytest.mark.parametrize("width", [40, 100])
def test_a_very_long_line_is_cut_around_the_mark(column: int, width: int) -> None:
    source = "x" * (column - 1) + "image: a" + "y" * (100_000 - column)

    text, mark, *_ = lines_of(source, width, line=1, column=column, width=8)

    at = mark.index("^")
    assert text[at : at + 8] == "image: a"
    assert max(len(text), len(mark)) <= width


def test_a_mark_never_is_longer_than_its_line() -> None:
    text, mark = lines_of("image: a # more", line=1, column=1, width=400, message="moves")

    assert mark == "       │ " + "^" * 15 + " moves"
    assert text.endswith("# more")


def test_a_place_that_the_file_no_longer_has_keeps_its_message() -> None:
    screen = on_screen(one(line=99))

    assert "       container web runs nginx, whose tag moves\n" in screen
    assert "│" not in screen


def test_a_message_without_end_is_cut_and_says_so() -> None:
    screen = on_screen(one(message="no " * 5_000))

    assert "characters more)" in screen
    assert max(len(line) for line in screen.splitlines()) <= 100


def test_the_value_of_a_secret_is_masked() -> None:
    evaluation = Evaluation(
        [
            result(
                findings=[finding(resource=SECRET, path=("data", "a"), line=1, column=3, width=10)],
                objects=[ObjectFate("shop/web.yaml", 1, SECRET, "judged", 1)],
            )
        ],
        rules=1,
    )

    screen = on_screen(evaluation, sources={"shop/web.yaml": "  password: aHVudGVyMg=="})

    assert "     1 │   password: ******\n       │   ^^^^^^^^^^" in screen
    assert "aHVudGVyMg" not in screen


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("password: hunter2", "password: ******"),
        ("'a b': hunter2", "'a b': ******"),
        ('"password": "hunter2",', '"password": ******'),
        ("password: |", "password: ******"),
        ("hunter2", "******"),
        ('"hun: ter2"', "******"),
        ("- hunter2", "******"),
        ("? hunter2", "******"),
        ('{"a": "hunter2"}', "******"),
        ('"hun\\"ter2": 1', "******"),
    ],
)
def test_only_the_key_of_a_secret_is_shown(line: str, shown: str) -> None:
    text, _ = lines_of(line, resource=SECRET, line=1, column=1, message="moves")

    assert text == f"     1 │ {shown}"


def test_what_stands_before_the_key_of_a_secret_is_masked_too() -> None:
    text, _ = lines_of(
        '{"a": "hunter2", "b": "hunter3"}', resource=SECRET, line=1, column=18, message="moves"
    )

    assert text == "     1 │                  " + '"b": ******'


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (ResourceRef("v1", "ConfigMap", "", "c"), ("data", "password")),
        (WEB, ("spec", "template", "spec", "containers", 0, "env", 0, "value")),
        (WEB, ("spec", "template", "spec", "containers", 0, "env", 0)),
    ],
)
def test_values_that_a_rule_takes_for_secrets_are_masked(
    resource: ResourceRef, path: tuple[str | int, ...]
) -> None:
    text, _ = lines_of(
        "value: hunter2", resource=resource, path=path, line=1, column=1, message="moves"
    )

    assert text == "     1 │ value: ******"


def test_a_line_of_json_on_which_a_secret_ends_is_masked_for_its_neighbour() -> None:
    evaluation = Evaluation(
        [
            result(
                findings=[finding(line=2, column=20, width=4)],
                objects=[
                    ObjectFate("shop/web.yaml", 1, SECRET, "judged", 1),
                    ObjectFate("shop/web.yaml", 2, WEB, "judged", 1),
                ],
            )
        ],
        rules=1,
    )

    screen = on_screen(evaluation, sources={"shop/web.yaml": '[{\n "a": "hunter2"}, {"b": 1}]'})

    assert "hunter2" not in screen
    assert '"b": ******' in screen


def test_more_than_a_screenful_is_a_table_and_the_worst_twenty() -> None:
    found = [finding(f"rule-{number:02}", line=number + 1) for number in range(40)]
    found += [finding("latest-tag", severity=severity) for severity in (HIGH, CRITICAL)] * 3
    screen = on_screen(Evaluation([result(findings=found)], rules=32))

    head, *_ = screen.split("\n\nDeployment")
    assert head == (
        """
46 findings; the 20 worst follow, -v shows all

  critical  latest-tag                              6
  medium    rule-00                                 1
  medium    rule-01                                 1
  medium    rule-02                                 1
  medium    rule-03                                 1
  medium    rule-04                                 1
  medium    rule-05                                 1
  medium    rule-06                                 1
  medium    rule-07                                 1
  medium    rule-08                                 1
  medium    rule-09                                 1
  medium    rule-10                                 1
  medium    rule-11                                 1
  medium    rule-12                                 1
  medium    rule-13                                 1
            26 more rules                          26

  most can be mended at
       7  shop/web.yaml:9"""
    )
    assert len(re.findall(r"shop/web.yaml:\d+:\d+", screen)) == 20
    assert screen.endswith(
        "next: portside explain latest-tag · portside scan shop -v (shows all 46 findings)\n"
    )


def test_the_worst_come_first_and_an_objects_findings_stay_together() -> None:
    screen = on_screen(many(files=20, each=5))

    places = re.findall(r"(\w+) +latest-tag +apps/(\d+).yaml:", screen)
    assert [severity for severity, _ in places] == ["critical"] * 20
    assert len({file for _, file in places}) == 20


def test_verbose_shows_all_of_them() -> None:
    screen = on_screen(many(files=20, each=5), verbose=True)

    assert len(re.findall(r"apps/\d+.yaml:\d+:\d+", screen)) == 100


def test_many_unread_are_counted_and_verbose_has_them_all() -> None:
    evaluation = Evaluation(list(only_unread().files) * 30, rules=1)

    assert "  and 10 more (-v lists them)\n" in on_screen(evaluation)
    assert on_screen(evaluation, verbose=True).count("shop/broken.yaml") == 30
