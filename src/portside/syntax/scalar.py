"""What a plain scalar means in Kubernetes' dialect of YAML.

The rules are those of sigs.k8s.io/yaml (go-yaml v2), followed by the way through JSON that every
object takes into the API server: a float with no fraction is an integer again, an integer beyond 64
bits a float.
"""

from __future__ import annotations

Scalar = str | int | float | bool | None


class NoJsonError(ValueError):
    """A scalar that has no form in JSON: `.inf`, `.nan`, `!!int foo`."""


_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NO_JSON = frozenset(
    (
        *(".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF"),
        *("+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"),
    )
)
_DIGITS = frozenset("0123456789")
_OF_BASE = {base: frozenset("0123456789abcdef"[:base]) for base in (2, 8, 10, 16)}
_NUMERIC = frozenset("0123456789+-.")
_TELLING = _NUMERIC | {word[0] for word in _WORDS if word}
"""What begins a plain scalar that may be anything but a text."""
_LARGEST = 1 << 63
_EXACT = 1 << 53
_LONGEST_NUMBER = 400
_STANDARD = "tag:yaml.org,2002:"
_FLOAT = _STANDARD + "float"
_TEXT = _STANDARD + "str"


class Resolved(dict[str, Scalar]):
    """Plain scalars and their values; computed once for each text, bounded in number."""

    def __missing__(self, text: str) -> Scalar:
        value = plain(text)
        if len(self) < 20_000 and len(text) < 80:
            self[text] = value
        return value


class Shared(dict[str, str]):
    """Texts that are kept once however often they are written, bounded in number."""

    def __missing__(self, text: str) -> str:
        if len(self) < 20_000 and len(text) < 80:
            self[text] = text
        return text


def plain(text: str) -> Scalar:
    """The value of the plain scalar `text` after JSON. Raises NoJsonError for what has none."""
    if text and text[0] not in _TELLING:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text in _NO_JSON:
        raise NoJsonError(f"{text} has no form in JSON, so Kubernetes cannot read it")
    value = number(text)
    return text if value is None else through_json(value)


def number(text: str) -> int | float | None:
    """The number that the plain scalar `text` is, before JSON; None where it is a text."""
    if not text or text[0] not in _NUMERIC or len(text) > _LONGEST_NUMBER:
        return None
    if text[0] == ".":
        return _float(text.replace("_", "") if _underscored(text) else text)
    bare = text.replace("_", "")
    value = _integer(bare)
    if value is None and _is_float(bare):
        return _float(bare)
    # go-yaml parses what stands behind 0b by itself, with a sign of its own.
    return _signed_binary(bare[2:]) if value is None and bare.startswith("0b") else value


def _signed_binary(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or not set(digits) <= _OF_BASE[2] or len(digits) > 64:
        return None
    value = int(text, 2)
    return value if -_LARGEST <= value < _LARGEST else None


def _underscored(text: str) -> bool:
    """Whether every underscore in `text` stands between two digits, as Go wants it."""
    return "_" in text and all(
        text[at - 1 : at] in _DIGITS and text[at + 1 : at + 2] in _DIGITS
        for at, character in enumerate(text)
        if character == "_"
    )


def through_json(number: float) -> int | float:
    """`number` as it is after JSON: an integer where it fits 64 bits and shows no fraction."""
    if type(number) is int:
        return number if -_LARGEST <= number < _LARGEST else float(number)
    if not number.is_integer() or abs(number) > _LARGEST:
        return number
    whole = int(number) if abs(number) < _EXACT else _written(number)
    return whole if -_LARGEST <= whole < _LARGEST else number


def _written(number: float) -> int:
    """A whole float as Go writes it below 1e21: its shortest digits, and zeros behind them."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not exponent:
        return int(whole)
    digits: int = int(whole + fraction) * 10 ** (int(exponent) - len(fraction))
    return digits


def _integer(text: str) -> int | None:
    """`text` as Go's ParseInt with base 0 reads it, signed in 64 bits or unsigned in 64."""
    negative = text[:1] == "-"
    digits = text[1:] if text[:1] in ("+", "-") else text
    value = _unsigned(digits)
    if value is None:
        return None
    if negative:
        return -value if value <= _LARGEST else None
    if value >= _LARGEST and (text[:1] == "+" or value >= 2 * _LARGEST):
        return None
    return value


def _unsigned(digits: str) -> int | None:
    if not digits or digits[0] not in _DIGITS:
        return None
    base, start = 10, 0
    if digits[0] == "0" and len(digits) > 1:
        base, start = {"x": (16, 2), "b": (2, 2), "o": (8, 2)}.get(digits[1].lower(), (8, 1))
    number = digits[start:]
    if not number or not set(number.lower()) <= _OF_BASE[base]:
        return None
    return int(number, base)


def _is_float(text: str) -> bool:
    """Whether `text` matches [-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"""
    body = text[1:] if text[:1] in ("+", "-") else text
    mantissa, mark, exponent = body.replace("E", "e").partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not (whole or fraction) or not set(whole + fraction) <= _DIGITS:
        return False
    if exponent[:1] in ("+", "-"):
        exponent = exponent[1:]
    return set(exponent) <= _DIGITS and bool(exponent) == bool(mark)


def _float(text: str) -> float | None:
    if not text.isascii() or not set(text) <= _NUMERIC | frozenset("eE"):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) != float("inf") else None


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit `tag`. Raises NoJsonError where the two do not fit."""
    if tag == _TEXT or not tag.startswith(_STANDARD):
        return text
    short = tag[len(_STANDARD) :]
    if short == "binary":
        return _binary(text)
    if short not in _KINDS:
        return text
    if text in _NO_JSON:
        raise NoJsonError(f"{text} has no form in JSON, so Kubernetes cannot read it")
    value = _WORDS[text] if text in _WORDS else number(text)
    kind = str if value is None and text not in _WORDS else type(value)
    if kind not in _KINDS[short] or (kind is str and not is_timestamp(text)):
        raise NoJsonError(f"!!{short} does not fit this text")
    if kind is str:
        return text
    return through_json(value) if type(value) in (int, float) else value  # type: ignore[arg-type]


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
    "timestamp": (str,),
}


def is_timestamp(text: str) -> bool:
    """Whether go-yaml takes `text` for a date or a time (which it then leaves a text)."""
    import re

    day = r"\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])"
    clock = r"([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d([.,]\d+)?"
    return bool(re.fullmatch(rf"{day}([Tt]{clock}(Z|[-+]\d\d:\d\d)| {clock})?", text, re.ASCII))


def _binary(text: str) -> str:
    import base64
    import binascii

    bare = text.replace("\n", "").replace("\r", "")
    if len(bare) % 4:
        raise NoJsonError("!!binary is not base64: it does not end in full groups of four")
    try:
        data = base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoJsonError(f"!!binary is not base64: {error}") from error
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Go's JSON writes U+FFFD for each byte that is no character's; Python one for several.
        no_character = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
        return data.decode("utf-8", "surrogateescape").translate(no_character)


def key_text(text: str, tag: str | None) -> tuple[str, type]:
    """The key that the scalar `text`, which is no text by itself, is in JSON, and its type.

    `tag` is its explicit tag. Raises NoJsonError for a key that has no such form.
    """
    if text in _NO_JSON and tag in (None, _FLOAT):
        sign = "-" if text[0] == "-" else ""
        return f"{sign}.{text[-3:].lower()}", float
    value = _WORDS[text] if text in _WORDS else number(text)
    if tag == _FLOAT and type(value) is int:
        value = float(value)
    if type(value) is bool:
        return ("true" if value else "false"), bool
    if type(value) is int and value < _LARGEST:
        return str(value), int
    if type(value) is float:
        return _short_float(value), float
    what = "a null" if value is None else "a number beyond 63 bits"
    raise NoJsonError(f"{what} cannot be a key: quote it, or name the key")


def key_kind(text: str, tag: str | None, is_plain: bool) -> type:
    """The type that a scalar has as a key, before JSON makes a text of it."""
    if (tag is None and is_plain) or (tag or "").startswith(_STANDARD):
        if tag in (None, _FLOAT) and text in _NO_JSON:
            return float
        if tag not in (_STANDARD + "str", _STANDARD + "binary", _STANDARD + "timestamp"):
            value = _WORDS[text] if text in _WORDS else number(text)
            return str if value is None else float if tag == _FLOAT else type(value)
    return str


def _short_float(value: float) -> str:
    """`value` as Go's FormatFloat(value, 'g', -1, 32): the shortest text of the same float32."""
    import struct

    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return "-.inf" if value < 0 else ".inf"
    for digits in range(1, 10):
        text = f"{single:.{digits - 1}e}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == single:
            break
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if -5 < power < 6:
        return f"{float(text):.{max(0, len(mantissa.replace('.', '').lstrip('-')) - 1 - power)}f}"
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
