"""Random texts, read by us and by Kubernetes: equal, or refused by us with a reason."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.oracle import Oracle
from tests.syntax.texts import Texts, pieces, scalars
from tests.syntax.verdicts import (
    DIFFERENT,
    THEY_REFUSE,
    WE_REFUSE,
    Verdict,
    documents,
    looks_like_json,
    verdicts,
)

COUNT = 2_000 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEEDS = [int(it) for it in os.environ.get("PORTSIDE_SEED", "1").split(",")]
BATCH = 1_000

WE_REFUSE_MORE = {
    "found unexpected ':'": "libyaml of today: a colon at the end of a word in a flow collection",
    "a tag ends at a blank": "go-yaml takes a comma behind a tag for a part of it",
    "a number beyond what JSON holds": "kubectl's next step refuses it, too",
    "at random": "Kubernetes keeps one of two keys, not always the same one",
    "a byte order mark": "go-yaml skips some marks, and with two at the beginning loses letters",
    "no JSON behind a JSON value": "kubectl goes over to YAML in the middle of a line",
    "control characters are not allowed": "libyaml looks further ahead, behind the document's end",
    "no form in JSON": "it stands in a value that a later key of the same name replaces",
    "cannot be a key": "the same",
    "is an escape of JSON": "the same, or behind the document's end",
}
"""What we refuse and Kubernetes reads, and why; the reason as it stands in the message."""


def _generators(seed: int) -> dict[str, Callable[[], bytes]]:
    random = Random(seed)
    return {
        "fragments and damaged files": Texts(seed),
        "words that look like numbers": lambda: scalars(random),
        "pieces in any order": lambda: pieces(random),
    }


@pytest.mark.needs_oracle
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", _generators(0))
def test_random_texts_read_as_kubernetes_reads_them(oracle: Oracle, name: str, seed: int) -> None:
    make = _generators(seed)[name]
    counts: Counter[str] = Counter()
    faults: list[tuple[bytes, Verdict]] = []
    rare: list[tuple[bytes, Verdict]] = []
    for begin in range(0, COUNT, BATCH):
        batch = [make() for _ in range(min(BATCH, COUNT - begin))]
        for text, found in zip(batch, verdicts(oracle, batch), strict=True):
            counts.update(it.kind for it in found)
            faults += [(text, it) for it in found if _is_fault(text, it)]
            rare += [(text, it) for it in found if it.kind == WE_REFUSE and not _is_known(it)]
    print(f"{name}, seed {seed}: {COUNT:,} texts, {counts.total():,} documents: {dict(counts)}")  # noqa: T201 - the counts are the answer
    assert not faults, faults[:3]
    assert counts[WE_REFUSE] < counts.total() * 0.01
    assert len(rare) < counts.total() * 0.001, rare[:3]


def _is_fault(text: bytes, verdict: Verdict) -> bool:
    if verdict.kind == THEY_REFUSE:
        behind_json = looks_like_json(text) and _json_then_no_yaml(text, verdict)
        return not behind_json and not _says_that_text_is_dropped(text)
    return verdict.kind == DIFFERENT


def _says_that_text_is_dropped(text: bytes) -> bool:
    """Behind the end of a document go-yaml looks further ahead than we do."""
    return any(it.dropped for document in documents(text) for it in document.remarks)


def _is_known(verdict: Verdict) -> bool:
    return any(said in verdict.ours for said in WE_REFUSE_MORE)


def _json_then_no_yaml(text: bytes, verdict: Verdict) -> bool:
    """In the YAML behind JSON, kubectl loses a document before a line that only looks like a
    separator, and gives up on a rest of fewer than four bytes; we read both.
    """
    looks_like_one = re.search(rb"^---[^\S\n]*[^#\s]", text, re.MULTILINE) is not None
    return looks_like_one or len(text.strip().split(b"\n")[-1]) < 4 or verdict.ours == "nothing"
