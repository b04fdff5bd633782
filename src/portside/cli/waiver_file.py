"""New waivers in `portside.yaml`, behind those that are there; all else is left as it is."""

from __future__ import annotations

import os
import re
from typing import NoReturn

from portside.cli.config import content
from portside.cli.output import written
from portside.errors import ConfigError
from portside.policy.section import Section, open_section

_EMPTY = re.compile(r"waivers[ \t]*:[ \t]*(?:\[[ \t]*\]|~|null)?[ \t]*(#.*)?")
_FIRST = "version: 1\nwaivers:\n"
_BY_HAND = "run it without --write and put what it prints there by hand"


def append(file: str, items: str, number: int) -> None:
    """Put `items`, the text of `number` waivers two spaces in, at the end of the list in `file`.

    The file is replaced only when it then says what it said before, and the new waivers. Raises
    ConfigError otherwise.
    """
    if not os.path.exists(file):
        written(file, [first(items)])
        return
    written(file, [added(content(file), file, items, number)])


def first(items: str) -> str:
    """The text of a `portside.yaml` that holds nothing but waivers."""
    return f"{_FIRST}{items}\n"


def added(data: bytes, file: str, items: str, number: int) -> str:
    """The text `data` of `file` with more waivers, as `append` writes them. Raises ConfigError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", where=file, undone="nothing was written") from error
    ends = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    before = open_section(data, file, ConfigError)
    fresh = ends.join(_with(lines, before, items.split("\n")))
    _must_only_add(before, fresh, number)
    return fresh


def _with(lines: list[str], section: Section, items: list[str]) -> list[str]:
    """The lines of the file with `items` in their place."""
    if "waivers" not in section.value:
        end = _last_line(lines, len(lines))
        return [*lines[:end], "waivers:", *items, *(lines[end:] or [""])]
    key = section.line("waivers") - 1
    empty = _EMPTY.fullmatch(lines[key])
    if not section.value["waivers"]:
        if not empty:
            _refuse(section)
        head = f"waivers: {empty[1]}" if empty[1] else "waivers:"
        return [*lines[:key], head, *items, *(lines[key + 1 :] or [""])]
    end = _last_line(lines, _next_key(section, len(lines)))
    item = section.document.nearest(("waivers", 0))
    head = lines[item[0] - 1]
    indent = len(head) - len(head.lstrip(" "))
    if not head.lstrip(" ").startswith("-"):
        _refuse(section)
    shifted = [" " * indent + line[2:] for line in items]
    return [*lines[:end], *shifted, *(lines[end:] or [""])]


def _next_key(section: Section, count: int) -> int:
    """The line (from 0) of the key behind `waivers`, or of the file's end."""
    key = section.line("waivers")
    following = [section.line(name) for name in section.value if section.line(name) > key]
    return min(following) - 1 if following else count


def _last_line(lines: list[str], end: int) -> int:
    """Where the last line before `end` ends that is neither blank nor a comment at the margin."""
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(("#", "...", "---"))):
        end -= 1
    return end


def _must_only_add(before: Section, fresh: str, number: int) -> None:
    """Refuse a text that does not say exactly what was said before, and `number` more waivers."""
    try:
        after = open_section(fresh.encode(), before.file, ConfigError)
    except ConfigError:
        _refuse(before)
    old = dict(before.value)
    now = dict(after.value)
    listed = now.pop("waivers", None)
    known = old.pop("waivers", None) or []
    if old != now or type(listed) is not list or listed[:-number] != known:
        _refuse(before)


def _refuse(section: Section) -> NoReturn:
    raise ConfigError(
        "waivers is written in a way that cannot be added to",
        where=f"{section.file}:{section.line('waivers')}:1",
        hint=_BY_HAND,
        undone="nothing was written",
    )
