"""How the API server's decoder reads a value of each shape: structs, lists and maps.

The generated tables below `judged.types` are made of these classes and of those in `scalar`. Each
has `read(item, box, key, notes)`: `item` stands in `box` at `key`, and is brought into the judged
form in place. The answer is None where the item is as it should be; DROP where the decoder or the
encoder leaves it out; else what is wrong below it, as (path from the item, expected, got).
`zero(notes)` is what the decoder makes of a null in a list or map.

Sources: encoding/json as sigs.k8s.io/json has it, and apimachinery's `ToUnstructured`, which makes
the object that admission policies see: zero values of optional fields are left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Problem = tuple[tuple[str | int, ...], Any, Any]
Problems = list[Problem]
DROP: Problems = []
"""Told from other answers by its identity."""
UNKNOWN = object()
"""In place of what was expected: the kind has no field of this name."""
MISSING = object()
"""In place of what was expected: the object has to have this field."""
DEFERRED = object()
"""In place of what was expected: too deep to be read now; `got` holds the item and its type."""
_MOST_DEEP = 40
_GOT = {
    dict: "a map",
    float: "no whole number",
    int: "a whole number",
    list: "a list",
    str: "text",
    type(None): "null",
}
_EXPECTED: dict[object, str] = {bool: "true or false", str: "text"}


class Notes(list[tuple[Any, Any]]):
    """(box, key) of each field that was added, and (None, box) of each box that was taken out.

    The latter stay alive with the object: places in the text are found by the id of a box, which
    Python would else give to another.
    """

    __slots__ = ("depth",)

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0


def wrong(item: Any, expected: str) -> Problems:
    """What is said of an item that the decoder refuses."""
    if type(item) is bool:
        return [((), expected, "true" if item else "false")]
    return [((), expected, _GOT[type(item)])]


def below(step: str | int, problems: Problems) -> Problems:
    """The same problems, as seen from the box in which the item stands at `step`."""
    return [((step, *path), expected, got) for path, expected, got in problems]


_NO_VERSIONS: dict[str, int] = {}
_NO_SPANS: dict[str, tuple[int, int]] = {}


class Struct:
    """A Go struct: `fields` by name; `kept` are those whose empty text or false is not left out.

    `absent` are the values of scalars where they are not written, `made` those of the rest: a
    struct, which gets its own defaults, or a list or map. `after` are the defaults that depend on
    other fields. An empty struct is left out, unless it is one behind a pointer. `required` are the
    fields that have to be written; `since` are the minor versions from which on there are fields
    that came after the struct, `gone` the first and the last of those that are no more.
    """

    __slots__ = (
        *("absent", "after", "fields", "gone", "kept", "made", "pointer", "required", "since"),
    )

    def __init__(  # noqa: PLR0913 - written by the generator alone
        self,
        fields: dict[str, Any],
        kept: frozenset[str] = frozenset(),
        absent: tuple[tuple[str, Any], ...] = (),
        made: tuple[tuple[str, Any], ...] = (),
        after: Callable[[dict[str, Any], Notes], None] | None = None,
        *,
        required: tuple[str, ...] = (),
        since: dict[str, int] = _NO_VERSIONS,
        gone: dict[str, tuple[int, int]] = _NO_SPANS,
    ) -> None:
        self.fields = fields
        self.kept = kept
        self.absent = absent
        self.made = made
        self.after = after
        self.required = required
        self.since = since
        self.gone = gone
        self.pointer = False

    def pointed(self) -> Struct:
        """The same struct behind a pointer."""
        other = type(self)(self.fields, self.kept, self.absent, self.made, self.after)
        other.required, other.since, other.gone = self.required, self.since, self.gone
        other.pointer = True
        return other

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:  # noqa: C901, PLR0912, PLR0915 - the hot loop of every scan: calls would double its time
        if type(item) is not dict:
            return wrong(item, "a map")
        fields = self.fields
        problems: Problems | None = None
        dropped = None
        for name in self.required:
            if name not in item or item[name] is None:
                problems = [*(problems or ()), ((name,), MISSING, None)]
        for name, value in item.items():
            want = fields.get(name)
            if want is type(value):
                if value or name in self.kept:
                    continue
                said = DROP
            elif want is None:
                said = [((), UNKNOWN, None)]
            elif value is None:
                said = DROP
            elif want is str or want is bool:
                said = wrong(value, _EXPECTED[want])
            else:
                said = want.read(value, item, name, notes)
                if said is None:
                    continue
            if not said or not said[0][0] or not _stays(value, want):
                dropped = [name] if dropped is None else [*dropped, name]
            if said:
                problems = [*(problems or ()), *below(name, said)]
        if dropped is not None:
            self._drop(item, dropped, notes)
        for name, value in self.absent:
            if name not in item:
                item[name] = value
                notes.append((item, name))
        if self.made:
            self._make(item, notes)
        if self.after is not None:
            self.after(item, notes)
        if not item and not self.pointer and problems is None:
            return DROP
        return problems

    def zero(self, notes: Notes) -> Any:
        item: dict[str, Any] = {}
        self.read(item, None, None, notes)
        return item

    def _drop(self, item: dict[str, Any], names: list[str], notes: Notes) -> None:
        for name in names:
            value = item.pop(name)
            if type(value) is dict or type(value) is list:
                notes.append((None, value))

    def _make(self, item: dict[str, Any], notes: Notes) -> None:
        for name, value in self.made:
            if name in item:
                continue
            if not isinstance(value, Struct):
                made = copied(value)
            else:
                made = value.zero(notes)
                if not made:
                    continue
            item[name] = made
            notes.append((item, name))


def _stays(value: Any, want: Any) -> bool:
    """Whether a box is encoded, of which something was taken out."""
    if value:
        return True
    # A schema that stands where a list or a bool could stand too is one behind a pointer.
    return bool(want.pointer if isinstance(want, Struct) else getattr(want, "kept", True))


class OpenStruct(Struct):
    """A struct of a version that is served no more, read by the types of another.

    Fields that the other version does not have stay as they are, and nothing is added.
    """

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        said = super().read(item, box, key, notes)
        return None if said is DROP else said

    def _drop(self, item: dict[str, Any], names: list[str], notes: Notes) -> None:
        known = [name for name in names if name in self.fields]
        super()._drop(item, known, notes)


class DeepStruct(Struct):
    """A struct that may hold itself: read in turns, so that no nesting exhausts the stack."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if notes.depth >= _MOST_DEEP and type(item) is dict:
            return [(("",), DEFERRED, (item, self))]
        notes.depth += 1
        said = super().read(item, box, key, notes)
        notes.depth -= 1
        return said


class Items:
    """A list of items of one type; `kept` where an empty one is not left out."""

    __slots__ = ("kept", "of")

    def __init__(self, of: Any, kept: bool = False) -> None:
        self.of = of
        self.kept = kept

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is not list:
            return wrong(item, "a list")
        if not item:
            return None if self.kept else DROP
        problems = None
        of = self.of
        for index, value in enumerate(item):
            if value is None:
                item[index] = of.zero(notes)
                continue
            said = of.read(value, item, index, notes)
            if said:
                if not said[0][0]:
                    item[index] = of.zero(notes)
                    notes.append((None, value))
                problems = [*(problems or ()), *below(index, said)]
        return problems

    def zero(self, notes: Notes) -> Any:
        return None


class Texts(Items):
    """A list of texts."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is list and item:
            for value in item:
                if type(value) is not str:
                    break
            else:
                return None
        return super().read(item, box, key, notes)


class Entries:
    """A map from texts to values of one type; `kept` where an empty one is not left out."""

    __slots__ = ("kept", "of")

    def __init__(self, of: Any, kept: bool = False) -> None:
        self.of = of
        self.kept = kept

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is not dict:
            return wrong(item, "a map")
        if not item:
            return None if self.kept else DROP
        problems = None
        of = self.of
        for name, value in item.items():
            if value is None:
                item[name] = of.zero(notes)
                continue
            said = of.read(value, item, name, notes)
            if said:
                problems = [*(problems or ()), *below(name, said)]
        if problems is not None:
            self._drop(item, problems, notes)
        return problems

    def _drop(self, item: dict[str, Any], problems: Problems, notes: Notes) -> None:
        for path, _, _ in problems:
            if len(path) == 1:
                notes.append((None, item.pop(str(path[0]))))

    def zero(self, notes: Notes) -> Any:
        return None


class TextEntries(Entries):
    """A map from texts to texts: labels, annotations, selectors, data."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        if type(item) is dict and item:
            for value in item.values():
                if type(value) is not str:
                    break
            else:
                return None
        return super().read(item, box, key, notes)


def copied(value: Any) -> Any:
    """A copy of a default that is a list or map, so that no two objects share one."""
    if type(value) is dict:
        return {name: copied(item) for name, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return value
