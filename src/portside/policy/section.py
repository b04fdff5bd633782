"""A map read from a YAML file, asked key by key.

What is missing, unknown or of the wrong type is an error that names file, line and key. Rule files,
`portside.yaml` and waivers are read through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from portside.errors import ExpectedError, PolicyError, did_you_mean
from portside.model.place import FieldPath, dotted
from portside.records import NamedTuple
from portside.syntax import Broken, Document, TooLargeError, read
from portside.syntax.read import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = {dict: "a map", list: "a list", str: "text", int: "a whole number", bool: "true or false"}


class Origin(NamedTuple):
    """The text that sections are parts of. `error` is the class of what they raise."""

    document: Document
    file: str
    data: bytes
    error: type[ExpectedError]


class Section:
    """A map at `path` of the document of `origin`."""

    __slots__ = ("origin", "path", "value")

    def __init__(self, value: Mapping[str, Any], origin: Origin, path: FieldPath = ()) -> None:
        self.value = value
        self.origin = origin
        self.path = path

    @property
    def file(self) -> str:
        return self.origin.file

    @property
    def document(self) -> Document:
        return self.origin.document

    def line(self, *steps: str | int) -> int:
        """The line of the field `steps` below it."""
        return self.document.nearest((*self.path, *steps))[0]

    def fail(self, problem: str, *steps: str | int, hint: str = "") -> NoReturn:
        """Raise the section's error at the field `steps` below it; the mark is under its key."""
        path = (*self.path, *steps)
        width = len(str(path[-1])) if path and self.document.key_position(path) else 1
        self._raise(problem, path, self.document.nearest(path), hint, width)

    def reject(self, problem: str, *steps: str | int, hint: str = "") -> NoReturn:
        """Raise the section's error at the value of the field; the mark is under the value."""
        path = (*self.path, *steps)
        position = self.document.value_position(path)
        if position is None:
            self.fail(problem, *steps, hint=hint)
        key = self.document.nearest(path)
        width = self.document.width(path) - (position[1] - key[1])
        self._raise(problem, path, position, hint, width if position[0] == key[0] else 1)

    def _raise(
        self, problem: str, path: FieldPath, place: tuple[int, int], hint: str, width: int
    ) -> NoReturn:
        name = dotted(path)
        raise self.origin.error(
            f"{name}: {problem}" if name else problem,
            where=f"{self.file}:{place[0]}:{place[1]}",
            hint=hint,
            excerpt=_excerpt(self.origin.data, place, width),
        )

    def only(self, known: Iterable[str]) -> None:
        """Refuse every key that is not `known`, with the nearest one that is."""
        names = list(known)
        for key in self.value:
            if key not in names:
                hint = did_you_mean(str(key), names).strip() or f"known keys: {', '.join(names)}"
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
            self.reject(f"expected {_WORDS[kind]}, got {got}", *steps)

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
            said = f"{value!r} is none of {', '.join(words)}"
            self.reject(said, key, hint=did_you_mean(value, words).strip())
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
        return Section(value, self.origin, (*self.path, key))

    def sections(self, key: str) -> Iterator[Section]:
        """The maps in the list at `key`."""
        for index, item in enumerate(self.get(key, list, [])):
            self.check(item, dict, key, index)
            yield Section(item, self.origin, (*self.path, key, index))


def open_section(data: bytes, file: str, error: type[ExpectedError] = PolicyError) -> Section:
    """The one document of `data`, which must be a map. Raises `error` for anything else."""
    try:
        documents = [it for it in read(data) if isinstance(it, Broken) or it.value is not None]
    except TooLargeError as refused:
        raise error(f"not read: {refused}", where=file) from refused
    for document in documents:
        if isinstance(document, Broken):
            where = f"{file}:{document.line}:{document.column}"
            place = (document.line, document.column)
            raise error(document.message, where=where, excerpt=_excerpt(data, place, 1))
        for path, first, last in document.duplicates:
            raise error(
                f"{dotted(path)}: written twice, first on line {first[0]}",
                where=f"{file}:{last[0]}:{last[1]}",
                excerpt=_excerpt(data, last, len(str(path[-1]))),
            )
    if len(documents) != 1:
        raise error(f"expected one YAML document, got {len(documents)}", where=file)
    document = documents[0]
    if not isinstance(document, Document) or type(document.value) is not dict:
        raise error("expected a map at the top", where=f"{file}:{document.line}:1")
    return Section(document.value, Origin(document, file, data, error))


_LONGEST_LINE = 160


def _excerpt(data: bytes, place: tuple[int, int], width: int) -> str:
    """The line at `place` with a mark of `width` under it.

    Nothing where it is too long to show, or may hold a credential.
    """
    line, column = place
    lines = decode(data)[0].splitlines()
    text = lines[line - 1].replace("\t", " ") if line <= len(lines) else ""
    if not text.isprintable() or not text.strip() or len(text) > _LONGEST_LINE:
        return ""
    from portside.secrets.texts import may_tell
    from portside.secrets.veil import veiled

    if may_tell(text) or veiled(text) != text:
        return ""
    mark = "^" * max(1, min(width, len(text.rstrip()) - column + 1))
    margin = " " * len(str(line))
    return f"{line} │ {text}\n{margin} │ {' ' * (column - 1)}{mark}"
