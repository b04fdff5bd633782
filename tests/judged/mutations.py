"""Real objects, mutated as people mistake them, as JSON texts that may hold a key twice."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

Json = dict[str, Any]
Box = Json | list[Any]
_ODD: tuple[Any, ...] = (5, "5", 1.5, True, [], {}, ["a"], {"a": "b"}, "", 0, -1, 1 << 40, [None])


def mutated(value: Json, chance: Random) -> str:
    """The JSON text of `value` with one to three mistakes in it."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        boxes = [it for it in _boxes(value) if it]
        if boxes:
            chance.choice(_MISTAKES)(chance.choice(boxes), boxes, chance)
    return _text(value)


def _misspell(box: Box, boxes: list[Box], chance: Random) -> None:
    key, value = _taken(box, chance)
    if key:
        at = chance.randrange(len(key))
        spelt = (
            key[:at] + key[at + 1 :],
            key[:at] + key[at] + key[at:],
            key[:at] + key[at:][::-1],
            key.swapcase() if len(key) == 1 else key[0].swapcase() + key[1:],
            key + "s",
            key.lower(),
        )
        _put(box, chance.choice(spelt), value)


def _move(box: Box, boxes: list[Box], chance: Random) -> None:
    key, value = _taken(box, chance)
    others = [
        it for it in boxes if type(it) is dict and not any(it is in_ for in_ in _boxes(value))
    ]
    if key and others:
        _put(chance.choice(others), key, value)


def _retype(box: Box, boxes: list[Box], chance: Random) -> None:
    box[_key(box, chance)] = copy.deepcopy(chance.choice(_ODD))


def _null(box: Box, boxes: list[Box], chance: Random) -> None:
    box[_key(box, chance)] = None


def _write_twice(box: Box, boxes: list[Box], chance: Random) -> None:
    if type(box) is dict:
        key = _key(box, chance)
        again: Any = _Second(str(key))
        box[again] = copy.deepcopy(box[key])


def _add(box: Box, boxes: list[Box], chance: Random) -> None:
    _put(box, chance.choice(("name", "spec", "image", "labels", "Foo", "a b", "")), "web")


_MISTAKES = (_misspell, _misspell, _move, _retype, _null, _write_twice, _add)


class _Second:
    """A key of its own in a dict, and the same key in the text."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        return self.key


def _taken(box: Box, chance: Random) -> tuple[str, Any]:
    if type(box) is not dict:
        return "", None
    key = _key(box, chance)
    return str(key), box.pop(key)


def _put(box: Box, key: str, value: Any) -> None:
    if type(box) is dict:
        box[key] = value


def _key(box: Box, chance: Random) -> Any:
    return chance.choice(list(box)) if type(box) is dict else chance.randrange(len(box))


def _boxes(value: Any) -> Iterator[Box]:
    if type(value) in (dict, list):
        yield value
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    for it in items:
        yield from _boxes(it)


def _text(value: Any) -> str:
    if type(value) is dict:
        return f"{{{','.join(f'{json.dumps(str(k))}:{_text(it)}' for k, it in value.items())}}}"
    if type(value) is list:
        return f"[{','.join(map(_text, value))}]"
    return json.dumps(value)


def mistaken(value: Json, chance: Random) -> Json:
    """`value` with one mistake in it; no key is written twice."""
    value = copy.deepcopy(value)
    boxes = [it for it in _boxes(value) if it]
    if boxes:
        mistakes = [it for it in _MISTAKES if it is not _write_twice]
        chance.choice(mistakes)(chance.choice(boxes), boxes, chance)
    return value
