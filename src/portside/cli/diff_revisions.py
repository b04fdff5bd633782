"""Which two states `portside diff` compares: its words read, and the default branch found."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from portside.diff.model import Side
from portside.errors import UsageError
from portside.records import NamedTuple
from portside.sources.git import Repository

UNDONE = "nothing was compared"
_WORK_TREE = Side("the work tree", "")
_TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET")
"""Variables in which CI services name the branch that a change is to be merged into."""
_USUAL = ("main", "master")
_HEAD = "refs/remotes/origin/HEAD"


class Compared(NamedTuple):
    """What is compared in which repository, and the paths that it is narrowed to."""

    repository: Repository
    before: Side
    after: Side
    paths: tuple[str, ...]


def compared_by(words: Sequence[str]) -> Compared:
    """What `[REV|REV..REV] [PATH…]` asks for. Raises UsageError."""
    for word in words:
        if word.startswith("-"):
            hint = "what begins with - is no revision, and standard input has no history"
            raise UsageError(f"{word}: neither a revision nor a path", hint=hint, undone=UNDONE)
    repository = _repository(words)
    if not repository.known("HEAD"):
        hint = "portside scan judges what is there"
        raise UsageError("there is no commit yet to compare with", hint=hint, undone=UNDONE)
    revision, paths = _parted(words, repository)
    before, after = _sides(revision, repository)
    for path in paths:
        if repository.below(path) is None:
            said = f"{path}: is not in the repository {repository.root}"
            raise UsageError(said, hint="one repository is compared with itself", undone=UNDONE)
    return Compared(repository, before, after, tuple(paths))


def _repository(words: Sequence[str]) -> Repository:
    """That of the current folder, or else of the first path that exists. Raises UsageError."""
    try:
        return Repository(os.curdir, "files")
    except UsageError:
        path = next((it for it in words if os.path.exists(it)), "")
        if not path:
            raise
        return Repository(path if os.path.isdir(path) else os.path.dirname(path) or ".", "files")


def _parted(words: Sequence[str], repository: Repository) -> tuple[str, Sequence[str]]:
    """The revision, which may be missing, and the paths."""
    if not words:
        return "", ()
    first, exists = words[0], os.path.lexists(words[0])
    is_revision = (_is_range(first) and not exists) or repository.known(first)
    if is_revision and exists:
        hint = f"refs/heads/{first} is the branch, ./{first} the path"
        raise UsageError(f"{first} is a revision and a path", hint=hint, undone=UNDONE)
    if is_revision:
        return first, words[1:]
    if not exists and not _was_there(first, repository):
        repository.commit(first, "")
    return "", words


def _was_there(path: str, repository: Repository) -> bool:
    """Whether the last commit has something at the path, which is gone from the disk."""
    below = repository.below(path)
    return bool(below) and bool(repository.ask("ls-tree", "--full-tree", "HEAD", "--", str(below)))


def _is_range(word: str) -> bool:
    return ".." in word and not word.startswith(("./", "../", "/")) and word != ".."


def _sides(revision: str, repository: Repository) -> tuple[Side, Side]:
    if not revision:
        return _since_fork(repository), _WORK_TREE
    mark = "..." if "..." in revision else ".."
    first, dots, last = revision.partition(mark)
    for name in (first, last):
        if name.startswith("-"):
            raise UsageError(f"{name}: no revision begins with -", undone=UNDONE)
    first, last = first or "HEAD", last or "HEAD"
    base = repository.commit(first, "")
    if not dots:
        return Side(first, base), _WORK_TREE
    head = repository.commit(last, "")
    if mark == "...":
        fork = repository.fork(base, head, f"{revision}: ")
        return Side(f"where {last} left {first}", fork), Side(last, head)
    return Side(first, base), Side(last, head)


def _since_fork(repository: Repository) -> Side:
    """Where this branch left the default branch; on that branch itself, its last commit."""
    for name in _default_branches(repository):
        if repository.known(name):
            commit = repository.commit(name, "")
            fork = repository.fork(commit, "HEAD", f"{name}: ")
            shown = name.removeprefix("refs/remotes/").removeprefix("refs/heads/")
            return Side(f"where HEAD left {shown}", fork)
    hint = "name it: portside diff REV"
    if repository.shallow():
        hint = "fetch it (fetch-depth: 0 for actions/checkout), or name a revision"
    raise UsageError("no default branch is known here", hint=hint, undone=UNDONE)


def _default_branches(repository: Repository) -> Iterator[str]:
    for variable in _TARGETS:
        name = os.environ.get(variable, "")
        if name:
            yield f"refs/remotes/origin/{name}"
    if repository.known(_HEAD):
        target = repository.ask("rev-parse", "--symbolic-full-name", _HEAD)
        yield target.decode("utf-8", "surrogateescape").strip()
    for name in _USUAL:
        yield f"refs/remotes/origin/{name}"
    for name in _USUAL:
        yield f"refs/heads/{name}"
