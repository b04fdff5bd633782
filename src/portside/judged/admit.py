"""Nulls read, types checked and defaults applied, in place."""

from __future__ import annotations

from typing import Any, NamedTuple


class Admitted(NamedTuple):
    known: bool
    mistyped: tuple[tuple[tuple[str | int, ...], str, str], ...]


def admit(value: dict[str, Any]) -> Admitted:
    return Admitted(False, ())
