"""What is written in a roundabout way, so that a reader or a tool misreads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit
from portside.model.severity import INFO, LOW
from portside.model.violation import Violation
from portside.workflows.expression.constant import is_constant
from portside.workflows.expression.flow import computed_steps, constant_parts
from portside.workflows.github import file_of
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: obfuscated-workflow
title: Workflow is written in a roundabout way
severity: medium
severity-reason: reviewers and tools read another thing than what runs
why: >-
  A path such as `owner/action/../other` hides which action runs, and an expression that always comes to
  the same hides what it says. Neither has a use but to be misread.
fix: "Write the action's plain path, and the value itself."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: safe
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:obfuscation
examples:
  - bad: a path, expressions that are constant, wholly or in part, and inputs that nobody sees
    lines: [7, 9, 11, 12]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/cache/save/../restore@0057852bfaa89a56745cba8c7296529d2fc39830
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: ${{ fromJSON(vars.CHECKOUT) }}
            - run: |
                ${{ 'make' }}
                ${{ format('{0} {1}', github.job, format('{0}', 'all')) }}
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: ${{ fromJSON(vars.CHECKOUT) }}
            - run: |
                ${{ 'make' }}
                ${{ format('{0} {1}', github.job, format('{0}', 'all')) }}
  - good: plainly
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830
              with: {path: x, key: "${{ format('{0}-{1}', runner.os, 'x') }}"}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for spoken in whole.expressions():
        parts = [spoken.tree] if is_constant(spoken.tree) else list(constant_parts(spoken.tree))
        if parts and not any(computed_steps(spoken.tree)):
            said = f"{whole.spoken_text(spoken, parts[0])} always comes to the same"
            fault = whole.fault_of(said, spoken, parts[0], LOW)
            fault.mends = "none"
            yield fault
    for step in whole.steps:
        yield from _of_step(step)


def _of_step(step: Part) -> Iterator[Violation]:
    uses = getattr(step, "uses", None)
    if uses is None:
        return
    if uses.path is not None and {"", ".", ".."} & set(uses.path.split("/")):
        yield step.fault("its path hides which action it is", "uses", severity=LOW)
    if type(step.at("with")) is str:
        said = "an expression makes all inputs: nobody sees them"
        yield Violation(said, (*step.path, "with"), INFO, mends="none")


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    for step in file_of(it).steps:
        uses = getattr(step, "uses", None)
        if uses is not None and uses.path is not None and (*step.path, "uses") == found.path:
            text = step.text("uses")
            at = text.rindex("@")
            lead = text[: len(text[:at]) - len(uses.path)]
            yield FieldEdit("set", found.path, f"{lead}{_plain(uses.path)}{text[at:]}")


def _plain(path: str) -> str:
    """The path without empty steps and dots."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
