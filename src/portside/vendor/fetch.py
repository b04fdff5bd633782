"""One thing from outside, fetched: found, brought here, measured and kept."""

from __future__ import annotations

import os
from typing import NoReturn

from portside.records import NamedTuple
from portside.vendor import credentials, semver
from portside.vendor.address import ARCHIVE, ARTIFACT, CHART, FILE, GIT, Wanted, artifact
from portside.vendor.faults import DigestError, FetchError, RefusedError
from portside.vendor.folder import LARGEST, Filled
from portside.vendor.git import Found, Git
from portside.vendor.packed import look_through, unpack
from portside.vendor.pin import Pin
from portside.vendor.registry import CHART_LAYER, Layer, Repository
from portside.vendor.repository import ChartRepository, Entry
from portside.vendor.store import Store, digest_of
from portside.vendor.web import Answer, Web

_LARGEST_CHART = 20 << 20
_LARGEST_FILE = 10 << 20
_UNAUTHORIZED = 401


class Fetched(NamedTuple):
    pin: Pin
    left_out: tuple[str, ...] = ()
    """Files that were not kept: links that lead out, and submodules."""


class _Content(NamedTuple):
    """What was brought into a room: `path` is a file or a folder."""

    path: str
    version: str
    left_out: tuple[str, ...] = ()


class Fetcher:
    """Fetches into `store`, over `web`. `local` is whether Git repositories of this machine are
    allowed, which tests use.
    """

    def __init__(self, store: Store, web: Web, *, local: bool = False) -> None:
        self.store = store
        self.web = web
        self.local = local
        self._repositories: dict[str, ChartRepository] = {}

    def fetch(self, wanted: Wanted, pinned: Pin | None = None) -> Fetched:
        """Bring what is wanted here, and keep it; as it was `pinned`, if it was.

        Raises FetchError, and DigestError where what comes is not what was pinned: then it is not
        kept.
        """
        with self.store.room() as room:
            got = self._brought(wanted, pinned.version if pinned else "", room)
            digest = digest_of(got.path)
            if pinned and digest != pinned.digest:
                raise DigestError(wanted.title, pinned.digest, digest, where=wanted.url)
            pin = Pin(wanted, got.version, digest, _size(got.path))
            self.store.keep(pin, got.path)
            return Fetched(pin, got.left_out)

    def _brought(self, wanted: Wanted, version: str, room: str) -> _Content:
        if wanted.kind == GIT:
            return self._tree(wanted, version, room)
        if wanted.kind == CHART:
            return self._chart(wanted, version, room)
        if wanted.kind == ARTIFACT:
            return self._artifact(wanted, version, room)
        path = os.path.join(room, "content")
        self._download(wanted.url, path, LARGEST if wanted.kind == ARCHIVE else _LARGEST_FILE)
        if wanted.kind == FILE:
            return _Content(path, "")
        return self._unpacked(path, room, wanted.url, "")

    def _tree(self, wanted: Wanted, version: str, room: str) -> _Content:
        host = wanted.url.partition("://")[2].partition("/")[0]
        git = Git(wanted.url, insecure=self.web.is_insecure(host), local=self.local)
        found = git.find(wanted.version) if not version else _again(git, wanted, version)
        into = _new(room, wanted.url)
        git.fetch(found, into, room)
        return _Content(into.path, found.commit, tuple(into.left_out))

    def _chart(self, wanted: Wanted, version: str, room: str) -> _Content:
        path = os.path.join(room, "content")
        if wanted.url.startswith("oci://"):
            found = self._chart_of_registry(wanted, version, path)
        else:
            found = self._chart_of_repository(wanted, version, path)
        with open(path, "rb") as file:
            names = look_through(file, f"{wanted.url} {wanted.name}")
        if not any(it.count("/") == 1 and it.endswith("/Chart.yaml") for it in names):
            raise FetchError(
                f"{wanted.name} {found} is no chart: it has no Chart.yaml", where=wanted.url
            )
        return _Content(path, found)

    def _chart_of_repository(self, wanted: Wanted, version: str, path: str) -> str:
        repository = self._repositories.get(wanted.url)
        if repository is None:
            repository = ChartRepository(wanted.url, self.web)
            self._repositories[wanted.url] = repository
        entry = repository.find(wanted.name, version or wanted.version)
        if entry.url.startswith("oci://"):
            return self._listed_elsewhere(wanted, entry, path)
        same = entry.url.startswith(f"{repository.url}/")
        answer = self._download(
            entry.url, path, _LARGEST_CHART, repository.headers if same else None
        )
        if entry.digest and entry.digest != answer.digest:
            self._not_as_listed(wanted, entry, answer)
        return entry.version

    def _listed_elsewhere(self, wanted: Wanted, entry: Entry, path: str) -> str:
        """A chart that a repository lists, and a registry holds."""
        found = artifact(entry.url)
        repository = Repository(found.url, self.web)
        tag = found.version or entry.version.replace("+", "_")
        answer = self._layer(repository, repository.layer(tag, CHART_LAYER), path, _LARGEST_CHART)
        if entry.digest and entry.digest != answer.digest:
            self._not_as_listed(wanted, entry, answer)
        return entry.version

    def _not_as_listed(self, wanted: Wanted, entry: Entry, answer: Answer) -> NoReturn:
        hint = "the index of the repository says otherwise: its owner should know"
        what = f"the chart {wanted.name} {entry.version}"
        raise DigestError(what, entry.digest, answer.digest, where=entry.url, hint=hint)

    def _chart_of_registry(self, wanted: Wanted, version: str, path: str) -> str:
        repository = Repository(f"{wanted.url.rstrip('/')}/{wanted.name}", self.web)
        found = version or _tag(repository, wanted.version)
        layer = repository.layer(found.replace("+", "_"), CHART_LAYER)
        self._layer(repository, layer, path, _LARGEST_CHART)
        return found

    def _artifact(self, wanted: Wanted, version: str, room: str) -> _Content:
        repository = Repository(wanted.url, self.web)
        asked = wanted.version
        if asked.startswith("semver:"):
            asked = _tag(repository, asked.removeprefix("semver:"))
        layer = repository.layer(version or asked or "latest")
        path = os.path.join(room, "content")
        self._layer(repository, layer, path, LARGEST)
        return self._unpacked(path, room, wanted.url, layer.manifest)

    def _layer(self, repository: Repository, layer: Layer, path: str, most: int) -> Answer:
        with open(path, "xb") as file:
            return repository.download(layer, file, most)

    def _unpacked(self, path: str, room: str, where: str, version: str) -> _Content:
        into = _new(room, where)
        with open(path, "rb") as file:
            unpack(file, into)
        return _Content(into.path, version, tuple(into.left_out))

    def _download(
        self, url: str, path: str, most: int, headers: dict[str, str] | None = None
    ) -> Answer:
        """Write what is at `url` to `path`, with the user's credentials if they are asked for."""
        try:
            with open(path, "wb") as file:
                return self.web.download(url, file, most, headers)
        except RefusedError as refused:
            kept = credentials.for_web(url) if refused.status == _UNAUTHORIZED else ""
            if not kept or headers:
                raise
        with open(path, "wb") as file:
            return self.web.download(url, file, most, {"Authorization": f"Basic {kept}"})


def _again(git: Git, wanted: Wanted, commit: str) -> Found:
    """The commit that is pinned, with the name that leads to it, if that is still known."""
    return Found(commit, "" if wanted.version.startswith("semver:") else wanted.version or "HEAD")


def _tag(repository: Repository, wanted: str) -> str:
    """The version that the range means; an exact one is not asked for, as Helm has it."""
    if semver.is_exact(wanted):
        return wanted
    tags = [it.replace("_", "+") for it in repository.tags()]
    try:
        found = semver.newest(tags, wanted)
    except semver.BadRangeError as error:
        raise FetchError(str(error), where=repository.url) from error
    if not found:
        raise FetchError(f"has no version {wanted or '*'}", where=repository.url)
    return found


def _new(room: str, where: str) -> Filled:
    path = os.path.join(room, "tree")
    os.mkdir(path)
    return Filled(path, where)


def _size(path: str) -> int:
    if os.path.isfile(path):
        return os.path.getsize(path)
    total = 0
    for folder, _, files in os.walk(path):
        total += sum(os.lstat(os.path.join(folder, it)).st_size for it in files)
    return total
