"""The steps that dependent defaults are made of."""

from __future__ import annotations

from typing import Any

from portside.judged.reading import Notes

Box = dict[str, Any]


def fill(box: Box, key: str, value: Any, notes: Notes) -> None:
    """Set a field that is absent, and note that nobody wrote it."""
    if key not in box:
        box[key] = value
        notes.append((box, key))


def put(box: Box, key: str, value: Any, notes: Notes) -> None:
    """Set a field whatever it holds; what it held stays alive (see `Notes`)."""
    if key in box:
        notes.append((None, box[key]))
    box[key] = value
    notes.append((box, key))


def take(box: Box, key: str, notes: Notes) -> None:
    """Take a field out, if it is there."""
    if key in box:
        notes.append((None, box.pop(key)))


def label_as(box: Box, labels: Box, notes: Notes) -> None:
    """Give an object without labels these."""
    fill(box, "metadata", {}, notes)
    fill(box["metadata"], "labels", dict(labels), notes)
