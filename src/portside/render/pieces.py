"""The documents that a kustomization builds on: of files, and patches within kustomizations."""

from __future__ import annotations

import re
from typing import Any, Final

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.layers import ABSENT, at
from portside.render.tree import Tree
from portside.syntax import Document, read

MERGE_KEYS: Final = (
    "name",
    "containerPort",
    "mountPath",
    "devicePath",
    "topologyKey",
    "ip",
    "port",
    "uid",
    "type",
    "key",
    "host",
)
"""By what items of lists are told apart, the first that an item has."""


class Piece(NamedTuple):
    """A document and where it stands: `outer` leads to the text that it is, if it is one."""

    role: str
    """`base`, `patch` or `kustomization`."""
    file: str
    """Below the root."""
    number: int
    document: Document
    outer: FieldPath = ()
    within: Document | None = None

    @property
    def value(self) -> Any:
        return self.document.value

    def place(self, path: FieldPath) -> tuple[int, int, int]:
        """Line, column and width of a field of it, or of the nearest ancestor."""
        line, column, width = self.document.mark(path)
        if self.within is None:
            return line, column, width
        outer = self.within.value_position(self.outer)
        if outer is None or not self.within.is_literal(self.outer):
            return self.within.mark(self.outer)
        return outer[0] + line, column + self._indent(outer[0]), width

    def _indent(self, line: int) -> int:
        """The column that the lines of a literal block begin at, less one."""
        if self.within is None:
            return 0
        lines = self.within.lines.text.split("\n")[line - self.within.first_line :]
        first = next((it for it in lines if it.strip()), "")
        return len(first) - len(first.lstrip(" "))


class Pieces:
    """The documents of a tree, each read once."""

    __slots__ = ("_of_files", "_of_texts", "tree")

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._of_files: dict[tuple[str, str], list[Piece]] = {}
        self._of_texts: dict[tuple[str, FieldPath], list[Piece]] = {}

    def in_file(self, file: str, role: str) -> list[Piece]:
        """The documents of a file."""
        key = (file, role)
        if key not in self._of_files:
            self._of_files[key] = [
                Piece(role, file, number, it)
                for number, it in enumerate(self.tree.documents(file) or ())
                if isinstance(it, Document)
            ]
        return self._of_files[key]

    def whole(self, file: str) -> Piece | None:
        """The kustomization that a file is."""
        found = self.in_file(file, "kustomization")
        return found[0] if found and isinstance(found[0].value, dict) else None

    def in_text(self, whole: Piece, path: FieldPath, text: str) -> list[Piece]:
        """The documents that the text at `path` of `whole` is."""
        key = (whole.file, path)
        if key not in self._of_texts:
            self._of_texts[key] = [
                Piece("patch", whole.file, number, it, path, whole.document)
                for number, it in enumerate(read(text.encode("utf-8", "surrogateescape")))
                if isinstance(it, Document)
            ]
        return self._of_texts[key]


def counterpart(value: Any, path: FieldPath, other: Any) -> FieldPath | None:
    """The longest part of `path` in `value` that `other` has: items of lists by what tells them.

    None is never returned for the empty path; steps that `other` lacks are left out.
    """
    found: FieldPath = ()
    for step in path:
        below = at(value, (step,))
        here: str | int | None = step
        if type(step) is int:
            here = _item(below, other, step)
        if here is None or at(other, (here,)) is ABSENT:
            return found
        found = (*found, here)
        value, other = below, at(other, (here,))
    return found


def _item(wanted: Any, items: Any, number: int) -> int | None:
    """Which of `items` is the one that became `wanted`."""
    if not isinstance(items, list):
        return None
    if isinstance(wanted, dict):
        for key in MERGE_KEYS:
            if key in wanted:
                return _keyed(items, key, wanted[key])
    same = [at_ for at_, it in enumerate(items) if it == wanted]
    if number in same:
        return number
    return same[0] if same else None


def _keyed(items: list[Any], key: str, value: Any) -> int | None:
    same = [at_ for at_, it in enumerate(items) if isinstance(it, dict) and it.get(key) == value]
    return same[0] if len(same) == 1 else None


def selects(target: dict[str, Any], value: dict[str, Any], names: set[str]) -> bool:
    """Whether the target of a patch selects the object, which is called one of `names`."""
    metadata = value.get("metadata") or {}
    group, _, version = str(value.get("apiVersion", "")).rpartition("/")
    wanted = [
        (target.get("kind"), {str(value.get("kind"))}),
        (target.get("group"), {group}),
        (target.get("version"), {version}),
        (target.get("name"), names),
        (target.get("namespace"), {str(metadata.get("namespace", "")), ""}),
    ]
    if not all(_any(pattern, given) for pattern, given in wanted if pattern):
        return False
    return _labelled(target.get("labelSelector"), metadata.get("labels")) and _labelled(
        target.get("annotationSelector"), metadata.get("annotations")
    )


def _any(pattern: object, given: set[str]) -> bool:
    """Whether an anchored pattern fits one of the texts; simple ones only, the rest by equality."""
    text = str(pattern)
    if re.fullmatch(r"[\w.*|()\-]*", text) and len(text) < 200 and ")*" not in text:
        parts = text.strip("()").split("|")
        return any(_fits(part, it) for part in parts for it in given)
    return text in given


def _fits(pattern: str, text: str) -> bool:
    """`.*` stands for anything, everything else for itself."""
    pieces = pattern.split(".*")
    if len(pieces) == 1:
        return pattern == text
    if not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return False
    return all(it in text for it in pieces)


def _labelled(selector: object, labels: Any) -> bool:
    if not selector:
        return True
    held = labels if isinstance(labels, dict) else {}
    for part in str(selector).split(","):
        key, sign, value = part.partition("=")
        if not sign and part.strip() not in held:
            return False
        if sign and str(held.get(key.strip("! "))) != value.strip("= "):
            return False
    return True
