"""Pipelines of GitLab: jobs, scripts, includes. Source: GitLab's "CI/CD YAML syntax reference"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from portside.workflows.github import source
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

_GLOBAL = frozenset(
    (
        *("default", "include", "stages", "types", "variables", "workflow", "spec", "image"),
        *("services", "cache", "before_script", "after_script", "pages:deploy"),
    )
)
_SCRIPTS = ("before_script", "script", "after_script")
_MOST_NESTED = 10


class Pipeline(Part):
    """A `.gitlab-ci.yml`, or a file that one includes."""

    @cached_property
    def jobs(self) -> tuple[PipelineJob, ...]:
        """Its jobs; hidden ones, whose names begin with a dot, are what others are made of."""
        names = [
            name for name, it in self.value.items() if name not in _GLOBAL and type(it) is dict
        ]
        return tuple(PipelineJob(self, name) for name in names)

    @property
    def with_settings(self) -> Iterator[Part]:
        """Every map that may say an image, variables or a script: the jobs and what is for all."""
        yield self
        if type(self.at("default")) is dict:
            yield self.part("default")
        yield from self.jobs


class PipelineJob(Part):
    def __init__(self, whole: Pipeline, name: str) -> None:
        super().__init__(whole.source, (*whole.path, name), whole.at(name))
        self.pipeline = whole
        self.name = name

    @property
    def allows_failure(self) -> bool:
        """Whether the pipeline goes on and passes when it fails."""
        return self.at("allow_failure") is True

    @property
    def environment(self) -> str:
        found = self.at("environment")
        return self.text("environment", "name") if type(found) is dict else self.text("environment")


def pipeline(it: Resource) -> Pipeline:
    """The pipeline that the file `it` (a GitLabPipeline) is, made once for all rules that ask."""
    return _pipeline(it)


@lru_cache(maxsize=2)
def _pipeline(it: Resource) -> Pipeline:
    return Pipeline(source(it), (), it.value)


def includes(whole: Pipeline) -> Iterator[tuple[Part, tuple[str | int, ...], str, str]]:
    """(part, keys in it, kind, name) of each file that is included.

    The kind is `project`, `remote`, `component`, `local` or `template`.
    """
    found = whole.at("include")
    items = list(enumerate(found)) if type(found) is list else [(None, found)]
    for at, item in items:
        keys: tuple[str | int, ...] = ("include",) if at is None else ("include", at)
        if type(item) is str:
            kind = "remote" if item.startswith(("http://", "https://")) else "local"
            yield whole, keys, kind, item
        elif type(item) is dict:
            part = whole.part(*keys)
            for kind in ("project", "remote", "component", "local", "template"):
                if part.at(kind) is not None:
                    yield part, (kind,), kind, part.text(kind)


def images(part: Part) -> Iterator[tuple[str | int, ...]]:
    """The keys of the images that a job, or what is for all jobs, names."""
    yield ("image", "name") if type(part.at("image")) is dict else ("image",)
    services = part.at("services")
    if type(services) is list:
        for at, item in enumerate(services):
            yield ("services", at, "name") if type(item) is dict else ("services", at)


def scripts(part: Part) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(keys, text) of each item of the scripts of a job, or of what is for all jobs."""
    for key in _SCRIPTS:
        found = part.at(key)
        if type(found) is str:
            yield (key,), found
        elif type(found) is list:
            yield from _items(part, (key,), found, 0)


def _items(
    part: Part, keys: tuple[str | int, ...], found: list[Any], depth: int
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a list; lists within it, which `!reference` and anchors make, are flattened."""
    for at, item in enumerate(found):
        if type(item) is list and depth < _MOST_NESTED:
            yield from _items(part, (*keys, at), item, depth + 1)
        elif type(item) is str:
            yield (*keys, at), item
