"""The published copies of the schemas that the package ships."""

from __future__ import annotations

from collections.abc import Iterator

from portside.schemas import SCHEMAS, schema_text, shipped


def pages() -> Iterator[tuple[str, str]]:
    """docs/schema/*.schema.json"""
    for name in shipped():
        yield f"docs/schema/{SCHEMAS[name]}", schema_text(name)
