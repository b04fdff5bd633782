"""An object as the API server shows it to an admission policy: as its encoder would write it.

That differs from the judged form in what the encoder adds and leaves out: a struct that is not
behind a pointer is always there (`container.resources` is `{}`), a list that may not be left out is
null, and an empty list, an empty text, zero or false is left out where the field may be.
Source: k8s.io/apiserver/pkg/cel/common, SchemalessTypedToVal.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelError
from portside.cel.kubernetes.quantity import canonical, parse_quantity
from portside.policy.apitypes import Fields, api_types

_ZERO = {"s": "", "b": False, "i": 0, "f": 0.0, "x": 0, "q": "0", "d": "0s"}
_OMITTED = {"s": str, "b": bool, "i": int, "f": float}
"""The types of which the empty value is left out; a quantity or a time is a struct, and is not."""


class _Absent:
    __slots__ = ()


_ABSENT = _Absent()


def encoded(value: dict[str, Any], api_version: str, kind: str) -> dict[str, Any]:
    """`value`, of the judged form, as a policy sees it. A custom resource stays as it is."""
    fields = api_types().fields(api_version, kind)
    if fields is None:
        return value
    made = _struct(value, fields)
    made["apiVersion"], made["kind"] = api_version, kind
    return made


def _struct(value: dict[str, Any], fields: Fields) -> dict[str, Any]:
    made = {}
    for name, code in fields.items():
        found = _field(value.get(name), code)
        if found is not _ABSENT:
            made[name] = found
    return made


def _field(value: Any, code: str) -> Any:
    mark = code[0] if code[0] in "?!" else ""
    core = code[len(mark) :]
    if value is None:
        return _nothing(core, mark)
    if mark and not core.startswith("*") and _is_empty(value, core):
        return _ABSENT
    return _value(value, core.lstrip("*"))


def _nothing(core: str, mark: str) -> Any:
    """What stands for a field that is absent or null."""
    if core.isdecimal():
        return _ABSENT if mark == "!" else _struct({}, api_types().structs[int(core)])
    if core == "t":
        return _ABSENT if mark == "!" else None
    if core in ("q", "x"):
        return _ZERO[core]
    if mark:
        return _ABSENT
    return _ZERO.get(core)


def _is_empty(value: Any, core: str) -> bool:
    if core[0] in "[{":
        return type(value) in (list, dict) and not value
    return type(value) is _OMITTED.get(core) and not value


def _value(value: Any, core: str) -> Any:
    if core[0] == "[" and type(value) is list:
        return [_field(it, core[1:]) for it in value]
    if core[0] == "{" and type(value) is dict:
        return {key: _field(it, core[1:]) for key, it in value.items()}
    if core.isdecimal() and type(value) is dict:
        return _struct(value, api_types().structs[int(core)])
    if core == "q":
        return _canonical(value)
    return value


def _canonical(value: Any) -> Any:
    """A quantity as Kubernetes spells it; what is none stays as it is."""
    try:
        return canonical(parse_quantity(str(value).strip()))
    except CelError:
        return value
