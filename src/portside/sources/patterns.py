"""Patterns as .gitignore has them, asked of one path at a time as git asks them.

A pattern is about the path it matches and not about what lies below: that an ignored folder takes
its files with it is the walk's doing, which does not enter it, and a folder that is taken back in
leaves its files to the other patterns. Source: gitignore(5), and git itself, which the tests ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portside.records import NamedTuple

_SPECIAL = frozenset("*?[\\")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def exactly(folder: str) -> str:
    """The pattern of one folder, which is relative to the pattern's."""
    plain = "".join(f"\\{it}" if it in _SPECIAL else it for it in folder.strip("/"))
    return f"/{plain}/"


class _Pattern(NamedTuple):
    take_back: bool
    """Whether it begins with `!`."""
    folders_only: bool
    name_only: bool
    """Whether it is asked with the last part of a path only."""
    literal: str
    regex: Any
    """None where `literal` says it all."""

    def matches(self, path: str, name: str) -> bool:
        asked = name if self.name_only else path
        if self.regex is None:
            return asked == self.literal
        return self.regex.fullmatch(asked) is not None


class Patterns:
    """The patterns of one file or option, of which the last one that matches decides."""

    __slots__ = ("_patterns",)

    def __init__(self, lines: Iterable[str]) -> None:
        found = [_pattern(line) for line in lines]
        self._patterns = [it for it in reversed(found) if it is not None]

    def __call__(self, path: str, folder: bool) -> bool | None:
        """Whether `path` is meant; None where no pattern matches it."""
        name = path.rpartition("/")[2]
        for pattern in self._patterns:
            if (folder or not pattern.folders_only) and pattern.matches(path, name):
                return not pattern.take_back
        return None

    def cover(self, path: str, folder: bool) -> bool:
        """Whether `path` or a folder above it is meant; the deepest that is matched decides."""
        meant = False
        end = path.find("/")
        while end >= 0:
            meant = _or(self(path[:end], True), meant)
            end = path.find("/", end + 1)
        return _or(self(path, folder), meant)


def _or(verdict: bool | None, otherwise: bool) -> bool:
    return otherwise if verdict is None else verdict


def _pattern(line: str) -> _Pattern | None:
    text = _trimmed(line)
    if not text or text[0] == "#":
        return None
    take_back = text[0] == "!"
    text = text[1:] if take_back else text
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    name_only = "/" not in text
    text = text.removeprefix("/")
    if not text:
        return None
    if _SPECIAL.isdisjoint(text):
        return _Pattern(take_back, folders_only, name_only, text, None)
    regex = _regex(text)
    return None if regex is None else _Pattern(take_back, folders_only, name_only, "", regex)


def _trimmed(line: str) -> str:
    """`line` without its end and the blanks there, of which a backslash keeps one."""
    text = line.rstrip("\r\n")
    bare = text.rstrip(" ")
    kept = bare.endswith("\\") and len(bare) < len(text) and not _is_escaped(bare, len(bare) - 1)
    return text[: len(bare) + 1] if kept else bare


def _is_escaped(text: str, at: int) -> bool:
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _regex(text: str) -> Any:
    """The pattern as a regular expression; None for one that is unsound, which matches nothing.

    It goes over a path once: what stands between two stars is looked for at its first place and,
    found there, never looked for again (an atomic group), which leaves the most to what follows.
    """
    import re

    groups = _groups(text)
    if groups is None:
        return None
    begin, *middle = groups
    made = "/".join(begin)
    last = middle.pop() if middle else None
    for group in middle:
        made += f"(?>{'/' if made else ''}(?:.*?/)??{'/'.join(group)}(?=/))" if group else ""
    if last is not None:
        slash = "/" if made else ""
        made += f"{slash}(?:.+/)?{'/'.join(last)}" if last else f"{slash}.+"
    return re.compile(made, re.DOTALL)


def _groups(text: str) -> list[list[str]] | None:
    """Expressions for the steps of a path, in groups between which `**` stands."""
    groups: list[list[str]] = [[]]
    at = 0
    while at <= len(text):
        step, at = _step(text, at)
        if step is None:
            return None
        if step == ["*", "*"]:
            groups.append([])
        else:
            groups[-1].append(_one_step(step))
        at += 1
    return groups


def _step(text: str, at: int) -> tuple[list[str] | None, int]:
    """The letters of one step, each as an expression or a star, and where the step ends."""
    found: list[str] = []
    while at < len(text) and text[at] != "/":
        part, at = _part(text, at)
        if part is None:
            return None, at
        found.append(part)
    return found, at


def _one_step(parts: list[str]) -> str:
    stretches: list[str] = [""]
    for part in parts:
        if part != "*":
            stretches[-1] += part
        elif stretches[-1] or len(stretches) == 1:
            stretches.append("")
    begin, *middle = stretches
    last = f"[^/]*{middle.pop()}" if middle else ""
    return begin + "".join(f"(?>[^/]*?{it})" for it in middle) + last


def _part(text: str, at: int) -> tuple[str | None, int]:
    """The expression for the letter at `at`, or a star, and where it ends."""
    import re

    letter = text[at]
    if letter == "*":
        return "*", at + 1
    if letter == "?":
        return "[^/]", at + 1
    if letter == "[":
        return _class(text, at)
    if letter == "\\":
        return (None, at) if at + 1 == len(text) else (re.escape(text[at + 1]), at + 2)
    return re.escape(letter), at + 1


def _class(text: str, at: int) -> tuple[str | None, int]:
    """A class of letters, `[a-z]` or `[!a]`; it never holds a slash."""
    end = at + 1
    negated = text[end : end + 1] in ("!", "^")
    end += negated
    inner, first = "", True
    while end < len(text) and (first or text[end] != "]"):
        first = False
        member, end = _member(text, end)
        if member is None:
            return None, end
        inner += member
    if end >= len(text):
        return None, end
    return f"(?!/)[{'^' if negated else ''}{inner}]", end + 1


def _member(text: str, at: int) -> tuple[str | None, int]:
    """One letter, range or named class within a class."""
    if text.startswith("[:", at):
        end = text.find(":]", at + 2)
        if end >= 0:
            return _CLASSES.get(text[at + 2 : end]), end + 2
    low, end = _letter(text, at)
    if text[end : end + 1] == "-" and text[end + 1 : end + 2] not in ("]", ""):
        high, end = _letter(text, end + 1)
        return (_range(low, high), end) if low and high else (None, end)
    return (_escaped(low), end) if low else (None, end)


def _letter(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\":
        return text[at + 1 : at + 2], at + 2
    return text[at], at + 1


def _range(low: str, high: str) -> str:
    # A range that runs backwards holds nothing; in a regular expression it would be an error.
    return f"{_escaped(low)}-{_escaped(high)}" if low <= high else ""


def _escaped(letter: str) -> str:
    return f"\\{letter}" if letter in "\\]^-[&~|" else letter
