"""A map of named fields that are computed when they are read, and may not be known.

What an admission policy's `variables`, `request` and `namespaceObject` are bound to. Source:
k8s.io/apiserver/pkg/cel/lazy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portside.cel.errors import CelEvaluationError, CelUndecidedError
from portside.cel.values import Opaque


class Record(Opaque):
    """`fields` are values by name; `lazy` are functions that give one, called once at most.

    To read one of `unknown`, or to ask whether it is there, raises CelUndecidedError; `open_ended`
    says that any other name is unknown too.
    """

    __slots__ = ("_fields", "_lazy", "_name", "_open_ended", "_unknown")
    type_name = "map"

    def __init__(
        self,
        name: str,
        fields: Mapping[str, Any],
        *,
        lazy: Mapping[str, Callable[[], Any]] | None = None,
        unknown: Iterable[str] = (),
        open_ended: bool = False,
    ) -> None:
        self._name = name
        self._fields = dict(fields)
        self._lazy = lazy or {}
        self._unknown = frozenset(unknown)
        self._open_ended = open_ended

    def __getitem__(self, field: Any) -> Any:
        if field in self._fields:
            return self._kept(field)
        if field in self._lazy:
            self._fields[field] = _outcome(self._lazy[field])
            return self._kept(field)
        if field in self._unknown or self._open_ended:
            raise CelUndecidedError(f"{self._name}.{field} is not known here")
        raise CelEvaluationError(f"no such key: {field}")

    def field(self, name: Any) -> Any:
        return self[name]

    def has_field(self, field: Any) -> bool:
        if field in self._fields or field in self._lazy:
            return True
        if field in self._unknown or self._open_ended:
            raise CelUndecidedError(f"{self._name}.{field} is not known here")
        return False

    def _kept(self, field: str) -> Any:
        value = self._fields[field]
        if isinstance(value, CelEvaluationError):
            raise value
        return value


def _outcome(compute: Callable[[], Any]) -> Any:
    """What `compute` gives, or the error that it ends in: that, too, is computed once."""
    try:
        return compute()
    except CelEvaluationError as error:
        return error
