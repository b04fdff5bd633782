"""`python -m tools.api_types`: the fields of Kubernetes' own kinds, from Kubernetes' own Go types.

Writes `src/portside/policy/apitypes/types.json`; needs the oracle. A test compares the two.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src/portside/policy/apitypes/types.json"
_CODES = {
    "string": "s",
    "bool": "b",
    "int32": "i",
    "int64": "i",
    "float64": "f",
    "bytes": "y",
    "quantity": "q",
    "intOrString": "x",
    "time": "t",
    "microTime": "t",
    "duration": "d",
}
"""What has no code of its own is written as it stands: `a`."""


def table(types: dict[str, Any]) -> str:
    """The text of the table for an answer to the oracle's question `types`."""
    refs = sorted(_reachable(types))
    numbers = {ref: number for number, ref in enumerate(refs)}
    kinds = {
        name: numbers[kind["ref"]]
        for name, kind in sorted(types["kinds"].items())
        if not kind["list"]
    }
    structs = [
        {field["name"]: _field(field, numbers) for field in types["structs"][ref]} for ref in refs
    ]
    lines = ",\n".join(json.dumps(it, separators=(",", ":")) for it in structs)
    names = ",\n".join(f"{json.dumps(name)}:{number}" for name, number in kinds.items())
    return f'{{"kinds":{{\n{names}\n}},"structs":[\n{lines}\n]}}\n'


def _reachable(types: dict[str, Any]) -> set[str]:
    pending = [kind["ref"] for kind in types["kinds"].values() if not kind["list"]]
    found: set[str] = set()
    while pending:
        ref = pending.pop()
        if ref not in found:
            found.add(ref)
            pending += [it for field in types["structs"][ref] for it in _refs(field["type"])]
    return found


def _refs(kind: dict[str, Any]) -> Iterator[str]:
    if "ref" in kind:
        yield kind["ref"]
    for part in ("items", "values"):
        if part in kind:
            yield from _refs(kind[part])


def _field(field: dict[str, Any], numbers: dict[str, int]) -> str:
    """`?` where the encoder leaves out the empty value, `!` also the zero struct, then the type."""
    mark = "!" if field["omitzero"] else "?" if field["omitempty"] else ""
    return mark + _code(field["type"], numbers)


def _code(kind: dict[str, Any], numbers: dict[str, int]) -> str:
    pointer = "*" if kind.get("pointer") else ""
    if kind["type"] == "struct":
        return f"{pointer}{numbers[kind['ref']]}"
    if kind["type"] == "list":
        return f"{pointer}[{_code(kind['items'], numbers)}"
    if kind["type"] == "map":
        return f"{pointer}{{{_code(kind['values'], numbers)}"
    return pointer + _CODES.get(kind["type"], "a")


def main() -> int:
    from tests.oracle import Oracle

    with Oracle() as oracle:
        text = table(oracle.ask(op="types"))
    TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {len(text)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
