"""What makes a finding the same finding tomorrow: rule, logical resource, normalised path (D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.model.resource import escaped

if TYPE_CHECKING:
    from portside.model.facts import Fact
    from portside.model.place import FieldPath
    from portside.model.resource import NamedLists, Resource

_KEYS = {
    "ports": ("containerPort", "port", "name"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
}
"""Lists whose items Kubernetes tells apart by another key than `name` (its list-map-keys)."""
_USUAL = ("name", "containerPort", "port", "key", "host", "path", "ip", "uid")
_SETS = frozenset(
    (
        *("add", "drop", "verbs", "resources", "resourceNames", "apiGroups", "nonResourceURLs"),
        *("accessModes", "finalizers", "hosts", "hostnames", "policyTypes", "externalIPs"),
        *("loadBalancerSourceRanges", "supplementalGroups", "namespaces", "groups", "users"),
    )
)
"""Lists of plain words, called by themselves. No other list is: `args` may hold secrets."""
_LONGEST_NAME = 253


def identity(rule: str, resource: Resource | Fact, path: FieldPath) -> str:
    """The identity of a finding of `rule` at `path`: never a line, never a message."""
    named = named_path(resource.value, path, resource.named_lists)
    return f"{rule}|{resource.object_key()}|{escaped(named)}"


def named_path(value: Any, path: FieldPath, known: NamedLists) -> str:
    """`path` with each item of a list called by its name, `containers[web]`, where it has one.

    An item whose name an earlier one has too is told apart by its number: `containers[web#2]`.
    `known` keeps what was asked before; it must be forgotten with the value.
    """
    inner = len(path)
    while inner and type(path[inner - 1]) is str:
        inner -= 1
    text = ""
    if inner:
        item = path[:inner]
        found: str | None = known.get(item)
        if found is None:
            found = known[item] = _named_item(value, item, known)
        text = found
    for step in path[inner:]:
        text += _key(step, bool(text))  # type: ignore[arg-type]
    return text


def _named_item(value: Any, path: FieldPath, known: NamedLists) -> str:
    text = ""
    listed = ""
    for step in path:
        if type(step) is int:
            text += f"[{_item(value, step, listed, known)}]"
        else:
            text += _key(str(step), bool(text))
            listed = str(step)
        value = _below(value, step)
    return text


def _key(key: str, follows: bool) -> str:
    if "." in key or "[" in key or '"' in key:
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{quoted}"]'
    return f".{key}" if follows else key


def _below(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _item(items: Any, index: int, listed: str, known: NamedLists) -> str:
    if type(items) is not list or index >= len(items):
        return str(index)
    found = known.get(id(items))
    if found is None or len(found[1]) != len(items):
        found = known[id(items)] = (items, _names(items, listed))
    return found[1][index]


def _names(items: list[Any], listed: str) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for index, item in enumerate(items):
        name = _name(item, listed)
        if name:
            seen[name] = number = seen.get(name, 0) + 1
            names.append(f"{name}#{number}" if number > 1 else name)
        else:
            names.append(str(index))
    return names


def _name(item: Any, listed: str) -> str:
    """What `item` of the list at the key `listed` is called; empty where it has no name."""
    if type(item) is dict:
        for key in _KEYS.get(listed, _USUAL):
            name = item.get(key)
            if name is not None and type(name) in (str, int):
                return _described(key, str(name), item)
    elif listed in _SETS and type(item) in (str, int):
        return str(item)[:_LONGEST_NAME]
    return ""


def _described(key: str, name: str, item: dict[str, Any]) -> str:
    if key == "name":
        return name[:_LONGEST_NAME]
    text = f"{key}={name}"
    protocol = item.get("protocol")
    if type(protocol) is str and protocol != "TCP":
        text += f",{protocol}"
    return text[:_LONGEST_NAME]
