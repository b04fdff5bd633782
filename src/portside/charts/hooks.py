"""The objects that a template's text spells out, and those of them that are hooks of Helm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.charts.template import UNKNOWN, Spelt, template_of
from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax import Document

_HOOK = "helm.sh/hook"


class Hook:
    """An object as far as the text of a template says it without its actions."""

    __slots__ = ("_document", "_spelt", "annotations", "kind", "name", "value")

    def __init__(self, document: Document, spelt: Spelt) -> None:
        self._document = document
        self._spelt = spelt
        self.value: dict[str, Any] = document.value
        metadata = self.value.get("metadata")
        metadata = metadata if type(metadata) is dict else {}
        annotations = metadata.get("annotations")
        self.annotations: dict[str, Any] = annotations if type(annotations) is dict else {}
        self.kind = str(self.value.get("kind", ""))
        self.name = str(metadata.get("name", "")).replace(UNKNOWN, "") or "without a name"

    @property
    def events(self) -> frozenset[str]:
        """When it is run."""
        return frozenset(it.strip() for it in str(self.annotations.get(_HOOK, "")).split(","))

    @property
    def is_open(self) -> bool:
        """Whether an action may add annotations."""
        return self.may_gain("metadata", "annotations") or self.may_gain("metadata")

    def may_gain(self, *path: str) -> bool:
        """Whether an action writes lines directly into the map at `path`."""
        value: Any = self.value
        for key in path:
            if type(value) is not dict or key not in value:
                return False
            value = value[key]
        if value is not None and type(value) is not dict:
            return False
        begin, column = self._document.nearest(path)
        inside = min((self._document.nearest((*path, key))[1] for key in value or ()), default=0)
        end = self._end(begin, inside or column + 1)
        for line, indentation in self._spelt.writing:
            fits = indentation == inside - 1 if inside else indentation >= column
            if begin <= line <= end and (fits or indentation < 0):
                return True
        return False

    def _end(self, begin: int, column: int) -> int:
        """The last line behind `begin` before one that begins left of `column`."""
        lines = self._spelt.lines
        at = begin
        while at < len(lines):
            text = lines[at]
            if text.strip() and len(text) - len(text.lstrip()) < column - 1:
                break
            at += 1
        return at

    def fault(self, said: str, annotation: str, severity: int | None = None) -> Violation:
        """The violation at an annotation, or at a key of the object itself."""
        inner: FieldPath = ("metadata", "annotations", annotation)
        at = inner if annotation in self.annotations else (annotation,)
        about = (self.kind, self.name, *at)
        return Violation(said, about, severity, place=self._document.mark(at))


def objects(it: FileResource, word: str) -> Iterator[Hook]:
    """The objects whose kind the text of the template says; none where it cannot hold `word`."""
    template = template_of(it)
    if not template.may_spell(word):
        return
    spelt = template.spelt()
    for document in spelt.documents:
        kind = document.value.get("kind")
        if type(kind) is str and UNKNOWN not in kind:
            yield Hook(document, spelt)


def hooks(it: FileResource) -> Iterator[Hook]:
    """Those of them that Helm runs as hooks."""
    for one in objects(it, _HOOK):
        if type(one.annotations.get(_HOOK)) is str:
            yield one
