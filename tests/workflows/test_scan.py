"""Workflows in a scan: found where they stand, excused by comments, unread with a line."""

from __future__ import annotations

from pathlib import Path

from tests.patience import within
from tests.scanning import portside

WORKFLOW = """\
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4 # portside:ignore unpinned-action we trust them
      - uses: actions/setup-go@v5
      - run: |
          # portside:ignore template-injection no comment: a line of the script
          echo "${{ github.event.head_commit.message }}"
      # portside:ignore template-injection only we push
      - run: echo "${{ github.event.head_commit.message }}"
"""


def written(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_comments_of_yaml_excuse_findings_and_those_of_a_script_do_not(tmp_path: Path) -> None:
    written(tmp_path, ".github/workflows/ci.yml", WORKFLOW)
    answer = portside(tmp_path, "scan", ".", "-o", "json")
    assert answer.excused("unpinned-action") == [True, False]
    assert answer.excused("template-injection") == [False, True]
    (first, _) = answer.of("template-injection")
    assert (first["line"], first["column"]) == (11, 21)


def test_every_kind_of_file_is_known_by_its_place_or_its_name(tmp_path: Path) -> None:
    written(tmp_path, ".github/workflows/a.yaml", "on: push\njobs: {a: {uses: a/b/c@v1}}\n")
    written(
        tmp_path,
        "action.yml",
        "name: a\nruns: {using: composite, steps: [{uses: a/b@v1}]}\n",
    )
    written(tmp_path, ".gitlab-ci.yml", "a: {image: node, script: make}\n")
    written(tmp_path, "ci/x.gitlab-ci.yml", "a: {image: node, script: make}\n")
    written(
        tmp_path,
        ".github/dependabot.yml",
        "version: 2\nupdates: [{package-ecosystem: pip, "
        "insecure-external-code-execution: allow}]\n",
    )
    written(tmp_path, "renovate.json", '{"automerge": true}\n')
    report = portside(tmp_path, "scan", ".", "-o", "json").report
    found = {(it["rule"], it["file"]) for it in report["findings"]}
    assert found >= {
        ("unpinned-action", ".github/workflows/a.yaml"),
        ("unpinned-action", "action.yml"),
        ("unpinned-job-image", ".gitlab-ci.yml"),
        ("unpinned-job-image", "ci/x.gitlab-ci.yml"),
        ("dependabot-execution", ".github/dependabot.yml"),
        ("unreviewed-update", "renovate.json"),
    }


def test_a_broken_workflow_is_unread_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, ".github/workflows/a.yaml", "on: push\njobs:\n  a: b: c\n")
    answer = portside(tmp_path, "scan", ".", "-o", "json")
    assert answer.code == 3
    (unread,) = answer.report["unread"]
    assert unread["line"] == 3


def test_a_workflow_of_any_shape_is_no_crash(tmp_path: Path) -> None:
    shapes = ["null", "1", "a", "[]", "{}", "[1, [2], {a: b}]", "{steps: 1}", "{steps: [1, {}]}"]
    for at, shape in enumerate(shapes):
        keys = ("permissions", "env", "defaults", "concurrency")
        top = "".join(f"{key}: {shape}\n" for key in keys)
        inner = "".join(
            f"    {key}: {shape}\n"
            for key in ("runs-on", "if", "container", "services", "strategy", "uses", "secrets")
        )
        step = "".join(
            f"        {key}: {shape}\n" for key in ("with", "env", "shell", "if", "id", "parallel")
        )
        text = (
            f"on: {shape}\n{top}jobs:\n  a: {shape}\n  b:\n    steps: {shape}\n{inner}"
            f"  c:\n    runs-on: x\n    steps:\n      - run: make\n{step}"
            f"      - uses: a/b@v1\n{step}"
        )
        written(tmp_path, f".github/workflows/{at}.yaml", text)
        written(
            tmp_path,
            f"{at}.gitlab-ci.yml",
            f"include: {shape}\nvariables: {shape}\na: {shape}\n"
            f"b: {{script: {shape}, image: {shape}, services: {shape}}}\n",
        )
        written(tmp_path, f"d{at}/dependabot.yml", f"version: 2\nupdates: {shape}\n")
    answer = portside(tmp_path, "scan", ".", "-o", "json", "--profile", "auditor")
    assert [it for it in answer.report["unread"] if "crashed" in it["reason"]] == []


def test_a_large_matrix_that_every_step_asks_is_read_once(tmp_path: Path) -> None:
    values = ", ".join(f"x{at}" for at in range(20_000))
    text = (
        f"on: push\njobs:\n  a:\n    runs-on: ${{{{ matrix.a }}}}\n    strategy:\n"
        f"      matrix: {{a: [{values}]}}\n    steps:\n"
        + "      - run: echo ${{ matrix.a }}\n"
        * 200
    )
    written(tmp_path, ".github/workflows/a.yaml", text)
    with within(20):
        portside(tmp_path, "scan", ".", "-o", "json", "--profile", "auditor")


def test_an_expression_that_is_never_closed_costs_no_time(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: '" + "${{ " * 200_000
    written(tmp_path, ".github/workflows/a.yaml", f"{text}'\n")
    with within(20):
        portside(tmp_path, "scan", ".", "-o", "json", "--profile", "auditor")


def test_no_message_shows_a_text_that_stands_in_an_expression(tmp_path: Path) -> None:
    secret = "hunter2-canary"  # noqa: S105
    text = (
        "on: push\njobs:\n  a:\n    runs-on: x\n    container:\n      image: a:1\n"
        f"      credentials: {{username: u, password: {secret}}}\n"
        f"    env: {{AWS_SECRET_ACCESS_KEY: {secret}, A: '${{{{ ''{secret}'' }}}}'}}\n    steps:\n"
        f"      - run: echo ${{{{ format('{{0}}{secret}', github.head_ref) }}}}\n"
        f"      - run: echo ${{{{ '{secret}' }}}}\n"
        f"      - run: curl -d {secret} x && docker login -p {secret} && docker push {secret}\n"
        f"        if: ${{{{ contains('{secret}', github.ref) && '' || '{secret}' }}}}\n"
        f"        env: {{B: '${{{{ secrets[format(''{secret}'', github.ref)] }}}}'}}\n"
    )
    written(tmp_path, ".github/workflows/a.yaml", text)
    written(tmp_path, ".gitlab-ci.yml", f"a: {{variables: {{KUBECONFIG: {secret}}}, script: x}}\n")
    answer = portside(tmp_path, "scan", ".", "-o", "json", "--profile", "auditor")
    assert len(answer.report["findings"]) > 10
    assert secret not in answer.out
