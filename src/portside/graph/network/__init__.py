"""Network reachability: which connections the policies of a cluster allow between its workloads."""

from portside.graph.network.connections import ALL, NONE, ConnectionSet
from portside.graph.network.objects import Fault, NetworkObject
from portside.graph.network.reach import Connection, Reachability

__all__ = [
    "ALL",
    "NONE",
    "Connection",
    "ConnectionSet",
    "Fault",
    "NetworkObject",
    "Reachability",
]
