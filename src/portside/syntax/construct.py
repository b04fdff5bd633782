"""libyaml's events → plain Python values and the spot of every field, as go-yaml reads them."""

from __future__ import annotations

from itertools import repeat, starmap
from typing import Any

from portside.syntax.document import (
    MOST_DUPLICATES,
    TOO_MANY_DUPLICATES,
    Limits,
    Path,
    Places,
)
from portside.syntax.libyaml import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from portside.syntax.scalar import NoJsonError, Resolved, Shared, key_kind, key_text, tagged

_RESOLVED = Resolved()
_SHARED = Shared()
_MERGE = object()
_NOTHING = object()
_MERGE_TAG = "tag:yaml.org,2002:merge"


class UnreadableError(Exception):
    """The document cannot be read; `index` is where, in its text.

    `limit` is the field of Limits that it goes beyond, if that is why.
    """

    def __init__(self, message: str, index: int, limit: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.index = index
        self.limit = limit


class Constructor:
    """Builds the first document of a stream of events; used once.

    Places are what `document.Places` says; `anchors` hold (value, its places or None).
    """

    __slots__ = (
        "aliased",
        "anchors",
        "duplicates",
        "ended",
        "flows",
        "kept",
        "limits",
        "merged",
        "odd_keys",
        "open_anchors",
        "scalars",
        "sizes",
        "start",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.start = 0
        self.ended = 0
        """The index at which the document ends."""
        self.flows: list[tuple[int, int]] = []
        """The spans of the flow collections, inner ones before outer ones."""
        self.anchors: dict[str, tuple[Any, Places | None]] = {}
        self.open_anchors: set[int] = set()
        """The ids of the containers that have an anchor and are not at their end."""
        self.scalars: dict[str, Any] = {}
        """The events of the scalars that have an anchor: a key is made of their text."""
        self.sizes: dict[int, int] = {}
        self.aliased = 0
        self.kept: list[Any] = []
        """Containers whose id stands in `merged` or `odd_keys`, so that no other takes it."""
        self.merged: set[tuple[int, str]] = set()
        self.odd_keys: dict[tuple[int, str], type] = {}
        self.duplicates: list[tuple[Path, int, int]] = []
        """(path, index of the first, index of the last) of each key that is written twice."""

    def build(self, parser: Any) -> tuple[Any, Places | None] | None:
        """The value of the first document of `parser` and its places; None where there is none.

        Raises UnreadableError and YAMLError.
        """
        get = parser.get_event
        get()
        if type(get()) is StreamEndEvent:
            return None
        built = self._node(get)
        self.ended = get().start_mark.index
        return built

    def _node(self, get: Any) -> tuple[Any, Places | None]:  # noqa: C901, PLR0912, PLR0915 - the hot loop of every scan: calls would double its time
        """The value that begins with the next event, and its places; no recursion."""
        resolved = _RESOLVED
        shared = _SHARED
        depth = self.limits.depth
        stack: list[Any] = []
        container: Any = None
        places: Any = None
        key: Any = _NOTHING
        key_begin = begin = 0
        is_map = False
        anchor = None
        for event in starmap(get, repeat((), self.limits.events)):
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is None and event.tag is None:
                    if event.implicit[0]:
                        try:
                            value = resolved[event.value]
                        except NoJsonError as error:
                            if not is_map or key is not _NOTHING:
                                raise UnreadableError(str(error), event.start_mark.index) from error
                            value = None
                    else:
                        value = shared[event.value]
                else:
                    value = self._scalar(event)
                begin = event.start_mark.index
                if is_map:
                    if key is _NOTHING:
                        key_begin = begin
                        if type(value) is str:
                            key = value
                            if value == "<<" and _merges(event):
                                key = _MERGE
                        else:
                            key = self._key(event, container)
                        if key in places:
                            self._note_duplicate(stack, container, places[key], (key, event))
                        continue
                    if key is not _MERGE:
                        container[key] = value
                        places[key] = key_begin << 60 | begin << 30 | event.end_mark.index
                        key = _NOTHING
                        continue
                elif container is not None:
                    container.append(value)
                    places.append(begin << 60 | begin << 30 | event.end_mark.index)
                    continue
                child: Places | None = None
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                begin = event.start_mark.index
                if is_map and key is _NOTHING:
                    raise UnreadableError("a map or a list cannot be a key", begin)
                stack.append((container, places, key, key_begin, is_map, anchor, begin))
                if len(stack) > depth:
                    raise UnreadableError(f"nested more than {depth} levels deep", begin, "depth")
                if kind is MappingStartEvent:
                    is_map = True
                    container = {}
                    places = {}
                else:
                    is_map = False
                    container = []
                    places = []
                key = _NOTHING
                anchor = event.anchor
                if anchor is not None:
                    # From here on, as in go-yaml: one of that name within takes its place.
                    self.anchors[anchor] = container, places
                    self.open_anchors.add(id(container))
                    self._bound_anchors(begin)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                child = places
                end = event.end_mark.index
                if event.start_mark.index == end:
                    end = 0
                else:
                    self.flows.append((stack[-1][6], end))
                if anchor is not None:
                    self.open_anchors.discard(id(container))
                container, places, key, key_begin, is_map, anchor, begin = stack.pop()
            elif kind is AliasEvent:
                value, child = self._alias(event)
                begin = event.start_mark.index
                end = event.end_mark.index
                if is_map and key is _NOTHING:
                    key = self._alias_as_key(value, event, container)
                    key_begin = begin
                    if key in places:
                        self._note_duplicate(stack, container, places[key], (key, event))
                    continue
            else:
                raise UnreadableError(
                    "the document ends before its value does", event.start_mark.index
                )
            if container is None:
                self.start = begin
                return value, child
            if not is_map:
                places.append((begin << 60 | begin << 30 | end, child))
                container.append(value)
            elif key is _MERGE:
                self._merge(container, places, (value, child), event)
                key = _NOTHING
            else:
                container[key] = value
                places[key] = key_begin << 60 | begin << 30 | end, child
                key = _NOTHING
        said = f"more than {self.limits.events:,} keys and values in one document"
        raise UnreadableError(said, begin, "events")

    def _scalar(self, event: Any) -> Any:
        text = event.value
        tag = event.tag
        try:
            if tag is None or tag == _MERGE_TAG:
                value = _RESOLVED[text] if event.implicit[0] else text
            elif tag == "!":
                value = text
            else:
                value = tagged(tag, text)
        except NoJsonError as error:
            raise UnreadableError(str(error), event.start_mark.index) from error
        if event.anchor is not None:
            self.anchors[event.anchor] = value, None
            self.scalars[event.anchor] = event
            self._bound_anchors(event.start_mark.index)
        return value

    def _bound_anchors(self, begin: int) -> None:
        most = self.limits.aliased // 10
        if len(self.anchors) + len(self.open_anchors) > most:
            said = f"more than {most:,} anchors in one document"
            raise UnreadableError(said, begin, "aliased")

    def _key(self, event: Any, container: Any) -> str:
        """The text of a key that is none by itself."""
        try:
            key, kind = key_text(event.value, event.tag)
        except NoJsonError as error:
            raise UnreadableError(str(error), event.start_mark.index) from error
        if key not in container:
            self.odd_keys[id(container), key] = kind
            self.kept.append(container)
        return key

    def _alias_as_key(self, value: Any, event: Any, container: Any) -> str:
        if type(value) in (dict, list):
            raise UnreadableError("a map or a list cannot be a key", event.start_mark.index)
        return value if type(value) is str else self._key(self.scalars[event.anchor], container)

    def _note_duplicate(self, stack: Any, container: Any, spot: Any, again: Any) -> None:
        """Remember a key that is there already; one that `<<` brought is replaced, not doubled."""
        key, event = again
        begin = event.start_mark.index
        here = id(container), key
        if here in self.merged:
            self.merged.discard(here)
            return
        if type(event) is AliasEvent:
            event = self.scalars[str(event.anchor)]
        kind = key_kind(event.value, event.tag, event.implicit[0])
        # Go keeps both of two keys that are not a number: to it they are no equals.
        if self.odd_keys.get(here, str) is not kind or (key == ".nan" and kind is float):
            said = f"two keys become {key!r} in JSON, and Kubernetes keeps either one at random"
            raise UnreadableError(said, begin)
        path = [len(it[0]) if type(it[0]) is list else it[2] for it in stack[1:]]
        first = (spot if type(spot) is int else spot[0]) >> 60
        self.duplicates.append(((*path, key), first, begin))
        if len(self.duplicates) > MOST_DUPLICATES:
            raise UnreadableError(TOO_MANY_DUPLICATES, begin)

    def _alias(self, event: Any) -> tuple[Any, Places | None]:
        name = event.anchor
        if name not in self.anchors:
            # What is called so may be a credential that begins with *.
            said = "there is no such anchor above; put a text that begins with * in quotes"
            raise UnreadableError(said, event.start_mark.index)
        value, places = self.anchors[name]
        if id(value) in self.open_anchors and places is not None:
            raise UnreadableError("the anchor contains itself", event.start_mark.index)
        if places is None:
            self._repeat(1, event)
            return value, None
        return self._copy(value, event), places

    def _repeat(self, count: int, event: Any) -> None:
        self.aliased += count
        if self.aliased > self.limits.aliased:
            said = f"its aliases repeat more than {self.limits.aliased:,} nodes"
            raise UnreadableError(said, event.start_mark.index, "aliased")

    def _copy(self, value: Any, event: Any) -> Any:
        """A copy of what an alias stands for, so that no two places share a container."""
        size = self._size(value)
        self._repeat(size, event)
        root: list[Any] = [None]
        pending: list[tuple[Any, Any, Any]] = [(value, root, 0)]
        while pending:
            source, target, step = pending.pop()
            copy: Any = dict(source) if type(source) is dict else list(source)
            target[step] = copy
            items = copy.items() if type(copy) is dict else enumerate(copy)
            pending += [(it, copy, at) for at, it in items if type(it) in (dict, list)]
        return root[0]

    def _size(self, value: Any) -> int:
        """How many nodes `value`, which an anchor holds, has; bounded by the limit on aliases."""
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
        self.kept.append(value)
        return total

    def _merge(self, container: Any, places: Any, merged: Any, event: Any) -> None:
        """Apply `<<` as go-yaml v2 does: in the order of the text, overriding what is there.

        `merged` is the value behind it and its places.
        """
        value, child = merged
        sources = [merged] if type(value) is dict else _items(value, child)
        if sources is None or (type(value) is list and type(event) is AliasEvent):
            said = "<< merges a map or a list of maps, and this is neither"
            raise UnreadableError(said, event.start_mark.index)
        here = id(container)
        self.kept.append(container)
        for source, spots in reversed(sources):
            self._repeat(len(source), event)
            container.update(source)
            for key, spot in spots.items():
                if key not in places:
                    self.merged.add((here, key))
                places[key] = spot


def _items(value: Any, places: Any) -> list[tuple[Any, Any]] | None:
    """The maps in a list, each with its places; None where it is no list of maps."""
    if type(value) is not list or any(type(it) is not dict for it in value):
        return None
    return [(it, spot[1]) for it, spot in zip(value, places, strict=True)]


def _merges(event: Any) -> bool:
    return event.tag in (_MERGE_TAG, "!") or (event.tag is None and bool(event.implicit[0]))
