"""The page of where we and other tools agree, from the shared corpora."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import agreement, corpora, netpol_cases, workflow_cases
from benchmarks.peer_cases import CASES

PATH = "docs/reference/agreement.md"


def pages() -> Iterator[tuple[str, str]]:
    """docs/reference/agreement.md; where the corpora are absent nothing, which is said."""
    if CASES.exists():
        every = agreement.checks()
        sections = [corpora.page(every), agreement.page(every)]
        sections += [workflow_cases.page(), netpol_cases.page()]
        yield PATH, "".join(piece for section in sections for piece in section)
    else:
        print(f"{PATH} is left as it is: there is no ../shared beside the project", file=sys.stderr)
