"""The images that jobs run in, that serve them, and that actions are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.workflows import gitlab, matrix
from portside.workflows.expression import Literal, Node, Reference, only_fence
from portside.workflows.expression.flow import is_under, leaves
from portside.workflows.github import Action, Job, file_of
from portside.workflows.part import Part
from portside.workflows.uses import Image, image

if TYPE_CHECKING:
    from portside.model.resource import Resource

Candidate = tuple[Part, tuple[str | int, ...], Image | None]
"""The part that names the image, the keys in it, and the image; None where only a run tells it."""


def candidates(it: Resource) -> Iterator[Candidate]:
    """Every image that the file `it` may run. One that a matrix lists is there for each value."""
    if it.kind == "GitLabPipeline":
        yield from _of_gitlab(it)
        return
    whole = file_of(it)
    if isinstance(whole, Action):
        named = whole.text("runs", "image")
        if whole.text("runs", "using") == "docker" and named.startswith("docker://"):
            yield whole, ("runs", "image"), image(named)
        return
    for job in whole.jobs:
        for part, keys in _named(job):
            text = part.text(*keys)
            for found in _meant(job, text):
                yield part, keys, found


def _named(job: Job) -> Iterator[tuple[Part, tuple[str | int, ...]]]:
    """Where the job names images."""
    if type(job.at("container")) is dict:
        yield job, ("container", "image")
    elif job.at("container") is not None:
        yield job, ("container",)
    for name in job.part("services").value:
        if job.at("services", name, "image") is not None:
            yield job, ("services", name, "image")
    for step in job.steps:
        if step.text("uses").strip().startswith("docker://"):
            yield step, ("uses",)


def _meant(job: Job, text: str) -> Iterator[Image | None]:
    if "${{" not in text:
        yield image(text)
        return
    fence = only_fence(text.strip())
    tree = job.source.tree(fence.code) if fence else None
    if tree is None:
        # `node:${{ … }}` has a tag, `${{ … }}/node` none, whatever the expression makes.
        yield image(text) if fence is None else None
        return
    for leaf in leaves(tree):
        yield from _of_leaf(job, leaf)


def _of_leaf(job: Job, leaf: Node) -> Iterator[Image | None]:
    if isinstance(leaf, Literal) and type(leaf.value) is str:
        yield image(leaf.value)
    elif isinstance(leaf, Reference) and is_under(leaf, "matrix"):
        for value in matrix.values(job, leaf):
            yield image(value.text) if value.is_fixed else None
    else:
        yield None


def _of_gitlab(it: Resource) -> Iterator[Candidate]:
    for part in gitlab.pipeline(it).with_settings:
        for keys in gitlab.images(part):
            text = part.text(*keys)
            if text and "$" not in text:
                yield part, keys, image(text)
