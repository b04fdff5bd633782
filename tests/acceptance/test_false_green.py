"""What is made to slip through is judged, something else for a true reason, or unread."""

# ruff: noqa: E501 - a case stands on one line

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portside.sources.json5 import without_comments
from tests.scanning import Answer, portside

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: nginx, securityContext: {privileged: true}}]}
"""
WORKFLOW = """\
on: pull_request
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{run: "echo ${{ github.event.pull_request.title }}"}]
"""
ACTION = """\
name: a
description: a
runs:
  using: composite
  steps: [{shell: bash, run: "echo ${{ github.event.pull_request.title }}"}]
"""
PIPELINE = "build: {image: nginx, script: [curl http://example.org/x | sh]}\n"
DOCKERFILE = "FROM ubuntu\nUSER root\n"
RENOVATE = '{"extends": ["config:recommended"], "automerge": true}'
BESIDES = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\n"
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pods.core}
spec:
  group: ""
  scope: Namespaced
  names: {kind: Pod, plural: pods}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
HERE = ".github/workflows/a.yml"

JUDGED: dict[str, tuple[str, str | bytes, str]] = {
    "a suffix in upper case": ("a.YAML", POD, "privileged-container"),
    "a manifest in UTF-16": ("a.yaml", POD.encode("utf-16"), "privileged-container"),
    "keys of a compose file besides": ("a.yaml", "services: {}\n" + POD, "privileged-container"),
    "a definition of a built-in kind": ("a.yaml", f"{DEFINITION}---\n{POD}", "privileged-container"),
    "a Dockerfile in upper case": ("DOCKERFILE", DOCKERFILE, "dockerfile-runs-as-root"),
    "a Dockerfile with a byte order mark": ("Dockerfile", "\ufeff" + DOCKERFILE, "dockerfile-runs-as-root"),
    "a workflow in UTF-16": (HERE, WORKFLOW.encode("utf-16"), "template-injection"),
    "a workflow in JSON": (
        ".github/workflows/a.yml",
        json.dumps({"on": "push", "jobs": {"a": {"steps": [{"run": "echo ${{ github.head_ref }}"}]}}}),
        "template-injection",
    ),
    "a workflow that says that it were an object": (HERE, BESIDES + WORKFLOW, "template-injection"),
    "an action that says that it were an object": ("action.yml", BESIDES + ACTION, "template-injection"),
    "a pipeline that says that it were an object": (".gitlab-ci.yml", BESIDES + PIPELINE, "unpinned-job-image"),
    "Renovate's file without a suffix": (".renovaterc", RENOVATE, "unreviewed-update"),
    "Renovate's file with comments": ("renovate.json", f"// a\n{RENOVATE}", "unreviewed-update"),
    "Renovate's file in JSON5": ("renovate.json5", "// a\n{/* b */ automerge: true, }", "unreviewed-update"),
}  # fmt: skip


def scan(folder: Path, name: str, text: str | bytes) -> Answer:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return portside(folder, "scan", "--profile", "auditor", "--no-cache", "-o", "json", ".")


def fate(answer: Answer) -> tuple[str, str]:
    """Fate and reason of the only file."""
    (file,) = answer.report["ledger"]["files"]
    return file["fate"], file["reason"]


@pytest.mark.parametrize("name", JUDGED)
def test_is_judged_all_the_same(tmp_path: Path, name: str) -> None:
    answer = scan(tmp_path, *JUDGED[name][:2])

    assert fate(answer)[0] == "judged"
    assert answer.of(JUDGED[name][2]), {it["rule"] for it in answer.report["findings"]}


UNREAD: dict[str, tuple[str, str | bytes]] = {
    "a workflow in UTF-16 that does not say so": (HERE, WORKFLOW.encode("utf-16-le")),
    "a workflow in UTF-32": (HERE, WORKFLOW.encode("utf-32")),
    "a workflow with NUL": (HERE, WORKFLOW.encode() + b"\0"),
    "a workflow that breaks off": (HERE, WORKFLOW + "  b: {"),
    "a pipeline with NUL": (".gitlab-ci.yml", b"# \0\n" + PIPELINE.encode()),
    "a Dockerfile with NUL": ("Dockerfile", b"\0" + DOCKERFILE.encode()),
    "a Dockerfile in UTF-16": ("Dockerfile", DOCKERFILE.encode("utf-16")),
    "a Dockerfile of nothing": ("Dockerfile", ""),
    "a definition that breaks off": ("a.yaml", DEFINITION + "      foo: {"),
    "an object with an empty list of items": ("a.yaml", POD + "items: []\n"),
    "a list with a spec": ("a.yaml", POD.replace("Pod", "PodList") + "items: []\n"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_is_unread_and_never_green(tmp_path: Path, name: str) -> None:
    answer = scan(tmp_path, *UNREAD[name])
    what, reason = fate(answer)

    assert answer.code == 3
    assert what in ("unread", "partly-read")
    assert len(reason) > 10


OTHER = {
    "a kind alone": ("a.yaml", "kind: Pod\n", "no apiVersion in it"),
    "a version alone": ("a.yaml", "apiVersion: v1\n", "no kind in it"),
    "a version that is a number": (
        *("a.yaml", "apiVersion: 1\nkind: Pod\n"),
        "no text for its apiVersion and its kind",
    ),
    "an action.yml that is no action": ("action.yml", "a: b\n", "no apiVersion and no kind in it"),
    "a list for a workflow": (HERE, "- a\n", "a list, not an object"),
}


@pytest.mark.parametrize("name", OTHER)
def test_is_something_else_for_a_true_reason(tmp_path: Path, name: str) -> None:
    file, text, reason = OTHER[name]

    assert fate(scan(tmp_path, file, text)) == ("not-kubernetes", reason)


def test_an_argo_workflow_beside_the_workflows_stays_an_object(tmp_path: Path) -> None:
    answer = scan(tmp_path, HERE, BESIDES + "spec: {entrypoint: a}\n")

    assert [it["resource"]["kind"] for it in answer.report["ledger"]["objects"]] == ["Workflow"]


def test_comments_go_and_everything_else_stays_where_it_is() -> None:
    text = b"""{"a": "// b", 'c': '/* d "', // e 'f\n"g\\"//": /* h\ni */ 1, "j\n// k\n/* l"""
    plain = text
    for comment in (b"// e 'f", b"/* h", b"i */", b"// k", b"/* l"):
        plain = plain.replace(comment, b" " * len(comment))

    assert without_comments(text) == plain
