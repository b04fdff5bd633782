"""`portside migrate`: what was found, what it is here, and waivers for what is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.migration.test_imports import BASELINE, DOCKERFILE, annotated, exception
from tests.scanning import NOW, POD, Answer, portside, scan

BY = ("--approver", "sec@example.org")


def migrate(folder: Path, *words: str) -> Answer:
    return portside(folder, "migrate", "--now", NOW, *words)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with suppressions of several tools."""
    top = 'checkov.io/skip1: "CKV_K8S_16=it loads a module", checkov.io/skip2: CKV_AWS_1'
    (tmp_path / "shop.yaml").write_text(annotated(top))
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(above="# hadolint ignore=DL3018\n"))
    (tmp_path / ".trivyignore").write_text("AVD-KSV-0014\nCVE-2019-1543\nKSV-0012 exp:2020-01-01\n")
    (tmp_path / "exceptions.json").write_text(exception({"sector": "ot"}))
    return tmp_path


def test_it_tells_what_was_found_what_it_is_here_and_what_is_lost(shop: Path) -> None:
    out = migrate(shop).out

    assert ".trivyignore:1:1: trivy AVD-KSV-0014: writable-root-filesystem: excuses 2 find" in out
    assert ".trivyignore:2:1: trivy CVE-2019-1543: not translated: no rule here says the" in out
    assert ".trivyignore:3:1: trivy KSV-0012: not translated: is over since 2019-12-31\n" in out
    assert "Dockerfile:2:1: hadolint DL3018: distribution-package-unpinned: excuses 1 find" in out
    assert "exceptions.json:1:" in out
    assert "kubescape C-0057: not translated: depends on the label sector" in out
    assert "shop.yaml:6:17: checkov CKV_K8S_16: privileged-container: excuses 2 findings\n" in out
    assert "checkov CKV_AWS_1: not translated: no rule here says the same\n" in out
    assert out.endswith(
        "7 suppressions of other tools: 3 needed here today, for 5 findings; 0 not needed, "
        "4 not translated\n"
    )
    assert not (shop / "portside.yaml").exists()


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("checkov:skip=", "its settings: not translated: is not written as its tool reads it"),
        ("checkov:skip=A,,B", "not written as its tool reads it: checkov:skip=CHECK:reason"),
        ("zizmor: ignore", "not written as its tool reads it: zizmor: ignore[RULE] reason"),
        ("zizmor: ignore[]", "not written as its tool reads it"),
        ("trivy:ignore:KSV-0017:exp:soon", "ends on soon, which is not a date"),
        ("trivy:ignore:KSV-0017[a=b]", "depends on attributes"),
        ("trivy:ignore:KSV-0017:ws:prod", "depends on a workspace"),
    ],
)
def test_a_comment_that_cannot_be_understood_is_told(
    comment: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(f"# {comment}\n{POD}")

    out = migrate(tmp_path).out

    assert out.startswith("shop.yaml:1:1: ")
    assert said in out


def test_json_says_the_same(shop: Path) -> None:
    told = json.loads(migrate(shop, "-o", "json", "--from", "checkov").out)

    assert [(it["checks"], it["rules"], it["excuses"]) for it in told] == [
        (["CKV_K8S_16"], ["privileged-container"], 2),
        (["CKV_AWS_1"], [], 0),
    ]
    assert told[1]["problem"] == "no rule here says the same"


def test_it_writes_waivers_by_alias_that_excuse_the_same_and_are_all_of_use(shop: Path) -> None:
    before = scan(shop, "--profile", "auditor")
    answer = migrate(shop, "--write", *BY, "--owner", "team shop")
    after = scan(shop, "--profile", "auditor")
    check = portside(shop, "waivers", "check", "--now", NOW)

    text = (shop / "portside.yaml").read_text()
    assert answer.err.endswith("portside.yaml: 3 waivers written\n")
    assert 'rule: "checkov:CKV_K8S_16"' in text
    assert 'rule: "trivy:KSV-0014"' in text
    assert 'rule: "hadolint:DL3018"' in text
    assert '"checkov: it loads a module (shop.yaml:6)"' in text
    assert "owner: team shop" in text
    assert text.count("expires: 2026-09-29") == 3
    assert before.report["summary"]["waived"] == 0
    assert after.report["summary"]["waived"] == 5
    assert after.excused("privileged-container") == [True, True]
    assert check.code == 0, check.out


def test_what_two_tools_suppress_is_written_once_by_the_narrower(shop: Path) -> None:
    (shop / ".checkov.baseline").write_text(BASELINE)
    (shop / ".checkov.yaml").write_text("skip-check: [CKV_K8S_16]\n")

    migrate(shop, "--write", *BY)

    text = (shop / "portside.yaml").read_text()
    assert text.count("CKV_K8S_16") == 1
    assert "it loads a module" in text


def test_a_suppression_that_ends_sooner_keeps_its_end(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(annotated())
    (tmp_path / ".trivyignore").write_text("# why\nKSV-0017 exp:2026-07-10\n")

    migrate(tmp_path, "--write", *BY, "--until", "2026-12-31")

    text = (tmp_path / "portside.yaml").read_text()
    assert "expires: 2026-07-09" in text
    assert "trivy: why (.trivyignore:2)" in text


def test_what_is_about_a_line_excuses_its_field_alone(tmp_path: Path) -> None:
    text = annotated().replace("true", "true # trivy:ignore:KSV-0017", 1)
    (tmp_path / "shop.yaml").write_text(text)

    migrate(tmp_path, "--write", *BY)

    assert scan(tmp_path).excused("privileged-container") == [True, False]
    assert "containers[web]" in (tmp_path / "portside.yaml").read_text()


def test_waivers_go_behind_those_that_are_there(shop: Path) -> None:
    (shop / "portside.yaml").write_text("profile: strict # ours\n")

    migrate(shop, "--write", *BY)
    again = migrate(shop, "--write", *BY)

    assert (shop / "portside.yaml").read_text().startswith("profile: strict # ours\nwaivers:\n")
    assert "no waiver is needed" in again.err
    assert "0 needed here today" in again.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--write",), "--write needs --approver"),
        (("--until", "soon"), "--until soon: not a date"),
        (("--until", "2026-06-30"), "that day is over"),
        (("--from", "checkow"), "checkow"),
        (("nowhere",), "nowhere: cannot be opened"),
    ],
)
def test_what_does_not_fit_is_an_error(words: tuple[str, ...], said: str, shop: Path) -> None:
    answer = migrate(shop, *words)

    assert answer.code == 2
    assert said in answer.err
    assert not (shop / "portside.yaml").exists()


def test_settings_that_are_broken_are_an_error(shop: Path) -> None:
    (shop / ".hadolint.yaml").write_text("ignored: {a: b}\n")

    answer = migrate(shop)

    assert answer.code == 2
    assert ".hadolint.yaml:1:10: ignored: expected a list" in answer.err


def test_what_was_not_read_makes_it_incomplete(shop: Path) -> None:
    (shop / "broken.yaml").write_text(f"{POD}\n  - [\n")

    assert migrate(shop).code == 3
    assert migrate(shop, "--allow-unread").code == 0


def test_a_repository_without_any_says_so(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)

    answer = migrate(tmp_path)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("0 suppressions of other tools: 0 needed here today")
