"""Texts that are IP addresses or prefixes, read as Go's `net/netip` reads them.

Stricter than most: no leading zeros, no missing parts; errors in Go's words, since Kubernetes
passes them on (`format.uri().validate()`).
"""

from __future__ import annotations

from portside.cel.kubernetes.quoting import quoted
from portside.records import NamedTuple

_HEX = "0123456789abcdefABCDEF"
_DIGITS = "0123456789"
_MAPPED = 0xFFFF


class AddressError(Exception):
    """The text is not an address; the message is Go's."""


class Address(NamedTuple):
    """`number` in `bits` bits (32 or 128), with the zone of an IPv6 address."""

    number: int
    bits: int
    zone: str = ""

    def is_mapped(self) -> bool:
        """Whether this is an IPv4 address written as IPv6."""
        return self.bits == 128 and self.number >> 32 == _MAPPED


def parse_address(text: str) -> Address:
    """The address that `text` writes. Raises AddressError."""
    for character in text:
        if character == ".":
            return Address(_ipv4(text, text), 32)
        if character == ":":
            return _ipv6(text)
        if character == "%":
            raise _error(text, "missing IPv6 address")
    raise _error(text, "unable to parse IP")


def parse_prefix(text: str) -> tuple[Address, int]:
    """The address and the length that `text`, such as 10.0.0.0/8, writes. Raises AddressError."""
    before, slash, length = text.rpartition("/")
    if not slash:
        raise _prefix_error(text, "no '/'")
    try:
        address = parse_address(before)
    except AddressError as error:
        raise _prefix_error(text, str(error)) from error
    if address.zone:
        raise _prefix_error(text, "IPv6 zones cannot be present in a prefix")
    if not length or length.lstrip(_DIGITS) or (len(length) > 1 and length[0] == "0"):
        raise _prefix_error(text, f"bad bits after slash: {quoted(length)}")
    if len(length) > 3 or int(length) > address.bits:
        raise _prefix_error(text, "prefix length out of range")
    return address, int(length)


def _error(text: str, message: str, at: str = "") -> AddressError:
    place = f" (at {quoted(at)})" if at else ""
    return AddressError(f"ParseAddr({quoted(text)}): {message}{place}")


def _prefix_error(text: str, message: str) -> AddressError:
    return AddressError(f"netip.ParsePrefix({quoted(text)}): {message}")


def _ipv4(text: str, fields: str) -> int:
    """The number of the four `fields`, found at the end of `text`."""
    number, parts, value, digits = 0, 0, 0, 0
    for at, character in enumerate(fields):
        if character in _DIGITS:
            value = _field(text, value, digits, int(character))
            digits += 1
            continue
        if character != ".":
            raise _error(text, "unexpected character", fields[at:])
        if not digits or at == len(fields) - 1:
            raise _error(text, "IPv4 field must have at least one digit", fields[at:])
        if parts == 3:
            raise _error(text, "IPv4 address too long")
        number, parts, value, digits = number << 8 | value, parts + 1, 0, 0
    if parts < 3:
        raise _error(text, "IPv4 address too short")
    return number << 8 | value


def _field(text: str, value: int, digits: int, digit: int) -> int:
    if digits == 1 and value == 0:
        raise _error(text, "IPv4 field has octet with leading zero")
    value = value * 10 + digit
    if value > 255:
        raise _error(text, "IPv4 field has value >255")
    return value


class _Groups:
    """The 16-bit groups of an IPv6 address as far as they are read."""

    def __init__(self, text: str, rest: str) -> None:
        self.text = text
        self.rest = rest
        self.groups: list[int] = []
        self.gap = -1
        """Before which group `::` stands; -1 for nowhere."""

    def error(self, message: str) -> AddressError:
        return _error(self.text, message, self.rest)

    def read(self) -> None:
        """Read the groups up to the end of the text, or until there are eight."""
        if self.rest.startswith("::"):
            self.gap, self.rest = 0, self.rest[2:]
        while self.rest or not (self.groups or self.gap == 0):
            if len(self.groups) == 8:
                raise self.error("trailing garbage after address")
            self._group()

    def _group(self) -> None:
        size = len(self.rest) - len(self.rest.lstrip(_HEX))
        if size > 4:
            raise self.error("each group must have 4 or less digits")
        if not size:
            raise self.error("each colon-separated field must have at least one digit")
        if self.rest[size : size + 1] == ".":
            self._embedded()
            return
        self.groups.append(int(self.rest[:size], 16))
        self.rest = self.rest[size:]
        if self.rest:
            self._colon()

    def _embedded(self) -> None:
        """The last two groups, written as IPv4."""
        if self.gap < 0 and len(self.groups) != 6:
            raise self.error("embedded IPv4 address must replace the final 2 fields of the address")
        if len(self.groups) > 6:
            raise self.error(
                "too many hex fields to fit an embedded IPv4 at the end of the address"
            )
        number = _ipv4(self.text, self.rest)
        self.groups += [number >> 16, number & 0xFFFF]
        self.rest = ""

    def _colon(self) -> None:
        if self.rest[0] != ":":
            raise self.error("unexpected character, want colon")
        if len(self.rest) == 1:
            raise self.error("colon must be followed by more characters")
        self.rest = self.rest[1:]
        if self.rest[0] == ":":
            if self.gap >= 0:
                raise self.error("multiple :: in address")
            self.gap, self.rest = len(self.groups), self.rest[1:]


def _ipv6(text: str) -> Address:
    body, percent, zone = text.partition("%")
    if percent and not zone:
        raise _error(text, "zone must be a non-empty string")
    reader = _Groups(text, body)
    reader.read()
    groups, missing = reader.groups, 8 - len(reader.groups)
    if missing:
        if reader.gap < 0:
            raise _error(text, "address string too short")
        groups = [*groups[: reader.gap], *[0] * missing, *groups[reader.gap :]]
    elif reader.gap >= 0:
        raise _error(text, "the :: must expand to at least one field of zeros")
    number = 0
    for group in groups:
        number = number << 16 | group
    return Address(number, 128, zone)


def address_text(number: int, bits: int) -> str:
    """The canonical text: IPv6 in lower case, its longest run of zero groups as `::` (RFC 5952)."""
    if bits == 32:
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    groups = [number >> shift & 0xFFFF for shift in range(112, -1, -16)]
    if number >> 32 == _MAPPED:
        return f"::ffff:{address_text(number & 0xFFFFFFFF, 32)}"
    start, size = _longest_zeros(groups)
    if size < 2:
        return ":".join(f"{it:x}" for it in groups)
    before = ":".join(f"{it:x}" for it in groups[:start])
    after = ":".join(f"{it:x}" for it in groups[start + size :])
    return f"{before}::{after}"


def _longest_zeros(groups: list[int]) -> tuple[int, int]:
    best, start = (0, 0), 0
    for at, group in enumerate([*groups, 1]):
        if group:
            if at - start > best[1]:
                best = (start, at - start)
            start = at + 1
    return best
