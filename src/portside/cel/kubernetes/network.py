"""IP addresses and networks. Source: k8s.io/apiserver/pkg/cel/library/ip.go, cidr.go."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.kubernetes.addresses import (
    Address,
    AddressError,
    address_text,
    parse_address,
    parse_prefix,
)
from portside.cel.values import Opaque


class IP(Opaque):
    """An IPv4 or IPv6 address, never with a zone nor IPv4 written as IPv6."""

    __slots__ = ("bits", "number")

    type_name = "net.IP"

    def __init__(self, number: int, bits: int) -> None:
        self.number = number
        self.bits = bits

    def __eq__(self, other: object) -> bool:
        return type(other) is IP and (other.number, other.bits) == (self.number, self.bits)

    def __hash__(self) -> int:
        return hash(("ip", self.number, self.bits))

    def __repr__(self) -> str:
        return f"ip({self.cel_string()!r})"

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression."""
        if type(other) is not IP:
            raise no_overload("_==_")
        return self == other

    def cel_string(self) -> str:
        """What `string()` makes of it."""
        return address_text(self.number, self.bits)

    def cel_size(self) -> int:
        """Bytes, for what comparisons cost."""
        return self.bits // 8


class CIDR(Opaque):
    """A network: an address, kept as written, and a prefix length."""

    __slots__ = ("bits", "length", "number")

    type_name = "net.CIDR"

    def __init__(self, number: int, bits: int, length: int) -> None:
        self.number = number
        self.bits = bits
        self.length = length

    def __eq__(self, other: object) -> bool:
        return type(other) is CIDR and other._key() == self._key()

    def __hash__(self) -> int:
        return hash(("cidr", *self._key()))

    def __repr__(self) -> str:
        return f"cidr({self.cel_string()!r})"

    def _key(self) -> tuple[int, int, int]:
        return self.number, self.bits, self.length

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression."""
        if type(other) is not CIDR:
            raise no_overload("_==_")
        return self == other

    def cel_string(self) -> str:
        """What `string()` makes of it."""
        return f"{address_text(self.number, self.bits)}/{self.length}"

    def cel_size(self) -> int:
        """Bytes of the prefix, for what comparisons cost."""
        return (self.length + 7) // 8

    def contains(self, number: int, bits: int) -> bool:
        """Whether the address `number` of `bits` bits is in this network."""
        return bits == self.bits and (number ^ self.number) >> (bits - self.length) == 0


def _ip(name: str, value: Any) -> IP:
    if type(value) is IP:
        return value
    raise no_overload(name)


def _cidr(name: str, value: Any) -> CIDR:
    if type(value) is CIDR:
        return value
    raise no_overload(name)


def _allowed(text: str, address: Address) -> Address:
    if address.zone:
        raise CelEvaluationError(f"an IP address with a zone is not allowed: {text[:80]!r}")
    if address.is_mapped():
        raise CelEvaluationError(f"an IPv4-mapped IPv6 address is not allowed: {text[:80]!r}")
    return address


def ip_address(text: Any) -> IP:
    """`ip()`. Raises CelEvaluationError for what is no address."""
    if type(text) is not str:
        raise no_overload("ip")
    try:
        address = parse_address(text)
    except AddressError as error:
        raise CelEvaluationError(f"IP address parse error: {error}") from error
    address = _allowed(text, address)
    return IP(address.number, address.bits)


def is_ip(text: Any) -> bool:
    if type(text) is not str:
        raise no_overload("isIP")
    try:
        ip_address(text)
    except CelEvaluationError:
        return False
    return True


def ip_is_canonical(text: Any) -> bool:
    return bool(ip_address(text).cel_string() == text)


def ip_family(value: Any) -> int:
    return 4 if _ip("family", value).bits == 32 else 6


def _unspecified(address: IP) -> bool:
    return address.number == 0


def _loopback(address: IP) -> bool:
    return address.number >> 24 == 127 if address.bits == 32 else address.number == 1


def _link_local_unicast(address: IP) -> bool:
    if address.bits == 32:
        return address.number >> 16 == 0xA9FE
    return address.number >> 118 == 0xFE80 >> 6


def _multicast(address: IP) -> bool:
    return address.number >> 28 == 14 if address.bits == 32 else address.number >> 120 == 0xFF


def ip_is_unspecified(value: Any) -> bool:
    return _unspecified(_ip("isUnspecified", value))


def ip_is_loopback(value: Any) -> bool:
    return _loopback(_ip("isLoopback", value))


def ip_is_link_local_multicast(value: Any) -> bool:
    address = _ip("isLinkLocalMulticast", value)
    if address.bits == 32:
        return address.number >> 8 == 0xE00000
    return address.number >> 112 & 0xFF0F == 0xFF02


def ip_is_link_local_unicast(value: Any) -> bool:
    return _link_local_unicast(_ip("isLinkLocalUnicast", value))


def ip_is_global_unicast(value: Any) -> bool:
    """Everything but unspecified, broadcast, loopback, multicast and link-local addresses."""
    address = _ip("isGlobalUnicast", value)
    if address.bits == 32 and address.number == 0xFFFFFFFF:
        return False
    others = (_unspecified, _loopback, _multicast, _link_local_unicast)
    return not any(is_other(address) for is_other in others)


def network(text: Any) -> CIDR:
    """`cidr()`. Raises CelEvaluationError for what is no network."""
    if type(text) is not str:
        raise no_overload("cidr")
    try:
        address, length = parse_prefix(text)
    except AddressError as error:
        raise CelEvaluationError(f"network address parse error: {error}") from error
    address = _allowed(text, address)
    return CIDR(address.number, address.bits, length)


def is_cidr(text: Any) -> bool:
    if type(text) is not str:
        raise no_overload("isCIDR")
    try:
        network(text)
    except CelEvaluationError:
        return False
    return True


def cidr_contains_ip(value: Any, other: Any) -> bool:
    """`other` is an address or its text."""
    holder = _cidr("containsIP", value)
    inner = ip_address(other) if type(other) is str else _ip("containsIP", other)
    return holder.contains(inner.number, inner.bits)


def cidr_contains_cidr(value: Any, other: Any) -> bool:
    """`other` is a network or its text."""
    holder = _cidr("containsCIDR", value)
    inner = network(other) if type(other) is str else _cidr("containsCIDR", other)
    return holder.length <= inner.length and holder.contains(inner.number, inner.bits)


def cidr_ip(value: Any) -> IP:
    """The address, as written."""
    holder = _cidr("ip", value)
    return IP(holder.number, holder.bits)


def cidr_prefix_length(value: Any) -> int:
    return _cidr("prefixLength", value).length


def cidr_masked(value: Any) -> CIDR:
    """The same network with zeros behind the prefix."""
    holder = _cidr("masked", value)
    rest = holder.bits - holder.length
    return CIDR(holder.number >> rest << rest, holder.bits, holder.length)
