"""What Flux fills into objects after a build: `${name}` and the forms of it that bash has, too.

Source: github.com/fluxcd/pkg/envsubst 1.9 and pkg/kustomize 1.44. The tests ask 1.41 of the latter,
the last that Go 1.26 builds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from portside.records import NamedTuple
from portside.render.environment import Substitution
from portside.render.gitops.told import map_of
from portside.render.globs import BadGlobError, free_fit
from portside.syntax import Document, read

_MARK = "kustomize.toolkit.fluxcd.io/substitute"
_NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*\Z")
_NUMBER = re.compile(r"[+-]?[0-9]+\Z")
_DEEPEST = 50
_LONGEST_TRIMMED = 4096
_DEFAULTS = ("=", ":=", ":-", ":?", ":+")


class SubstitutionError(ValueError):
    """A text that Flux refuses: what it is, and on which line."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Substituted(NamedTuple):
    """A text with its variables filled in; `missing` are those that no value is known of."""

    text: str
    missing: tuple[str, ...] = ()


def substitute(text: str, substitution: Substitution) -> Substituted:
    """The documents of `text` with what `substitution` says; lines stay where they are.

    Objects that are marked as not to be touched are not. Nothing happens where there is no value
    at all. Raises SubstitutionError.
    """
    if not substitution.values and not substitution.undecided:
        return Substituted(text)
    for name in substitution.values:
        if not _NAME.match(name):
            raise SubstitutionError(f"{name!r} is no name of a variable")
    made, missing, line = [], dict[str, None](), 1
    for part in _documents(text):
        if _MARK in part and _is_disabled(part):
            made.append(part)
        else:
            try:
                filled = _Scan(part, substitution, missing).text()
            except SubstitutionError as error:
                raise SubstitutionError(error.reason, line + error.line) from error
            made.append(filled)
        line += part.count("\n")
    return Substituted("".join(made), tuple(missing))


def _documents(text: str) -> list[str]:
    """The documents with the lines between them, which together are the text."""
    found, begin = [], 0
    for mark in re.finditer(r"^---[ \t]*$\n?", text, re.MULTILINE):
        found.append(text[begin : mark.end()])
        begin = mark.end()
    return [*found, text[begin:]]


def _is_disabled(part: str) -> bool:
    for document in read(part.encode()):
        value = document.value if isinstance(document, Document) else None
        metadata = map_of(map_of(value).get("metadata"))
        for key in ("labels", "annotations"):
            if map_of(metadata.get(key)).get(_MARK) == "disabled":
                return True
    return False


class _Scan:
    """Goes through one text once, from left to right."""

    def __init__(self, text: str, substitution: Substitution, missing: dict[str, None]) -> None:
        self.source = text
        self.at = 0
        self.values: Mapping[str, Any] = substitution.values
        self.strict = substitution.strict
        self.missing = missing
        self.depth = 0

    def text(self) -> str:
        """All of it, filled in."""
        made = []
        while self.at < len(self.source):
            mark = self.source.find("$", self.at)
            if mark < 0:
                break
            made.append(self.source[self.at : mark])
            self.at = mark
            if self._looks_at("$$"):
                made.append("$")
                self.at += 2
            elif self._looks_at("${"):
                made.append(self._variable())
            else:
                made.append("$")
                self.at += 1
        return "".join([*made, self.source[self.at :]])

    def _looks_at(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def _next(self) -> str:
        return self.source[self.at : self.at + 1]

    def _refuse(self, reason: str) -> SubstitutionError:
        return SubstitutionError(reason, self.source.count("\n", 0, self.at))

    def _variable(self) -> str:
        """What `${…}` becomes, which begins here."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._refuse(f"variables in variables, more than {_DEEPEST} deep")
        self.at += 2
        if self._next() == "#":
            self.at += 1
            name = self._name()
            made = str(len(self._value(name, False).encode()))
            self._close()
        else:
            made = self._operated(self._name())
        self.depth -= 1
        return made

    def _name(self) -> str:
        begin = self.at
        while self._next().isalpha() or self._next().isdecimal() or self._next() == "_":
            self.at += 1
        if begin == self.at:
            raise self._refuse("a name of a variable is missing behind ${")
        return self.source[begin : self.at]

    def _operated(self, name: str) -> str:
        letter = self._next()
        pair = self.source[self.at : self.at + 2]
        if pair in _DEFAULTS or letter == "=":
            return self._default(name, pair if pair in _DEFAULTS else "=")
        known: dict[str, Callable[[str], str]] = {
            ":": self._part,
            ",": self._cased,
            "^": self._cased,
            "/": self._replaced,
            "#": self._trimmed,
            "%": self._trimmed,
        }
        if letter in known:
            return known[letter](name)
        self._close("a brace that is not closed, or an operator that Flux does not know")
        return self._value(name, False)

    def _value(self, name: str, has_default: bool) -> str:
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        if not has_default:
            self.missing[name] = None
            if self.strict:
                raise self._refuse(f"the variable {name} has no value")
        return ""

    def _close(self, reason: str = "a brace that is not closed") -> None:
        if self._next() != "}":
            raise self._refuse(reason)
        self.at += 1

    def _default(self, name: str, operator: str) -> str:
        """`${name:=text}`, which may hold variables; all operators of its kind mean the same."""
        self.at += len(operator)
        made = []
        while self._next() != "}":
            made.append(self._argument("}"))
        self._close()
        return self._value(name, True) or "".join(made)

    def _argument(self, ends: str, escapes: bool = False) -> str:
        """A variable, or a text up to one of `ends` or a variable; it is not empty."""
        if self._looks_at("${"):
            return self._variable()
        made = []
        while self.at < len(self.source) and not self._looks_at("${"):
            pair = self.source[self.at : self.at + 2]
            if escapes and pair in ("$$", "\\/", "\\\\"):
                made.append(pair[1])
                self.at += 2
            elif self._next() in ends:
                break
            else:
                made.append(self._next())
                self.at += 1
        if not made:
            raise self._refuse("something is missing in what stands in the braces")
        return "".join(made)

    def _cased(self, name: str) -> str:
        begin = self.at
        while self._next() in (",", "^") and self._next() and self.at - begin < 2:
            self.at += 1
        operator = self.source[begin : self.at]
        self._close()
        value = self._value(name, False)
        if operator in (",", "^"):
            first = value[:1].lower() if operator == "," else value[:1].upper()
            return first + value[1:]
        if operator in (",,", "^^"):
            return value.lower() if operator == ",," else value.upper()
        return value

    def _part(self, name: str) -> str:
        """`${name:begin}` and `${name:begin:length}`, counted in bytes."""
        self.at += 1
        numbers = [self._argument(":}")]
        if self._next() == ":":
            while self._next() == ":":
                self.at += 1
            numbers.append(self._argument("}"))
        self._close()
        value = self._value(name, False).encode()
        if not _NUMBER.match(numbers[0]):
            return value.decode()
        begin = int(numbers[0])
        begin = max(0, len(value) + begin) if begin < 0 else begin
        if len(numbers) == 1:
            return value[begin:].decode(errors="replace")
        if not _NUMBER.match(numbers[1]):
            return value.decode()
        length = int(numbers[1])
        end = len(value) + length if length < 0 else begin + length
        return value[begin:end].decode(errors="replace") if end >= begin else ""

    def _replaced(self, name: str) -> str:
        """`/` the first, `//` all, `/#` at the beginning, `/%` at the end; the new may be empty."""
        operator = "/"
        self.at += 1
        if self._next() and self._next() in "/#%":
            operator += self._next()
            self.at += 1
        old, new = self._argument("/", True), None
        if self._next() != "/":
            raise self._refuse("a slash is missing")
        while self._next() == "/":
            self.at += 1
        if self._next() != "}":
            new = self._argument("}", True)
        self._close()
        value = self._value(name, False)
        if operator in ("/", "//"):
            return value.replace(old, new or "", 1 if operator == "/" else -1)
        if new is not None and operator == "/#" and value.startswith(old):
            return new + value[len(old) :]
        if new is not None and operator == "/%" and value.endswith(old):
            return value[: len(value) - len(old)] + new
        return value

    def _trimmed(self, name: str) -> str:
        """`#` and `##` what a glob fits at the beginning, `%` and `%%` at the end."""
        letter, begin = self._next(), self.at
        while self._next() == letter and self.at - begin < 2:
            self.at += 1
        longest = self.at - begin == 2
        glob = self._argument("}")
        self._close()
        value = self._value(name, False)
        if len(value) > _LONGEST_TRIMMED:
            raise self._refuse(f"{name} is longer than what is trimmed here")
        if letter == "#":
            return _without_head(value, glob, longest)
        return _without_head(value[::-1], glob[::-1], longest)[::-1]


def _without_head(value: str, glob: str, longest: bool) -> str:
    lengths = range(len(value), 0, -1) if longest else range(1, len(value) + 1)
    try:
        length = next((it for it in lengths if free_fit(glob, value[:it])), 0)
    except BadGlobError:
        return value
    return value[length:]
