"""Credentials in longer texts: properties, ini, YAML and JSON, shell commands, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portside.records import NamedTuple
from portside.secrets.formats import credential, located
from portside.secrets.names import names_credential
from portside.secrets.values import is_placeholder, is_stand_in

_COMMENTS = ("#", "//", ";", "--", "!")
_MOST_LINES = 20_000
_LONGEST_LINE = 10_000


class Hit(NamedTuple):
    """A credential: its kind in words (never its value), and where it was found."""

    kind: str
    line: int = 0
    """The line of the text, from 0."""
    placeholder: bool = False
    """Whether it is a word that stands for one, or one that everybody knows."""


def in_value(name: str, value: str) -> Hit | None:
    """The credential that `value` under `name` is or holds; None where there is none."""
    kind = credential(value) if len(value) > 6 else ""
    if kind:
        return Hit(kind)
    if not names_credential(name) or is_stand_in(value):
        return None
    return Hit("a credential", placeholder=is_placeholder(value))


def in_lines(text: str) -> Iterator[Hit]:
    """The credentials in a text of settings: `key=value`, `key: value`, `"key": "value",`."""
    whole = located(text)
    if whole is not None:
        yield Hit(whole[0], text.count("\n", 0, whole[1]))
    for number, line in enumerate(text.split("\n", _MOST_LINES)[:_MOST_LINES]):
        pair = _pair(line[:_LONGEST_LINE])
        if pair is not None and names_credential(pair[0]) and not is_stand_in(pair[1]):
            yield Hit("a credential", number, is_placeholder(pair[1]))


def _pair(line: str) -> tuple[str, str] | None:
    line = line.strip()
    if line.startswith(_COMMENTS):
        return None
    ends = [at for at in (line.find("="), line.find(":")) if at > 0]
    if not ends:
        return None
    at = min(ends)
    name, value = line[:at].strip().strip("\"'"), line[at + 1 :].strip()
    if value.startswith(("=", "/")) and line[at] == "=":
        return None
    words = name.split()
    value = value.removesuffix(",").strip().strip("\"'")
    if len(words) > 2 or not words or value[:1] in "{[|>&*!":
        return None
    return words[-1], value


def in_words(words: Sequence[str]) -> Iterator[tuple[int, Hit]]:
    """The credentials in the words of a command: (which word, what).

    `--password=…`, `--password …`, `PASSWORD=…`; a word may be a whole script.
    """
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        hit = _in_word(word, following)
        if hit is not None:
            yield index, hit


def _in_word(word: str, following: str) -> Hit | None:
    kind = credential(word) if len(word) > 6 else ""
    if kind:
        return Hit(kind)
    parts = word[: 1 << 16].split()
    for index, part in enumerate(parts):
        then = parts[index + 1] if index + 1 < len(parts) else "" if len(parts) > 1 else following
        hit = _option(part, then)
        if hit is not None:
            return hit
    return None


def _option(part: str, then: str) -> Hit | None:
    name, equals, value = part.partition("=")
    if not equals:
        if not name.startswith("-") or then.startswith("-"):
            return None
        value = then
    if not value or not names_credential(name.lstrip("-")) or is_stand_in(value):
        return None
    return Hit("a credential", placeholder=is_placeholder(value))


_BREAKS = str.maketrans(dict.fromkeys("{}[],;|&\"'()`\t", " "))
_OF_USERS = frozenset(("-u", "--user", "-p"))
"""Options of clients behind which a password may follow: `curl -u name:password`, `login -p x`."""


def may_tell(line: str) -> bool:
    """Whether a line of any file may hold a credential, so that nobody should show it whole.

    Stricter than a rule may be: what is hidden in vain costs little.
    """
    line = line[:_LONGEST_LINE]
    if credential(line) or "chpasswd" in line:
        return True
    words = line.translate(_BREAKS).split()
    for word, then in zip(words, (*words, "")[1:], strict=True):
        name, mark, value = _parted(word)
        if mark and value and names_credential(name.lstrip("-")) and not is_stand_in(value):
            return True
        bare = name.lstrip("-") if mark or word.startswith("-") else ""
        if bare and not value and names_credential(bare) and then and not is_stand_in(then):
            return True
        if word in _OF_USERS and then and not is_stand_in(then):
            return True
    return False


def _parted(word: str) -> tuple[str, str, str]:
    """A word at its first `=` or `:`."""
    marks = [at for at in (word.find("="), word.find(":")) if at > 0]
    if not marks:
        return word, "", ""
    at = min(marks)
    return word[:at], word[at], word[at + 1 :]
