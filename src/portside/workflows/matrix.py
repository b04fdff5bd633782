"""The values that a job's matrix gives to `matrix.…`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.workflows.expression import Reference
from portside.workflows.github import Job

_MOST = 5_000
"""Values of one matrix that are looked at; GitHub itself starts 256 jobs of it."""


class Value(NamedTuple):
    name: str
    """`matrix.os`, in lower case."""
    text: str
    path: FieldPath

    @property
    def is_fixed(self) -> bool:
        """Whether no expression makes it."""
        return "${{" not in self.text


def is_dynamic(job: Job) -> bool:
    """Whether an expression makes the whole matrix."""
    return type(job.at("strategy", "matrix")) is str or type(job.at("strategy")) is str


def has_matrix(job: Job) -> bool:
    return job.at("strategy", "matrix") is not None


def values(job: Job, reference: Reference | None = None) -> Iterator[Value]:
    """What the matrix lists, or what of it `reference` may stand for; no more than is sensible."""
    named = _named(job)
    if reference is not None and "*" not in reference.path:
        yield from named.get(reference.path, ())
        return
    for found in named.values():
        yield from (it for it in found if reference is None or _fits(reference, it))


@lru_cache(maxsize=4)
def _named(job: Job) -> dict[str, list[Value]]:
    """The values by their names, read once for all steps of the job that ask."""
    excluded = {(it.name, it.text) for it in _listed(job, "exclude")}
    found: dict[str, list[Value]] = {}
    for it in islice(_of_dimensions(job), _MOST):
        if (it.name, it.text) not in excluded:
            found.setdefault(it.name, []).append(it)
    return found


def may_be_dynamic(job: Job, reference: Reference) -> bool:
    """Whether an expression makes what `reference` stands for."""
    return is_dynamic(job) or any(not it.is_fixed for it in values(job, reference))


def _of_dimensions(job: Job) -> Iterator[Value]:
    base = ("strategy", "matrix")
    for key in job.part(*base).value:
        if key not in ("include", "exclude"):
            yield from _walk(job, f"matrix.{key.lower()}", (*base, key))
    yield from _listed(job, "include")


def _listed(job: Job, key: str) -> Iterator[Value]:
    for row in job.parts("strategy", "matrix", key):
        keys = row.path[len(job.path) :]
        for name in row.value:
            yield from _walk(job, f"matrix.{name.lower()}", (*keys, name))


def _walk(job: Job, name: str, keys: tuple[str | int, ...]) -> Iterator[Value]:
    pending: list[tuple[str, tuple[str | int, ...]]] = [(name, keys)]
    while pending:
        name, keys = pending.pop()
        value: Any = job.at(*keys)
        if type(value) is dict:
            below = [(f"{name}.{key.lower()}", (*keys, key)) for key in value]
            pending += reversed(below)
        elif type(value) is list:
            pending += reversed([(name, (*keys, at)) for at in range(len(value))])
        elif value is not None:
            yield Value(name, job.text(*keys), (*job.path, *keys))


def _fits(reference: Reference, value: Value) -> bool:
    """Whether `reference` is this value, or what one of its parts is computed to."""
    asked, has = reference.path.split("."), value.name.split(".")
    return len(asked) == len(has) and all(a in (b, "*") for a, b in zip(asked, has, strict=True))
