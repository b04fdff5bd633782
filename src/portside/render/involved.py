"""Which templates of a chart have a part in what it makes: by the names and paths they include."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from portside.records import NamedTuple

_DEFINES = re.compile(r"\{\{-?\s*(?:define|block)\s+[\"`]([^\"`\n]+)[\"`]")
# What stands before the word is looked at last: a pattern that begins with it is found much sooner.
_INCLUDES = tuple(
    re.compile(rf"{word}(?<!\w{word})\s+[\"`]([^\"`\n]+)[\"`]") for word in ("include", "template")
)
_BY_VALUE = re.compile(
    r"include(?<!\winclude)\s+(?:[$.]"
    r"|\((?!\s*print\s+[\w$.]*\.BasePath\s+(?:\"[^\"\n]*\"|[\w$.]+)\s*\)))"
)
_PATHS = re.compile(r"[\"`](/[^\"`\n]+)[\"`]")
"""Texts that may be a path below `.Template.BasePath`, by which a whole template is included."""
_BASE = "/templates/"


def involved(sources: Mapping[str, str], rendered: Collection[str]) -> dict[str, str]:
    """The templates that made something, and those that they include, or that define what they do.

    Markers are taken out again of what is included for something else, also within a template that
    is included whole.
    """
    defining = definitions(sources)
    by_path: dict[str, list[str]] = {}
    for name in sources:
        by_path.setdefault(f"/{name.partition(_BASE)[2]}", []).append(name)
    found: dict[str, str] = {}
    pending = [name for name in sources if name in rendered]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found[name] = sources[name]
        names = _names(sources[name])
        if names.by_value:
            # Which template is included is only known when it is.
            return dict(sources)
        pending += [defining[it] for it in names.included if it in defining]
        pending += [name for it in names.paths for name in by_path.get(it, ())]
    return found


def without_part(sources: Mapping[str, str], part: Collection[str]) -> list[str]:
    """The templates that have no part in what is looked at, and define nothing for a text to call.

    A text that is evaluated (`tpl`) may be of the values, and include what no template does.
    """
    return [name for name, text in sources.items() if name not in part and not _names(text).defined]


def definitions(sources: Mapping[str, str]) -> dict[str, str]:
    """The template that defines each name: of several the one that Helm parses last.

    That is one of the chart itself before those of its sub-charts, and then the first by name.
    """
    found: dict[str, str] = {}
    for name in sorted(sources, key=lambda it: (it.count("/"), it), reverse=True):
        found.update(dict.fromkeys(_names(sources[name]).defined, name))
    return found


class _Names(NamedTuple):
    """The templates that a text defines and includes, and whether it includes one by a value."""

    defined: tuple[str, ...]
    included: tuple[str, ...]
    paths: tuple[str, ...]
    by_value: bool


@lru_cache(maxsize=1024)
def _names(text: str) -> _Names:
    included = [one for it in _INCLUDES for one in it.findall(text)]
    return _Names(
        tuple(_DEFINES.findall(text)),
        tuple(included),
        tuple(_PATHS.findall(text)),
        _BY_VALUE.search(text) is not None,
    )
