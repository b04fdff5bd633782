"""Where a thing stands: inside an object (a field path), and inside what the user wrote."""

from __future__ import annotations

from portside.records import NamedTuple

FieldPath = tuple[str | int, ...]


class Place(NamedTuple):
    """A position in a file, counted from 1 as editors count."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def dotted(path: FieldPath) -> str:
    """`path` as people write it: `spec.containers[0].image`; odd keys are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step and not set(step) & set(".[]\"' /"):
            text += f".{step}" if text else step
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text
