"""`portside render`: the objects as they were read, before they take on their judged form (D12)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.options import add_format, add_paths, add_selection, parser
from portside.cli.sources import Sources, add_allow_unread
from portside.errors import UsageError

if TYPE_CHECKING:
    from portside.model.resource import Resource

_DEEP = 5_000
"""Python's JSON writer recurses on the machine's stack; the reader bounds depth to 1,000."""


def run(argv: Sequence[str]) -> int:
    """Write every object that the arguments name; 3 where something could not be read."""
    options = arguments().parse_args(argv)
    sources = Sources(options)
    write = _yaml if options.output == "yaml" else _json
    # What a program reads is UTF-8 wherever we run.
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    for part in write(sources.resources()):
        sys.stdout.write(part)
    return sources.exit_code()


def arguments() -> argparse.ArgumentParser:
    """The options of `portside render`."""
    made = parser(
        "render",
        "The objects as they are read: Lists taken apart, nulls kept, no defaults.",
        usage="[PATH ...] [-o yaml|json]",
        examples=(
            ("portside render shop/", "one stream of YAML documents"),
            ("portside render -o json shop/ | jq", "one JSON list"),
            ("portside render - < all.json", "from standard input, as YAML"),
        ),
        ends="exit codes: 0 all was read, 2 usage, 3 something could not be read",
    )
    add_paths(made)
    add_format(made, ("yaml", "json"))
    add_allow_unread(add_selection(made))
    return made


def _yaml(resources: Iterator[Resource]) -> Iterator[str]:
    from portside.syntax.write import written

    return written(it.value for it in resources)


def _json(resources: Iterator[Resource]) -> Iterator[str]:
    mark = "["
    for it in resources:
        yield f"{mark}\n  {_one_line(it.value)}"
        mark = ","
    yield "[]\n" if mark == "[" else "\n]\n"


def _one_line(value: Any) -> str:
    import json

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEP))
    try:
        return json.dumps(value)
    except RecursionError as error:
        raise UsageError(
            "an object is nested too deep to be written as JSON",
            hint="-o yaml writes every depth; or lower limits.depth in portside.yaml",
            undone="what follows was not written",
        ) from error
    finally:
        sys.setrecursionlimit(limit)
