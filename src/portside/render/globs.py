"""The globs of those who name files: Go's path.Match, git's pathspecs, and those of Argo CD.

Their time is bounded by the product of the lengths of pattern and text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from portside.records import NamedTuple

_MOST_ALTERNATIVES = 256


class BadGlobError(ValueError):
    """The pattern is none: a class or an alternative that does not end."""


class _Part(NamedTuple):
    """A piece of a pattern: one character out of `ranges` (or not), or any number of such."""

    many: bool
    negated: bool
    ranges: tuple[tuple[str, str], ...]
    below: bool = False
    """Whether it stands for any folders, none too: `**/`."""

    def fits(self, letter: str) -> bool:
        return any(low <= letter <= high for low, high in self.ranges) != self.negated


_ANY = _Part(False, True, ())
_ANY_MANY = _Part(True, True, ())
_IN_STEP = _Part(False, True, (("/", "/"),))
_IN_STEP_MANY = _Part(True, True, (("/", "/"),))
_FOLDERS = _Part(True, True, (), below=True)


def path_match(pattern: str, path: str) -> bool:
    """Whether Go's `path.Match` says so: `*` and `?` stay within a step. Raises BadGlobError."""
    return _matches(list(_parts(pattern, _IN_STEP, _IN_STEP_MANY)), path)


def steps_match(pattern: str, path: str) -> bool:
    """As `path_match`, where `**` between slashes stands for any folders. Raises BadGlobError."""
    parts = list(_parts(pattern, _IN_STEP, _IN_STEP_MANY, doubled=True))
    return _matches(parts, path)


def pathspec_match(pattern: str, path: str) -> bool:
    """Whether `git ls-files -- PATTERN` names the file: `*` crosses slashes, a folder takes all in.

    Raises BadGlobError.
    """
    folder = pattern.rstrip("/")
    if path == folder or path.startswith(f"{folder}/") or folder in ("", "."):
        return True
    return _matches(list(_parts(pattern, _ANY, _ANY_MANY)), path)


def free_match(pattern: str, path: str) -> bool:
    """Whether Argo CD's include and exclude fit: `*` crosses slashes, `{a,b}` are alternatives.

    Raises BadGlobError.
    """
    return any(_matches(list(_parts(it, _ANY, _ANY_MANY)), path) for it in _alternatives(pattern))


def _alternatives(pattern: str) -> list[str]:
    """The patterns without braces that one with braces stands for."""
    done, pending = [], [pattern]
    while pending:
        one = pending.pop()
        begin = one.find("{")
        if begin < 0:
            done.append(one)
            continue
        end, cuts = _closing(one, begin)
        bounds = [begin, *cuts, end]
        for left, right in pairwise(bounds):
            pending.append(one[:begin] + one[left + 1 : right] + one[end + 1 :])
        if len(pending) + len(done) > _MOST_ALTERNATIVES:
            raise BadGlobError(f"{pattern}: too many alternatives")
    return done


def _closing(pattern: str, begin: int) -> tuple[int, list[int]]:
    depth, cuts = 0, []
    for at in range(begin, len(pattern)):
        letter = pattern[at]
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 1:
            cuts.append(at)
        if not depth:
            return at, cuts
    raise BadGlobError(f"{pattern}: a brace that is not closed")


def _parts(pattern: str, one: _Part, many: _Part, doubled: bool = False) -> Iterator[_Part]:
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if doubled and pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            yield _FOLDERS
            at += 3
        elif doubled and pattern[at:] == "**" and (at == 0 or pattern[at - 1] == "/"):
            yield _ANY_MANY
            at += 2
        elif letter == "[":
            part, at = _class(pattern, at)
            yield part
        elif letter == "\\":
            if at + 1 == len(pattern):
                raise BadGlobError(f"{pattern}: nothing behind the backslash at its end")
            yield _letter(pattern[at + 1])
            at += 2
        else:
            yield many if letter == "*" else one if letter == "?" else _letter(letter)
            at += 1


def _letter(letter: str) -> _Part:
    return _Part(False, False, ((letter, letter),))


def _class(pattern: str, at: int) -> tuple[_Part, int]:
    """The class that begins at `at`, and where it ends."""
    end = pattern.find("]", at + 2)
    if end < 0:
        raise BadGlobError(f"{pattern}: a class that is not closed")
    body = pattern[at + 1 : end]
    negated = body[:1] in ("^", "!")
    ranges, index, body = [], 0, body[negated:]
    while index < len(body):
        if body[index + 1 : index + 2] == "-" and index + 2 < len(body):
            ranges.append((body[index], body[index + 2]))
            index += 3
        else:
            ranges.append((body[index], body[index]))
            index += 1
    return _Part(False, negated, tuple(ranges)), end + 1


def _matches(parts: list[_Part], text: str) -> bool:
    states = _onward(parts, {0})
    for letter in text:
        following = set[int]()
        for at in states:
            if at < len(parts) and parts[at].fits(letter):
                following.add(at if parts[at].many else at + 1)
        states = _onward(parts, following, letter == "/")
        if not states:
            return False
    return len(parts) in states


def _onward(parts: list[_Part], states: set[int], at_step: bool = True) -> set[int]:
    """With the states that are reached by leaving out what stands for any number of characters."""
    found, pending = set[int](), list(states)
    while pending:
        at = pending.pop()
        if at in found:
            continue
        found.add(at)
        if at < len(parts) and parts[at].many and (at_step or not parts[at].below):
            pending.append(at + 1)
    return found


def free_fit(pattern: str, text: str) -> bool:
    """Whether a pattern fits whose `*` and `?` stand for slashes, too. Raises BadGlobError."""
    return _matches(list(_parts(pattern, _ANY, _ANY_MANY)), text)
