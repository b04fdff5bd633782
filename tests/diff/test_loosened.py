"""A change that asks for less, or excuses more, says so in every report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.diff.repositories import WEB, Repo, loosened, pod, states

WAIVER = """\
waivers:
  - rule: privileged-container
    subject: {kind: Pod, name: web}
    reason: it loads a module
    owner: team-a
    approver: ben@example.org
    expires: 2026-12-31
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with a configuration and a pod that is at fault."""
    made = Repo(tmp_path / "shop")
    made.put("portside.yaml", "fail-on: medium\n").write(web=pod(privileged=True)).commit()
    return made


def test_a_configuration_that_is_as_it_was_says_nothing(repo: Repo) -> None:
    repo.put("portside.yaml", WAIVER).commit()
    repo.write(db=pod("db"))
    assert loosened(repo.diff()) == []

    repo.put("portside.yaml", f"# about it\n{WAIVER}")
    assert loosened(repo.diff()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WAIVER, "the waiver of privileged-container for kind Pod, name web was added"),
        ("rules: {privileged-container: off}\n", "privileged-container is no longer asked"),
        ("rules: {privileged-container: {severity: low}}\n",
         "privileged-container is less severe than before"),
        ("profile: pss:baseline\n", "no longer asked"),
        ("fail-on: critical\n", "fails at critical, not at medium"),
        ("exclude: [web.yaml]\n", "exclude has what it had not: web.yaml"),
        ("include: [db.yaml]\n", "include has what it had not: db.yaml"),
        ("imports: [checkov]\n", "imports has what it had not: checkov"),
        ('kubernetes-version: "1.30"\n', "Kubernetes 1.30 is asked about, not 1."),
    ],
)  # fmt: skip
def test_what_the_configuration_loosens(text: str, said: str, repo: Repo) -> None:
    repo.put("portside.yaml", text)

    answer = repo.diff()

    assert any(said in it for it in loosened(answer)), loosened(answer)
    assert {it["file"] for it in answer.report["loosened"]} == {"portside.yaml"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fail-on: high\n", "fail-on: low\n"),
        ("comments: high\n", "comments: low\n"),
        ("rules: {privileged-container: off}\n", "profile: strict\n"),
        ("exclude: [web.yaml]\n", "{}\n"),
        (WAIVER, "{}\n"),
        ("profile: recommended\n", "profile: strict\n"),
    ],
)
def test_what_is_asked_more_sternly_is_not_loosened(before: str, after: str, repo: Repo) -> None:
    repo.put("portside.yaml", before).commit()
    repo.put("portside.yaml", after)

    assert loosened(repo.diff()) == []


def test_a_configuration_that_is_gone(repo: Repo) -> None:
    repo.put("portside.yaml", "profile: strict\nfail-on: low\n").commit()
    (repo.folder / "portside.yaml").unlink()

    said = loosened(repo.diff())

    assert any("no longer asked" in it for it in said)
    assert "fails at medium, not at low" in said


def test_what_is_extended_counts(repo: Repo) -> None:
    repo.put("org/portside.yaml", "{}\n").put("portside.yaml", "extends: org\n").commit()
    repo.put("org/portside.yaml", "rules: {privileged-container: off}\n")

    answer = repo.diff()

    assert loosened(answer) == ["privileged-container is no longer asked"]
    assert answer.report["loosened"][0]["file"] == "org/portside.yaml"


def test_an_excuse_that_comes_with_what_it_excuses_is_shown_and_does_not_fail(repo: Repo) -> None:
    repo.put("portside.yaml", WAIVER.replace("name: web", "name: db"))
    repo.write(db=pod("db", privileged=True))

    answer = repo.diff("--fail-on", "critical")

    assert answer.code == 0
    assert states(answer) == [("new", "db"), ("unchanged", "web")]
    assert len(loosened(answer)) == 1
    assert repo.diff("--fail-on", "critical", "--fail-on-loosened").code == 1


def test_comments_may_excuse_more(repo: Repo) -> None:
    repo.put("portside.yaml", "comments: low\n").commit()
    repo.put("portside.yaml", "comments: high\n")

    assert loosened(repo.diff()) == ["comments may excuse up to high"]


def test_comments_that_excuse_something_and_are_new(repo: Repo) -> None:
    comment = f"# portside:ignore {WEB} it loads a module\n"
    repo.put("portside.yaml", "comments: critical\n").commit()
    repo.write(web=comment + pod(privileged=True))

    answer = repo.diff()

    assert loosened(answer) == [f"the comment that excuses {WEB} is new: 1 finding"]
    repo.commit()
    repo.git("mv", "web.yaml", "moved.yaml")
    assert loosened(repo.diff("HEAD")) == []


@pytest.mark.parametrize("at", [".gitignore", "a/.gitignore"])
def test_files_that_are_there_and_read_no_more(at: str, repo: Repo) -> None:
    repo.write(a__db=pod("db", privileged=True)).commit()
    repo.put(at, "db.yaml\n")

    answer = repo.diff()

    assert states(answer) == [("unchanged", "web")]
    assert answer.report["objects"] == []
    assert loosened(answer) == [f"is not read any more: ignored by {at}"]
    assert answer.report["loosened"][0]["file"] == "a/db.yaml"


def test_rules_of_your_own_that_change(repo: Repo) -> None:
    rule = """\
id: no-shop
title: No shop
severity: high
severity-reason: it is only a test
why: It is only a test.
fix: Do not.
each: podMetadata
require: has(podMetadata.labels)
says: it is a shop
at: podMetadata.labels
examples:
  - good: it has labels
    manifest: |
      {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {a: b}}, spec: {containers: []}}
  - bad: it has none
    lines: [1]
    manifest: |
      {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: []}}
"""
    repo.put("rules/no_shop.yaml", rule).put("portside.yaml", "rule-folders: [rules]\n").commit()
    (repo.folder / "rules" / "no_shop.yaml").write_text(f"# less\n{rule}")

    answer = repo.say("-o", "json")

    assert answer.code == 0, answer.err
    assert any("holds rules that are not what they were" in it for it in loosened(answer))


@pytest.mark.parametrize(
    "report", ["text", "json", "sarif", "sarif-github", "junit", "gitlab", "github", "markdown"]
)
def test_every_report_says_it(report: str, repo: Repo) -> None:
    repo.put("portside.yaml", WAIVER)

    out = repo.say("-o", report).out

    assert "the waiver of privileged-container for" in (
        json.dumps(json.loads(out)) if report.startswith("sarif") else out
    )
