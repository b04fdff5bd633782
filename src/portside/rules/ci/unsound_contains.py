"""`contains()` on a text that was meant to be a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import INFO
from portside.model.violation import Violation
from portside.workflows.expression import Call, Literal, Reference, walk
from portside.workflows.expression.flow import is_under
from portside.workflows.github import condition_of, conditions

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unsound-contains
title: Condition asks a text as if it were a list
severity: medium
severity-reason: a value that is a part of the text passes
why: >-
  `contains('main release', github.ref_name)` looks for a part of a text. A branch called `rel`, or `a`,
  is one too, and passes a check that was meant for two names.
fix: "Ask a list: `contains(fromJSON('[\\"main\\", \\"release\\"]'), github.ref_name)`."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: unsafe
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:unsound-contains
examples:
  - bad: names in a text, of which a branch may be a part
    lines: [8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              if: contains('main release', github.ref_name)
  - good: a list, and a text that is looked for
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              if: contains(fromJSON('["main", "release"]'), github.ref_name)
            - run: make deploy
              if: contains(github.event.head_commit.message, '[deploy]')
"""

_STRANGERS = (
    *(("env",), ("inputs",), ("github", "actor"), ("github", "base_ref"), ("github", "head_ref")),
    *(("github", "ref"), ("github", "ref_name"), ("github", "sha"), ("github", "triggering_actor")),
)


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in conditions(it):
        tree, _ = condition_of(part)
        for node in walk(tree) if tree is not None else ():
            if isinstance(node, Call) and node.name == "contains":
                text, asked = node.arguments
                if (
                    isinstance(text, Literal)
                    and type(text.value) is str
                    and isinstance(asked, Reference)
                ):
                    known = any(is_under(asked, *it) for it in _STRANGERS)
                    said = "passes whatever is a part of the text, as it asks no list"
                    yield part.fault(said, "if", severity=None if known else INFO)
