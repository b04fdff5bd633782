"""Words put into a file are a comment where, and only where, PyYAML finds them in no value."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from portside.sources.manifest import parse
from portside.syntax import Broken, read
from tests.shared import shared

COUNT = 600 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
WORDS = "# portside:ignore-file host-pid it was put here"


def values(text: str) -> list[str] | None:
    """Every scalar of `text`, as PyYAML's parser in Python reads them; None where it is broken."""
    if any(isinstance(it, Broken) or it.remarks for it in read(text.encode())):
        return None
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return None
    return [it.value for it in events if isinstance(it, yaml.ScalarEvent)]


def changed(text: str, chance: random.Random) -> str:
    """`text` with the words behind a line, on a line of their own, or within a line."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        lines.insert(at, " " * chance.randrange(12) + WORDS)
    elif kind == 1:
        lines[at] += f" {WORDS}"
    elif kind == 2:
        lines[at] += WORDS
    else:
        middle = chance.randrange(len(lines[at]) + 1)
        lines[at] = f"{lines[at][:middle]} {WORDS} {lines[at][middle:]}"
    return "\n".join(lines)


def files() -> Iterator[Path]:
    for path in sorted(shared("corpora/realworld").rglob("*.y*ml")):
        if path.is_file() and path.stat().st_size < 30_000:
            yield path


def test_comments_are_found_exactly_where_they_are() -> None:
    chance = random.Random(int(os.environ.get("PORTSIDE_SEED", "20260701")))
    texts = [path.read_text(errors="replace") for path in files()]
    texts = [text for text in texts if "kind:" in text and values(text)]
    seen = {True: 0, False: 0}
    for _ in range(COUNT):
        text = chance.choice(texts)
        fresh = changed(text, chance)
        after = values(fresh)
        if after is None:
            continue
        expected = not any(WORDS[2:] in it for it in after)
        if expected and fresh[fresh.index(WORDS) - 1 :][:1].strip():
            continue  # Without a space before it, it may stand in another comment: no excuse.
        found = [it for it in parse(fresh.encode(), "a.yaml").comments if it.scope == "file"]
        if "portside:ignore" in fresh.replace(WORDS, "", 1):
            pytest.fail("the corpus holds comments of ours")
        if fresh.strip():
            assert bool(found) is expected, fresh
        seen[expected] += 1
    assert min(seen.values()) > COUNT // 50
