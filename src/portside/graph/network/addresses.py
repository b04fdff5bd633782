"""Blocks of IP addresses as intervals of numbers, for each family on its own."""

from __future__ import annotations

import ipaddress

from portside.graph.network.intervals import Intervals, contains, difference, intervals
from portside.records import NamedTuple

IPV4, IPV6 = FAMILIES = (4, 6)
WHOLE = {IPV4: (0, 2**32 - 1), IPV6: (0, 2**128 - 1)}
"""First and last address of a family."""


class Block(NamedTuple):
    """Addresses of one family."""

    family: int
    addresses: Intervals

    @property
    def whole(self) -> bool:
        return self.addresses == (WHOLE[self.family],)


def block(cidr: str, excepted: tuple[str, ...] = ()) -> Block:
    """The addresses of `cidr` but for the `excepted`.

    Raises ValueError, which says why, for what is no CIDR, and for an exception that does not lie
    inside, as the API server does.
    """
    family, pair = _cidr(cidr)
    inside: Intervals = (pair,)
    outside: list[tuple[int, int]] = []
    for text in excepted:
        other, hole = _cidr(text)
        if other != family or not contains(inside, (hole,)) or hole == pair:
            raise ValueError(f"{text} does not lie inside of {cidr}")
        outside.append(hole)
    return Block(family, difference(inside, intervals(outside)))


def place_of(text: str) -> Block:
    """An address, a CIDR or a range `FIRST-LAST` as people name them. Raises ValueError."""
    first, dash, last = text.removesuffix("[External]").partition("-")
    if dash:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        if low.version != high.version or int(low) > int(high):
            raise ValueError(f"{text} is no range of addresses")
        return Block(low.version, ((int(low), int(high)),))
    network = ipaddress.ip_network(first, strict=False)
    return Block(network.version, ((int(network[0]), int(network[-1])),))


def range_text(family: int, first: int, last: int) -> str:
    make = ipaddress.IPv4Address if family == IPV4 else ipaddress.IPv6Address
    return f"{make(first)}-{make(last)}"


def _cidr(text: str) -> tuple[int, tuple[int, int]]:
    if "/" not in text:
        raise ValueError(f"{text or 'an empty text'} is no block of addresses, as 10.0.0.0/8 is")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{text} is no block of addresses: {error}") from error
    return network.version, (int(network.network_address), int(network.broadcast_address))
