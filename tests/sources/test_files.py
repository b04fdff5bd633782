"""Files that are judged and hold no object are known by name or by their keys."""

from __future__ import annotations

import pytest

from portside.model.finding import JUDGED, NOT_KUBERNETES, UNREAD
from portside.sources.manifest import parse

WORKFLOW = "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: []}}\n"


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        (".github/workflows/ci.yaml", WORKFLOW, "GitHubWorkflow"),
        ("elsewhere/test-data/ci.yml", WORKFLOW, "GitHubWorkflow"),
        ("a.yaml", "true: push\njobs: {a: {}}\n", "GitHubWorkflow"),
        ("build/action.yml", "name: a\nruns: {using: composite, steps: []}\n", "GitHubAction"),
        (".gitlab-ci.yml", "build: {script: [make]}\n", "GitLabPipeline"),
        (".gitlab/ci/build.yml", "build: {script: [make]}\n", "GitLabPipeline"),
        (".github/dependabot.yml", "version: 2\nupdates: []\n", "Dependabot"),
        ("renovate.json", '{"extends": ["config:recommended"]}', "Renovate"),
    ],
)
def test_a_file_is_known_for_what_it_is(name: str, text: str, kind: str) -> None:
    found = parse(text.encode(), name)
    assert found.fate.fate == JUDGED
    assert [it.kind for it in found.resources] == [kind]
    assert found.resources[0].place(("jobs",))[0] in (1, 2)


def test_a_workflow_that_is_no_yaml_is_unread() -> None:
    found = parse(b"on: push\njobs: [a: {\n", ".github/workflows/ci.yaml")
    assert found.fate.fate == UNREAD
    assert found.unread[0].line


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "jobs: 1\n"), ("b.yaml", "runs: 5\n"), ("c.yaml", "build: {script: [make]}\n")],
)
def test_a_key_alone_makes_no_workflow(name: str, text: str) -> None:
    assert parse(text.encode(), name).fate.fate == NOT_KUBERNETES
