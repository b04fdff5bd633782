"""HTTP: bounded GETs over TLS, with redirects counted, and credentials that stay at home."""

from __future__ import annotations

import hashlib
import http.client
import io
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import IO, BinaryIO
from urllib.parse import urlsplit

from portside.records import NamedTuple
from portside.vendor.address import trouble_of
from portside.vendor.faults import FetchError, RefusedError

_PIECE = 1 << 16
_IDLE = 30
_LONGEST = 300
_MOST_REDIRECTS = 5
_NAME = "portside-vendor"


class Answer(NamedTuple):
    """What a server sent: the size and digest of the body, and its headers in lower case."""

    size: int
    digest: str
    headers: Mapping[str, str]
    url: str
    """Where it came from at last."""


class Web:
    """Fetches over https; from hosts that are named `insecure`, over http too."""

    __slots__ = ("_insecure", "_opener", "seconds")

    def __init__(self, insecure: frozenset[str] = frozenset(), seconds: float = _LONGEST) -> None:
        self._insecure = insecure
        self.seconds = seconds
        """How long one fetch may take."""
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.UnknownHandler(),
            _Redirects(self),
        ):
            self._opener.add_handler(handler)

    def is_insecure(self, host: str) -> bool:
        """Whether the user named the host (`HOST` or `HOST:PORT`) as one to speak http with."""
        return host.lower() in self._insecure or host.lower().partition(":")[0] in self._insecure

    def check(self, url: str) -> None:
        """Raise FetchError for an address that nothing is fetched from."""
        problem = trouble_of(url)
        if problem:
            raise FetchError(problem)
        parts = urlsplit(url)
        if parts.scheme == "http" and not self.is_insecure(parts.netloc):
            raise FetchError(
                "http is not encrypted, so anybody on the way can change what comes",
                where=url,
                hint=f"use https, or name the host: --insecure {parts.netloc}",
            )
        if parts.scheme not in ("http", "https"):
            raise FetchError(f"{parts.scheme or 'no scheme'}: only https is fetched", where=url)

    def get(
        self, url: str, most: int, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Answer]:
        """The body at `url`, of at most `most` bytes. Raises FetchError, RefusedError."""
        into = io.BytesIO()
        answer = self.download(url, into, most, headers)
        return into.getvalue(), answer

    def download(
        self, url: str, into: BinaryIO, most: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Write the body at `url` to `into`. Raises FetchError for all that is not whole."""
        self.check(url)
        request = urllib.request.Request(url, headers={"User-Agent": _NAME})  # noqa: S310 - checked
        for name, value in (headers or {}).items():
            # Not sent on to where a redirect leads.
            if name == "Authorization":
                request.add_unredirected_header(name, value)
            else:
                request.add_header(name, value)
        ends = time.monotonic() + self.seconds
        try:
            with self._opener.open(request, timeout=min(_IDLE, self.seconds)) as response:
                return _Body(url, most, ends).read(response, into)
        except urllib.error.HTTPError as error:
            with error:
                if 300 <= error.code < 400:
                    said = "leads on in a circle, or to where nothing is fetched from"
                    raise FetchError(said, where=url) from error
                asks = error.headers.get("WWW-Authenticate", "") if error.headers else ""
                raise RefusedError(error.code, where=url, asks=asks) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"cannot be fetched: {_reason(error)}", where=url) from error


class _Body(NamedTuple):
    url: str
    most: int
    ends: float

    def read(self, response: http.client.HTTPResponse, into: BinaryIO) -> Answer:
        headers = {key.lower(): value for key, value in response.headers.items()}
        said = headers.get("content-length", "")
        wanted = int(said) if said.isdecimal() and len(said) < 20 else -1
        if wanted > self.most:
            self._too_large()
        size, made = 0, hashlib.sha256()
        while piece := response.read1(_PIECE):
            size += len(piece)
            if size > self.most:
                self._too_large()
            if time.monotonic() > self.ends:
                raise FetchError("takes longer than is waited for", where=self.url)
            made.update(piece)
            into.write(piece)
        if 0 <= wanted != size and "content-encoding" not in headers:
            said = f"ended after {size:,} of {wanted:,} bytes"
            raise FetchError(said, where=self.url, hint="try again")
        return Answer(size, f"sha256:{made.hexdigest()}", headers, response.geturl())

    def _too_large(self) -> None:
        raise FetchError(f"is larger than the limit of {self.most:,} bytes", where=self.url)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few, to where we would have gone ourselves."""

    max_redirections = _MOST_REDIRECTS
    max_repeats = 1

    def __init__(self, web: Web) -> None:
        self.web = web

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if len(getattr(req, "redirect_dict", ())) >= _MOST_REDIRECTS:
            said = f"leads on more than {_MOST_REDIRECTS} times"
            raise FetchError(said, where=req.full_url)
        try:
            self.web.check(newurl)
        except FetchError as error:
            said = f"leads on to where nothing is fetched from: {error.problem}"
            raise FetchError(said, where=req.full_url, hint=error.hint) from error
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and error.reason:
        error = error.reason if isinstance(error.reason, Exception) else error
    if isinstance(error, http.client.IncompleteRead):
        return "the connection ended before all was there"
    if isinstance(error, TimeoutError):
        return f"no answer within {_IDLE} seconds"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0]
