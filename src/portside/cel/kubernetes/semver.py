"""Semantic versions, strict (semver.org 2.0.0) or normalised first.

Source: k8s.io/apiserver/pkg/cel/library/semverlib.go, github.com/blang/semver.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import Opaque

_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")

Identifier = tuple[int, int, str]
"""(0, number, "") for a number, (1, 0, word) for a word: in this order they compare."""


class Semver(Opaque):
    """A version; `build` does not count in comparisons."""

    __slots__ = ("build", "numbers", "prerelease")

    type_name = "kubernetes.Semver"

    def __init__(
        self,
        numbers: tuple[int, int, int],
        prerelease: tuple[Identifier, ...],
        build: tuple[str, ...],
    ) -> None:
        self.numbers = numbers
        self.prerelease = prerelease
        self.build = build

    def __eq__(self, other: object) -> bool:
        return type(other) is Semver and self.compared(other) == 0

    def __hash__(self) -> int:
        return hash(("semver", self.numbers, self.prerelease))

    def __repr__(self) -> str:
        return f"semver({self.text()!r})"

    def text(self) -> str:
        """The version as it is written."""
        made = ".".join(str(it) for it in self.numbers)
        if self.prerelease:
            made += "-" + ".".join(word or str(number) for _, number, word in self.prerelease)
        return f"{made}+{'.'.join(self.build)}" if self.build else made

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression."""
        if type(other) is not Semver:
            raise no_overload("_==_")
        return self.compared(other) == 0

    def compared(self, other: Any) -> int:
        """-1, 0 or 1; `other` must be a version too."""
        one, another = _rank(self), _rank(_semver("compareTo", other))
        return (one > another) - (one < another)


def _rank(version: Semver) -> tuple[tuple[int, int, int], bool, tuple[Identifier, ...]]:
    return version.numbers, not version.prerelease, version.prerelease


def parse_semver(text: str) -> Semver:
    """The version that `text` writes. Raises CelEvaluationError."""
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise CelEvaluationError("no Major.Minor.Patch elements found")
    rest, plus, build = parts[2].partition("+")
    patch, dash, prerelease = rest.partition("-")
    numbers = (_number("major", parts[0]), _number("minor", parts[1]), _number("patch", patch))
    words = tuple(_identifier(it) for it in prerelease.split(".")) if dash else ()
    marks = tuple(_mark(it) for it in build.split(".")) if plus else ()
    return Semver(numbers, words, marks)


def _number(what: str, text: str) -> int:
    if not text or not set(text) <= _DIGITS:
        raise CelEvaluationError(f"the {what} number is not a number: {text[:40]!r}")
    if len(text) > 1 and text[0] == "0":
        raise CelEvaluationError(f"the {what} number must not have leading zeros: {text[:40]!r}")
    if len(text) > 20 or int(text) >= 1 << 64:
        raise CelEvaluationError(f"the {what} number is too large: {text[:40]!r}")
    return int(text)


def _identifier(text: str) -> Identifier:
    if text and set(text) <= _DIGITS:
        return 0, _number("prerelease", text), ""
    return 1, 0, _mark(text)


def _mark(text: str) -> str:
    if not text or not set(text) <= _WORD:
        raise CelEvaluationError(f"not a part of a version: {text[:40]!r}")
    return text


def normalised(text: str) -> str:
    """`text` without a leading v and leading zeros, completed to three numbers.

    Raises CelEvaluationError for a short version with a pre-release or build part.
    """
    parts = [_without_zeros(it) for it in text.removeprefix("v").split(".", 2)]
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise CelEvaluationError("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return ".".join(parts)


def _without_zeros(part: str) -> str:
    if len(part) <= 1:
        return part
    bare = part.lstrip("0")
    return bare if bare[:1] in _DIGITS and bare else "0" + bare


def _semver(name: str, value: Any) -> Semver:
    if type(value) is Semver:
        return value
    raise no_overload(name)


def semver(text: Any, normalise: Any = False) -> Semver:
    if type(text) is not str or type(normalise) is not bool:
        raise no_overload("semver")
    return parse_semver(normalised(text) if normalise else text)


def is_semver(text: Any, normalise: Any = False) -> bool:
    if type(text) is not str or type(normalise) is not bool:
        raise no_overload("isSemver")
    try:
        semver(text, normalise)
    except CelEvaluationError:
        return False
    return True


def _signed(number: int) -> int:
    """A number of 64 bits as Kubernetes makes an int of it: the largest turn negative."""
    return number - (1 << 64) if number >= 1 << 63 else number


def semver_major(value: Any) -> int:
    return _signed(_semver("major", value).numbers[0])


def semver_minor(value: Any) -> int:
    return _signed(_semver("minor", value).numbers[1])


def semver_patch(value: Any) -> int:
    return _signed(_semver("patch", value).numbers[2])
