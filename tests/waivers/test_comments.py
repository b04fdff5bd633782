"""`# portside:ignore`: what it reaches, and what is no comment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanning import POD, process, scan_text

PRIVILEGED = "privileged-container"
TWO = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: web
          image: registry.example.org/web:2.1
          securityContext:
            privileged: true
        - name: log
          image: registry.example.org/log:2.1
          securityContext:
            privileged: true
"""
REACHES = [
    pytest.param("            privileged: true\n", 13, "field", [True, False], id="its line"),
    pytest.param("        - name: web\n", 10, "above", [True, False], id="an item of a list"),
    pytest.param("          image: registry.example.org/log:2.1\n", 15, "above", [False, False],
                 id="the field below it and no other"),
    pytest.param("          securityContext:\n", 16, "above", [False, True], id="a subtree"),
    pytest.param("      containers:\n", 9, "above", [True, True], id="the subtree around both"),
    pytest.param("  template:\n", 6, "above", [True, True], id="the template"),
    pytest.param("metadata: {name: shop}\n", 3, "above", [False, False], id="a part of the object"),
    pytest.param("apiVersion: apps/v1\n", 1, "above", [True, True], id="the object"),
    pytest.param("kind: Deployment\n", 2, "above", [True, True], id="the object, above its kind"),
    pytest.param("          securityContext:\n", 12, "field", [False, False],
                 id="the line of a key and not what is below it"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "number", "where", "expected"), REACHES)
def test_a_comment_reaches(
    line: str, number: int, where: str, expected: list[bool], tmp_path: Path
) -> None:
    lines = TWO.splitlines(keepends=True)
    assert lines[number - 1] == line
    words = "# portside:ignore privileged-container it loads a module"
    if where == "field":
        lines[number - 1] = f"{line.rstrip()} {words}\n"
    else:
        lines.insert(number - 1, f"{line[: len(line) - len(line.lstrip())]}{words}\n")

    answer = scan_text(tmp_path, "".join(lines))

    assert answer.excused(PRIVILEGED) == expected
    unused = [("unused-waiver", number)] if not any(expected) else []
    assert [it[:2] for it in answer.told] == unused


@pytest.mark.parametrize("before", ["", POD + "---\n"])
def test_a_comment_for_the_file_stands_anywhere_in_it(before: str, tmp_path: Path) -> None:
    text = f"{before}{POD}# portside:ignore-file privileged-container it loads a module\n"

    answer = scan_text(tmp_path, text)

    assert all(answer.excused(PRIVILEGED))
    assert answer.told == []


@pytest.mark.parametrize(
    "head",
    [
        "---\n{}\n",
        "--- {}\n",
        "{}\n---\n",
        "# a licence\n{}\n\n# about the shop\n",
        "a: 1\n---\n{}\n",
        "a: 1\n--- {}\n",
        "a: 1\n---\n# first\n---\n{}\n---\n",
    ],
)
def test_a_comment_above_an_object_excuses_the_object(head: str, tmp_path: Path) -> None:
    text = head.format("# portside:ignore privileged-container it loads a module") + POD

    answer = scan_text(tmp_path, f"{text}---\n{POD.replace('shop', 'other')}")

    assert answer.excused(PRIVILEGED) == [True, False]


@pytest.mark.parametrize(
    "value",
    [
        '"x # portside:ignore privileged-container it is a text"',
        "'x # portside:ignore privileged-container it is a text'",
        "|\n      # portside:ignore privileged-container it is a text\n      x",
        ">-\n      x\n      # portside:ignore privileged-container it is a text",
        "|2\n      # portside:ignore privileged-container it is a text\n      x",
        '"x\n      # portside:ignore privileged-container it is a text"',
        "x#portside:ignore privileged-container it is a text",
    ],
)
def test_a_hash_in_a_value_is_no_comment(value: str, tmp_path: Path) -> None:
    pod = POD.replace(
        "metadata: {name: shop}", f"metadata:\n  name: shop\n  labels:\n    a: {value}"
    )

    answer = scan_text(tmp_path, pod.replace("\nspec:", "\n\nspec:"))

    assert answer.report["unread"] == []
    assert answer.excused(PRIVILEGED) == [False]
    assert answer.told == []


@pytest.mark.parametrize(
    "value",
    [
        "|\n      x\n    # portside:ignore-file privileged-container it is a comment",
        "| # portside:ignore-file privileged-container it is a comment\n      x # y",
        "x\n    # portside:ignore-file privileged-container it is a comment",
        "'it''s # 1' # portside:ignore-file privileged-container it is a comment",
        '["a # b", "c"] # portside:ignore-file privileged-container it is a comment',
    ],
)
def test_a_comment_beside_a_value_is_one(value: str, tmp_path: Path) -> None:
    pod = POD.replace(
        "metadata: {name: shop}", f"metadata:\n  name: shop\n  labels:\n    a: {value}"
    )

    answer = scan_text(tmp_path, pod)

    assert answer.excused(PRIVILEGED) == [True]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_comments_are_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    text = f"# portside:ignore privileged-container für ein Modul\n{POD}".replace("\n", "\r\n")

    answer = scan_text(tmp_path, text.encode(encoding))

    (finding,) = answer.of(PRIVILEGED)
    assert finding["waived"]["reason"] == "für ein Modul"


def test_what_is_absent_is_excused_where_the_report_points(tmp_path: Path) -> None:
    pod = POD.replace("- name: web", "- name: web # portside:ignore privileged-container no")
    before = scan_text(
        tmp_path, POD.replace("      securityContext:\n        privileged: true\n", "")
    )
    (finding,) = before.of("run-as-non-root")
    assert finding["line"] == 6

    pod = POD.replace(
        "- name: web", "- name: web # portside:ignore run-as-non-root it must be root"
    )
    answer = scan_text(
        tmp_path, pod.replace("      securityContext:\n        privileged: true\n", "")
    )

    assert answer.excused("run-as-non-root") == [True]


def test_objects_of_one_name_stay_apart(tmp_path: Path) -> None:
    text = f"# portside:ignore privileged-container it loads a module\n{POD}---\n{POD}"

    answer = scan_text(tmp_path, text)

    assert answer.excused(PRIVILEGED) == [True, False]
    assert len({it["id"] for it in answer.of(PRIVILEGED)}) == 2


def listed(*comments: str) -> str:
    """A List of two privileged pods with comments at its top and above each item."""
    top, first, second = comments
    text = f"{top}apiVersion: v1\nkind: List\nitems:\n"
    for name, comment in (("a", first), ("b", second)):
        pod = POD.replace("shop", name).replace("\n", "\n    ").rstrip(" ")
        text += f"{comment}  - {pod}"
    return text


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        (("", "", ""), [False, False]),
        (("# portside:ignore privileged-container why\n", "", ""), [True, True]),
        (("", "  # portside:ignore privileged-container why\n", ""), [True, False]),
        (("", "", "  # portside:ignore privileged-container why\n"), [False, True]),
    ],
)
def test_a_comment_in_a_list_reaches_its_item(
    comments: tuple[str, str, str], expected: list[bool], tmp_path: Path
) -> None:
    answer = scan_text(tmp_path, listed(*comments))

    assert answer.excused(PRIVILEGED) == expected


ANCHORED = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext: &context
        # HERE
        privileged: true
    - name: log
      image: registry.example.org/log:2.1
      # THERE
      securityContext: *context
"""


@pytest.mark.parametrize(("place", "expected"), [("HERE", [True, True]), ("THERE", [False, True])])
def test_a_comment_reaches_through_aliases(
    place: str, expected: list[bool], tmp_path: Path
) -> None:
    text = ANCHORED.replace(place, "portside:ignore privileged-container it loads a module")

    answer = scan_text(tmp_path, text)

    found = sorted(answer.of(PRIVILEGED), key=lambda it: str(it["path"]))
    assert [it["waived"] is not None for it in found] == expected


@pytest.mark.parametrize(
    "words",
    [
        "privileged-container",
        "checkov:CKV_K8S_16",
        "CKV_K8S_16",
        "privileged-*",
        "*-container",
        "host-pid,privileged-container",
        "host-pid, privileged-container",
        "*",
    ],
)
def test_a_comment_names_rules_as_people_do(words: str, tmp_path: Path) -> None:
    pod = POD.replace("privileged: true", f"privileged: true # portside:ignore {words} it loads")

    answer = scan_text(tmp_path, pod)

    assert answer.excused(PRIVILEGED) == [True]
    assert answer.of(PRIVILEGED)[0]["waived"]["reason"] == "it loads"


@pytest.mark.parametrize(
    ("until", "now", "excused"),
    [
        ("until=2026-07-01", "2026-07-01", True),
        ("until=2026-07-01", "2026-07-02", False),
        ("until=2026-07-02", "2026-07-01", True),
        ("until=2024-02-29", "2024-02-29", True),
    ],
)
def test_the_last_day_still_holds(until: str, now: str, excused: bool, tmp_path: Path) -> None:
    pod = POD.replace("true", f"true # portside:ignore privileged-container {until} a module")

    answer = scan_text(tmp_path, pod, "--now", now)

    assert answer.excused(PRIVILEGED) == [excused]
    assert [it[0] for it in answer.told] == ([] if excused else ["expired-waiver"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "names no rule"),
        ("privileged-container", "gives no reason"),
        ("privileged-container until=2027-01-31", "gives no reason"),
        ("privileged-container --", "gives no reason"),
        ("priviledged-container it loads", "did you mean privileged-container?"),
        ("privileged-container until=2026-13-01 it loads", "2026-13-01, which is not a date"),
        ("privileged-container until=2026-02-29 it loads", "2026-02-29, which is not a date"),
        ("privileged-container until=tomorrow it loads", "expected YYYY-MM-DD"),
        ("privileged-container until= it loads", "without a day"),
        ("privileged-container until=2027-01-01 until=2027-01-02 it", "two ends"),
        ("-line privileged-container it loads", "says portside:ignore-line"),
    ],
)
def test_a_comment_that_cannot_hold_is_told_and_excuses_nothing(
    words: str, said: str, tmp_path: Path
) -> None:
    comment = f"# portside:ignore{'' if words.startswith('-') else ' '}{words}"

    answer = scan_text(tmp_path, POD.replace("true", f"true {comment}"))

    assert answer.excused(PRIVILEGED) == [False]
    ((rule, line, message),) = answer.told
    assert (rule, line) == ("invalid-waiver", 9)
    assert said in message


def test_a_comment_at_the_end_stands_at_nothing(tmp_path: Path) -> None:
    answer = scan_text(tmp_path, f"{POD}# portside:ignore privileged-container it loads a module\n")

    assert [(rule, line) for rule, line, _ in answer.told] == [("invalid-waiver", 10)]


def test_a_comment_in_a_broken_document_excuses_no_other(tmp_path: Path) -> None:
    broken = "# portside:ignore privileged-container it loads a module\na: [\n"

    answer = scan_text(tmp_path, f"{broken}---\n{POD}")

    assert answer.excused(PRIVILEGED) == [False]
    assert answer.code == 3


def test_a_comment_is_not_called_unused_where_its_rule_was_not_asked(tmp_path: Path) -> None:
    comment = "# portside:ignore writable-root-filesystem it writes\n"

    assert scan_text(tmp_path, comment + POD, "--profile", "recommended").told == []
    fixed = POD.replace("privileged: true", "readOnlyRootFilesystem: true")
    assert [it[0] for it in scan_text(tmp_path, comment + fixed, "--profile", "strict").told] == [
        "unused-waiver"
    ]


def test_of_two_rules_the_one_that_is_not_needed_is_named(tmp_path: Path) -> None:
    comment = "# portside:ignore privileged-container,host-pid it loads a module\n"

    answer = scan_text(tmp_path, comment + POD)

    assert answer.excused(PRIVILEGED) == [True]
    ((rule, _, message),) = answer.told
    assert rule == "unused-waiver"
    assert "host-pid" in message
    assert PRIVILEGED not in message


@pytest.mark.parametrize(
    ("words", "config", "excused"),
    [
        (("--profile", "strict"), "", False),
        (("--profile", "auditor"), "", False),
        (("--profile", "pss:baseline"), "", False),
        (("--profile", "recommended"), "", True),
        (("--profile", "strict"), "comments: critical\n", True),
        (("--profile", "recommended"), "comments: high\n", False),
        (("--profile", "recommended"), "comments: none\n", False),
    ],
)
def test_a_cap_says_how_severe_a_finding_comments_may_excuse(
    words: tuple[str, ...], config: str, excused: bool, tmp_path: Path
) -> None:
    (tmp_path / "portside.yaml").write_text(config or "version: 1\n")

    answer = scan_text(
        tmp_path, f"# portside:ignore privileged-container it loads a module\n{POD}", *words
    )

    assert answer.excused(PRIVILEGED) == [excused]
    if not excused and "pss:baseline" not in words:
        assert [it[0] for it in answer.told] == ["invalid-waiver"]
        assert "privileged-container is critical" in answer.told[0][2]


def test_an_annotation_excuses_its_object_or_its_template(tmp_path: Path) -> None:
    here = "{name: shop, annotations: {portside.dev/ignore: privileged-container it loads}}"
    there = 'annotations: {portside.dev/ignore: "privileged-container until=2027-01-31 it loads"}'

    answer = scan_text(tmp_path, POD.replace("{name: shop}", here))
    template = f"metadata:\n      labels: {{app: shop}}\n      {there}"
    of_template = scan_text(tmp_path, TWO.replace("metadata: {labels: {app: shop}}", template))

    assert answer.excused(PRIVILEGED) == [True]
    assert answer.of(PRIVILEGED)[0]["waived"]["kind"] == "annotation"
    assert of_template.excused(PRIVILEGED) == [True, True]
    assert of_template.of(PRIVILEGED)[0]["waived"]["until"] == "2027-01-31"


def test_an_annotation_holds_an_excuse_a_line(tmp_path: Path) -> None:
    text = POD.replace(
        "{name: shop}",
        "\n  name: shop\n  annotations:\n    portside.dev/ignore: |\n"
        "      privileged-container it loads a module\n"
        "      host-pid\n"
        "      run-as-non-root until=2020-01-31 it must be root",
    )

    answer = scan_text(tmp_path, text)

    assert answer.excused(PRIVILEGED) == [True]
    assert [(it[0], it[1]) for it in answer.told] == [("expired-waiver", 6), ("invalid-waiver", 6)]


def test_an_annotation_that_is_spelt_otherwise_is_told(tmp_path: Path) -> None:
    text = POD.replace("{name: shop}", "{name: shop, annotations: {portside.dev/ignored: a b}}")

    ((rule, _, message),) = scan_text(tmp_path, text).told

    assert rule == "invalid-waiver"
    assert "portside.dev/ignored" in message


def test_more_excuses_than_one_file_may_hold_are_refused_in_time(tmp_path: Path) -> None:
    comments = "# portside:ignore privileged-container it loads a module\n" * 5_000

    answer = scan_text(tmp_path, comments + POD)

    assert answer.excused(PRIVILEGED) == [True]
    assert [it[0] for it in answer.told] == ["invalid-waiver"]
    assert "more than 1,000" in answer.told[0][2]


def test_parallel_scans_know_the_comments_too(tmp_path: Path) -> None:
    for number in range(400):
        text = POD.replace("true", "true # portside:ignore privileged-container it loads")
        (tmp_path / f"{number}.yaml").write_text(text)

    answer = process(tmp_path, "scan", ".", "-o", "json", "--no-cache")

    assert answer.excused(PRIVILEGED) == [True] * 400
