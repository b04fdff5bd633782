"""What git knows of a repository: commits, who made them, and files as they were."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from portside.errors import UsageError

_SECONDS = 60
_LARGEST = 1 << 26
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
_PLAIN = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "log.showSignature=no")
_APPROVALS = ("approved-by:", "reviewed-by:")
UNDONE = "nothing was checked"
UNCOMMITTED = "0" * 40


class Commit(NamedTuple):
    """A commit: `approved` are the people its trailers name as having approved or reviewed it."""

    name: str
    author: str
    """The author's address, as the commit has it: no .mailmap is asked."""
    parents: tuple[str, ...]
    approved: tuple[str, ...]


class Repository:
    """The work tree around a folder. Raises UsageError where there is none, or no git."""

    __slots__ = ("root",)

    def __init__(self, folder: str) -> None:
        self.root = folder
        try:
            out = self.ask("rev-parse", "--show-toplevel")
        except _RefusedError as error:
            hint = "waivers can be compared with a revision only in a git repository"
            raise UsageError(f"{folder}: {error}", hint=hint, undone=UNDONE) from error
        self.root = os.path.realpath(out.decode("utf-8", "surrogateescape").rstrip("\n"))

    def ask(self, *words: str) -> bytes:
        """What `git WORDS` prints. Raises UsageError where it fails."""
        command = ["git", *_PLAIN, "-C", self.root, *words]
        try:
            done = subprocess.run(  # noqa: S603 - git alone, and no shell
                command,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                env={**os.environ, **_QUIET},
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise UsageError("git is not installed", undone=UNDONE) from error
        except subprocess.TimeoutExpired as error:
            said = f"git {words[0]} took more than {_SECONDS} seconds"
            raise UsageError(said, undone=UNDONE) from error
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it failed"]
            raise _RefusedError(f"git {words[0]}: {lines[0]}", undone=UNDONE)
        return done.stdout

    def below(self, file: str) -> str | None:
        """The path of `file` from the root, with `/` between; None where it is elsewhere."""
        path = os.path.relpath(os.path.realpath(file), self.root)
        return None if path.startswith(os.pardir) else path.replace(os.sep, "/")

    def commit(self, revision: str) -> str:
        """The commit that `revision` names. Raises UsageError where it is not here."""
        try:
            return self._commit(revision)
        except _RefusedError as error:
            hint = "no branch, tag or commit is called that"
            if self.shallow():
                hint = (
                    "this clone is shallow and does not hold it: git fetch --unshallow, or "
                    "fetch-depth: 0 for actions/checkout"
                )
            said = f"--base {revision}: it is not known here"
            raise UsageError(said, hint=hint, undone=UNDONE) from error

    def _commit(self, revision: str) -> str:
        out = self.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        return out.decode().strip()

    def shallow(self) -> frozenset[str]:
        """The commits whose parents this clone does not hold."""
        path = self.ask("rev-parse", "--git-path", "shallow").decode().rstrip("\n")
        try:
            with open(os.path.join(self.root, path), encoding="ascii") as file:
                return frozenset(file.read().split())
        except OSError:
            return frozenset()

    def fork(self, base: str) -> str:
        """The last commit that `base` and HEAD have in common. Raises UsageError for none."""
        try:
            return self.ask("merge-base", base, "HEAD").decode().split()[0]
        except _RefusedError as error:
            hint = "the two have no common history"
            if self.shallow():
                hint = "this clone is shallow: git fetch --unshallow, or fetch-depth: 0"
            said = f"--base: {base[:12]} and HEAD do not meet"
            raise UsageError(said, hint=hint, undone=UNDONE) from error

    def since(self, base: str, paths: Sequence[str]) -> list[Commit]:
        """The commits behind `base` that touch one of `paths`, oldest first.

        Raises UsageError where the clone is cut off between the two.
        """
        cut = self.shallow()
        if cut:
            known = self.ask("rev-list", "HEAD", f"^{base}").decode().split()
            if cut.intersection(known):
                hint = "git fetch --unshallow, or fetch-depth: 0 for actions/checkout"
                said = "this clone is shallow: its history ends before --base is reached"
                raise UsageError(said, hint=hint, undone=UNDONE)
        names = self.ask(
            *("rev-list", "--reverse", "--topo-order", "--full-history", "HEAD", f"^{base}"),
            *("--", *(f":(top,literal){it}" for it in paths)),
        )
        return [self.read(name) for name in names.decode().split()]

    def read(self, name: str) -> Commit:
        """The commit called `name`."""
        form = "%H%x00%ae%x00%P%x00%(trailers:only,unfold)"
        out = self.ask("log", "-1", f"--format={form}", "--no-ext-diff", name, "--")
        full, author, parents, trailers = out.decode("utf-8", "replace").split("\0", 3)
        return Commit(full, author, tuple(parents.split()), tuple(_approved(trailers)))

    def content(self, commit: str, path: str) -> bytes | None:
        """The bytes of `path` as of `commit`; None where it was not there."""
        listed = self.ask("ls-tree", "-l", "--full-tree", commit, "--", path)
        parts = listed.split(maxsplit=4)
        if len(parts) < 5 or parts[1] != b"blob" or int(parts[3]) > _LARGEST:
            return None
        return self.ask("cat-file", "blob", parts[2].decode())

    def names(self, path: str, base: str) -> list[str]:
        """What the file at `path` was called in the commits behind `base`, and in `base` itself."""
        found = [path]
        out = self.ask(
            *("log", "--follow", "--name-status", "--format=", "-z", "-M", f"{base}..HEAD"),
            *("--", f":(top,literal){path}"),
        )
        words = out.decode("utf-8", "surrogateescape").split("\0")
        for at, word in enumerate(words):
            if word.lstrip("\n").startswith("R") and len(words) > at + 1:
                found.append(words[at + 1])
        return list(dict.fromkeys(found))

    def changed(self, base: str) -> dict[str, str]:
        """What the work tree has that `base` has otherwise: each path with what it was called."""
        words = _words(self.ask("diff", "--name-status", "--no-ext-diff", "-z", "-M", base, "--"))
        found: dict[str, str] = {}
        for status in words:
            name = next(words, "")
            now = next(words, "") if status.startswith(("R", "C")) else name
            found[now] = name
        new = self.ask("ls-files", "--others", "--exclude-standard", "-z", "--full-name", ":/")
        return found | {it: it for it in _words(new)}

    def added_by(self, path: str, line: int, base: str) -> Commit | None:
        """The commit behind `base` that wrote the line; None for one that is not committed."""
        words = ("--porcelain", "-M", "-L", f"{line},{line}", f"^{base}")
        out = self.ask("blame", *words, "--", path)
        name = out.decode("utf-8", "replace").split(" ", 1)[0].lstrip("^")
        return None if name == UNCOMMITTED or not name else self.read(name)


class _RefusedError(UsageError):
    """Git knows no answer."""


def _words(out: bytes) -> Iterator[str]:
    return iter([it for it in out.decode("utf-8", "surrogateescape").split("\0") if it])


def _approved(trailers: str) -> Iterator[str]:
    for line in trailers.splitlines():
        key = next((it for it in _APPROVALS if line.casefold().startswith(it)), None)
        if key:
            yield line[len(key) :].strip()
