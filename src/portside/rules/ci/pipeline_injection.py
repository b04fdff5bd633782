"""A GitLab script that lets a shell read somebody else's text twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.gitlab import pipeline, scripts
from portside.workflows.shell import Command, commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: pipeline-injection
title: Script runs somebody else's text
severity: high
severity-reason: a branch's name or a commit's title is run as code, with the job's variables
why: >-
  `eval` and `sh -c` let a shell read the text once more. The name of a branch, the title of a merge
  request and the message of a commit are written by whoever opens a merge request.
fix: "Do without `eval`; hand the text to programs as one quoted argument."
profile: recommended
form: object
kinds: [GitLabPipeline]
fix-class: none
controls: [B004]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1059"
examples:
  - bad: a title that is evaluated, and a branch's name
    lines: [3, 4]
    manifest: |
      build:
        script:
          - eval "echo $CI_MERGE_REQUEST_TITLE"
          - bash -c "git checkout $CI_COMMIT_REF_NAME"
  - good: quoted, and evaluated where it is nobody's text
    manifest: |
      build:
        script:
          - echo "$CI_MERGE_REQUEST_TITLE"
          - eval "$(ssh-agent -s)"
          - bash -c 'echo $CI_COMMIT_SHA'
"""

_WRITTEN = (
    *("CI_COMMIT_AUTHOR", "CI_COMMIT_BRANCH", "CI_COMMIT_DESCRIPTION", "CI_COMMIT_MESSAGE"),
    *("CI_COMMIT_REF_NAME", "CI_COMMIT_TAG_MESSAGE", "CI_COMMIT_TITLE", "CI_EXTERNAL_PULL_REQUEST"),
    *("CI_MERGE_REQUEST_DESCRIPTION", "CI_MERGE_REQUEST_LABELS", "CI_MERGE_REQUEST_TITLE"),
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
)
_SHELLS = ("sh", "bash", "zsh", "dash")


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in pipeline(it).with_settings:
        for keys, line in scripts(part):
            for command in commands(line) if "$" in line else ():
                name = _read_again(command)
                if name:
                    span = (command.start, command.end)
                    said = f"the shell reads {name} as code"
                    yield part.fault_in(said, *keys, span=span)


def _read_again(command: Command) -> str:
    """The variable of somebody else's text that the command lets a shell read once more."""
    runs = command.name == "eval" or (command.name in _SHELLS and "-c" in command.arguments)
    if not runs:
        return ""
    words = [it.text for it in command.program[1:] if not (it.is_fixed and it.text[:1] == "'")]
    return next(
        (name for name in _WRITTEN if any(f"${name}" in it or f"${{{name}" in it for it in words)),
        "",
    )
