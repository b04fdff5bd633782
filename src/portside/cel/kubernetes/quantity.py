"""Quantities: exact numbers with suffixes, as `resource.Quantity` holds and prints them.

Source: k8s.io/apimachinery/pkg/api/resource, k8s.io/apiserver/pkg/cel/library/quantity.go. A
quantity is held in one of two ways, and `isInteger` tells them apart: small ones as an integer of
64 bits times a power of ten, all others as a decimal of any length, rounded up at nano.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import Opaque

_MAX, _MIN = (1 << 63) - 1, -(1 << 63)
_DIGITS = "0123456789"
_LONGEST = 4_000
"""Digits of a quantity that are read; Python itself refuses to print more than 4,300."""
_WIDEST = 20_000
"""Powers of ten between the parts of a sum, or between a number and nano, that are computed."""

DECIMAL, BINARY, EXPONENT = "decimal", "binary", "exponent"
_DECIMALS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARIES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMALS.items()}
_BINARY_SUFFIXES = {exponent // 10: suffix for suffix, exponent in _BINARIES.items()}


class Quantity(Opaque):
    """`number` times ten to `exponent`; `small` where 64 bits hold it."""

    __slots__ = ("computed", "exponent", "notation", "number", "small", "written")

    type_name = "kubernetes.Quantity"

    def __init__(
        self,
        number: int,
        exponent: int,
        notation: str,
        *,
        small: bool,
        written: str = "",
        computed: bool = False,
    ) -> None:
        self.number = number
        self.exponent = exponent
        self.notation = notation
        self.small = small
        self.written = written
        self.computed = computed

    def __eq__(self, other: object) -> bool:
        return type(other) is Quantity and compared(self, other) == 0

    def __hash__(self) -> int:
        return hash(("quantity", compared(self, ZERO)))

    def __repr__(self) -> str:
        return f"quantity({canonical(self)!r})"

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression: as in Kubernetes, a sum is found equal only on the left."""
        if type(other) is not Quantity or other.computed:
            raise no_overload("_==_")
        return compared(self, other) == 0

    def compared(self, other: Any) -> int:
        """-1, 0 or 1; `other` must be a quantity too."""
        return compared(self, _quantity("compareTo", other))


ZERO = Quantity(0, 0, DECIMAL, small=True, written="0")


def parse_quantity(text: str) -> Quantity:
    """The quantity that `text` writes. Raises CelEvaluationError."""
    if text == "0":
        return ZERO
    sign, whole, fraction, suffix = _parts(text)
    base, exponent, notation = _suffix(suffix)
    made = _small(text, sign, (whole, fraction), (base, exponent, notation))
    if made is not None:
        return made
    return _large((sign, whole, fraction), base, exponent, notation)


def _wrong(text: str) -> CelEvaluationError:
    return CelEvaluationError(f"not a quantity: {text[:80]!r}")


def _digits(text: str) -> int:
    """How many digits `text` starts with."""
    return len(text) - len(text.lstrip(_DIGITS))


def _parts(text: str) -> tuple[str, str, str, str]:
    """The sign, the whole digits without leading zeros, the fraction's digits and the suffix."""
    if not text:
        raise _wrong(text)
    sign = text[0] if text[0] in "+-" else ""
    body = text[len(sign) :].lstrip("0")
    end = _digits(body)
    whole, rest = body[:end], body[end:]
    fraction = ""
    if rest.startswith("."):
        end = 1 + _digits(rest[1:])
        fraction, rest = rest[1:end], rest[end:]
    letters = len(rest) - len(rest.lstrip("eEinumkKMGTP"))
    power = rest[letters:]
    if power[:1] in ("+", "-"):
        power = power[1:]
    if power.lstrip(_DIGITS):
        raise _wrong(text)
    # A number needs digits only where it is not small, which is found out later.
    if not whole and len(text) > len(sign) and text[len(sign)] == "0":
        whole = "0"
    return sign, whole, fraction, rest


def _suffix(suffix: str) -> tuple[int, int, str]:
    """The base and exponent that a suffix stands for, and its notation."""
    if suffix in _DECIMALS:
        return 10, _DECIMALS[suffix], DECIMAL
    if suffix in _BINARIES:
        return 2, _BINARIES[suffix], BINARY
    power = suffix[1:]
    digits = power[1:] if power[:1] in ("+", "-") else power
    if suffix[0] not in "eE" or not digits or digits.lstrip(_DIGITS):
        raise _wrong(suffix)
    significant = digits.lstrip("0")
    number = int(significant or "0") if len(significant) < 20 else _MAX + 1
    if power[0] == "-":
        number = -number
    if not _MIN <= number <= _MAX:
        raise _wrong(suffix)
    return 10, _wrapped(number, 32), EXPONENT


def _wrapped(number: int, bits: int) -> int:
    """`number` as Go's integer of `bits` bits holds it after an overflow."""
    half = 1 << (bits - 1)
    return (number + half) % (half << 1) - half


def _small(
    text: str, sign: str, parts: tuple[str, str], suffix: tuple[int, int, str]
) -> Quantity | None:
    """The quantity as an integer of 64 bits, or None where it needs more."""
    whole, fraction = parts[0] or "0", parts[1]
    base, exponent, notation = suffix
    if base == 10:
        room = 18 - len(whole) - len(fraction)
        scale, factor = _wrapped(exponent - len(fraction), 32), 1
    else:
        room = 15 - len(whole) - exponent * 3 // 10 - 1 if not fraction else -1
        scale, factor = 0, 1 << exponent
    if room < 0 or scale < -9:
        return None
    shifted = whole + fraction
    value = int(shifted)
    number = value * factor
    if number > _MAX:
        return None
    if base == 2:
        kept = exponent % 10 == 0 and value & 7 != 0
    else:
        kept = scale % 3 == 0 and not shifted.endswith("000") and shifted[0] != "0"
    number = -number if sign == "-" else number
    return Quantity(number, scale, notation, small=True, written=text if kept else "")


def _large(parts: tuple[str, str, str], base: int, exponent: int, notation: str) -> Quantity:
    """The quantity as a decimal: rounded up at nano, binary ones capped."""
    sign, whole, fraction = parts
    if not whole and not fraction:
        raise _wrong("".join(parts))
    if len(whole) + len(fraction) > _LONGEST:
        raise CelEvaluationError(f"a quantity has more than {_LONGEST:,} digits")
    number, places = int(whole + fraction), len(fraction)
    if base == 2:
        number <<= exponent
    else:
        places = _wrapped(places - exponent, 32)
    if number:
        number, places = _rounded_up(number, 9 - places), 9
    if notation == BINARY:
        if number > _MAX * 10**places:
            number, places = _MAX, 0
        if 0 < number < 10**places:
            notation = DECIMAL
    return Quantity(-number if sign == "-" else number, -places, notation, small=False)


def _rounded_up(number: int, power: int) -> int:
    """`number`, which is positive, times ten to `power`, rounded up."""
    if power >= 0:
        _narrow(power)
        return int(number * 10**power)
    if -power > number.bit_length():
        return 1
    quotient, rest = divmod(number, 10**-power)
    return int(quotient + (rest > 0))


def _narrow(power: int) -> None:
    if power > _WIDEST:
        raise CelEvaluationError(f"a quantity with more than {_WIDEST:,} zeros is not computed")


def compared(a: Quantity, b: Quantity) -> int:
    """-1, 0 or 1: exact, and without writing out the zeros of a large exponent."""
    one, other = a.number, b.number
    if (one > 0) != (other > 0) or (one < 0) != (other < 0) or not one:
        return (one > other) - (one < other)
    power = a.exponent - b.exponent
    if power < 0:
        return -compared(b, a)
    # Ten to a power has more bits than three times the power.
    if power * 3 > other.bit_length():
        return 1 if one > 0 else -1
    one *= int(10**power)
    return int(one > other) - int(one < other)


def summed(a: Quantity, b: Quantity, *, minus: bool = False) -> Quantity:
    """`a` plus (or minus) `b`, in the notation of `a` unless that is zero."""
    notation = a.notation if a.number else b.notation
    if a.small and b.small:
        # Kubernetes negates within 64 bits: the smallest number stays what it is.
        number = _wrapped(-b.number, 64) if minus else b.number
        made = _small_sum((a.number, a.exponent), (number, b.exponent))
        if made is not None:
            return Quantity(*made, notation, small=True, computed=True)
    exponent = min(a.exponent, b.exponent)
    _narrow(max(a.exponent, b.exponent) - exponent)
    one = a.number * 10 ** (a.exponent - exponent)
    other = b.number * 10 ** (b.exponent - exponent)
    number = one - other if minus else one + other
    return Quantity(number, exponent, notation, small=False, computed=True)


def _small_sum(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int] | None:
    if b[0] == 0:
        return a
    if a[0] == 0:
        return b
    low, high = (a, b) if a[1] <= b[1] else (b, a)
    power = high[1] - low[1]
    if power > 18:
        return None
    aligned = high[0] * 10**power
    total = aligned + low[0]
    if not _MIN <= aligned <= _MAX or not _MIN <= total <= _MAX:
        return None
    return total, low[1]


def as_integer(quantity: Quantity) -> int | None:
    """The whole number, or None where Kubernetes does not find one without loss."""
    number, exponent = quantity.number, quantity.exponent
    if not quantity.small or exponent < 0:
        return None
    if number == 0 or exponent == 0:
        return number
    if exponent > 18:
        return None
    number *= 10**exponent
    return number if _MIN <= number <= _MAX else None


def as_float(quantity: Quantity) -> float:
    """The double that Kubernetes computes: the number times a power of ten, both rounded."""
    try:
        number = float(quantity.number)
    except OverflowError:
        number = float("inf") if quantity.number > 0 else float("-inf")
    if quantity.exponent == 0:
        return number
    return number * _power_of_ten(quantity.exponent)


def _power_of_ten(power: int) -> float:
    """Go's `math.Pow10`: made of two table entries, which may round."""
    if power > 308:
        return float("inf")
    if power < -323:
        return 0.0
    high, low = divmod(abs(power), 32)
    if power >= 0:
        return float(f"1e{high * 32}") * float(f"1e{low}")
    return float(f"1e-{high * 32}") / float(f"1e{low}")


def canonical(quantity: Quantity) -> str:
    """The text that Kubernetes writes for `quantity`."""
    if quantity.written:
        return quantity.written
    if quantity.number == 0:
        return "0"
    if quantity.notation == BINARY:
        text = _binary_text(quantity)
        if text is not None:
            return text
    return _decimal_text(quantity)


def _binary_text(quantity: Quantity) -> str | None:
    """The text with a suffix such as Mi; None for what is small or no whole number."""
    number, exponent = quantity.number, quantity.exponent
    if exponent < 0:
        number, rest = divmod(number, 10**-exponent)
        if rest:
            return None
    else:
        _narrow(exponent)
        number *= 10**exponent
    if -1024 < number < 1024:
        return None
    power = 0
    while number % 1024 == 0 and number != _MIN:
        number //= 1024
        power += 1
    return f"{number}{_BINARY_SUFFIXES.get(power, '')}"


def _decimal_text(quantity: Quantity) -> str:
    number, exponent = quantity.number, quantity.exponent
    while number % 10 == 0:
        number //= 10
        exponent += 1
    while exponent % 3:
        number *= 10
        exponent -= 1
    if quantity.notation == DECIMAL or quantity.notation == BINARY:
        # Beyond the suffixes Kubernetes leaves the exponent out.
        suffix = _DECIMAL_SUFFIXES.get(exponent, "")
    else:
        suffix = f"e{exponent}" if exponent else ""
    return f"{_long(number)}{suffix}"


def _long(number: int) -> str:
    if number.bit_length() > 3 * _LONGEST:
        raise CelEvaluationError(f"a quantity has more than {_LONGEST:,} digits")
    return str(number)


def _quantity(name: str, value: Any) -> Quantity:
    if type(value) is Quantity:
        return value
    raise no_overload(name)


def quantity(text: Any) -> Quantity:
    if type(text) is not str:
        raise no_overload("quantity")
    return parse_quantity(text)


def is_quantity(text: Any) -> bool:
    if type(text) is not str:
        raise no_overload("isQuantity")
    try:
        parse_quantity(text)
    except CelEvaluationError:
        return False
    return True


def quantity_is_integer(value: Any) -> bool:
    return as_integer(_quantity("isInteger", value)) is not None


def quantity_as_integer(value: Any) -> int:
    number = as_integer(_quantity("asInteger", value))
    if number is None:
        raise CelEvaluationError("cannot convert value to integer")
    return number


def quantity_as_float(value: Any) -> float:
    return as_float(_quantity("asApproximateFloat", value))


def quantity_sign(value: Any) -> int:
    number = _quantity("sign", value).number
    return (number > 0) - (number < 0)


def _operand(name: str, value: Any) -> Quantity:
    if type(value) is int:
        return Quantity(value, 0, EXPONENT, small=True)
    return _quantity(name, value)


def quantity_add(value: Any, other: Any) -> Quantity:
    return summed(_quantity("add", value), _operand("add", other))


def quantity_sub(value: Any, other: Any) -> Quantity:
    return summed(_quantity("sub", value), _operand("sub", other), minus=True)
