"""A build that has the whole of its host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import LOW
from portside.model.violation import Violation
from portside.workflows.github import Action, Job, file_of
from portside.workflows.gitlab import images, pipeline, scripts
from portside.workflows.shell import commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: privileged-build-service
title: Build has the whole of its runner
severity: high
severity-reason: whoever changes the build's files owns the runner and what runs next on it
why: >-
  docker:dind needs a privileged container, and a mounted docker.sock is the host's root. On a runner
  that is shared, the next project's job runs on what this one left.
fix: "Build without rights: rootless BuildKit, Buildah or kaniko; docker:dind-rootless where it must be."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitLabPipeline]
fix-class: none
controls: [B015]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-7
  - "ATT&CK:T1611"
examples:
  - bad: a container with all rights, one with the host's socket, and a command
    lines: [8, 14, 16]
    manifest: |
      on: push
      permissions: {}
      jobs:
        a:
          runs-on: self-hosted
          container:
            image: docker:27
            options: --privileged
          steps: [{run: make}]
        b:
          runs-on: self-hosted
          container:
            image: docker:27
            volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
          steps:
            - run: docker run --rm --privileged build
  - bad: GitLab's docker in docker
    file: .gitlab-ci.yml
    lines: [3]
    manifest: |
      build:
        image: docker:27
        services: ["docker:27-dind"]
        script: docker build .
  - good: a build without rights
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83
  - good: GitLab without rights
    file: .gitlab-ci.yml
    manifest: |
      build:
        image: docker:27
        services: ["docker:27-dind-rootless"]
        script: docker build .
"""

_SOCKET = "docker.sock"


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if it.kind == "GitLabPipeline":
        yield from _of_gitlab(it)
        return
    whole = file_of(it)
    for job in () if isinstance(whole, Action) else whole.jobs:
        # A machine that is GitHub's is thrown away after the job.
        severity = None if "self-hosted" in job.labels else LOW
        for violation in _of_job(job):
            yield violation.but(severity=severity)


def _of_job(job: Job) -> Iterator[Violation]:
    places: list[tuple[str, ...]] = [("container",)]
    places += [("services", name) for name in job.part("services").value]
    for keys in places:
        if "--privileged" in job.text(*keys, "options"):
            yield job.fault("runs with all rights of its host", *keys, "options")
        for at, volume in enumerate(job.many(*keys, "volumes")):
            if _SOCKET in volume:
                yield job.fault("has the host's docker.sock", *keys, "volumes", at)
    for step in job.steps:
        for command in commands(step.run) if "docker" in step.run else ():
            words = command.arguments
            if command.name == "docker" and ("--privileged" in words or _SOCKET in " ".join(words)):
                span = (command.program[0].start, command.end)
                yield step.fault_in("runs a container that owns its host", "run", span=span)


def _of_gitlab(it: Resource) -> Iterator[Violation]:
    for part in pipeline(it).with_settings:
        for keys in images(part):
            if "dind" in part.text(*keys) and "rootless" not in part.text(*keys):
                yield part.fault("needs a runner that gives containers all rights", *keys)
        for keys, line in scripts(part):
            if "docker" in line and ("--privileged" in line or _SOCKET in line):
                yield part.fault_in("runs a container that owns its host", *keys)
