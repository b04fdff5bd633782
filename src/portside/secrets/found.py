"""What a rule says of a credential in a map of texts, and on which line of the text it stands."""

from __future__ import annotations

from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.model.severity import LOW
from portside.model.violation import Violation
from portside.secrets.texts import Hit
from portside.syntax import Document


def violation(it: Resource, path: FieldPath, hit: Hit) -> Violation:
    """The finding that the text at `path` holds `hit`."""
    said = f"{path[-1]} holds {hit.kind}"
    return Violation(said, path, LOW if hit.placeholder else None, place=_line(it, path, hit.line))


def _line(it: Resource, path: FieldPath, number: int) -> tuple[int, int, int] | None:
    """The line of a literal block (`|`); None where the text is written in another way."""
    text = it.text
    if not number or not isinstance(text, Document):
        return None
    begin = text.value_position(it.prefix + path)
    if begin is None or not text.is_literal(it.prefix + path):
        return None
    return begin[0] + 1 + number, 1, 1


def decoded(value: object) -> str:
    """The text that is base64 in `value`; empty where it is no text, or none in base64."""
    from base64 import b64decode

    if type(value) is not str:
        return ""
    try:
        return b64decode(value[: 1 << 20], validate=False).decode("utf-8")
    except ValueError:
        return ""
