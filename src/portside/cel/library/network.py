"""`ip()` and `isIP()` of the full language; all else of addresses is as in Kubernetes."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.kubernetes.addresses import AddressError, parse_address
from portside.cel.kubernetes.network import IP
from portside.cel.kubernetes.network import ip_address as kubernetes_ip


def ip_address(text: Any) -> IP:
    """The address; one of IPv4 may be written as IPv6, but not with dots in it."""
    if type(text) is not str:
        raise no_overload("ip")
    try:
        address = parse_address(text)
    except AddressError:
        return kubernetes_ip(text)
    if address.bits == 128 and "." not in text and address.number >> 32 == 0xFFFF:
        return IP(address.number & 0xFFFFFFFF, 32)
    return kubernetes_ip(text)


def is_ip(text: Any) -> bool:
    try:
        ip_address(text)
    except CelEvaluationError as error:
        if error.message.startswith("no such overload"):
            raise
        return False
    return True
