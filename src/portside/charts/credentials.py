"""Credentials among values: a name that only leads to a Secret is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.charts.values import Value, scalars
from portside.model.place import FieldPath
from portside.secrets.names import last_word, names_credential
from portside.secrets.texts import Hit, in_lines, in_value

_OF_SECRETS = ("secret", "credential", "credentials")
_NUMBERS = ("password", "passwd", "pwd", "passphrase")
_LONGEST_NAME = 253


def credentials(values: Any) -> Iterator[tuple[FieldPath, str, Hit]]:
    """The credentials in `values`: (path, the name it stands under, what).

    What SOPS has encrypted holds none.
    """
    if type(values) is dict and "sops" in values:
        return
    for it in scalars(values):
        if type(it.value) is str:
            for hit in _of_text(it):
                yield it.path, it.name, hit
        elif last_word(it.name) in _NUMBERS and it.value >= 1000:
            yield it.path, it.name, Hit("a credential")


def _of_text(it: Value) -> Iterator[Hit]:
    text: str = it.value
    if "\n" in text.strip():
        yield from in_lines(text)
        return
    hit = in_value(it.name, text)
    if hit is not None and not (hit.kind == "a credential" and _leads_to_one(it.name, text)):
        yield hit


def _leads_to_one(name: str, text: str) -> bool:
    """Whether `text` is the name of a Secret or of a key in one: `existingSecret: shop-db`."""
    last = last_word(name)
    if last == "key":
        return names_credential(text) or _is_plain_name(text)
    if last in _OF_SECRETS:
        return _is_plain_name(text)
    return False


def _is_plain_name(text: str) -> bool:
    """Whether it is words of small letters, as Secrets and their keys are called."""
    if len(text) > _LONGEST_NAME or not text.islower():
        return False
    words = text.replace(".", "-").replace("_", "-").split("-")
    return all(word.isalnum() and not _is_random(word) for word in words)


def _is_random(word: str) -> bool:
    """Whether digits stand among its letters: `a1b2c3`, not `db2`."""
    return any(letter.isdigit() for letter in word.rstrip("0123456789")) or len(word) > 24
