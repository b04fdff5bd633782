"""A package that is published with a token that somebody stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.caches import Asked, Input, both, usage
from portside.workflows.github import Step, steps
from portside.workflows.publishing import publishes
from portside.workflows.shell import commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: publishing-token
title: Package is published with a stored token
severity: medium
severity-reason: stolen once, it publishes until somebody notices
why: >-
  A token of a package registry is good for as long as nobody takes it back. PyPI, npm, RubyGems, crates.io
  and NuGet trust the workflow itself (trusted publishing), for a few minutes, and nothing need be stored.
fix: "Set up trusted publishing at the registry, give the job `id-token: write`, and delete the token."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: none
controls: [B006]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-2
  - "ATT&CK:T1078.004"
  - MS-ThreatMatrix:MS-TA9001
  - PCI-DSS-4.0.1:8.6.3
aliases:
  - zizmor:use-trusted-publishing
examples:
  - bad: an action that is given a token, and a command in a job that has no identity
    lines: [7, 11]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc
              with: {password: "${{ secrets.PYPI }}"}
            - run: |
                npm ci
                npm publish
  - good: an identity, and a registry of one's own
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          permissions: {id-token: write}
          steps:
            - uses: pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc
            - uses: pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc
              with: {password: "${{ secrets.OWN }}", repository-url: "https://pypi.example.org/"}
            - run: npm publish
  - good: nothing is published
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                npm publish --dry-run
                twine check dist/*
"""

_PYPI = ("https://upload.pypi.org/legacy/", "https://test.pypi.org/legacy/")
_NPM = ("https://registry.npmjs.org", "https://registry.npmjs.org/")
_STORED: dict[str, Asked] = {
    "pypa/gh-action-pypi-publish": both(
        Input("password", False, is_text=True),
        Input("repository-url", True, words=_PYPI),
        Input("repository_url", True, words=_PYPI),
    ),
    "rubygems/release-gem": Input("setup-trusted-publisher", False, off=True),
    "rubygems/configure-rubygems-credentials": both(
        Input("api-token", False, is_text=True),
        Input("gem-server", True, words=("https://rubygems.org",)),
    ),
    "actions/setup-node": both(
        Input("registry-url", True, words=_NPM), Input("always-auth", False)
    ),
}


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step in steps(it):
        if usage(_STORED, step) is not False:
            yield step.fault("publishes with a stored token", "uses")
        elif step.run and step.job is not None and not step.job.may("id-token"):
            yield from _by_script(step)


def _by_script(step: Step) -> Iterator[Violation]:
    for command in commands(step.run, step.shell):
        if publishes(command):
            span = (command.program[0].start, command.end)
            yield step.fault_in("publishes with a stored token", "run", span=span)
