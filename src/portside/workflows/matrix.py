"""The values that a job's matrix gives to `matrix.…`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from portside.model.place import FieldPath
from portside.workflows.expression import Reference
from portside.workflows.github import Job

_MOST = 20_000


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
    excluded = {(it.name, it.text) for it in _listed(job, "exclude")}
    for count, it in enumerate(_of_dimensions(job)):
        if count > _MOST:
            return
        if (it.name, it.text) not in excluded and (reference is None or _fits(reference, it)):
            yield it


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
