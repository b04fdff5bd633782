"""The commands of Helm and Kustomize that pipelines run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.workflows.github import file_of
from portside.workflows.gitlab import pipeline, scripts
from portside.workflows.part import Part
from portside.workflows.shell import Command, commands

if TYPE_CHECKING:
    from portside.model.resource import Resource


def programs(
    it: Resource, names: tuple[str, ...]
) -> Iterator[tuple[Part, tuple[str | int, ...], Command]]:
    """The commands of a workflow, an action or a pipeline of GitLab that run one of `names`.

    Each with the part that it stands in, and the keys of its script there.
    """
    for part, keys, script in _scripts(it):
        if any(name in script for name in names):
            for command in commands(script):
                if command.words and command.program and command.name in names:
                    yield part, keys, command


def _scripts(it: Resource) -> Iterator[tuple[Part, tuple[str | int, ...], str]]:
    if it.kind == "GitLabPipeline":
        for part in pipeline(it).with_settings:
            for keys, line in scripts(part):
                yield part, keys, line
        return
    for step in file_of(it).steps:
        if step.run:
            yield step, ("run",), step.run
