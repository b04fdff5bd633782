"""Writes every generated page and schema, or (`--check`) says which one is stale.

A generator is a module with `pages() -> Iterator[tuple[str, str]]`: the path of a file below the
repository, and its text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = (
    "rule_pages",
    "cli_pages",
    "schemas",
    "agreement_page",
    "cel_page",
    "coverage_page",
    "compliance_page",
    "noise_page",
)


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated file and what it must say."""
    for name in GENERATORS:
        for path, text in import_module(f"tools.{name}").pages():
            yield ROOT / path, text


def main(argv: list[str]) -> int:
    """Write the files, or compare them with `--check`; 1 where one is stale."""
    stale = []
    for path, text in pages():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in argv:
            stale.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"stale: {path.relative_to(ROOT)}; run python -m tools.docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
