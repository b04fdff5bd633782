"""An object on its way to being judged: its value, its name, and where its text stands."""

from __future__ import annotations

from typing import Any, Protocol

from portside.model.finding import ResourceRef
from portside.model.place import FieldPath
from portside.model.workload import Pod, pods

NamedLists = dict[Any, Any]
"""What items of lists are called in identities, as far as that was asked.

By the id of a list: the list (so that the id stays its own) and the names of its items. By the path
of an item: the whole path by names.
"""


class Text(Protocol):
    """Where the fields of a document stand in its file; lines and columns count from 1."""

    def nearest(self, path: FieldPath) -> tuple[int, int]: ...

    def width(self, path: FieldPath) -> int: ...

    def mark(self, path: FieldPath) -> tuple[int, int, int]: ...


class JudgedForm(Protocol):
    """What `judged.admit` tells, to be kept as long as the object is."""

    @property
    def known(self) -> bool: ...

    @property
    def mistyped(self) -> tuple[tuple[FieldPath, str, str], ...]: ...

    @property
    def unknown(self) -> tuple[FieldPath, ...]: ...

    @property
    def newer(self) -> tuple[tuple[FieldPath, int], ...]: ...

    @property
    def missing(self) -> tuple[FieldPath, ...]: ...

    @property
    def unserved(self) -> str: ...

    @property
    def at_fault(self) -> bool: ...

    def is_defaulted(self, value: dict[str, Any], path: FieldPath) -> bool: ...


class Resource:
    """One object of a file. `prefix` is where it stands in its document (an item of a List)."""

    __slots__ = (
        "_key",
        "_pods",
        "duplicates",
        "file",
        "form",
        "group",
        "identity_file",
        "kind",
        "line",
        "mistyped",
        "named_lists",
        "prefix",
        "ref",
        "text",
        "twin",
        "value",
    )

    def __init__(
        self, value: dict[str, Any], text: Text, file: str, prefix: FieldPath = ()
    ) -> None:
        self.value = value
        self.text = text
        self.file = file
        self.identity_file = file
        """How its file is called in identities: the same from wherever it is scanned."""
        self.twin = 0
        """How many objects of the same name stand before it in its file."""
        self.named_lists: NamedLists = {}
        self._key = ""
        self.prefix = prefix
        self.ref = reference(value)
        self.group = self.ref.group
        self.kind = self.ref.kind
        self.line = text.nearest(prefix)[0]
        self.mistyped: tuple[tuple[FieldPath, str, str], ...] = ()
        """(path, expected, got) of the fields whose type the API server refuses."""
        self.duplicates: tuple[tuple[FieldPath, tuple[int, int], tuple[int, int]], ...] = ()
        """(path, first place, last place) of the keys that are written twice."""
        self.form: JudgedForm | None = None
        """What was found while it took on its judged form; None while it is as written."""
        self._pods: tuple[Pod, ...] | None = None

    def admitted(self, form: JudgedForm) -> None:
        """Note that its value now has the judged form, but for the fields of a wrong type."""
        self.form = form
        self.mistyped = form.mistyped
        if form.known:
            self._pods = None
        if self.named_lists:
            kept = {key: it for key, it in self.named_lists.items() if type(key) is int}
            self.named_lists = kept

    def pods(self) -> tuple[Pod, ...]:
        """Its pod templates, of the form it now has."""
        if self._pods is None:
            self._pods = pods(self.value, self.group, self.kind)
        return self._pods

    def object_key(self) -> str:
        """What it is called in identities: its file and its name, and its number among twins."""
        if not self._key:
            ref = self.ref
            name = f"{ref.name}#{self.twin + 1}" if self.twin else ref.name
            parts = (ref.group, ref.kind, ref.namespace, name)
            self._key = f"{escaped(self.identity_file)}|{escaped('/'.join(parts))}"
        return self._key

    def is_defaulted(self, path: FieldPath) -> bool:
        """Whether the field at `path` is the API server's default, and written nowhere."""
        return self.form is not None and self.form.is_defaulted(self.value, path)

    def place(self, path: FieldPath) -> tuple[int, int]:
        """Line and column of the field at `path`, or of its nearest written ancestor."""
        return self.text.nearest(self.prefix + path)

    def mark(self, path: FieldPath) -> tuple[int, int, int]:
        """That place, and how many characters the field spans on its line; 0 where it is absent."""
        return self.text.mark(self.prefix + path)


class FileResource(Resource):
    """A file that is judged as it is and no object: a Dockerfile, a workflow.

    `kind` is what rules call it; `source` is what its parser made of it, where `value` is not all.
    """

    __slots__ = ("source",)

    def __init__(
        self, kind: str, value: dict[str, Any], text: Text, file: str, source: Any = None
    ) -> None:
        super().__init__(value, text, file)
        self.ref = ResourceRef("", kind, "", file.rpartition("/")[2])
        self.group = ""
        self.kind = kind
        self.source = source

    def pods(self) -> tuple[Pod, ...]:
        """None: what looks like a pod in it is none."""
        return ()


def reference(value: dict[str, Any]) -> ResourceRef:
    """The name of the object `value`; what is absent or no text is the empty text."""
    metadata = value.get("metadata")
    if type(metadata) is not dict:
        metadata = {}
    name = metadata.get("name") or metadata.get("generateName")
    return ResourceRef(
        _text(value.get("apiVersion")),
        _text(value.get("kind")),
        _text(metadata.get("namespace")),
        _text(name),
    )


def escaped(text: str) -> str:
    """`text` free of the bar that parts an identity, and of line breaks."""
    if text.isprintable() and "|" not in text and "%" not in text:
        return text
    text = text.replace("%", "%25").replace("|", "%7C")
    return "".join(it if it.isprintable() else f"%{ord(it):02X}" for it in text)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if type(value) is str else str(value)
