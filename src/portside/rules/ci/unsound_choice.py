"""`a && b || c` whose `b` is false, so that `c` is always chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import Binary, Node
from portside.workflows.expression.constant import NotConstantError, evaluate, is_constant, truthy
from portside.workflows.expression.flow import alternatives
from portside.workflows.expression.tree import walk
from portside.workflows.github import file_of

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unsound-choice
title: Choice between two values takes always one
severity: medium
severity-reason: the value for one case is never used
why: >-
  `condition && a || b` chooses `b` whenever `a` counts as false, as an empty text, 0 and `false` do:
  the condition then decides nothing.
fix: "Turn the condition round, so that the value behind `&&` counts as true, or use `case()`."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
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
  - zizmor:unsound-ternary
examples:
  - bad: an empty text
    lines: [9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make $ARGS
              env:
                ARGS: ${{ github.ref == 'refs/heads/main' && '' || '--dry-run' }}
  - good: turned round
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make $ARGS
              env:
                ARGS: ${{ github.ref != 'refs/heads/main' && '--dry-run' || '' }}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for spoken in whole.expressions():
        for node in _never_chosen(spoken.tree):
            said = f"{whole.spoken_text(spoken, node)} counts as false and is never chosen"
            yield whole.fault_of(said, spoken, node)


def _never_chosen(tree: Node) -> Iterator[Node]:
    seen: set[int] = set()
    for node in walk(tree):
        if not isinstance(node, Binary) or node.sign != "||" or is_constant(node):
            continue
        for operand in list(alternatives(node))[:-1]:
            if isinstance(operand, Binary) and operand.sign == "&&" and id(operand) not in seen:
                seen.add(id(operand))
                if not is_constant(operand) and _is_false(operand.operands[-1]):
                    yield operand.operands[-1]


def _is_false(node: Node) -> bool:
    try:
        return not truthy(evaluate(node))
    except NotConstantError:
        return False
