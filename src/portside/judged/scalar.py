"""How the API server's decoder reads numbers, quantities, times, bytes and values of any type.

Plain text and true or false are `str` and `bool` themselves in the tables. See `reading` for what
`read` and `zero` answer.
"""

from __future__ import annotations

from typing import Any

from portside.judged.reading import DROP, Notes, Problems, TextEntries, Texts, wrong


class Whole:
    """A whole number of so many bits; a zero is left out unless it is `kept`."""

    __slots__ = ("bits", "kept", "largest")

    def __init__(self, bits: int, kept: bool) -> None:
        self.bits = bits
        self.kept = kept
        self.largest = (1 << (bits - 1)) - 1

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is not int:
            return wrong(item, "a whole number")
        if -self.largest <= item <= self.largest:
            return None if item or self.kept else DROP
        if item == -self.largest - 1:
            return None
        return [((), f"a whole number of {self.bits} bits", "one too large")]

    def zero(self, notes: Notes) -> Any:
        return 0


class Number:
    """A number with a fraction."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is int:
            box[key] = float(item)
        elif type(item) is not float:
            return wrong(item, "a number")
        return None

    def zero(self, notes: Notes) -> Any:
        return 0.0


class Plain:
    """Text, or true or false, as an item of a list or map."""

    __slots__ = ("expected", "nothing", "of")

    def __init__(self, of: type, nothing: Any, expected: str) -> None:
        self.of = of
        self.nothing = nothing
        self.expected = expected

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        return None if type(item) is self.of else wrong(item, self.expected)

    def zero(self, notes: Notes) -> Any:
        return self.nothing


class WholeOrText:
    """Kubernetes' IntOrString: a port or its name, a number or a share in percent."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is str:
            return None
        if type(item) is not int:
            return wrong(item, "a whole number or text")
        return INT32_KEPT.read(item, box, key, notes)

    def zero(self, notes: Notes) -> Any:
        return 0


class Quantity:
    """A quantity, in its canonical form; `rounded` up to thousandths where the server does so."""

    __slots__ = ("rounded",)

    def __init__(self, rounded: bool = False) -> None:
        self.rounded = rounded

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is str and (item in _SURE or _is_canonical(item)):
            return None
        from portside.judged.quantity import canonical

        if type(item) is not str and type(item) is not int and type(item) is not float:
            return wrong(item, _A_QUANTITY)
        text = canonical(item, self.rounded)
        if text is None:
            return [((), _A_QUANTITY, "something else")]
        box[key] = text
        return None

    def zero(self, notes: Notes) -> Any:
        return "0"


_A_QUANTITY = "a quantity such as 500m or 1Gi"
_SURE: set[str] = set()
"""Quantities that were found canonical: the same few are written everywhere."""
_MOST_SURE = 4096
_DECIMALS = frozenset(("m", "", "k", "M", "G", "T"))
_BINARIES = frozenset(("Ki", "Mi", "Gi", "Ti"))


def _is_canonical(text: str) -> bool:
    """Whether `text` is surely what Kubernetes would write for it; most quantities are."""
    suffix = text.lstrip("0123456789")
    digits = text[: len(text) - len(suffix)]
    if not 0 < len(digits) < 5 or digits[0] == "0":
        return False
    if suffix in _DECIMALS:
        sure = int(digits) % 1000 != 0
    else:
        sure = suffix in _BINARIES and int(digits) % 1024 != 0
    if sure and len(_SURE) < _MOST_SURE:
        _SURE.add(text)
    return sure


class Moment:
    """A time, in UTC and whole seconds or (`micro`) microseconds."""

    __slots__ = ("micro",)

    def __init__(self, micro: bool) -> None:
        self.micro = micro

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        from portside.judged.moment import MICRO, NO_TIME, SECOND, in_utc

        if type(item) is not str:
            return wrong(item, MICRO if self.micro else SECOND)
        text = in_utc(item, self.micro)
        if text is None:
            return [((), MICRO if self.micro else SECOND, "other text")]
        if text == NO_TIME:
            box[key] = None
            return DROP
        box[key] = text
        return None

    def zero(self, notes: Notes) -> Any:
        return None


class Bytes:
    """Bytes in base64, as the encoder would write them, or as a list of whole numbers."""

    __slots__ = ("kept",)

    def __init__(self, kept: bool) -> None:
        self.kept = kept

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        from portside.judged.base64 import canonical

        if type(item) is not str and type(item) is not list:
            return wrong(item, "text in base64")
        text = canonical(item)
        if text is None:
            other = "other text" if type(item) is str else "a list of other things"
            return [((), "text in base64", other)]
        if text != item:
            box[key] = text
            if type(item) is list:
                notes.append((None, item))
        return None if text or self.kept else DROP

    def zero(self, notes: Notes) -> Any:
        return None


class Raw:
    """What Kubernetes does not look into: it stays as written."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        return None

    def zero(self, notes: Notes) -> Any:
        return None


class SchemaOrBool:
    """A schema, or true or false (`additionalProperties`)."""

    __slots__ = ("schema",)

    def __init__(self, schema: Any) -> None:
        self.schema = schema

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is bool:
            return None
        if type(item) is not dict:
            return wrong(item, "a schema or true or false")
        said: Problems | None = self.schema.read(item, box, key, notes)
        return said

    def zero(self, notes: Notes) -> Any:
        return None


class SchemaOr:
    """A schema or a list (`items`, `dependencies`); the decoder reads all else as nothing."""

    __slots__ = ("listed", "schema")

    def __init__(self, schema: Any, listed: Any) -> None:
        self.schema = schema
        self.listed = listed

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        said: Problems | None = DROP
        if type(item) is dict:
            said = self.schema.read(item, box, key, notes)
        elif type(item) is list:
            said = self.listed.read(item, box, key, notes)
        if said is DROP:
            box[key] = None
            notes.append((None, item))
        return said

    def zero(self, notes: Notes) -> Any:
        return None


INT32, INT32_KEPT = Whole(32, False), Whole(32, True)
INT64, INT64_KEPT = Whole(64, False), Whole(64, True)
FLOAT64 = Number()
TEXT, BOOL = Plain(str, "", "text"), Plain(bool, False, "true or false")
INT_OR_STRING = WholeOrText()
QUANTITY = Quantity()
TIME, MICRO_TIME = Moment(False), Moment(True)
BYTES, BYTES_KEPT = Bytes(False), Bytes(True)
ANY = Raw()
TEXTS, TEXTS_KEPT = Texts(TEXT), Texts(TEXT, True)
TEXT_MAP, TEXT_MAP_KEPT = TextEntries(TEXT), TextEntries(TEXT, True)
ROUNDED_QUANTITY = Quantity(True)
