"""Workflows and actions as they are modelled: triggers, jobs, steps, shells, permissions."""

from __future__ import annotations

import pytest

from portside.model.resource import FileResource
from portside.sources.manifest import parse
from portside.workflows import matrix
from portside.workflows.expression import parse as expression
from portside.workflows.expression.tree import Reference
from portside.workflows.github import Workflow, file_of, steps
from portside.workflows.shell import commands
from portside.workflows.uses import image, uses, version


def resource(text: str, name: str = ".github/workflows/ci.yml") -> FileResource:
    (found,) = parse(text.encode(), name).resources
    assert isinstance(found, FileResource)
    return found


def workflow(text: str) -> Workflow:
    found = file_of(resource(text))
    assert isinstance(found, Workflow)
    return found


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: {branches: [main]}}"])
@pytest.mark.parametrize("key", ["on", "'on'", '"on"', "true"])
def test_on_has_three_shapes_and_a_name_that_yaml_takes_for_a_bool(key: str, on: str) -> None:
    found = workflow(f"{key}: {on}\njobs: {{a: {{runs-on: x, steps: []}}}}\n")
    assert "push" in found.triggers
    assert found.fault("x", found.trigger_key).path in (("on",), ("true",))


STEPS = """\
on: push
defaults: {run: {shell: pwsh}}
jobs:
  a:
    runs-on: windows-2022
    steps:
      - run: one
      - run: two
        shell: /bin/bash -e {0}
      - if: false
        run: never
      - if: ${{ 1 == 2 }}
        run: never
      - parallel:
          - run: three
          - uses: Owner/Repo/Path@v1
            with: {Cache: yes, version: 1.10, none: ~}
  b:
    if: ${{ false }}
    runs-on: x
    steps: [{run: never}]
  c:
    uses: ./.github/workflows/other.yml
"""


def test_steps_are_found_wherever_they_stand_but_for_those_that_never_run() -> None:
    it = resource(STEPS)
    found = list(steps(it))
    assert [step.run for step in found] == ["one", "two", "three", ""]
    assert [step.shell for step in found[:2]] == ["pwsh", "bash"]
    assert found[3].path == ("jobs", "a", "steps", 4, "parallel", 1)
    whole = file_of(it)
    assert isinstance(whole, Workflow)
    assert [job.name for job in whole.jobs] == ["a", "c"]
    assert whole.jobs[1].calls_workflow


def test_inputs_are_texts_as_github_reads_them() -> None:
    last = list(steps(resource(STEPS)))[-1]
    assert last.given == {"cache": "yes", "version": "1.10", "none": ""}
    assert last.input_key("cache") == "Cache"
    assert last.names("owner/repo/path")
    assert not last.names("owner/repo")


def test_a_job_has_the_workflows_permissions_where_it_has_none_of_its_own() -> None:
    found = workflow(
        "on: push\npermissions: {id-token: write}\njobs:\n"
        "  a: {runs-on: x, steps: []}\n  b: {runs-on: x, permissions: {}, steps: []}\n"
    )
    assert [job.may("id-token") for job in found.jobs] == [True, False]


def test_a_matrix_knows_its_values_and_what_an_expression_makes() -> None:
    found = workflow(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps: []\n    strategy:\n      matrix:\n"
        "        os: [a, b]\n        deep: [{x: 1}, {x: '${{ y }}'}]\n"
        "        include: [{os: c}]\n        exclude: [{os: b}]\n"
    )
    (job,) = found.jobs

    def asked(code: str) -> Reference:
        tree = expression(code)
        assert isinstance(tree, Reference)
        return tree

    assert [it.text for it in matrix.values(job, asked("matrix.os"))] == ["a", "c"]
    assert not matrix.may_be_dynamic(job, asked("matrix.os"))
    assert matrix.may_be_dynamic(job, asked("matrix.deep.x"))


def test_uses_names_an_action_with_its_path_and_ref() -> None:
    found = uses(" GitHub/CodeQL-Action/Init@v3 ")
    assert found is not None
    assert (found.slug, found.path, found.ref) == ("github/codeql-action", "Init", "v3")
    assert found.fits("github/*")
    assert found.fits("github/codeql-action/*")
    assert found.fits("github/codeql-action/init@v3")
    assert not found.fits("github/codeql-action")
    for text in ("./a", "$/a", "docker://a", "a", "a/b", "@v1", "a@v1"):
        assert uses(text) is None, text


def test_images_and_versions_are_read_from_their_texts() -> None:
    assert image("docker://r.example.org:5000/a/b:1@sha256:0") == (
        *("r.example.org:5000/a/b", "1", "sha256:0"),
    )
    assert image("r.example.org:5000/a") == ("r.example.org:5000/a", "", "")
    assert version("v4") == (4, 0, 0)
    assert version("4.1.7") == (4, 1, 7)
    for text in ("main", "release/v1", "", "1.2.3.4", "v"):
        assert version(text) is None, text


def test_a_script_is_cut_into_commands_with_their_words_and_redirections() -> None:
    script = (
        "A=1 sudo -E npm install \\\n  x || true # no\ncat <<E > f\nnot a command\nE\n"
        'echo "$(inner \'a b\' | last)" >> "$G"; (cd a && helm upgrade b)\n'
    )
    found = list(commands(script))
    assert [it.name for it in found] == [
        *("npm", "true", "cat", "echo", "cd", "helm", "inner", "last"),
    ]
    assert found[0].arguments == ["install", "x"]
    assert (found[0].after, found[1].before) == ("||", "||")
    assert [(it.sign, it.target.value) for it in found[3].redirections] == [(">>", "$G")]
    assert script[found[5].start : found[5].end] == "helm upgrade b"


@pytest.mark.parametrize(
    "piece", ["$(", "`", "'", '"', "${", "<<A ", "(", "\\", "${{", "a|", "$((#"]
)
def test_a_hostile_script_is_cut_in_time(piece: str) -> None:
    assert sum(1 for _ in commands(piece * 20_000)) >= 0
