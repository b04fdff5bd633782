"""The strings extension. Source: cel-spec, doc/extensions/strings."""

from __future__ import annotations

from typing import Any

from portside.cel.arithmetic import LONGEST
from portside.cel.errors import CelEvaluationError, no_overload

_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_LOWER = {code: code + 32 for code in range(65, 91)}
_UPPER = {code: code - 32 for code in range(97, 123)}
_QUOTED = {
    **{"\\": "\\\\", '"': '\\"', "\a": "\\a", "\b": "\\b", "\f": "\\f"},
    **{"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"},
}


def _texts(name: str, *values: Any) -> None:
    for value in values:
        if type(value) is not str:
            raise no_overload(name)


def _number(name: str, value: Any) -> int:
    if type(value) is not int:
        raise no_overload(name)
    return value


def char_at(text: Any, at: Any) -> str:
    _texts("charAt", text)
    if not 0 <= _number("charAt", at) <= len(text):
        raise CelEvaluationError(f"index out of range: {at}")
    return str(text[at : at + 1])


def index_of(text: Any, part: Any, start: Any = 0) -> int:
    if type(text) is list:
        raise no_overload("indexOf")
    _texts("indexOf", text, part)
    begin = _number("indexOf", start)
    if part == "" and start == 0:
        return 0
    if not 0 <= begin < max(1, len(text)):
        raise CelEvaluationError(f"index out of range: {start}")
    return int(text.find(part, begin))


def last_index_of(text: Any, part: Any, *start: Any) -> int:
    _texts("lastIndexOf", text, part)
    if not start:
        return int(text.rfind(part))
    begin = _number("lastIndexOf", start[0])
    if part == "":
        return begin
    if not 0 <= begin < max(1, len(text)):
        raise CelEvaluationError(f"index out of range: {begin}")
    return int(text.rfind(part, 0, begin + len(part)))


def lower_ascii(text: Any) -> str:
    _texts("lowerAscii", text)
    return str(text.translate(_LOWER))


def upper_ascii(text: Any) -> str:
    _texts("upperAscii", text)
    return str(text.translate(_UPPER))


def replace(text: Any, old: Any, new: Any, count: Any = -1) -> str:
    _texts("replace", text, old, new)
    most = max(-1, _number("replace", count))
    found = text.count(old) if most < 0 else min(text.count(old), most)
    if len(text) + found * (len(new) - len(old)) > LONGEST:
        raise CelEvaluationError(f"a value longer than {LONGEST:,}")
    return str(text.replace(old, new, most))


def split(text: Any, separator: Any, limit: Any = -1) -> list[str]:
    _texts("split", text, separator)
    most = _number("split", limit)
    if most == 0:
        return []
    if separator == "":
        characters = list(text)
        if 0 < most < len(characters):
            return [*characters[: most - 1], text[most - 1 :]]
        return characters
    return list(text.split(separator, -1 if most < 0 else most - 1))


def join(items: Any, separator: Any = "") -> str:
    if type(items) is not list:
        raise no_overload("join")
    _texts("join", separator, *items)
    if sum(map(len, items)) + len(separator) * len(items) > LONGEST:
        raise CelEvaluationError(f"a value longer than {LONGEST:,}")
    return str(separator.join(items))


def substring(text: Any, start: Any, *end: Any) -> str:
    _texts("substring", text)
    first = _number("substring", start)
    last = _number("substring", end[0]) if end else len(text)
    if not 0 <= first <= len(text) or not 0 <= last <= len(text):
        raise CelEvaluationError(f"index out of range: {first}")
    if first > last:
        raise CelEvaluationError(f"invalid substring range: {first} to {last}")
    return str(text[first:last])


def trim(text: Any) -> str:
    _texts("trim", text)
    return str(text.strip(_SPACE))


def reverse(text: Any) -> str:
    _texts("reverse", text)
    return str(text[::-1])


def quote(text: Any) -> str:
    _texts("strings.quote", text)
    clean = text.encode("utf-8", "replace").decode() if not text.isprintable() else text
    return '"' + "".join(_QUOTED.get(it, it) for it in clean) + '"'
