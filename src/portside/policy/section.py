"""A map read from a YAML file, asked key by key.

What is missing, unknown or of the wrong type is an error that names file, line and key. Rule files,
`portside.yaml` and waivers are read through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

from portside.errors import ExpectedError, PolicyError
from portside.model.place import FieldPath, dotted
from portside.syntax import Broken, Document, read

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = {dict: "a map", list: "a list", str: "text", int: "a whole number", bool: "true or false"}


class Section:
    """A map at `path` of a document of `file`. `error` is the class of what it raises."""

    __slots__ = ("document", "error", "file", "path", "value")

    def __init__(
        self,
        value: Mapping[str, Any],
        document: Document,
        file: str,
        path: FieldPath = (),
        error: type[ExpectedError] = PolicyError,
    ) -> None:
        self.value = value
        self.document = document
        self.file = file
        self.path = path
        self.error = error

    def where(self, *steps: str | int) -> str:
        line, column = self.document.nearest((*self.path, *steps))
        return f"{self.file}:{line}:{column}"

    def fail(self, problem: str, *steps: str | int, hint: str = "") -> NoReturn:
        """Raise the section's error at the field `steps` below it."""
        name = dotted((*self.path, *steps))
        said = f"{name}: {problem}" if name else problem
        raise self.error(said, where=self.where(*steps), hint=hint)

    def only(self, known: Iterable[str]) -> None:
        """Refuse every key that is not `known`, with the nearest one that is."""
        names = list(known)
        for key in self.value:
            if key not in names:
                near = get_close_matches(str(key), names, 1)
                hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(names)}"
                self.fail("no such key", key, hint=hint)

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of `key`, which must be of `kind`; `default` where it is absent or null."""
        value = self.value.get(key)
        if value is None:
            return default
        self.check(value, kind, key)
        return value

    def check(self, value: object, kind: type, *steps: str | int) -> None:
        if type(value) is not kind:
            got = _WORDS.get(type(value), "null" if value is None else type(value).__name__)
            self.fail(f"expected {_WORDS[kind]}, got {got}", *steps)

    def text(self, key: str, default: str = "") -> str:
        value: str = self.get(key, str, default)
        return value

    def required(self, key: str) -> str:
        if self.value.get(key) in (None, ""):
            self.fail("is required" if key not in self.value else "may not be empty", key)
        return self.text(key)

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """The value of `key`, which must be one of `words`."""
        value = self.required(key) if default is None else self.text(key, default)
        if value not in words:
            near = get_close_matches(value, words, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            self.fail(f"{value!r} is none of {', '.join(words)}", key, hint=meant.strip())
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.value.get(key)
        if value is None:
            return ()
        if type(value) is str:
            return (value,)
        self.check(value, list, key)
        for index, item in enumerate(value):
            self.check(item, str, key, index)
        return tuple(value)

    def section(self, key: str) -> Section:
        """The map at `key`; an empty one where it is absent."""
        value = self.get(key, dict, {})
        return Section(value, self.document, self.file, (*self.path, key), self.error)

    def sections(self, key: str) -> Iterator[Section]:
        """The maps in the list at `key`."""
        for index, item in enumerate(self.get(key, list, [])):
            self.check(item, dict, key, index)
            yield Section(item, self.document, self.file, (*self.path, key, index), self.error)


def open_section(data: bytes, file: str, error: type[ExpectedError] = PolicyError) -> Section:
    """The one document of `data`, which must be a map. Raises `error` for anything else."""
    documents = [it for it in read(data) if isinstance(it, Broken) or it.value is not None]
    for document in documents:
        if isinstance(document, Broken):
            where = f"{file}:{document.line}:{document.column}"
            raise error(document.message, where=where)
        for path, first, last in document.duplicates:
            raise error(
                f"{dotted(path)}: written twice, first on line {first[0]}",
                where=f"{file}:{last[0]}:{last[1]}",
            )
    if len(documents) != 1:
        raise error(f"expected one YAML document, got {len(documents)}", where=file)
    document = documents[0]
    if not isinstance(document, Document) or type(document.value) is not dict:
        raise error("expected a map at the top", where=f"{file}:{document.line}:1")
    return Section(document.value, document, file, (), error)
