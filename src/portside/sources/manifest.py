"""The bytes of a file → the objects in it, each document with one fate and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.model.finding import JUDGED, NOT_KUBERNETES, PARTLY_READ, UNREAD, FileFate, Unread
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import FileResource, Resource
from portside.sources.files import (
    HELM_TEMPLATE,
    KUSTOMIZE_PATCH,
    RENOVATE,
    has_place,
    is_dockerfile,
    kind_by_keys,
    kind_by_name,
    kind_by_place,
    kind_by_version,
)
from portside.sources.foreign import foreign, foreign_by_bytes, has_object_keys
from portside.sources.generators import generator
from portside.sources.known import UNKNOWN, Known
from portside.sources.templates import is_template, unmade
from portside.syntax import DEFAULT, Broken, Document, Limits, read

if TYPE_CHECKING:
    from portside.syntax.kept import Kept

_MARKERS = (b"portside:ignore", b"portside.dev/ignore")
_WIDE_MARKER = "portside".encode("utf-16-le")[:-1]
"""What the two orders of UTF-16 have in common."""
_MOST_NESTED_LISTS = 5
_OF_LISTS = frozenset(("apiVersion", "kind", "metadata", "items"))
_MOST_UNREAD = 100
"""Places of one file that are listed as unread."""


def parse(
    data: bytes,
    name: str,
    limits: Limits = DEFAULT,
    identity: str = "",
    known: Known = UNKNOWN,
    kept: Kept | None = None,
) -> ReadFile:
    """What the file called `name` holds; nothing of it is ever dropped without a word.

    `known` is what the folder around it tells, `kept` knows documents that were read before.
    """
    if known.kind == HELM_TEMPLATE:
        from portside.sources.helm_template import parse_template

        return parse_template(data, name, limits, identity or name, known.rest)
    if is_dockerfile(name):
        from portside.sources.dockerfile import parse_dockerfile

        return parse_dockerfile(data, name, identity or name)
    settled = None if known.kind else _by_bytes(data, name, limits)
    if settled is not None:
        return settled
    if known.kind and len(data) > limits.size:
        return _too_large(name, limits)
    if b"//" in data or b"/*" in data:
        data = _plain(data, name)
    return _documents_of(data, _Reader(data, name, identity or name, known), limits, kept)


def with_documents(
    data: bytes, found: ReadFile, limits: Limits = DEFAULT, identity: str = ""
) -> tuple[ReadFile, list[Document]]:
    """The YAML file `found` once more, with its documents: for comments of others in it."""
    name = found.fate.file
    if _by_bytes(data, name, limits) is not None:
        return found, []
    reader = _Reader(data, name, identity or name)
    for document in read(data, limits):
        reader.take(document)
    return reader.finish(), reader.documents


def _documents_of(data: bytes, reader: _Reader, limits: Limits, kept: Kept | None) -> ReadFile:
    """What `reader` makes of the documents of `data`, with the comments that excuse something."""
    for document in read(data, limits, kept):
        reader.take(document)
    found = reader.finish()
    if _may_excuse(data):
        from portside.sources.comments import with_comments

        return with_comments(found, data, reader.documents)
    return found


def _plain(data: bytes, name: str) -> bytes:
    """The bytes without the comments of JSON5, which Renovate reads."""
    if kind_by_name(name) != RENOVATE:
        return data
    from portside.sources.json5 import without_comments

    return without_comments(data)


def first_fault(data: bytes, limits: Limits = DEFAULT) -> Broken | None:
    """The first document of `data` that is no YAML; None where all are, or none is there."""
    return next((it for it in read(data, limits) if isinstance(it, Broken)), None)


def _by_bytes(data: bytes, name: str, limits: Limits) -> ReadFile | None:
    """The answer for a file that need not be parsed to know what it is."""
    made_later = unmade(data, name) or generator(data, name)
    if made_later is not None:
        return _unread(name, made_later[1]) if made_later[0] else _other(name, made_later[1])
    if len(data) > limits.size:
        return _too_large(name, limits)
    other = foreign_by_bytes(data, name)
    return _other(name, other) if other else None


def _too_large(name: str, limits: Limits) -> ReadFile:
    more = f"more than {limits.size:,} bytes"
    return _unread(name, f"refused unparsed: {more}; limits.size in portside.yaml allows more")


def _other(name: str, reason: str) -> ReadFile:
    return ReadFile(FileFate(name, NOT_KUBERNETES, 0, reason))


def _unread(name: str, reason: str) -> ReadFile:
    unread = Unread(what=name, reason=reason, file=name)
    return ReadFile(FileFate(name, UNREAD, 0, reason), unread=(unread,))


def _may_excuse(data: bytes) -> bool:
    """Whether a comment or an annotation may stand in `data` that excuses something (D3)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _WIDE_MARKER in data
    return b"portside" in data and any(marker in data for marker in _MARKERS)


class _Reader:
    """Gathers the objects of one file, and what became of the rest of it."""

    __slots__ = (
        *("data", "documents", "identity", "known", "name", "other", "placed", "resources"),
        *("spells_objects", "template", "twins", "unread"),
    )

    def __init__(self, data: bytes, name: str, identity: str, known: Known = UNKNOWN) -> None:
        self.data = data
        self.known = known
        self.name = name
        self.identity = identity
        self.placed = has_place(name)
        self.resources: list[Resource] = []
        self.documents: list[Document] = []
        self.unread: list[Unread] = []
        self.other: list[str] = []
        self.twins: dict[tuple[str, ...], int] = {}
        self.template: bool | None = None
        """Whether the file is a template; asked only where a document of it is broken."""
        self.spells_objects: bool | None = None

    def take(self, document: Document | Broken) -> None:
        if isinstance(document, Broken):
            self._broken(document)
            return
        self.documents.append(document)
        for remark in document.remarks:
            if remark.dropped:
                self._say(remark.message, remark.line)
        value = document.value
        what = self.known.kind
        if self.placed and type(value) is dict:
            what = what or kind_by_place(value, self.name)
        if what and (type(value) is dict or (what == KUSTOMIZE_PATCH and type(value) is list)):
            self._file(what, value, document)
        else:
            self._object(value, document, ())

    def _broken(self, document: Broken) -> None:
        """A template is said to be one, once; broken YAML without any sign of an object is none."""
        if document.limit:
            remedy = f"limits.{document.limit} in portside.yaml allows more"
            self._say(f"{document.message}; {remedy}", document.line, document.column)
            return
        if self.template is None:
            self.template = is_template(self.data)
            if self.template:
                said = "a template of a manifest ({{ … }}), which is no YAML: scan what it makes"
                self._say(said, document.line, document.column)
        if self.template:
            return
        if self.spells_objects is None:
            self.spells_objects = bool(self.known.kind or kind_by_name(self.name)) or (
                has_object_keys(self.data)
            )
        if self.spells_objects:
            self._say(document.message, document.line, document.column)
        else:
            self.other.append("no apiVersion in it, and no sound YAML")

    def _say(self, reason: str, line: int, column: int = 0) -> None:
        if len(self.unread) == _MOST_UNREAD:
            reason, line, column = f"more than the {_MOST_UNREAD} places above", 0, 0
        if len(self.unread) <= _MOST_UNREAD:
            self.unread.append(Unread(self.name, reason, self.name, line, column))

    def _object(self, value: Any, document: Document, prefix: FieldPath) -> None:
        line = document.nearest(prefix)[0]
        if value is None and not prefix:
            return
        if type(value) is not dict:
            self._nothing(f"{_word(value)}, not an object", line, bool(prefix))
            return
        kind, version = value.get("kind"), value.get("apiVersion")
        if type(kind) is str and type(version) is str and kind and version:
            items = value.get("items")
            if type(items) is list:
                self._list(value, items, document, prefix)
            elif kind == "List" and version == "v1":
                self._no_items(items, line)
            else:
                self._resource(value, document, prefix)
        elif prefix or _looks_like_an_object(value):
            missing = "kind" if type(version) is str and version else "apiVersion"
            self._say(f"an object without {missing}: the API server refuses it", line)
        else:
            self._other(value, document, line)

    def _other(self, value: dict[str, Any], document: Document, line: int) -> None:
        """A map that is no object: a file of another kind that is judged, or nothing to judge."""
        what = kind_by_keys(value, self.name)
        if what:
            self._file(what, value, document)
        else:
            self._nothing(foreign(value, self.name), line, False)

    def _file(self, kind: str, value: Any, document: Document) -> None:
        source: Any = self.known.beside
        if type(value) is list:
            value, source = {}, value
        resource = FileResource(kind, value, document, self.name, source)
        resource.identity_file = self.identity
        resource.duplicates = tuple(document.duplicates)
        self.resources.append(resource)

    def _nothing(self, reason: str, line: int, in_list: bool) -> None:
        if in_list:
            self._say(f"an item of a List that is {reason}", line)
        else:
            self.other.append(reason)

    def _no_items(self, items: Any, line: int) -> None:
        if items is None:
            self.other.append("an empty List")
        else:
            self._say(f"a List whose items are {_word(items)}", line)

    def _list(
        self, value: dict[str, Any], items: list[Any], document: Document, prefix: FieldPath
    ) -> None:
        """The objects in a List. As kubectl has it, any object with a list of items is one."""
        self._say_lost_keys(document, prefix)
        lost = next((key for key in value if key not in _OF_LISTS), "")
        if lost:
            said = f"{lost} beside items: kubectl takes the object for a List, and others do not"
            self._say(said, document.nearest((*prefix, lost))[0])
        if not items:
            self.other.append("an empty List")
        if prefix.count("items") >= _MOST_NESTED_LISTS:
            self._say("Lists nested too deep", document.nearest(prefix)[0])
            return
        kind = value["kind"].removesuffix("List")
        for index, item in enumerate(items):
            if kind and type(item) is dict and "kind" not in item and "apiVersion" not in item:
                item["apiVersion"] = value["apiVersion"]
                item["kind"] = kind
            self._object(item, document, (*prefix, "items", index))

    def _say_lost_keys(self, document: Document, prefix: FieldPath) -> None:
        """What a List holds twice is no finding on an object, and yet objects are lost by it."""
        for path, first, last in document.duplicates:
            if path[:-1] == prefix:
                said = f"{path[-1]} of a List is written again in line {last[0]}, which replaces it"
                self._say(said, *first)

    def _resource(self, value: dict[str, Any], document: Document, prefix: FieldPath) -> None:
        what = kind_by_version(value, self.name)
        if what:
            self._file(what, value, document)
            return
        reason = foreign(value, self.name)
        if reason:
            self.other.append(reason)
            return
        resource = Resource(value, document, self.name, prefix)
        resource.identity_file = self.identity
        name = (resource.group, *resource.ref[1:])
        resource.twin = self.twins.get(name, 0)
        self.twins[name] = resource.twin + 1
        if document.duplicates:
            resource.duplicates = tuple(
                (path[len(prefix) :], first, last)
                for path, first, last in document.duplicates
                if path[: len(prefix)] == prefix
            )
        self.resources.append(resource)

    def finish(self) -> ReadFile:
        objects = len(self.resources)
        if self.unread:
            fate = PARTLY_READ if objects or self.other else UNREAD
            reason = self.unread[0].reason
        elif objects:
            fate = PARTLY_READ if self.known.rest else JUDGED
            reason = f"besides objects: {self.other[0]}" if self.other else self.known.rest
        else:
            fate = NOT_KUBERNETES
            reason = self.other[0] if self.other else "no content"
        return ReadFile(
            FileFate(self.name, fate, objects, reason), tuple(self.resources), tuple(self.unread)
        )


def _looks_like_an_object(value: dict[str, Any]) -> bool:
    if "apiVersion" in value and "metadata" in value:
        return True
    return "kind" in value and type(value.get("metadata")) is dict and "spec" in value


def _word(value: object) -> str:
    words = {dict: "a map", list: "a list", str: "text", bool: "a bool", type(None): "nothing"}
    return words.get(type(value), "a number")
