"""The modes that files get: numbers, and the letters of chmod (POSIX.1-2024, chmod)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portside.records import NamedTuple
from portside.syntax.dockerfile.commands import Ran
from portside.syntax.dockerfile.packages import arguments

_NUMBER = re.compile(r"0?[0-7]{3,4}\Z")
_CLAUSE = re.compile(r"([ugoa]*)([-+=])([rwxXstugo]*)\Z")


class Mode(NamedTuple):
    """What of a mode matters here."""

    open_to_all: bool
    """Whether everybody may write, and no sticky bit keeps them to their own files."""
    set_id: bool
    """Whether a program runs with the rights of its owner or group."""


def mode_of(text: str) -> Mode:
    """The mode that a number or letters say; none of it where the text is something else."""
    if _NUMBER.match(text):
        bits = int(text, 8)
        return Mode(bool(bits & 0o2) and not bits & 0o1000, bool(bits & 0o6000))
    given: set[str] = set()
    for clause in text.split(","):
        found = _CLAUSE.match(clause)
        if found is None:
            return Mode(False, False)
        _apply(given, *found.groups())
    return Mode("ow" in given and "t" not in given, bool(given & {"us", "gs"}))


def _apply(given: set[str], who: str, sign: str, what: str) -> None:
    """One clause: `given` are the bits of a file that had none, as the umask 022 leaves them."""
    users = "ugo" if "a" in who or not who else who
    bits = {user + bit for user in users for bit in what if bit in "ws"} - {"os"}
    if "t" in what and (not who or set(who) & set("ao")):
        bits.add("t")
    if not who:
        bits -= {"gw", "ow"}
    if sign == "=":
        given -= {user + bit for user in users for bit in "ws"}
        given.difference_update("t" if "o" in users else ())
    if sign == "-":
        given -= bits
    else:
        given |= bits


def modes(ran: Ran) -> Iterator[tuple[int, Mode]]:
    """The modes that a command gives, each with the index of its word."""
    if ran.name == "chmod":
        for found in arguments(ran)[:1]:
            yield found.at, mode_of(found.name)
    elif ran.name in ("install", "mkdir"):
        index = ran.has("-m", "--mode")
        if index:
            yield index, mode_of(_value(ran, index))


def _value(ran: Ran, index: int) -> str:
    """The value of the option at `index`: behind an equals sign, or the next word."""
    text = ran.words[index].text
    if text.startswith("--"):
        _, equals, value = text.partition("=")
        if equals:
            return value
    elif not text.endswith("m"):
        return text.partition("m")[2]
    return ran.words[index + 1].text if index + 1 < len(ran.words) else ""
