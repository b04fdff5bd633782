"""Which functions exist, of which types, since which Kubernetes version, and who implements them.

A declaration is a line: `name|arguments -> result = module.function`, `.name` for a member, whose
receiver is the first argument; capital letters are type parameters, `...` after the last argument
lets it repeat. A library is a block of such lines
with the dialects and the version it belongs to. Modules are below `portside.cel`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from portside.cel.types import Type, parse_type
from portside.records import NamedTuple

NEWEST = 37
"""The newest Kubernetes minor version known."""


class Overload(NamedTuple):
    """One signature of a function. A member's receiver is its first argument."""

    name: str
    member: bool
    arguments: tuple[Type, ...]
    result: Type
    repeats: bool
    implementation: str
    """`module.function`, below `portside.cel`."""

    def takes(self, size: int, member: bool) -> bool:
        """Whether it can be called with `size` arguments in this way."""
        fits = len(self.arguments) == size or (self.repeats and size >= len(self.arguments))
        return fits and self.member is member


class Library(NamedTuple):
    """A block of declarations: in the full language (`cel`) or not, and in Kubernetes since 1.N."""

    name: str
    lines: str
    cel: bool = True
    since: int = 0
    """The first Kubernetes minor version that has it; 1000 where none has."""
    until: int = 1000
    """The first that no longer has it."""


Functions = dict[str, tuple[Overload, ...]]


def functions(dialect: str, minor: int) -> Functions:
    """Every function of `dialect` (`cel`, or `kubernetes` at version 1.`minor`) by name."""
    from portside.cel.libraries import LIBRARIES

    found: dict[str, list[Overload]] = {}
    for library in LIBRARIES:
        if library.cel if dialect == "cel" else library.since <= minor < library.until:
            for overload in overloads(library):
                found.setdefault(overload.name, []).append(overload)
    return {name: tuple(those) for name, those in found.items()}


def fitting(known: Functions, name: str, size: int, member: bool) -> tuple[str, ...]:
    """The implementations of `name` that take `size` arguments, the receiver one of them."""
    found = (it.implementation for it in known.get(name, ()) if it.takes(size, member))
    return tuple(dict.fromkeys(found))


@cache
def overloads(library: Library) -> tuple[Overload, ...]:
    """The signatures that `library` declares."""
    return tuple(_overload(line.strip()) for line in library.lines.splitlines() if line.strip())


def _overload(line: str) -> Overload:
    signature, _, implementation = line.rpartition(" = ")
    head, _, result = signature.rpartition(" -> ")
    called, _, arguments = head.partition("|")
    name, member = called, called.startswith(".")
    texts = list(_split(arguments))
    repeats = bool(texts) and texts[-1].endswith("...")
    return Overload(
        name=name.removeprefix("."),
        member=member,
        arguments=tuple(parse_type(text.removesuffix("...")) for text in texts),
        result=parse_type(result),
        repeats=repeats,
        implementation=implementation.strip(),
    )


def _split(text: str) -> Iterable[str]:
    """`text` at the commas that stand in no parentheses."""
    depth, part = 0, ""
    for character in text.replace(" ", ""):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield part
            part = ""
        else:
            part += character
    if part:
        yield part
