"""Sets of connections: ports of TCP, UDP and SCTP, with exact algebra."""

from __future__ import annotations

from portside.graph.network.intervals import (
    Intervals,
    difference,
    intersection,
    union,
)
from portside.records import NamedTuple

TCP, UDP, SCTP = PROTOCOLS = ("TCP", "UDP", "SCTP")
FIRST_PORT, LAST_PORT = 1, 65535
EVERY_PORT: Intervals = ((FIRST_PORT, LAST_PORT),)


class ConnectionSet(NamedTuple):
    """The ports of each protocol."""

    tcp: Intervals = ()
    udp: Intervals = ()
    sctp: Intervals = ()

    def __or__(self, other: ConnectionSet) -> ConnectionSet:
        return ConnectionSet(*(union(a, b) for a, b in zip(self, other, strict=True)))

    def __and__(self, other: ConnectionSet) -> ConnectionSet:
        return ConnectionSet(*(intersection(a, b) for a, b in zip(self, other, strict=True)))

    def __sub__(self, other: ConnectionSet) -> ConnectionSet:
        return ConnectionSet(*(difference(a, b) for a, b in zip(self, other, strict=True)))

    def __bool__(self) -> bool:
        return bool(self.tcp or self.udp or self.sctp)

    def has(self, protocol: str, port: int) -> bool:
        """Whether this one port of this protocol is in it."""
        return any(low <= port <= high for low, high in self[PROTOCOLS.index(protocol)])

    def __str__(self) -> str:
        """As people and reports write it: `TCP 80,443,UDP 53`, or `All Connections`."""
        if self == ALL:
            return "All Connections"
        parts = ((name, ports) for name, ports in zip(PROTOCOLS, self, strict=True) if ports)
        written = (f"{name} {_written(ports)}" for name, ports in sorted(parts))
        return ",".join(written) or "No Connections"


ALL = ConnectionSet(EVERY_PORT, EVERY_PORT, EVERY_PORT)
NONE = ConnectionSet()


def of_protocol(protocol: str, ports: Intervals) -> ConnectionSet:
    """These ports of one protocol. Raises ValueError for a protocol that policies do not know."""
    made: list[Intervals] = [(), (), ()]
    made[PROTOCOLS.index(protocol)] = ports
    return ConnectionSet(*made)


def _written(ports: Intervals) -> str:
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)
