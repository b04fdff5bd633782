"""JSON schemas of what Portside reads and writes, as it ships them; docs/schema holds copies."""

from __future__ import annotations

import os

SCHEMAS = {
    "config": "portside-v1.schema.json",
    "report": "report-v1.schema.json",
    "diff": "diff-v1.schema.json",
    "rule": "rule-v1.schema.json",
    "compliance": "compliance-v1.schema.json",
}
"""What each schema is about, and the file that holds it."""


def schema_text(name: str) -> str:
    """The text of the schema called `name`. Raises KeyError, and OSError where it is not there."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), SCHEMAS[name])
    with open(path, encoding="utf-8") as file:
        return file.read()


def shipped() -> list[str]:
    """The names of the schemas that are there, in the order of SCHEMAS."""
    folder = os.path.dirname(os.path.abspath(__file__))
    return [name for name, file in SCHEMAS.items() if os.path.exists(os.path.join(folder, file))]
