"""URLs as Go's `net/url` reads them. Source: k8s.io/apiserver/pkg/cel/library/urls.go, RFC 3986.

All work is done on bytes: a decoded host or query need not be UTF-8.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.kubernetes.addresses import AddressError, parse_address
from portside.cel.kubernetes.escaping import (
    ALSO_IN_PATHS,
    FRAGMENT,
    HOST,
    PATH,
    USER,
    EscapeError,
    escaped,
    text_of,
    unescaped,
    unescaped_host,
    unescaped_query,
    unescaped_zone,
)
from portside.cel.kubernetes.quoting import quoted
from portside.cel.values import Opaque
from portside.records import NamedTuple

_MOST_PARAMETERS = 10_000
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = b"0123456789"
_IN_SCHEMES = frozenset(_DIGITS + b"+-.")
_IN_USERS = _LETTERS | frozenset(_DIGITS + b"-._:~!$&'()*+,;=%@")


class UrlError(Exception):
    """The text is no URL; the message is Go's."""


class Parts(NamedTuple):
    """A URL taken apart; `path` and `fragment` are decoded, `raw_...` as written."""

    scheme: bytes = b""
    opaque: bytes = b""
    user: tuple[bytes, ...] = ()
    """Nothing, the name, or the name and the password."""
    host: bytes = b""
    path: bytes = b""
    raw_path: bytes = b""
    query: bytes = b""
    empty_query: bool = False
    """Whether the URL ends in a question mark."""
    no_host: bool = False
    fragment: bytes = b""
    raw_fragment: bytes = b""


class URL(Opaque):
    """A parsed URL; two are equal where their texts are."""

    __slots__ = ("parts",)

    type_name = "kubernetes.URL"

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return type(other) is URL and written(other.parts) == written(self.parts)

    def __hash__(self) -> int:
        return hash(("url", written(self.parts)))

    def __repr__(self) -> str:
        return f"url({self.text()!r})"

    def text(self) -> str:
        """The URL, written anew."""
        return text_of(written(self.parts))

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression."""
        if type(other) is not URL:
            raise no_overload("_==_")
        return self == other


def check_request_uri(text: str) -> None:
    """Raise UrlError unless `text` is an absolute URL or path, in Go's words."""
    data = _bytes(text)
    try:
        _parse(data, request=True)
    except (UrlError, EscapeError) as error:
        raise UrlError(f"parse {_quoted(data)}: {error}") from error


def parse_url(text: str) -> URL:
    """The URL that `text` writes, fragment and all. Raises UrlError."""
    check_request_uri(text)
    data = _bytes(text)
    before, _, fragment = data.partition(b"#")
    try:
        parts = _parse(before, request=False)
        return URL(parts._replace(fragment=unescaped(fragment), raw_fragment=fragment))
    except (UrlError, EscapeError) as error:
        raise UrlError(f"parse {_quoted(data)}: {error}") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _quoted(data: bytes) -> str:
    return quoted(data.decode("utf-8", "surrogateescape"))


def _parse(data: bytes, *, request: bool) -> Parts:
    if any(it < 0x20 or it == 0x7F for it in data):
        raise UrlError("net/url: invalid control character in URL")
    if not data and request:
        raise UrlError("empty url")
    if data == b"*":
        return Parts(path=b"*", raw_path=b"*")
    scheme, rest = _scheme(data)
    empty_query = rest.endswith(b"?") and rest.count(b"?") == 1
    rest, _, query = rest.partition(b"?")
    parts = Parts(scheme=scheme.lower(), query=query, empty_query=empty_query)
    if not rest.startswith(b"/"):
        if scheme:
            return parts._replace(opaque=rest)
        _check_relative(rest, request=request)
    return _with_host(parts, rest, request=request)


def _check_relative(rest: bytes, *, request: bool) -> None:
    if request:
        raise UrlError("invalid URI for request")
    if b":" in rest.partition(b"/")[0]:
        raise UrlError("first path segment in URL cannot contain colon")


def _with_host(parts: Parts, rest: bytes, *, request: bool) -> Parts:
    has_host = bool(parts.scheme) or (not request and not rest.startswith(b"///"))
    if has_host and rest.startswith(b"//"):
        authority, slash, path = rest[2:].partition(b"/")
        rest = slash + path
        user, host = _authority(parts.scheme, authority)
        parts = parts._replace(user=user, host=host)
    elif parts.scheme and rest.startswith(b"/"):
        parts = parts._replace(no_host=True)
    return parts._replace(path=unescaped(rest), raw_path=rest)


def _scheme(data: bytes) -> tuple[bytes, bytes]:
    """What stands before the first colon, where that is a scheme, and the rest."""
    for at, byte in enumerate(data):
        if byte in _LETTERS:
            continue
        if byte in _IN_SCHEMES and at:
            continue
        if byte != 0x3A:
            break
        if not at:
            raise UrlError("missing protocol scheme")
        return data[:at], data[at + 1 :]
    return b"", data


def _authority(scheme: bytes, authority: bytes) -> tuple[tuple[bytes, ...], bytes]:
    info, at, place = authority.rpartition(b"@")
    host = _host(scheme, place)
    if not at:
        return (), host
    if not _IN_USERS.issuperset(info):
        raise UrlError("net/url: invalid userinfo")
    name, colon, password = info.partition(b":")
    if not colon:
        return (unescaped(name),), host
    return (unescaped(name), unescaped(password)), host


def _host(scheme: bytes, host: bytes) -> bytes:
    bracket = host.rfind(b"[")
    if bracket > 0:
        raise UrlError("invalid IP-literal")
    if bracket == 0:
        return _literal(host)
    if b":" in host:
        # Several colons are one too many for HTTP; others have lists of hosts.
        strict = scheme in (b"http", b"https")
        _check_port(host[host.index(b":") if strict else host.rindex(b":") :])
    return unescaped_host(host)


def _check_port(port: bytes) -> None:
    if not _is_port(port):
        raise UrlError(f"invalid port {_quoted(port)} after host")


def _is_port(port: bytes) -> bool:
    return not port or (port[:1] == b":" and not port[1:].lstrip(_DIGITS))


def _literal(host: bytes) -> bytes:
    """An IPv6 address in brackets, with its port."""
    end = host.rfind(b"]")
    if end < 0:
        raise UrlError("missing ']' in host")
    _check_port(host[end + 1 :])
    name = host[1:end]
    zone = name.find(b"%25")
    if zone >= 0:
        plain = unescaped_host(name[:zone]) + unescaped_zone(name[zone:])
    else:
        plain = unescaped_host(name)
    try:
        address = parse_address(plain.decode("utf-8", "surrogateescape"))
    except AddressError as error:
        raise UrlError(f"invalid host: {error}") from error
    if address.bits == 32:
        raise UrlError("invalid IP-literal")
    return b"[" + plain + b"]" + host[end + 1 :]


def _as_written(raw: bytes, plain: bytes, allowed: frozenset[int]) -> bytes:
    """`raw` where that is a valid way to escape `plain`, else Go's own way."""
    if raw == b"*" or (allowed | ALSO_IN_PATHS).issuperset(raw):
        return raw
    return escaped(plain, allowed)


def escaped_path(parts: Parts) -> bytes:
    """The path as it goes over the wire."""
    return _as_written(parts.raw_path, parts.path, PATH)


def written(parts: Parts) -> bytes:
    """The whole URL, written as Go writes it."""
    made = parts.scheme + b":" if parts.scheme else b""
    made += parts.opaque or _hierarchy(parts, first=not made)
    if parts.empty_query or parts.query:
        made += b"?" + parts.query
    if parts.fragment:
        made += b"#" + _as_written(parts.raw_fragment, parts.fragment, FRAGMENT)
    return made


def _hierarchy(parts: Parts, *, first: bool) -> bytes:
    """Authority and path; `first` where nothing stands before them."""
    path = escaped_path(parts)
    authority = _written_authority(parts)
    if authority:
        return authority + (b"/" if path and path[:1] != b"/" and parts.host else b"") + path
    if first and b":" in path.partition(b"/")[0]:
        return b"./" + path
    return path


def _written_authority(parts: Parts) -> bytes:
    if parts.no_host and not parts.host and not parts.user:
        return b""
    if not (parts.scheme or parts.host or parts.user):
        return b""
    made = b"//" if parts.host or parts.path or parts.user else b""
    if parts.user:
        made += b":".join(escaped(it, USER) for it in parts.user) + b"@"
    return made + escaped(parts.host, HOST)


def _host_and_port(host: bytes) -> tuple[bytes, bytes]:
    colon, port = host.rfind(b":"), b""
    if colon >= 0 and _is_port(host[colon:]):
        host, port = host[:colon], host[colon + 1 :]
    if host.startswith(b"[") and host.endswith(b"]"):
        host = host[1:-1]
    return host, port


def _query(query: bytes) -> dict[str, list[str]]:
    """The parameters; those that are not written rightly are left out, as Go does."""
    made: dict[str, list[str]] = {}
    if query.count(b"&") >= _MOST_PARAMETERS:
        return made
    for part in query.split(b"&"):
        if not part or b";" in part:
            continue
        name, _, value = part.partition(b"=")
        try:
            decoded = text_of(unescaped_query(name)), text_of(unescaped_query(value))
        except EscapeError:
            continue
        made.setdefault(decoded[0], []).append(decoded[1])
    return made


def _url(name: str, value: Any) -> Parts:
    if type(value) is URL:
        return value.parts
    raise no_overload(name)


def url(text: Any) -> URL:
    if type(text) is not str:
        raise no_overload("url")
    try:
        return parse_url(text)
    except UrlError as error:
        raise CelEvaluationError(
            f"URL parse error during conversion from string: {error}"
        ) from None


def is_url(text: Any) -> bool:
    if type(text) is not str:
        raise no_overload("isURL")
    try:
        check_request_uri(text)
    except UrlError:
        return False
    return True


def url_scheme(value: Any) -> str:
    return text_of(_url("getScheme", value).scheme)


def url_host(value: Any) -> str:
    return text_of(_url("getHost", value).host)


def url_hostname(value: Any) -> str:
    return text_of(_host_and_port(_url("getHostname", value).host)[0])


def url_port(value: Any) -> str:
    return text_of(_host_and_port(_url("getPort", value).host)[1])


def url_escaped_path(value: Any) -> str:
    return text_of(escaped_path(_url("getEscapedPath", value)))


def url_query(value: Any) -> dict[str, list[str]]:
    return _query(_url("getQuery", value).query)
