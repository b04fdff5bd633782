"""What a kustomization does to an object, step by step, and which step wrote a field last.

The steps of one kustomization run in Kustomize's order: patchesStrategicMerge, patches, namespace,
prefix, suffix, labels, annotations, patchesJson6902, replicas, images, replacements.
Source: sigs.k8s.io/kustomize/api/internal/target/kusttarget_configplugin.go, v0.21.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.layers import ABSENT, at
from portside.render.pieces import Piece, Pieces, counterpart, selects
from portside.render.replacements import Source, goes_by, taken

_DIRECTIVES = ("$patch", "$retainKeys")


class Object(NamedTuple):
    """A rendered object; `names` are those that it has had."""

    value: dict[str, Any]
    names: set[str]


class Hit(NamedTuple):
    """A place that wrote a field: `sure` where changing it changes the field."""

    piece: Piece
    path: FieldPath
    sure: bool = True
    source: Source | None = None
    """Where a replacement takes the value."""


def last(known: Pieces, file: str, it: Object, path: FieldPath) -> Hit | None:
    """The place in the kustomization `file`, or in its patches, that wrote the field last."""
    whole = known.whole(file)
    if whole is None:
        return None
    for step in (
        _replacements, _images, _replicas, _patches_json, _annotations, _labels, _affixes,
        _namespace, _patches, _merges,
    ):  # fmt: skip
        for hit in step(known, whole, it, path):
            return hit
    return None


def patched(known: Pieces, file: str, it: Object) -> bool:
    """Whether a patch of the kustomization, or a replacement that takes something of it, finds the
    object by its kind and name.
    """
    whole = known.whole(file)
    if whole is None:
        return False
    if any(True for _ in _all_patches(known, whole, it)):
        return True
    return any(_is_source(one, it) for _, _, one in _all_replacements(known, whole))


def told_by(known: Pieces, file: str, it: Object, path: FieldPath) -> bool:
    """Whether a replacement of the kustomization finds an item by the field."""
    whole = known.whole(file)
    if whole is None:
        return False
    replacements = _all_replacements(known, whole)
    return any(goes_by(one, it.value, it.names, path) for _, _, one in replacements)


def _is_source(entry: dict[str, Any], it: Object) -> bool:
    source = entry.get("source")
    return isinstance(source, dict) and selects(source, it.value, it.names)


def touches(known: Pieces, file: str, it: Object, path: FieldPath) -> bool:
    """Whether a patch of the kustomization takes something away at or around `path`."""
    whole = known.whole(file)
    if whole is None:
        return False
    for patch, _ in _all_patches(known, whole, it):
        if isinstance(patch.value, list):
            for operation in patch.value:
                pointer = _pointer(operation)
                if operation.get("op") in ("remove", "move") and pointer == path[: len(pointer)]:
                    return True
        elif _takes(it.value, path, patch.value):
            return True
    return False


def _takes(value: Any, path: FieldPath, patch: Any) -> bool:
    while True:
        if not isinstance(patch, dict | list):
            return patch is None
        if isinstance(patch, dict) and any(key in patch for key in _DIRECTIVES):
            return True
        if not path:
            return False
        found = counterpart(value, path[:1], patch)
        if not found:
            return False
        value, patch, path = at(value, path[:1]), at(patch, found), path[1:]


def _all_patches(known: Pieces, whole: Piece, it: Object) -> Iterator[tuple[Piece, FieldPath]]:
    for key in ("patches", "patchesJson6902"):
        for number, entry in enumerate(_list(whole.value.get(key))):
            if isinstance(entry, dict):
                yield from _patch(known, whole, it, (key, number), entry)
    for number, entry in enumerate(_list(whole.value.get("patchesStrategicMerge"))):
        place = ("patchesStrategicMerge", number)
        yield from _texts(known, whole, it, place, {"either": entry})


def _patch(
    known: Pieces, whole: Piece, it: Object, place: FieldPath, entry: dict[str, Any]
) -> Iterator[tuple[Piece, FieldPath]]:
    target = entry.get("target")
    if isinstance(target, dict) and not selects(target, it.value, it.names):
        return
    yield from _texts(known, whole, it, place, entry, bool(target))


def _texts(
    known: Pieces,
    whole: Piece,
    it: Object,
    place: FieldPath,
    entry: dict[str, Any],
    chosen: bool = False,
) -> Iterator[tuple[Piece, FieldPath]]:
    """The documents of a patch that are for the object."""
    either = str(entry.get("either", ""))
    inline = entry.get("patch") or (either if "\n" in either or "{" in either else "")
    named = entry.get("path") or ("" if inline else either)
    if isinstance(inline, str) and inline:
        pieces = known.in_text(whole, (*place, "patch") if "patch" in entry else place, inline)
    elif isinstance(named, str) and named:
        pieces = known.in_file(normpath(join(dirname(whole.file), named)), "patch")
    else:
        return
    for piece in pieces:
        if isinstance(piece.value, list) or chosen or _meant(piece.value, it):
            yield piece, place


def _meant(patch: Any, it: Object) -> bool:
    if not isinstance(patch, dict) or patch.get("kind") != it.value.get("kind"):
        return False
    return (patch.get("metadata") or {}).get("name") in it.names


def _patches(known: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    yield from _written(known, whole, it, path, "patches")


def _patches_json(known: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    yield from _written(known, whole, it, path, "patchesJson6902")


def _merges(known: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    yield from _written(known, whole, it, path, "patchesStrategicMerge")


def _written(known: Pieces, whole: Piece, it: Object, path: FieldPath, key: str) -> Iterator[Hit]:
    found = [one for one in _all_patches(known, whole, it) if one[1][0] == key]
    for piece, _ in reversed(found):
        if isinstance(piece.value, list):
            yield from _operated(piece, it, path)
        else:
            yield from _merged(piece, it, path)


def _merged(piece: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    if path[:1] in (("kind",), ("apiVersion",)) or path[:2] == ("metadata", "name"):
        return
    found = counterpart(it.value, path, piece.value)
    if found is None or len(found) != len(path):
        return
    rendered, held = at(it.value, path), at(piece.value, found)
    if held == rendered or (isinstance(held, dict | list) and type(held) is type(rendered)):
        yield Hit(piece, found)
    else:
        yield Hit(piece, found, sure=False)


def _operated(piece: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    """The last operation of a JSON patch that put the field, or what is around it, there."""
    for number in range(len(piece.value) - 1, -1, -1):
        operation = piece.value[number]
        pointer = _pointer(operation)
        if not pointer or operation.get("op") not in ("add", "replace"):
            continue
        head, rest = path[: len(pointer)], path[len(pointer) :]
        if pointer[-1] == "-" and head and type(head[-1]) is int:
            fits = head[:-1] == pointer[:-1] and at(it.value, head) == operation.get("value")
        else:
            fits = head == pointer
        value = at(operation, ("value", *rest))
        if fits and value is not ABSENT:
            rendered = at(it.value, path)
            same = value == rendered or isinstance(value, dict)
            yield Hit(piece, (number, "value", *rest), sure=same)


def _pointer(operation: Any) -> FieldPath:
    text = operation.get("path") if isinstance(operation, dict) else None
    if not isinstance(text, str):
        return ()
    steps = [it.replace("~1", "/").replace("~0", "~") for it in text.split("/")[1:]]
    return tuple(int(it) if it.isdigit() else it for it in steps)


def _images(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    rendered = at(it.value, path)
    if path[-1:] != ("image",) or not isinstance(rendered, str):
        return
    name, tag, digest = _image(rendered)
    for number, entry in reversed(list(enumerate(_list(whole.value.get("images"))))):
        if not isinstance(entry, dict) or name != str(entry.get("newName") or entry.get("name")):
            continue
        for key, held in (("digest", digest), ("newTag", tag), ("newName", name)):
            if entry.get(key) and str(entry[key]) == held:
                yield Hit(whole, ("images", number, key))


def _image(text: str) -> tuple[str, str, str]:
    name, _, digest = text.partition("@")
    head, slash, last_ = name.rpartition("/")
    bare, _, tag = last_.partition(":")
    return f"{head}{slash}{bare}", tag, digest


def _replicas(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    if path != ("spec", "replicas"):
        return
    for number, entry in enumerate(_list(whole.value.get("replicas"))):
        if isinstance(entry, dict) and entry.get("name") in it.names:
            yield Hit(whole, ("replicas", number, "count"))


def _namespace(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    wanted = whole.value.get("namespace")
    if path[-1:] == ("namespace",) and wanted and wanted == at(it.value, path):
        # A subject's is left as it is where its account is not part of the build.
        yield Hit(whole, ("namespace",), sure=path == ("metadata", "namespace"))


def _affixes(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    rendered = at(it.value, path)
    if path != ("metadata", "name") or not isinstance(rendered, str):
        return
    for key in ("nameSuffix", "namePrefix"):
        affix = whole.value.get(key)
        if isinstance(affix, str) and affix and affix in rendered:
            yield Hit(whole, (key,))


def _labels(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    if len(path) < 2 or path[-2] not in ("labels", "matchLabels", "selector", "podSelector"):
        return
    places: list[FieldPath] = [("commonLabels",)]
    entries = _list(whole.value.get("labels"))
    places += (("labels", number, "pairs") for number in range(len(entries)))
    yield from _pairs(whole, it, path, places)


def _annotations(_: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    if path[-2:-1] == ("annotations",):
        yield from _pairs(whole, it, path, [("commonAnnotations",)])


def _pairs(whole: Piece, it: Object, path: FieldPath, places: list[FieldPath]) -> Iterator[Hit]:
    for place in reversed(places):
        held = at(whole.value, (*place, path[-1]))
        if held is not ABSENT and str(held) == at(it.value, path):
            yield Hit(whole, (*place, path[-1]))


def _replacements(known: Pieces, whole: Piece, it: Object, path: FieldPath) -> Iterator[Hit]:
    """A replacement that wrote the field, with where it takes the value."""
    for piece, place, entry in _all_replacements(known, whole):
        found = taken(entry, it.value, it.names, path)
        if found is not None and found.source is not None:
            yield Hit(piece, (*place, "source"), False, found.source)
        elif found is not None:
            same = found.sure and entry["sourceValue"] == at(it.value, path)
            yield Hit(piece, (*place, "sourceValue"), same)


def _all_replacements(
    known: Pieces, whole: Piece
) -> Iterator[tuple[Piece, FieldPath, dict[str, Any]]]:
    """Every replacement of the kustomization and where it stands, the last first."""
    for number, entry in reversed(list(enumerate(_list(whole.value.get("replacements"))))):
        if isinstance(entry, dict):
            yield from _replacements_in(known, whole, ("replacements", number), entry)


def _replacements_in(
    known: Pieces, whole: Piece, place: FieldPath, entry: dict[str, Any]
) -> Iterator[tuple[Piece, FieldPath, dict[str, Any]]]:
    """The replacements of an entry: its own, or those of the file that it names."""
    if not isinstance(entry.get("path"), str):
        yield whole, place, entry
        return
    for piece in known.in_file(normpath(join(dirname(whole.file), entry["path"])), "kustomization"):
        listed = piece.value if isinstance(piece.value, list) else [piece.value]
        for number in range(len(listed) - 1, -1, -1):
            inside: FieldPath = (number,) if isinstance(piece.value, list) else ()
            if isinstance(listed[number], dict):
                yield piece, inside, listed[number]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
