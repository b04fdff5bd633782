"""Percent-encoding as Go's `net/url` does it, over bytes. Source: RFC 3986 3.2, 3.3; RFC 6874."""

from __future__ import annotations

from collections.abc import Callable

from portside.cel.kubernetes.quoting import quoted

_HEX = frozenset(b"0123456789abcdefABCDEF")
_UNRESERVED = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"

PATH = frozenset(_UNRESERVED + b"$&+,/:;=@")
"""What stands unescaped in a path."""
HOST = frozenset(_UNRESERVED + b"!$&'()*+,;=:[]<>\"")
USER = frozenset(_UNRESERVED + b"$&+,;=")
FRAGMENT = frozenset(_UNRESERVED + b"$&+,/:;=?@!()*")
ALSO_IN_PATHS = frozenset(b"!$&'()*+,;=:@[]%")
"""What is left alone in a path or fragment that was written so."""


class EscapeError(Exception):
    """A wrong escape or character; the message is Go's."""


def text_of(data: bytes) -> str:
    """`data` as text, each byte that is no UTF-8 replaced."""
    text = data.decode("utf-8", "surrogateescape")
    return "".join("\ufffd" if "\udc80" <= it <= "\udcff" else it for it in text)


def escaped(data: bytes, allowed: frozenset[int]) -> bytes:
    """`data` with everything but `allowed` percent-encoded."""
    if allowed.issuperset(data):
        return data
    return b"".join(bytes((it,)) if it in allowed else b"%%%02X" % it for it in data)


def unescaped(data: bytes) -> bytes:
    """`data` with its escapes decoded. Raises EscapeError."""
    return _decoded(data, _anything, _anything)


def unescaped_query(data: bytes) -> bytes:
    """`data` of a query: a plus is a space. Raises EscapeError."""
    return unescaped(data.replace(b"+", b" "))


def unescaped_host(data: bytes) -> bytes:
    """A host name: only what is not ASCII may be escaped, and the percent sign.

    Raises EscapeError.
    """
    return _decoded(data, _host_escape, _host_characters)


def unescaped_zone(data: bytes) -> bytes:
    """The zone of an IPv6 address: only what hosts may hold may be escaped. Raises EscapeError."""
    return _decoded(data, _zone_escape, _host_characters)


def _anything(_: bytes) -> None:
    """Allow every escape and character."""


def _host_escape(escape: bytes) -> None:
    if int(escape[1:2], 16) < 8 and escape != b"%25":
        raise _wrong(escape)


def _zone_escape(escape: bytes) -> None:
    value = int(escape[1:], 16)
    if escape != b"%25" and value != 0x20 and value not in HOST:
        raise _wrong(escape)


def _host_characters(data: bytes) -> None:
    for byte in data:
        if byte < 0x80 and byte not in HOST:
            raise EscapeError(f"invalid character {quoted(chr(byte))} in host name")


def _wrong(escape: bytes) -> EscapeError:
    return EscapeError(f"invalid URL escape {quoted(escape.decode('utf-8', 'surrogateescape'))}")


_Check = Callable[[bytes], None]


def _decoded(data: bytes, check_escape: _Check, check_plain: _Check) -> bytes:
    first, *parts = data.split(b"%")
    check_plain(first)
    made, at = [first], len(first)
    for part in parts:
        escape = data[at : at + 3]
        if len(escape) < 3 or not _HEX.issuperset(escape[1:]):
            raise _wrong(escape)
        check_escape(escape)
        check_plain(part[2:])
        made += [bytes((int(escape[1:], 16),)), part[2:]]
        at += 1 + len(part)
    return b"".join(made)
