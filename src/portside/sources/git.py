"""What git knows of a repository: commits, who made them, and files as they were."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence

from portside.errors import UsageError
from portside.records import NamedTuple

_SECONDS = 60
_LARGEST = 1 << 26
_QUIET = {
    **{"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_PAGER": "cat"},
    # What a clone left out stays out: nothing is fetched, and nothing stands in for a commit.
    **{"GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"},
}
_PLAIN = (
    *("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "log.showSignature=no"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never"),
)
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

    __slots__ = ("_folder", "root")

    def __init__(self, folder: str, what: str = "waivers") -> None:
        self._folder = folder
        self.root = folder
        """Where the files are: what stands for the work tree, if that is another folder."""
        try:
            out = self.ask("rev-parse", "--show-toplevel")
        except _RefusedError as error:
            hint = f"{what} can be compared with a revision only in a git repository"
            raise UsageError(f"{folder}: {error}", hint=hint, undone=UNDONE) from error
        self._folder = self.root = os.path.realpath(
            out.decode("utf-8", "surrogateescape").rstrip("\n")
        )

    def ask(self, *words: str) -> bytes:
        """What `git WORDS` prints. Raises UsageError where it fails."""
        try:
            done = subprocess.run(  # noqa: S603 - git alone, and no shell
                self.command(*words),
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                env=environment(),
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

    def holds(self, commit: str, texts: Sequence[str]) -> bool:
        """Whether a file of the commit holds one of `texts`."""
        try:
            words = [word for it in texts for word in ("-e", it)]
            self.ask("grep", "-q", "-F", *words, commit, "--")
        except _RefusedError:
            return False  # it fails where there is none
        return True

    def command(self, *words: str) -> list[str]:
        """`git WORDS` in this repository, for a process of its own."""
        return ["git", *_PLAIN, "-C", self._folder, *words]

    def known(self, revision: str) -> bool:
        """Whether `revision` names a commit that is here."""
        try:
            return bool(self._commit(revision))
        except _RefusedError:
            return False

    def is_clean(self) -> bool:
        """Whether the work tree is what the last commit has, and no more."""
        return not self.ask("status", "--porcelain", "--untracked-files=normal", "-z")

    def below(self, file: str) -> str | None:
        """The path of `file` from the root, with `/` between; None where it is elsewhere."""
        path = os.path.relpath(os.path.realpath(file), self.root)
        return None if path.startswith(os.pardir) else path.replace(os.sep, "/")

    def commit(self, revision: str, option: str = "--base ") -> str:
        """The commit that `revision`, given to `option`, names. Raises UsageError for none."""
        try:
            return self._commit(revision)
        except _RefusedError as error:
            hint = "no branch, tag or commit is called that"
            if self.shallow():
                hint = (
                    "this clone is shallow and does not hold it: git fetch --unshallow, or "
                    "fetch-depth: 0 for actions/checkout"
                )
            said = f"{option}{revision}: it is not known here"
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
            with open(os.path.join(self._folder, path), encoding="ascii") as file:
                return frozenset(file.read().split())
        except OSError:
            return frozenset()

    def fork(self, base: str, head: str = "HEAD", option: str = "--base: ") -> str:
        """The last commit that `base` and `head` have in common. Raises UsageError for none."""
        try:
            return self.ask("merge-base", base, head).decode().split()[0]
        except _RefusedError as error:
            hint = "the two have no common history"
            if self.shallow():
                hint = "this clone is shallow: git fetch --unshallow, or fetch-depth: 0"
            said = f"{option}{base[:12]} and {head[:12]} do not meet"
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

    def changed(self, base: str, head: str = "") -> dict[str, str]:
        """What `head` (or the work tree) has that `base` has otherwise, or has not.

        Each path with what it was called; what is gone stands under its old name.
        """
        form = ("--name-status", "--no-ext-diff", "--no-relative", "-z", "-M")
        revisions = (base, head) if head else (base,)
        listed = self.ask("diff", *form, "--ignore-submodules=none", *revisions, "--")
        words = _words(listed)
        found: dict[str, str] = {}
        for status in words:
            name = next(words, "")
            now = next(words, "") if status.startswith(("R", "C")) else name
            found[now] = name
        if head:
            return found
        new = self.ask("ls-files", "--others", "--exclude-standard", "-z", "--full-name", ":/")
        return found | {it: it for it in _words(new)}

    def added_by(self, path: str, line: int, base: str) -> Commit | None:
        """The commit behind `base` that wrote the line; None for one that is not committed."""
        words = ("--porcelain", "-M", "-L", f"{line},{line}", f"^{base}")
        out = self.ask("blame", *words, "--", path)
        name = out.decode("utf-8", "replace").split(" ", 1)[0].lstrip("^")
        return None if name == UNCOMMITTED or not name else self.read(name)


def environment() -> dict[str, str]:
    """What git is started with: nobody's GIT_DIR or GIT_INDEX_FILE leads it elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_QUIET}


class _RefusedError(UsageError):
    """Git knows no answer."""


def _words(out: bytes) -> Iterator[str]:
    return iter([it for it in out.decode("utf-8", "surrogateescape").split("\0") if it])


def _approved(trailers: str) -> Iterator[str]:
    for line in trailers.splitlines():
        key = next((it for it in _APPROVALS if line.casefold().startswith(it)), None)
        if key:
            yield line[len(key) :].strip()
