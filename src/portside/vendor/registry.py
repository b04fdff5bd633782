"""Registries of OCI: the few GETs of the distribution specification that fetching takes.

Source: opencontainers/distribution-spec 1.1, image-spec 1.1, and the token scheme of
distribution's docs/spec/auth/token.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

from portside.records import NamedTuple
from portside.vendor import credentials
from portside.vendor.faults import DigestError, FetchError, RefusedError
from portside.vendor.web import Answer, Web

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_DOCKERS = "application/vnd.docker.distribution.manifest.v2+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_PACKED = ("tar+gzip", "tar.gzip")
_LARGEST_MANIFEST = 4 << 20
_MOST_PAGES = 100
_NAME = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'([a-zA-Z_]+)="([^"]*)"')
_UNAUTHORIZED = 401
Got = TypeVar("Got")
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


class Layer(NamedTuple):
    """A part of an artifact; `manifest` is the digest of what lists it."""

    media_type: str
    digest: str
    size: int
    manifest: str


class Repository:
    """The repository at `oci://HOST/NAME`. Raises FetchError for what is no such address."""

    __slots__ = ("_authorization", "_base", "_host", "_name", "_web", "url")

    def __init__(self, url: str, web: Web) -> None:
        self.url = url
        self._web = web
        host, _, name = url.removeprefix("oci://").partition("/")
        if not _NAME.fullmatch(name):
            raise FetchError("this names no repository of a registry", where=url)
        self._host = host
        self._name = name
        scheme = "http" if web.is_insecure(host) else "https"
        self._base = f"{scheme}://{_HUB.get(host, host)}/v2/{name}"
        self._authorization = ""

    def tags(self) -> list[str]:
        """All tags. Raises FetchError."""
        found: list[str] = []
        url = f"{self._base}/tags/list?n=1000"
        for _ in range(_MOST_PAGES):
            data, answer = self._get(url, "application/json")
            listed = _map(data, self.url).get("tags")
            found += (it for it in listed or () if isinstance(it, str))
            after = re.match(r"<([^>]+)>", answer.headers.get("link", ""))
            if not after:
                return found
            url = self._here(urljoin(url, after[1]))
        raise FetchError(f"lists tags on more than {_MOST_PAGES} pages", where=self.url)

    def layer(self, reference: str, media_type: str = "") -> Layer:
        """The layer that the tag or digest `reference` leads to: of `media_type`, or packed."""
        manifest, digest = self._manifest(reference)
        layers = manifest.get("layers")
        for it in layers if isinstance(layers, list) else ():
            found = _layer(it, digest)
            if found and _fits(found.media_type, media_type):
                return found
        what = "chart" if media_type else "packed folder"
        raise FetchError(f"holds no {what}", where=f"{self.url}:{reference}")

    def download(self, layer: Layer, into: BinaryIO, most: int) -> Answer:
        """Write the content of `layer`. Raises DigestError where it is not what was named."""
        if layer.size > most:
            raise FetchError(f"is larger than the limit of {most:,} bytes", where=self.url)
        url = f"{self._base}/blobs/{layer.digest}"
        answer = self._authorized(lambda headers: self._web.download(url, into, most, headers))
        if answer.digest != layer.digest:
            hint = "the registry sends something else than it names: try again, or tell its owner"
            raise DigestError("the layer", layer.digest, answer.digest, where=self.url, hint=hint)
        return answer

    def _manifest(self, reference: str) -> tuple[Mapping[str, Any], str]:
        if not (_TAG.fullmatch(reference) or _DIGEST.fullmatch(reference)):
            raise FetchError("this is no tag and no digest", where=f"{self.url}:{reference}")
        url = f"{self._base}/manifests/{quote(reference, safe=':')}"
        data, answer = self._get(url, f"{_MANIFEST}, {_DOCKERS}, {_INDEX}")
        if reference.startswith("sha256:") and answer.digest != reference:
            raise DigestError("the manifest", reference, answer.digest, where=self.url)
        found = _map(data, self.url)
        listed = found.get("manifests")
        if isinstance(listed, list) and not found.get("layers"):
            first = listed[0].get("digest") if listed and isinstance(listed[0], dict) else None
            if not isinstance(first, str) or not _DIGEST.fullmatch(first) or first == reference:
                raise FetchError("lists nothing that can be fetched", where=self.url)
            data, answer = self._get(f"{self._base}/manifests/{first}", f"{_MANIFEST}, {_DOCKERS}")
            if answer.digest != first:
                raise DigestError("the manifest", first, answer.digest, where=self.url)
            found = _map(data, self.url)
        return found, answer.digest

    def _get(self, url: str, accept: str) -> tuple[bytes, Answer]:
        def get(headers: dict[str, str]) -> tuple[bytes, Answer]:
            return self._web.get(url, _LARGEST_MANIFEST, {**headers, "Accept": accept})

        return self._authorized(get)

    def _authorized(self, get: Callable[[dict[str, str]], Got]) -> Got:
        """What `get` gives, asked again with credentials where the registry wants them."""
        try:
            return get(self._headers())
        except RefusedError as refused:
            if refused.status != _UNAUTHORIZED:
                raise self._worded(refused) from refused
            self._authorization = self._asked_for(refused)
        try:
            return get(self._headers())
        except RefusedError as refused:
            raise self._worded(refused) from refused

    def _headers(self) -> dict[str, str]:
        return {"Authorization": self._authorization} if self._authorization else {}

    def _worded(self, refused: RefusedError) -> FetchError:
        hint = {
            _UNAUTHORIZED: f"log in: docker login {self._host}, or helm registry login",
            403: f"log in as somebody who may: docker login {self._host}",
            404: "there is no such repository or tag, or it is not for everybody",
        }.get(refused.status, "")
        return FetchError(refused.problem, where=self.url, hint=hint)

    def _asked_for(self, refused: RefusedError) -> str:
        """The header that the registry asks for: a token of the server it names, or Basic."""
        scheme, _, rest = refused.asks.partition(" ")
        kept = credentials.for_registry(self._host)
        if scheme.lower() == "bearer":
            return f"Bearer {self._token(dict(_PARAMETER.findall(rest)), kept)}"
        if not kept:
            raise self._worded(refused) from refused
        return f"Basic {kept}"

    def _token(self, asked: Mapping[str, str], kept: str) -> str:
        query = urlencode(
            {
                "service": asked.get("service", ""),
                "scope": f"repository:{self._name}:pull",
            }
        )
        realm = asked.get("realm", "")
        headers = {"Authorization": f"Basic {kept}"} if kept else {}
        try:
            data, _ = self._web.get(
                f"{realm}{'&' if '?' in realm else '?'}{query}", _LARGEST_MANIFEST, headers
            )
        except RefusedError as refused:
            raise self._worded(refused) from refused
        found = _map(data, self.url)
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise FetchError("its token server gives no token", where=self.url)
        return token

    def _here(self, url: str) -> str:
        """`url`, which must be on the same host: our token goes with it."""
        if urlsplit(url).netloc != urlsplit(self._base).netloc:
            raise FetchError("its list of tags goes on at another host", where=self.url)
        return url


def _fits(found: str, wanted: str) -> bool:
    return found == wanted if wanted else found.endswith(_PACKED)


def _layer(it: object, manifest: str) -> Layer | None:
    if not isinstance(it, dict):
        return None
    kind, digest, size = it.get("mediaType"), it.get("digest"), it.get("size")
    if not (isinstance(kind, str) and isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        return None
    return Layer(kind, digest, size if isinstance(size, int) else 0, manifest)


def _map(data: bytes, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise FetchError("the registry answers something else than JSON", where=where)
    return found
