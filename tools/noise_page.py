"""The page of what `recommended` says most often, from the shared corpora."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.corpus import CORPORA
from benchmarks.noise import page

PATH = "docs/reference/noise.md"


def pages() -> Iterator[tuple[str, str]]:
    """docs/reference/noise.md; where the corpora are absent nothing, which is said."""
    if CORPORA.exists():
        yield PATH, "".join(page())
    else:
        print(f"{PATH} is left as it is: there is no ../shared beside the project", file=sys.stderr)
