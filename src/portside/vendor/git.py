"""Trees of Git repositories at a commit, fetched without running anything that they hold.

There is no checkout: what is kept are the blobs as they are, so that no hook, filter, attribute or
configuration of a repository has a say, nor the user's own filters.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, cast
from urllib.parse import urlsplit

from portside.records import NamedTuple
from portside.vendor import semver
from portside.vendor.address import trouble_of
from portside.vendor.faults import FetchError
from portside.vendor.folder import LARGEST, LARGEST_FILE, MOST_FILES, Filled, trouble_of_name

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RANGE = re.compile(r"[*^~<>=|,]|\.[xX]\b")
"""What a range of tags has, as Argo CD takes them, and most names of branches have not."""
_SHORT = re.compile(r"[0-9a-f]{7,40}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@+-]{0,250}")
_USER = re.compile(r"://[^/@\s']{1,2000}@")
_SECONDS = 300
_LARGEST_PACK = 1 << 30
_LARGEST_ANSWER = 64 << 20
_PIECE = 1 << 16
_LINK, _MODULE = "120000", "160000"
_OURS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false", "-c", "transfer.fsckObjects=true"),
    *("-c", "fetch.recurseSubmodules=false", "-c", "submodule.recurse=false"),
    *("-c", "fetch.unpackLimit=1", "-c", "fetch.writeCommitGraph=false"),
    *("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30"),
    *("-c", "credential.interactive=false"),
)
_KEPT = ("GIT_SSH", "GIT_ASKPASS", "GIT_CONFIG_", "GIT_SSL_", "GIT_HTTP_")
"""The user's own settings of git, of which those that name a repository must not reach ours."""


class Found(NamedTuple):
    """A commit, and the name that it is fetched by."""

    commit: str
    name: str


class Git:
    """The repository at `url`. `insecure` is whether http and git:// are allowed for its host,
    `local` whether a path of this machine is. Raises FetchError for no such address.
    """

    __slots__ = ("_environment", "url")

    def __init__(self, url: str, *, insecure: bool = False, local: bool = False) -> None:
        problem = trouble_of(url)
        if problem:
            raise FetchError(problem, where="" if "credentials" in problem else url)
        scheme = urlsplit(url).scheme if "://" in url else "ssh"
        allowed = ["https", "ssh", *(["http", "git"] if insecure else []), *(["file"] * local)]
        if scheme not in allowed:
            host = urlsplit(url).netloc
            hint = f"use https or ssh, or name the host: --insecure {host}" if host else ""
            said = f"{scheme} is not allowed: only https and ssh are fetched from"
            raise FetchError(said, where=url, hint=hint)
        self.url = url
        self._environment = _environment(":".join(allowed))

    def find(self, wanted: str) -> Found:
        """The commit that `wanted` names: a branch, a tag, a commit, a full ref, `semver:RANGE` of
        tags; empty is HEAD. Raises FetchError.
        """
        if _COMMIT.fullmatch(wanted):
            return Found(wanted, "")
        if wanted.startswith("semver:"):
            return self._newest(wanted.removeprefix("semver:"))
        if wanted and not _NAME.fullmatch(wanted) and not _RANGE.search(wanted):
            raise FetchError(
                f"{wanted[:80]!a} is no name of a branch, tag or commit", where=self.url
            )
        refs = self._refs()
        for name in _names(wanted):
            if name in refs:
                return Found(refs.get(f"{name}^{{}}", refs[name]), name)
        if _RANGE.search(wanted):
            return self._newest(wanted)
        if _SHORT.fullmatch(wanted):
            hint = "write all 40 letters of the commit: a server is not asked by fewer"
        else:
            hint = "the branch or tag may be gone, or be called otherwise"
        raise FetchError(f"has no branch or tag {wanted or 'HEAD'}", where=self.url, hint=hint)

    def fetch(self, found: Found, into: Filled, room: str) -> None:
        """Write the tree of the commit into the folder; `room` is a folder to work in."""
        room = os.path.abspath(room)
        box = os.path.join(room, "git")
        self._run(room, "init", "--quiet", "--bare", "--template=", box)
        self._fetched(box, found)
        _Tree(self, box, found.commit).write(into)

    def _fetched(self, box: str, found: Found) -> None:
        """Bring the commit into `box`: alone if the server gives it, else with what it is on."""
        plain = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
        error: FetchError | None = None
        for words in (
            ("--depth=1", "--", self.url, found.commit),
            ("--depth=1", "--", self.url, found.name),
            ("--", self.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"),
        ):
            if not words[-1]:
                continue
            try:
                self._run(box, *plain, *words)
                self._run(box, "cat-file", "-e", f"{found.commit}^{{commit}}")
                return
            except FetchError as failed:
                error = error or failed
                if "longer" in failed.problem or "larger" in failed.problem:
                    raise
        hint = "the commit may be gone: the branch or tag was moved, or its history rewritten"
        raise FetchError(error.problem if error else "", where=self.url, hint=hint) from error

    def _newest(self, wanted: str) -> Found:
        refs = self._refs()
        tags = {it.removeprefix("refs/tags/") for it in refs if it.startswith("refs/tags/")}
        try:
            tag = semver.newest((it for it in tags if not it.endswith("^{}")), wanted)
        except semver.BadRangeError as error:
            raise FetchError(str(error), where=self.url) from error
        if not tag:
            raise FetchError(f"has no tag in the range {wanted}", where=self.url)
        name = f"refs/tags/{tag}"
        return Found(refs.get(f"{name}^{{}}", refs[name]), name)

    def _refs(self) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as empty:
            out = self._run(empty, "ls-remote", "--quiet", "--", self.url)
        found = {}
        for line in out.decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            if _COMMIT.fullmatch(commit):
                found[name] = commit
        return found

    def _run(self, folder: str, *words: str) -> bytes:
        """What git prints, run in `folder`. Raises FetchError where it fails, or takes too much."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
            process = self.start(folder, words, out, told)
            problem = _watched(process, folder, out)
            if problem:
                raise FetchError(problem, where=self.url)
            if process.returncode:
                told.seek(0)
                raise FetchError(
                    f"git: {_last(told.read(_PIECE))}",
                    where=self.url,
                    hint="git ls-remote with this address should work by hand",
                )
            out.seek(0)
            return out.read()

    def start(
        self,
        folder: str,
        words: Sequence[str],
        out: IO[bytes] | int,
        told: IO[bytes] | int,
        source: IO[bytes] | int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - git alone, and no shell
                ["git", *_OURS, *words],  # noqa: S607 - the user's git
                cwd=folder,
                env=self._environment,
                stdin=source,
                stdout=out,
                stderr=told,
                # Without a terminal nothing can ask, and all that it starts can be ended with it.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            said = "git is not installed, and fetches this"
            raise FetchError(said, where=self.url, hint="install git") from error


class _Entry(NamedTuple):
    mode: str
    blob: str
    size: int
    name: str


class _Tree:
    """The files of a commit in the bare repository `box`."""

    def __init__(self, git: Git, box: str, commit: str) -> None:
        self.git = git
        self.box = box
        self.commit = commit

    def write(self, into: Filled) -> None:
        entries = list(self._entries(into))
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{it.blob}\n" for it in entries).encode())
            asked.seek(0)
            words = ("cat-file", "--batch")
            process = self.git.start(
                self.box, words, subprocess.PIPE, subprocess.DEVNULL, source=asked
            )
            try:
                for it in entries:
                    self._one(it, cast("IO[bytes]", process.stdout), into)
            finally:
                _end(process)
        into.finish()

    def _one(self, it: _Entry, out: IO[bytes], into: Filled) -> None:
        head = out.readline(200).decode("ascii", "replace").split()
        if head[:2] != [it.blob, "blob"] or head[2:] != [str(it.size)]:
            raise FetchError(f"lacks the content of {it.name[:80]!a}", where=self.git.url)
        if it.mode == _LINK:
            into.link(it.name, out.read(it.size).decode("utf-8", "surrogateescape"))
        else:
            into.file(it.name, _pieces(out, it.size))
        out.read(1)

    def _entries(self, into: Filled) -> Iterator[_Entry]:
        words = ("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit)
        listed = self.git._run(self.box, *words).decode("utf-8", "surrogateescape").split("\0")
        if len(listed) > MOST_FILES:
            raise FetchError(f"holds more than {MOST_FILES:,} files", where=self.git.url)
        total = 0
        for line in filter(None, listed):
            head, _, name = line.partition("\t")
            mode, _, blob, size = head.split()
            if mode == _MODULE or trouble_of_name(name):
                into.left_out.append(name)
                continue
            total += int(size)
            if int(size) > LARGEST_FILE or total > LARGEST:
                said = f"holds more than {LARGEST >> 20} MiB, or a file of more than "
                raise FetchError(f"{said}{LARGEST_FILE >> 20} MiB", where=self.git.url)
            yield _Entry(mode, blob, int(size), name)


def _names(wanted: str) -> tuple[str, ...]:
    """The full names that git would try, in its order (gitrevisions)."""
    if wanted in ("", "HEAD"):
        return ("HEAD",)
    return (wanted, f"refs/{wanted}", f"refs/tags/{wanted}", f"refs/heads/{wanted}")


def _environment(allowed: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return {
        **kept,
        "GIT_ALLOW_PROTOCOL": allowed,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "SSH_ASKPASS": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CEILING_DIRECTORIES": "/",
        "LC_ALL": "C",
    }


def _watched(process: subprocess.Popen[bytes], folder: str, out: IO[bytes]) -> str:
    """Wait for the end, and make one where it takes too long or too much: then why."""
    ends = time.monotonic() + _SECONDS
    pause, problem = 0.01, ""
    try:
        while process.poll() is None and not problem:
            try:
                process.wait(pause)
            except subprocess.TimeoutExpired:
                pause = min(pause * 2, 0.5)
            if time.monotonic() > ends:
                problem = f"takes longer than {_SECONDS} seconds"
            elif _size(folder) > _LARGEST_PACK or os.fstat(out.fileno()).st_size > _LARGEST_ANSWER:
                problem = "is larger than what is fetched of one repository"
    finally:
        _end(process)
    return problem


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, if it has not, and all that it started."""
    if process.poll() is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _size(folder: str) -> int:
    total = 0
    for at, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(at, name)).st_size
            except OSError:
                continue
    return total


def _pieces(out: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        piece = out.read(min(size, _PIECE))
        if not piece:
            raise EOFError
        size -= len(piece)
        yield piece


def _last(told: bytes) -> str:
    lines = [it for it in told.decode("utf-8", "replace").splitlines() if it.strip()]
    said = next((it for it in lines if it.startswith(("fatal:", "error:"))), "")
    said = said or (lines[-1] if lines else "")
    # An address may have become one with credentials, by the user's insteadOf.
    return _USER.sub("://…@", said.partition(": ")[2])[:300] or "it failed"
