"""Fields that `replacements` of a kustomization fill: which they are, and where their values are.

Source: sigs.k8s.io/kustomize/api/filters/replacement and kyaml/utils/pathsplitter.go, v0.21.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.layers import at
from portside.render.pieces import selects

NAME = "metadata.name"
"""The field that is meant where none is named."""
_EVERY = "*"


class Source(NamedTuple):
    """Where a replacement takes its value: a field of an object, or a text that it says itself."""

    select: dict[str, Any]
    field: str
    rest: FieldPath
    """The part of it that is meant, where a target takes a map or a list."""
    whole: bool
    """Whether the value is taken as it is, and no part of it."""


class Taken(NamedTuple):
    """That an entry of `replacements` wrote a field; `source` is None for a text of its own."""

    source: Source | None
    sure: bool
    """Whether the target is known to be the field."""


def taken(entry: dict[str, Any], value: dict[str, Any], names: set[str], path: FieldPath) -> (
    Taken | None
):  # fmt: skip
    """How `entry` wrote the field at `path` of the object `value`; None where it did not."""
    targets = entry.get("targets")
    for target in targets if isinstance(targets, list) else ():
        if not isinstance(target, dict) or not _selected(target, value, names):
            continue
        for text in target.get("fieldPaths") or (NAME,):
            depth, sure = _meant(value, str(text), path)
            if depth < 0:
                continue
            straight = not _cuts(target) and sure
            if "sourceValue" in entry:
                return Taken(None, straight and depth == len(path))
            source = entry.get("source")
            if isinstance(source, dict):
                field = str(source.get("fieldPath") or NAME)
                made = Source(source, field, path[depth:], straight and not _cuts(source))
                return Taken(made, sure)
    return None


def _selected(target: dict[str, Any], value: dict[str, Any], names: set[str]) -> bool:
    select, rejected = target.get("select"), target.get("reject")
    if isinstance(select, dict) and not selects(select, value, names):
        return False
    listed = rejected if isinstance(rejected, list) else ()
    return not any(isinstance(it, dict) and it and selects(it, value, names) for it in listed)


def _cuts(holder: dict[str, Any]) -> bool:
    """Whether only a part of the text is taken or written."""
    options = holder.get("options")
    return isinstance(options, dict) and bool(options.get("delimiter"))


def _meant(value: Any, text: str, path: FieldPath) -> tuple[int, bool]:
    """How many steps of `path` the field `text` is; -1 where it is another. And whether that is
    known: an item that was told by what the replacement changed is not found any more.
    """
    found = list(fields(value, text))
    for it in found:
        if path[: len(it)] == it:
            return len(it), True
    if found:
        return -1, False
    named = [it for it in steps_of(text) if not it.isdigit() and it[0] not in f"[{_EVERY}"]
    same = [it for it in path if type(it) is str] == named
    return (len(path), False) if same else (-1, False)


def goes_by(entry: dict[str, Any], value: dict[str, Any], names: set[str], path: FieldPath) -> bool:
    """Whether `entry` finds an item of a list by the field at `path`: changed alone, that fails."""
    source, targets = entry.get("source"), entry.get("targets")
    texts: list[Any] = []
    if isinstance(source, dict) and selects(source, value, names):
        texts.append(source.get("fieldPath"))
    for target in targets if isinstance(targets, list) else ():
        if isinstance(target, dict) and _selected(target, value, names):
            texts += target.get("fieldPaths") or ()
    return any(_tells(value, str(text), path) for text in texts)


def _tells(value: Any, text: str, path: FieldPath) -> bool:
    steps = steps_of(text)
    for number, step in enumerate(steps):
        key, sign, _ = step.strip("[]").partition("=")
        if not sign or not step.startswith("["):
            continue
        items = _fields(value, steps[: number + 1])
        if any((*it, key) == path for it in items):
            return True
    return False


def fields(value: Any, text: str) -> Iterator[FieldPath]:
    """The fields of `value` that a fieldPath of a replacement names."""
    yield from _fields(value, steps_of(text))


def _fields(value: Any, steps: Sequence[str]) -> list[FieldPath]:
    found: list[FieldPath] = [()]
    for step in steps:
        found = [(*it, one) for it in found for one in _below(at(value, it), step)]
    return found


def _below(value: Any, step: str) -> Iterator[str | int]:
    if isinstance(value, dict):
        if step in value:
            yield step
    elif isinstance(value, list):
        key, sign, wanted = step.strip("[]").partition("=")
        for number, it in enumerate(value):
            told = step == _EVERY or step == str(number)
            if told or (sign and str(at(it, (key,)) if key else it) == wanted):
                yield number


def steps_of(text: str) -> list[str]:
    """The steps of a fieldPath: parted by dots, but for those after a backslash or in brackets."""
    found: list[str] = []
    for part in text.replace("\\.", "\0").split("."):
        if found and found[-1].startswith("[") and not found[-1].endswith("]"):
            found[-1] += f".{part}"
        else:
            found.append(part)
    bare = (it if "=" in it or not it.startswith("[") else it.strip("[]") for it in found)
    return [it.replace("\0", ".") for it in bare if it]
