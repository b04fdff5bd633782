"""Images that pipelines push, and what is attached to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.records import NamedTuple
from portside.workflows.github import Action, Job, Step, file_of
from portside.workflows.gitlab import pipeline, scripts
from portside.workflows.part import Part, Span
from portside.workflows.shell import Command, commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

Push = tuple[Part, str, tuple[str | int, ...], Span | None]
"""The part that pushes, what does it, the keys of its text, and where in that."""


class Evidence(NamedTuple):
    """How something is attached to an image."""

    actions: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    """A program and words among its arguments."""
    inputs: tuple[str, ...] = ()
    """Of docker/build-push-action."""


SIGNED = Evidence(
    ("actions/attest-build-provenance", "actions/attest", "sigstore/gh-action-sigstore-python"),
    (("cosign", "sign"), ("cosign", "attest"), ("notation", "sign"), ("gh", "attestation")),
)
LISTED = Evidence(
    ("actions/attest-sbom", "anchore/sbom-action"),
    (("syft",), ("cosign", "attest"), ("cosign", "attach", "sbom"), ("docker", "sbom")),
    ("sbom",),
)
PROVEN = Evidence(
    ("actions/attest-build-provenance", "actions/attest"),
    (("cosign", "attest"), ("gh", "attestation")),
    ("provenance",),
)
_BUILDERS = ("docker/build-push-action", "docker/bake-action", "redhat-actions/push-to-registry")
_PUSHING = (
    *(("docker", "push"), ("podman", "push"), ("buildah", "push"), ("nerdctl", "push")),
    *(("crane", "push"), ("skopeo", "copy"), ("docker", "buildx", "--push"), ("oras", "push")),
    *(("docker", "build", "--push"), ("ko", "build"), ("helm", "push")),
)
_WHOLE = ("slsa-framework/slsa-github-generator", "docker/github-builder")
"""Builders that are workflows of their own, and attach all of it themselves."""


def pushes(it: Resource) -> Iterator[Push]:
    """Everything in the file that pushes an image."""
    for part, keys, script in _scripts(it):
        for command in commands(script):
            if _is(command, _PUSHING):
                span = (command.program[0].start, command.end)
                yield part, " ".join((command.name, *command.arguments[:1])), keys, span
    for step in _steps(it):
        if step.names(*_BUILDERS) and _pushes(step):
            yield step, step.text("uses").partition("@")[0], ("uses",), None


def says(it: Resource, evidence: Evidence) -> bool:
    """Whether something in the file attaches `evidence`, or calls a workflow that may."""
    if any(
        _is(command, evidence.commands)
        for *_, script in _scripts(it)
        for command in commands(script)
    ):
        return True
    if any(step.names(*evidence.actions) or _given(step, evidence) for step in _steps(it)):
        return True
    return any(job.uses is not None and job.uses.slug in _WHOLE for job in _jobs(it))


def _is(command: Command, known: tuple[tuple[str, ...], ...]) -> bool:
    for program, *words in known:
        if command.name == program and all(it in command.arguments for it in words):
            return True
    return False


def _pushes(step: Step) -> bool:
    given = step.given or {}
    output = given.get("outputs", "")
    return (
        given.get("push", "false") != "false"
        or "push=true" in output
        or "redhat" in step.text("uses")
    )


def _given(step: Step, evidence: Evidence) -> bool:
    given = step.given or {}
    return step.names(*_BUILDERS) and any(
        given.get(it, "false") not in ("false", "") for it in evidence.inputs
    )


def _jobs(it: Resource) -> tuple[Job, ...]:
    whole = None if it.kind == "GitLabPipeline" else file_of(it)
    return () if whole is None or isinstance(whole, Action) else whole.jobs


def _steps(it: Resource) -> Iterator[Step]:
    if it.kind != "GitLabPipeline":
        yield from file_of(it).steps


def _scripts(it: Resource) -> Iterator[tuple[Part, tuple[str | int, ...], str]]:
    for step in _steps(it):
        if step.run:
            yield step, ("run",), step.run
    if it.kind == "GitLabPipeline":
        for part in pipeline(it).with_settings:
            for keys, line in scripts(part):
                yield part, keys, line
