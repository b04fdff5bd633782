"""Messages without what may be a credential: of parsers, expressions and faults in settings.

A message is about something that is wrong, so that nothing is known of what it quotes. Hence words
are hidden here that no rule would call a credential; where each stands is told beside the message.
"""

from __future__ import annotations

import re
from itertools import pairwise

from portside.secrets.formats import FORMATS
from portside.secrets.names import names_credential
from portside.secrets.values import is_stand_in

MASK = "******"
_LONGEST = 10_000
_RUN = re.compile(r"[A-Za-z0-9]{12,}")
_DIGEST = re.compile(r"(?<=[:@])[0-9a-f]{7,64}(?![A-Za-z0-9])")
"""What pins an image or an action, and no credential."""
_TURNS = 3
"""How often letters and digits alternate in what nobody has thought up."""
_TEXT = re.compile(r"""(?<!\w)'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,99})(?P<mark>[\"']? ?[=:] ?)"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s,;}\]]+)"
)


def veiled(text: str) -> str:
    """`text` with a mask for each word that is a credential by its format, name or look."""
    return _RUN.sub(_unless_a_word, _PAIR.sub(_by_name, without_formats(text)))


def blotted(line: str) -> str:
    """`line` with as many asterisks for each word of it that nobody has thought up."""
    return _RUN.sub(lambda it: "*" * len(it[0]) if _is_random(it) else it[0], line)


def without_formats(text: str) -> str:
    """`text` with a mask for each credential that has a format of its own."""
    text = text[:_LONGEST]
    for _, marks, pattern in FORMATS:
        if any(mark in text for mark in marks):
            text = re.sub(pattern, _hidden, text)
    return text


def unquoted(message: str) -> str:
    """A message of an expression, or of Python, without the values that it quotes."""
    return veiled(_TEXT.sub(_unless_empty, message))


def _hidden(found: re.Match[str]) -> str:
    value = found.groupdict().get("value")
    return MASK if value is None else found.group().replace(value, MASK)


def _by_name(found: re.Match[str]) -> str:
    value = found["value"]
    if not names_credential(found["name"]) or is_stand_in(value):
        return found.group()
    return f"{found['name']}{found['mark']}{MASK}"


def _unless_a_word(found: re.Match[str]) -> str:
    return MASK if _is_random(found) else found.group()


def _is_random(found: re.Match[str]) -> bool:
    text = found.group()
    turns = sum(one.isdigit() is not other.isdigit() for one, other in pairwise(text))
    return turns >= _TURNS and not _DIGEST.match(found.string, found.start())


def _unless_empty(found: re.Match[str]) -> str:
    text = found.group()
    return f"{text[0]}{MASK}{text[0]}" if len(text) > 2 else text
