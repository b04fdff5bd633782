"""Plain Python values → YAML that every reader of Kubernetes' dialect reads back to the same value.

Texts that the dialect (or YAML 1.2, or another reader of 1.1) would take for something else are
quoted. Knows nothing of Kubernetes, and does not recurse: depth is the reader's to bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from portside.syntax.scalar import NoJsonError, plain

_PLAIN = re.compile(r"[\w./$(+-][^\x00-\x1f\x7f-\x9f#\u2028\u2029\ufeff]*")
"""What may stand without quotes, if nothing takes it for another type; libyaml refuses more."""
_OTHERS = re.compile(
    r"0[oO]|[-+.]?[0-9][0-9_:.,eExXobBpPtTzZ+ -]*|[-+]?[.](inf|nan)", re.IGNORECASE
)
"""Numbers, dates and times of any YAML: ours is not the only reader."""
_BLOCK = re.compile(
    r"(?=\S)(?:[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]|\t)*\S\n?"
)
_WIDTH = 2**31 - 1


def written(values: Iterable[Any]) -> Iterator[str]:
    """The text of `values`, a document each, separated by `---`."""
    for number, value in enumerate(values):
        if number:
            yield "---\n"
        yield yaml_text(value)


def yaml_text(value: Any) -> str:
    """One document that holds `value`."""
    dumper: Any = getattr(yaml, "CDumper", yaml.Dumper)
    text: str = yaml.emit(_document(value), Dumper=dumper, width=_WIDTH, allow_unicode=True)
    # The emitter ends a plain scalar that is the whole document with a line `...`.
    return text.removesuffix("\n...\n") + "\n" if text.endswith("\n...\n") else text


def _document(value: Any) -> Iterator[Event]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield from _events(value)
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()


def _events(value: Any) -> Iterator[Event]:
    pending: list[Any] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, Event):
            yield node
        elif type(node) is dict:
            yield MappingStartEvent(None, None, True, flow_style=not node)
            pending.append(MappingEndEvent())
            for key, item in reversed(node.items()):
                pending += [item, _text(key)]
        elif type(node) is list:
            yield SequenceStartEvent(None, None, True, flow_style=not node)
            pending += [SequenceEndEvent(), *reversed(node)]
        else:
            yield _scalar(node)


def _scalar(value: Any) -> Event:
    if type(value) is str:
        return _text(value)
    if value is None:
        return _as_is("null")
    if type(value) is bool:
        return _as_is("true" if value else "false")
    return _as_is(_number(value))


def _number(value: float) -> str:
    text = repr(value)
    # 1e+22 is text to readers of YAML 1.1, which want a point before the exponent.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _as_is(text: str) -> Event:
    return ScalarEvent(None, None, (True, False), text)


def _text(text: str) -> Event:
    if "\n" in text and _BLOCK.fullmatch(text) and not _hangs(text):
        return ScalarEvent(None, None, (False, True), text, style="|")
    if _may_stand_plain(text):
        return ScalarEvent(None, None, (True, True), text)
    return ScalarEvent(None, None, (False, True), text, style='"')


def _hangs(text: str) -> bool:
    """Whether a line ends in a space, which editors remove and libyaml cannot keep in a block."""
    return any(line != line.rstrip() for line in text.split("\n"))


def _may_stand_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or _OTHERS.fullmatch(text):
        return False
    try:
        return type(plain(text)) is str
    except NoJsonError:
        return False
