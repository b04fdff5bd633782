"""Versions and ranges of them as Helm and Flux read them.

Source: github.com/Masterminds/semver/v3, against which the tests hold a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from portside.records import NamedTuple

_NUMBER = r"(?:0|[1-9][0-9]{0,18})"
_PARTS = r"[0-9A-Za-z-]{1,100}(?:\.[0-9A-Za-z-]{1,100}){0,20}"
_VERSION = re.compile(
    rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?(?:-({_PARTS}))?(?:\+({_PARTS}))?"
)
_STEP = r"(?:[0-9]{1,19}|[xX*])"
_ONE = re.compile(
    rf"\s*(=|!=|>=|=>|<=|=<|>|<|~>|~|\^|)\s*"
    rf"v?({_STEP})(?:\.({_STEP}))?(?:\.({_STEP}))?(?:-({_PARTS}))?(?:\+{_PARTS})?\s*(?:,(?=\s*[^\s])|(?=\s|$))"
)
_FROM_TO = re.compile(r"(?<=[0-9A-Za-z*])\s+-\s+(?=[v0-9xX*])")
_LONGEST = 256
_ANY = ("x", "X", "*", None)


class Version(NamedTuple):
    numbers: tuple[int, int, int]
    pre: tuple[str, ...]
    text: str

    def order(self) -> tuple[tuple[int, int, int], int, tuple[tuple[int, int, str], ...]]:
        """What versions are compared by; what is built from them makes no difference."""
        parts = tuple((0, int(it), "") if it.isdecimal() else (1, 0, it) for it in self.pre)
        return self.numbers, 0 if self.pre else 1, parts


class _Term(NamedTuple):
    how: str
    low: Version
    said: int
    """How many of the three numbers are said."""


class BadRangeError(ValueError):
    """The text is no version and no range."""


def version(text: str) -> Version | None:
    """The version that `text` is; missing numbers are 0. None where it is none."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2] or 0), int(found[3] or 0))
    pre = tuple(found[4].split(".")) if found[4] else ()
    if any(it.isdecimal() and len(it) > 1 and it[0] == "0" for it in pre):
        return None
    return Version(numbers, pre, text)


def newest(texts: Iterable[str], wanted: str) -> str:
    """The newest of the versions `texts` that `wanted` takes in; empty where none is.

    An exact text wins over a range. Raises BadRangeError.
    """
    listed = list(texts)
    if wanted and wanted in listed:
        return wanted
    terms = _read(wanted or "*")
    found = [it for it in map(version, listed) if it is not None and _in(terms, it)]
    return max(found, key=Version.order).text if found else ""


def takes_in(wanted: str, text: str) -> bool:
    """Whether the range `wanted` takes the version in. Raises BadRangeError."""
    found = version(text)
    return found is not None and _in(_read(wanted or "*"), found)


def is_exact(text: str) -> bool:
    """Whether the text names one version and no range."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    return found is not None and found[3] is not None


def _read(wanted: str) -> list[list[_Term]]:
    if len(wanted) > _LONGEST:
        raise BadRangeError("a range of versions is longer than any is")
    return [_alternative(it) for it in wanted.split("||")]


def _alternative(text: str) -> list[_Term]:
    ends = _FROM_TO.split(text.strip())
    if len(ends) == 2:
        text = f">={ends[0]} <={ends[1]}"
    terms, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _ONE.match(text, at)
        if found is None or found.end() == at:
            raise BadRangeError(f"{text!r} is no range of versions")
        terms.append(_term(found))
        at = found.end()
    if not terms:
        raise BadRangeError("a range of versions is empty")
    return terms


def _term(found: re.Match[str]) -> _Term:
    said = 0
    for it in found.group(2, 3, 4):
        if it in _ANY:
            break
        said += 1
    numbers = [int(it) for it in found.group(2, 3, 4)[:said]]
    one, two, three, *_ = (*numbers, 0, 0, 0)
    pre = tuple(found[5].split(".")) if found[5] else ()
    how = {"=>": ">=", "=<": "<=", "~>": "~"}.get(found[1], found[1])
    return _Term(how, Version((one, two, three), pre, ""), said)


def _in(terms: list[list[_Term]], it: Version) -> bool:
    return any(all(_fits(term, it) for term in group) for group in terms)


def _fits(term: _Term, it: Version) -> bool:
    # A version before a release is taken only where the range speaks of one.
    if it.pre and not term.low.pre:
        return False
    if term.how == "!=":
        return not _same(term, it)
    if term.how in ("=", ""):
        return _same(term, it) if term.said < 3 else it.order() == term.low.order()
    if term.how in ("~", "^"):
        return it.order() >= term.low.order() and _near(term, it)
    return _beyond(term, it)


def _same(term: _Term, it: Version) -> bool:
    if term.said == 3:
        return it.order() == term.low.order()
    return it.numbers[: term.said] == term.low.numbers[: term.said]


def _near(term: _Term, it: Version) -> bool:
    low, said = term.low.numbers, term.said
    if term.how == "~":
        kept = min(said, 2)
    else:
        kept = next((at + 1 for at in range(said) if low[at]), said)
    return it.numbers[:kept] == low[:kept]


def _beyond(term: _Term, it: Version) -> bool:
    """`>`, `>=`, `<`, `<=`: what is not said of a bound stands for all that it may be."""
    if term.how == ">=":
        return it.order() >= term.low.order()
    if term.how == "<":
        return it.order() < term.low.order()
    if term.said == 3:
        here, bound = it.order(), term.low.order()
        return here > bound if term.how == ">" else here <= bound
    here_, bound_ = it.numbers[: term.said], term.low.numbers[: term.said]
    return here_ > bound_ if term.how == ">" else here_ <= bound_
