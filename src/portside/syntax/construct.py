"""libyaml's events → plain Python values and the spot of every field, as go-yaml would read them."""

from __future__ import annotations

from typing import Any

from portside.syntax.document import Document, Limits, Spots
from portside.syntax.libyaml import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    Parser,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from portside.syntax.scalar import NoJson, Resolved, key_text, tagged

_RESOLVED = Resolved()
_MERGE = object()
_NOTHING = object()
_STR = "tag:yaml.org,2002:str"
_MERGE_TAG = "tag:yaml.org,2002:merge"


class Unreadable(Exception):
    """The document cannot be read; `mark` is where, in lines and columns from 0."""

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


class Constructor:
    """Builds the first document of a stream of events; used once."""

    __slots__ = (
        "aliased",
        "anchors",
        "document_end",
        "duplicates",
        "limits",
        "open_anchors",
        "sizes",
        "spots",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.spots: Spots = {}
        self.anchors: dict[str, Any] = {}
        self.open_anchors: set[str] = set()
        self.sizes: dict[int, int] = {}
        self.aliased = 0
        self.duplicates: list[tuple[int, Any, Any, Any]] = []
        self.document_end: Any = None

    def build(self, parser: Any, first_line: int) -> Document | None:
        """The first document of `parser`; None where there is none. Raises Unreadable, YAMLError."""
        get = parser.get_event
        get()
        event = get()
        if type(event) is StreamEndEvent:
            return None
        value, start = self._node(get, get())
        event = get()
        if type(event) is DocumentEndEvent:
            self.document_end = event
        document = Document(value, self.spots, start, first_line)
        document.has_alias = self.aliased > 0
        return document

    def _node(self, get: Any, event: Any) -> tuple[Any, Any]:  # noqa: C901, PLR0912, PLR0915 - the hot loop of every scan: calls would double its time
        """The value that begins with `event`, and the mark it begins at; no recursion."""
        spots = self.spots
        resolved = _RESOLVED
        depth = self.limits.depth
        stack: list[Any] = []
        container: Any = None
        places: dict[Any, Any] = {}
        key: Any = _NOTHING
        key_event: Any = None
        is_map = False
        anchor = None
        start = event.start_mark
        while True:
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is None and event.tag is None:
                    if event.implicit[0]:
                        try:
                            value = resolved[event.value]
                        except NoJson as error:
                            raise Unreadable(str(error), event.start_mark) from error
                    else:
                        value = event.value
                else:
                    value = self._scalar(event)
                end = event.end_mark
                begin = event.start_mark
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if is_map and key is _NOTHING:
                    raise Unreadable("a map or a list cannot be a key", event.start_mark)
                stack.append((container, places, key, key_event, is_map, anchor, event.start_mark))
                if len(stack) > depth:
                    raise Unreadable(f"nested more than {depth} levels deep", event.start_mark)
                is_map = kind is MappingStartEvent
                container = {} if is_map else []
                places = spots[id(container)] = {}
                key = _NOTHING
                anchor = event.anchor
                if anchor is not None:
                    self.open_anchors.add(anchor)
                event = get()
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                end = event.start_mark
                if anchor is not None:
                    self.open_anchors.discard(anchor)
                    self.anchors[anchor] = value
                container, places, key, key_event, is_map, anchor, begin = stack.pop()
            elif kind is AliasEvent:
                value = self._alias(event)
                end = event.end_mark
                begin = event.start_mark
            else:
                raise Unreadable("the document ends before its value does", event.start_mark)
            if container is None:
                return value, start
            if not is_map:
                places[len(container)] = (begin, begin, end)
                container.append(value)
            elif key is _NOTHING:
                if value == "<<" and kind is ScalarEvent and _merges(event):
                    key = _MERGE
                elif type(value) is str:
                    key = value
                else:
                    key = self._key(value, event)
                key_event = event
            else:
                if key is _MERGE:
                    self._merge(container, places, value, begin)
                else:
                    if key in places and key in container:
                        first = places[key][0]
                        self.duplicates.append((id(container), key, first, key_event.start_mark))
                    container[key] = value
                    places[key] = (key_event.start_mark, begin, end)
                key = _NOTHING
            event = get()

    def _scalar(self, event: Any) -> Any:
        text = event.value
        tag = event.tag
        try:
            if tag is None or tag == _MERGE_TAG:
                value = _RESOLVED[text] if event.implicit[0] else text
            elif tag == "!":
                value = text
            else:
                value = tagged(tag, text, event.implicit[0])
        except NoJson as error:
            raise Unreadable(str(error), event.start_mark) from error
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _key(self, value: Any, event: Any) -> str:
        if type(value) in (dict, list):
            raise Unreadable("a map or a list cannot be a key", event.start_mark)
        try:
            return key_text(value)
        except NoJson as error:
            raise Unreadable(str(error), event.start_mark) from error

    def _alias(self, event: Any) -> Any:
        name = event.anchor
        if name in self.open_anchors:
            raise Unreadable(f"the anchor {name!r} contains itself", event.start_mark)
        if name not in self.anchors:
            raise Unreadable(f"there is no anchor called {name!r} above", event.start_mark)
        value = self.anchors[name]
        if type(value) not in (dict, list):
            self.aliased += 1
            return value
        return self._copy(value, event)

    def _copy(self, value: Any, event: Any) -> Any:
        """A copy of what an alias stands for, so that no two places share a container."""
        size = self._size(value)
        self.aliased += size
        if self.aliased > self.limits.aliased:
            raise Unreadable(
                f"its aliases repeat more than {self.limits.aliased:,} nodes", event.start_mark
            )
        root: list[Any] = [None]
        pending: list[tuple[Any, Any, Any]] = [(value, root, 0)]
        while pending:
            source, target, step = pending.pop()
            copy: Any = dict(source) if type(source) is dict else list(source)
            target[step] = copy
            self.spots[id(copy)] = self.spots.get(id(source), {})
            items = copy.items() if type(copy) is dict else enumerate(copy)
            pending += [(it, copy, at) for at, it in items if type(it) in (dict, list)]
        self.sizes[id(root[0])] = size
        return root[0]

    def _size(self, value: Any) -> int:
        """How many nodes `value` holds; bounded by the limit on aliases."""
        known = self.sizes.get(id(value))
        if known is not None:
            return known
        total, pending = 0, [value]
        while pending and total <= self.limits.aliased:
            node = pending.pop()
            total += 1
            if type(node) is dict:
                pending.extend(node.values())
            elif type(node) is list:
                pending.extend(node)
        self.sizes[id(value)] = total
        return total

    def _merge(self, container: Any, places: Any, value: Any, mark: Any) -> None:
        """Apply `<<: value` as go-yaml v2 does: in the order of the text, overriding what is there."""
        sources = [value] if type(value) is dict else value
        if type(sources) is not list or any(type(it) is not dict for it in sources):
            raise Unreadable("<< merges a map or a list of maps, and this is neither", mark)
        for source in reversed(sources):
            container.update(source)
            for key, spot in self.spots.get(id(source), {}).items():
                places[key] = spot


def _merges(event: Any) -> bool:
    return event.tag == _MERGE_TAG or (event.tag is None and bool(event.implicit[0]))


def parse_events(text: str) -> Any:
    """A parser of `text` that gives events; libyaml's where PyYAML was built with it."""
    return Parser(text)
