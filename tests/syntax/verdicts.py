"""Our reading of a text beside Kubernetes' own, and what is made of the difference."""

from __future__ import annotations

import json
import re
from itertools import zip_longest
from typing import Any, NamedTuple

from portside.syntax import DEFAULT, Broken, Document, read
from portside.syntax.read import decode, read_chunk
from portside.syntax.split import Chunk, in_lines, split
from tests.oracle import Answer, Oracle, encoded

_LONE = re.compile(r"\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]..")
EQUAL, BOTH_REFUSE, WE_REFUSE, THEY_REFUSE, DIFFERENT = (
    "equal",
    "refused by both",
    "refused only by us",
    "refused only by Kubernetes",
    "different",
)


SEPARATOR = "!separator"
AT_RANDOM = "at random"


class Verdict(NamedTuple):
    """One document judged. `ours` and `theirs` are JSON texts, or reasons that begin with `!`."""

    kind: str
    ours: str
    theirs: str


def looks_like_json(text: bytes) -> bool:
    return decode(text)[0].lstrip(" \t\r\n\v\f")[:1] == "{"


def question(text: bytes) -> dict[str, Any]:
    """What to ask the oracle: kubectl decodes a file before the packages see it."""
    decoded = decode(text)[0]
    asked = {"op": "yaml", "text": encoded(decoded)}
    return {**asked, "stream": "kubectl"} if looks_like_json(text) else asked


def verdicts(oracle: Oracle, texts: list[bytes]) -> list[list[Verdict]]:
    """For each text, a verdict on each of its documents."""
    chunks = [_chunks(text) for text in texts]
    asked = [question(text) for text in texts]
    asked += [{"op": "yaml", "text": encoded(part.text)} for it in chunks for part in it]
    answers = iter([_readings(answer) for answer in oracle.ask_many(asked)])
    whole = [next(answers) for _ in texts]
    return [
        _of_stream(text, theirs)
        if looks_like_json(text)
        else _of_parts(text, theirs, [(part, next(answers)) for part in parts])
        for text, theirs, parts in zip(texts, whole, chunks, strict=True)
    ]


def _chunks(text: bytes) -> list[Chunk]:
    return [] if looks_like_json(text) else list(split(in_lines(decode(text)[0])))


def _readings(answer: Answer) -> list[str]:
    """What Kubernetes reads: a JSON text or a refusal for each document."""
    return [
        f"!{it['error']}" if "error" in it else canonical(it["json"]) for it in answer["documents"]
    ]


def _of_stream(text: bytes, theirs: list[str]) -> list[Verdict]:
    """Verdicts on documents one after another, up to the first that either side refuses."""
    ours = [it for it in ours_of(text) if it != "null"]
    found = []
    for mine, other in zip_longest(
        ours, [it for it in theirs if it != "null"], fillvalue="nothing"
    ):
        found.append(_verdict(mine, other))
        if "!" in (mine[0], other[0]):
            break
    return found


def _of_parts(text: bytes, whole: list[str], parts: list[tuple[Chunk, list[str]]]) -> list[Verdict]:
    """Verdicts on each part as we split the text, on the split, and on reading all at once."""
    if any("\r\n" in part.text for part, _ in parts):
        # Asked of a part, Kubernetes takes a CR before a LF away once more.
        return []
    ours = [SEPARATOR if part.fault else _reading(read_chunk(part, DEFAULT)) for part, _ in parts]
    found = [
        _verdict(mine, it[0])
        for mine, (_, it) in zip(ours, parts, strict=True)
        if mine != SEPARATOR
    ]
    found = [it for it in found if it.ours != "null" or it.theirs != "null"]
    # What Kubernetes reads at random it may read otherwise the second time.
    if not any(it.kind == WE_REFUSE or AT_RANDOM in it.ours for it in found):
        found.append(
            _split_verdict([it[0] if not part.fault else SEPARATOR for part, it in parts], whole)
        )
    at_once = [_kind(it) for it in ours_of(text) if it != "null"]
    in_parts = ["refused" if it == SEPARATOR else _kind(it) for it in ours if it != "null"]
    if at_once != in_parts:
        found.append(Verdict(DIFFERENT, f"at once: {at_once}", f"in parts: {in_parts}"))
    return found


def _kind(reading: str) -> str:
    return "refused" if reading[0] == "!" and reading != SEPARATOR else reading


def _split_verdict(ours: list[str], theirs: list[str]) -> Verdict:
    """Kubernetes loses what stands before a line that only looks like a separator; we read it."""
    theirs = [SEPARATOR if "document separator" in it else it for it in theirs]
    # Which of two faults Go says first depends on the order of its maps.
    mine, other = ([_kind(it) for it in side if it != "null"] for side in (ours, theirs))
    if SEPARATOR in other:
        mine = mine[: mine.index(SEPARATOR) + 1] if SEPARATOR in mine else mine
        if len(mine) > len(other):
            del mine[-2]
    return Verdict(EQUAL if mine == other else DIFFERENT, f"split: {mine}", f"split: {other}")


def ours_of(text: bytes) -> list[str]:
    return [_reading(it) for it in read(text)]


def _reading(it: Document | Broken | None) -> str:
    if isinstance(it, Broken):
        return f"!{it.message}"
    return "null" if it is None else canonical(it.value)


def documents(text: bytes) -> list[Document]:
    return [it for it in read(text) if isinstance(it, Document)]


def _verdict(mine: str, theirs: str) -> Verdict:
    if mine[0] == "!" or theirs[0] == "!":
        refused = (
            BOTH_REFUSE if mine[0] == theirs[0] else WE_REFUSE if mine[0] == "!" else THEY_REFUSE
        )
        return Verdict(refused, mine, theirs)
    return Verdict(EQUAL if mine == theirs else DIFFERENT, mine, theirs)


def canonical(value: object) -> str:
    """One spelling for one value; whole numbers beyond 64 bits are floats, as in Kubernetes."""
    return _LONE.sub(r"\\ufffd", json.dumps(_numbers(value), sort_keys=True))


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        return float(value)
    if type(value) is float and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    return value
