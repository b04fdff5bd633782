"""What makes a finding the same finding tomorrow: rule, logical resource, normalised path (D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.model.resource import Resource

_NAMES = ("name", "containerPort", "mountPath", "devicePath", "key", "ip", "port", "host", "path")


def identity(rule: str, resource: Resource, path: FieldPath) -> str:
    """The identity of a finding of `rule` at `path`: never a line, never a message."""
    ref = resource.ref
    logical = f"{ref.group}/{ref.kind}/{ref.namespace}/{ref.name}"
    return f"{rule}|{resource.identity_file}|{logical}|{named_path(resource.value, path)}"


def named_path(value: Any, path: FieldPath) -> str:
    """`path` with each item of a list called by its name, `containers[web]`, where it has one."""
    text = ""
    for step in path:
        below = _below(value, step)
        if type(step) is int:
            text += f"[{_name(below, step)}]"
        else:
            text += f".{step}" if text else str(step)
        value = below
    return text


def _below(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _name(item: Any, index: int) -> str:
    if type(item) is dict:
        for key in _NAMES:
            name = item.get(key)
            if name is not None and type(name) in (str, int):
                return f"{name}" if key == "name" else f"{key}={name}"
    elif type(item) in (str, int):
        return str(item)[:80]
    return str(index)
