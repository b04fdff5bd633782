"""A condition that asks who acts now, and not who wrote what is acted upon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import Binary, Call, Literal, Node, Reference, Unary
from portside.workflows.expression.constant import shown
from portside.workflows.expression.flow import is_exactly
from portside.workflows.expression.tree import children
from portside.workflows.github import condition_of, workflow
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: spoofable-bot-condition
title: Condition takes anybody for a bot
severity: high
severity-reason: a stranger's change gets the rights of the bot
why: >-
  `github.actor` is whoever caused the last event. A stranger who gets the bot to touch their pull
  request, by a comment or a rebase, has the bot as actor and their own commits in it.
fix: "Ask who wrote it: `github.event.pull_request.user.login`."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: unsafe
controls: [B016]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1059"
aliases:
  - zizmor:bot-conditions
  - poutine:confused_deputy_auto_merge
examples:
  - bad: a job and a step, by name and by number
    lines: [6, 9]
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          if: "github.actor == 'dependabot[bot]'"
          steps:
            - run: gh pr merge --auto "$URL"
              if: ${{ github.actor_id == 49699333 && github.event_name == 'pull_request_target' }}
  - good: who wrote it, and somebody who is no bot
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          if: "github.event.pull_request.user.login == 'dependabot[bot]'"
          steps:
            - run: gh pr merge --auto "$URL"
              if: github.actor == 'octocat'
"""

_NAMES = (
    *(("github", "actor"), ("github", "triggering_actor")),
    ("github", "event", "pull_request", "sender", "login"),
)
_NUMBERS = (("github", "actor_id"), ("github", "event", "pull_request", "sender", "id"))
_BOTS = frozenset(("29110", "49699333", "27856297", "29139614"))
"""The numbers of Dependabot (its account, its app and its forerunner) and of Renovate."""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for job in workflow(it).jobs:
        for part in () if job.calls_workflow else (job, *job.steps):
            if type(part.at("if")) is str:
                yield from _of_condition(part)


def _of_condition(part: Part) -> Iterator[Violation]:
    tree, begin = condition_of(part)
    found = _asked(tree) if tree is not None else None
    if found is not None:
        span = (begin + found.start, begin + found.end)
        said = "asks who caused the event, which a stranger can make a bot do"
        yield part.fault_in(said, "if", span=span)


def _asked(node: Node) -> Node | None:
    """The first comparison in `node` of who acts with a bot."""
    if isinstance(node, Binary) and node.sign == "==":
        left, right = node.operands
        for who, bot in ((left, right), (right, left)):
            if isinstance(who, Reference) and isinstance(bot, Literal):
                return node if _is_bot(who, shown(bot.value)) else None
    if isinstance(node, Binary | Call | Unary | Reference):
        for child in children(node):
            found = _asked(child)
            if found is not None:
                return found
    return None


def _is_bot(who: Reference, bot: str) -> bool:
    if any(is_exactly(who, *it) for it in _NAMES):
        return bot.endswith("[bot]")
    return bot in _BOTS and any(is_exactly(who, *it) for it in _NUMBERS)
