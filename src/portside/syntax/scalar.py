"""What a plain scalar means in Kubernetes' dialect of YAML.

The rules are those of sigs.k8s.io/yaml (go-yaml v2), followed by the way through JSON that every
object takes into the API server: a float with no fraction is an integer again, an integer beyond 64
bits a float.
"""

from __future__ import annotations

Scalar = str | int | float | bool | None


class NoJson(ValueError):
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
_NUMERIC = frozenset("0123456789+-.")
_LARGEST = 1 << 63
_LONGEST_NUMBER = 400


class Resolved(dict[str, Scalar]):
    """Plain scalars and their values; computed once for each text, bounded in number."""

    def __missing__(self, text: str) -> Scalar:
        value = plain(text)
        if len(self) < 20_000 and len(text) < 80:
            self[text] = value
        return value


def plain(text: str) -> Scalar:
    """The value of the plain scalar `text`. Raises NoJson for infinities and no number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC or len(text) > _LONGEST_NUMBER:
        return text
    if text in _NO_JSON:
        raise NoJson(f"{text} has no form in JSON, so Kubernetes cannot read it")
    if text[0] == ".":
        value = _float(text)
        return text if value is None else through_json(value)
    bare = text.replace("_", "")
    number = _integer(bare)
    if number is None and _is_float(bare):
        number = _float(bare)
    return text if number is None else through_json(number)


def through_json(number: float) -> int | float:
    """`number` as it is after JSON: an integer where it fits 64 bits and shows no fraction."""
    if type(number) is int:
        return number if -_LARGEST <= number < _LARGEST else float(number)
    if number.is_integer() and -_LARGEST <= number < _LARGEST:
        # Below 1e21 Go writes no exponent; nine digits more than an integer holds end as a float.
        return int(number)
    return number


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
    if not number.isascii() or not number.isalnum():
        return None
    try:
        return int(number, base)
    except ValueError:
        return None


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


def tagged(tag: str, text: str, is_plain: bool) -> Scalar:
    """The value of a scalar with an explicit `tag`. Raises NoJson where the two do not fit."""
    short = tag.removeprefix("tag:yaml.org,2002:")
    if short == tag or short == "str":
        return text
    if short == "binary":
        return _binary(text)
    if short not in ("int", "float", "bool", "null", "timestamp"):
        return text
    value = plain(text) if text else None
    if not _fits(short, value):
        raise NoJson(f"!!{short} does not fit {text[:40]!r}")
    return value


def _fits(tag: str, value: Scalar) -> bool:
    if tag == "timestamp":
        return type(value) is str
    kinds = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}
    return type(value) in kinds[tag]


def _binary(text: str) -> str:
    import base64
    import binascii

    try:
        data = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoJson(f"!!binary is not base64: {error}") from error
    return data.decode("utf-8", "replace")


def key_text(value: Scalar) -> str:
    """A mapping's key as JSON has it. Raises NoJson for a key that has no such form."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return _short_float(value)
    raise NoJson("a null cannot be a key: quote it, or name the key")


def _short_float(value: float) -> str:
    """`value` as Go's FormatFloat(value, 'g', -1, 32): the shortest text that is the same float32."""
    import struct

    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError as error:
        raise NoJson("a key beyond what a float holds") from error
    for digits in range(1, 10):
        text = f"{single:.{digits - 1}e}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == single:
            break
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if -5 < power < 21:
        return f"{float(text):.{max(0, len(mantissa.replace('.', '').lstrip('-')) - 1 - power)}f}"
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
