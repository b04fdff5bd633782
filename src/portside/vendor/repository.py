"""Chart repositories: which chart an index.yaml has of a name and range, and where."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urljoin

from portside.records import NamedTuple
from portside.syntax import Document, Limits, TooLargeError, read
from portside.vendor import credentials, semver
from portside.vendor.faults import FetchError, RefusedError
from portside.vendor.web import Web

LARGEST_INDEX = 64 << 20
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_LIMITS = Limits(size=LARGEST_INDEX, events=10_000_000, aliased=1_000_000)
_UNAUTHORIZED = 401
_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;=~"


class Entry(NamedTuple):
    """A version of a chart: where it is, and the digest that the index says it has."""

    version: str
    url: str
    digest: str


class ChartRepository:
    """The chart repository at `url`, asked with the user's credentials if it wants them."""

    __slots__ = ("_index", "_web", "headers", "url")

    def __init__(self, url: str, web: Web) -> None:
        self.url = url.rstrip("/")
        self._web = web
        self._index: dict[str, Any] | None = None
        self.headers: dict[str, str] = {}

    def find(self, name: str, wanted: str) -> Entry:
        """The newest version of the chart in the range. Raises FetchError, which says what is."""
        listed = self._entries().get(name)
        found = [it for it in listed if isinstance(it, dict)] if isinstance(listed, list) else []
        by_version = {str(it.get("version", "")): it for it in reversed(found)}
        if not by_version:
            said = f"has no chart {name}"
            raise FetchError(said, where=self.url, hint="is it called otherwise, or elsewhere?")
        try:
            version = semver.newest(by_version, wanted)
        except semver.BadRangeError as error:
            raise FetchError(f"{name}: {error}", where=self.url) from error
        if not version:
            newest = semver.newest(by_version, "*") or next(iter(by_version))
            said = f"has no version {wanted} of the chart {name}"
            raise FetchError(said, where=self.url, hint=f"the newest is {newest}")
        return self._entry(name, version, by_version[version])

    def _entry(self, name: str, version: str, it: dict[str, Any]) -> Entry:
        urls = it.get("urls")
        url = urls[0] if isinstance(urls, list) and urls else None
        if not isinstance(url, str) or not url:
            said = f"its index names no address for {name} {version}"
            raise FetchError(said, where=self.url)
        found = _DIGEST.fullmatch(str(it.get("digest") or ""))
        digest = f"sha256:{found[1]}" if found else ""
        try:
            return Entry(version, urljoin(f"{self.url}/", quote(url, safe=_IN_ADDRESSES)), digest)
        except ValueError as error:
            said = f"its index names no address for {name} {version}"
            raise FetchError(said, where=self.url) from error

    def _entries(self) -> dict[str, Any]:
        if self._index is None:
            url = f"{self.url}/index.yaml"
            data = self._data(url)
            try:
                documents = list(read(data, _LIMITS))
            except TooLargeError as error:
                raise FetchError(str(error), where=url) from error
            value = documents[0].value if documents and isinstance(documents[0], Document) else None
            entries = value.get("entries") if isinstance(value, dict) else None
            if not isinstance(entries, dict):
                hint = "the address of a chart repository is the folder with its index.yaml"
                raise FetchError("is no index of charts", where=url, hint=hint)
            self._index = entries
        return self._index

    def _data(self, url: str) -> bytes:
        try:
            return self._web.get(url, LARGEST_INDEX)[0]
        except RefusedError as refused:
            if refused.status != _UNAUTHORIZED:
                raise
            kept = credentials.for_web(url)
            if not kept:
                hint = "keep credentials for this host with git credential approve"
                raise FetchError(refused.problem, where=url, hint=hint) from refused
            self.headers = {"Authorization": f"Basic {kept}"}
            return self._web.get(url, LARGEST_INDEX, self.headers)[0]
