"""The editor and the command line say the same of the same file, whatever stands in it.

`PORTSIDE_FUZZ` multiplies the number of files.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from portside.lsp.surroundings import is_around
from tests.lsp.editor import Editor, data, editor, kind, run
from tests.rules.asking import rules
from tests.scanning import portside
from tests.shared import shared

PROFILES = ("recommended", "auditor")
FUZZ = int(os.environ.get("PORTSIDE_FUZZ", "1"))
_LARGEST = 300_000


def _files(corpus: str, most: int) -> list[Path]:
    """At most so many files of a corpus, taken evenly from all of it: those of no chart.

    What is a part of a chart is judged with it, and not by itself: see test_same_rendered.
    """
    found = sorted(
        it
        for it in shared(corpus).rglob("*")
        if it.suffix in (".yaml", ".yml", ".json")
        and 0 < it.stat().st_size < _LARGEST
        and not is_around(str(it))
    )
    step = max(1, len(found) // most)
    return list(islice(found[::step], most))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("corpus", "most"),
    [("corpora/realworld", 60), ("corpora/pss", 60), ("corpora/helm-golden", 20)],
)
def test_a_file_has_the_findings_of_a_scan_of_it(
    profile: str, corpus: str, most: int, tmp_path: Path
) -> None:
    files = _files(corpus, most * FUZZ)
    assert len(files) > 10

    async def test() -> None:
        wrong = []
        async with editor(tmp_path, words=["--profile", profile]) as it:
            for file in files:
                told = await _told(it, file)
                scanned = _scanned(file, profile)
                if told != scanned:
                    wrong.append((file.name, (told - scanned) + (scanned - told)))
        assert wrong == []

    run(test())


async def _told(it: Editor, file: Path) -> Counter[tuple[Any, ...]]:
    text = file.read_bytes().decode("utf-8-sig", "replace")
    found = await it.opened(file, text)
    it.close(file.as_uri())
    return Counter(
        (one.code, data(one)["id"], one.range.start.line + 1, _column(one, text))
        for one in found
        if kind(one) == "finding"
    )


def _column(found: types.Diagnostic, text: str) -> int:
    """The column in characters, which reports count, and not in units of UTF-16."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    before = lines[found.range.start.line].encode("utf-16-le")[: found.range.start.character * 2]
    return len(before.decode("utf-16-le")) + 1


def _scanned(file: Path, profile: str) -> Counter[tuple[Any, ...]]:
    answer = portside(file.parent, "scan", file.name, "--part", "--profile", profile, "-o", "json")
    findings = json.loads(answer.out)["findings"]
    return Counter((it["rule"], it["id"], it["line"], it["column"]) for it in findings)


def test_files_that_are_no_objects_have_the_findings_of_a_scan_of_them(tmp_path: Path) -> None:
    """Dockerfiles, workflows and the like: the examples of the rules that are about them."""
    files = list(_examples(tmp_path))
    assert len(files) > 20

    async def test() -> None:
        found = Counter[str]()
        async with editor(tmp_path, words=["--profile", "auditor"]) as it:
            for file in files:
                told = await _told(it, file)
                assert told == _scanned(file, "auditor"), file.read_text()
                found.update(one[0] for one in told)
        assert len(found) > 10

    run(test())


def _examples(folder: Path) -> Iterator[Path]:
    """The examples that name a file, each in a folder of its own."""
    for rule in rules():
        for number, example in enumerate(rule.examples):
            if Path(example.file).suffix in (".yaml", ".yml") and "/" not in example.file:
                continue
            file = folder / f"{rule.id}-{number}" / example.file
            file.parent.mkdir(parents=True)
            file.write_text(example.manifest)
            yield file
