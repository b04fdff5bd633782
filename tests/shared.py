"""The shared inputs beside the project: real corpora with the verdicts their authors expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared(name: str) -> Path:
    """The path of a shared file or folder; skips the test, and says so, where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared inputs are not beside the project: no ../shared/{name}")
    return path


def cases(*corpora: str) -> Iterator[dict[str, Any]]:
    """The labelled cases of these corpora, in their order; none where the inputs are absent."""
    path = SHARED / "corpora" / "cases.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if case["corpus"] in corpora:
                yield case
