"""Every folder of the shared corpora, and what it is compared with: the head of the page.

`corpora.yaml` says where; how many cases there are, and how many of them are compared and agree, is
counted here or by the sections of the page.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks import netpol_cases, workflow_cases
from benchmarks.agreement import Check, Row, table
from benchmarks.peer_cases import CASES, CORPORA, SETS

TABLE = Path(__file__).with_name("corpora.yaml")
Entry = Mapping[str, Any]

_HEAD = """\
<!-- generated from the shared corpora by benchmarks/corpora.py and agreement.py; do not edit -->
# Agreement with other tools

Beside the project lie corpora that nobody here wrote, with the verdicts that their authors expect.
This is each of them, how much it holds, and what it is compared with.

"""


@cache
def entries() -> Mapping[str, Entry]:
    """What corpora.yaml says of each folder."""
    read: Mapping[str, Entry] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return read


def folders() -> list[str]:
    """The folders that are there. Raises FileNotFoundError where the corpora are absent."""
    return sorted(it.name for it in CORPORA.iterdir() if it.is_dir())


def page(checks: Sequence[Check]) -> Iterator[str]:
    """The head of the page; `checks` are those of agreement.py."""
    yield _HEAD
    yield from table(("folder", "holds", "compared with"), _rows(checks))
    yield "\n"


def _rows(checks: Sequence[Check]) -> Iterator[Row]:
    labelled = _labelled()
    for name, entry in entries().items():
        sets = entry.get("sets", ())
        counts = [f"{labelled[it]:,} cases" + (f" ({it})" if it != name else "") for it in sets]
        holds = counts or [_UNLABELLED[name](CORPORA / name)]
        figures = [_COUNTED[name]()] if name in _COUNTED else []
        yield f"`{name}`", ", ".join(holds), " ".join([*figures, *_compared(entry, checks)])


def _labelled() -> Counter[str]:
    with CASES.open(encoding="utf-8") as lines:
        return Counter(json.loads(line)["corpus"] for line in lines)


def _compared(entry: Entry, checks: Sequence[Check]) -> Iterator[str]:
    """The sentences of one row."""
    for name in entry.get("sets", ()):
        if name in SETS:
            yield _agreeing(name, checks)
    if "how" in entry:
        yield _sentence(entry["how"])
    yield from (f"{it}." for it in _places(entry))
    if "why" in entry:
        yield _sentence(entry["why"])


def _agreeing(name: str, checks: Sequence[Check]) -> str:
    found = [it for it in checks if it.corpus == name]
    asked, agree = sum(len(it.answers) for it in found), sum(it.agreeing for it in found)
    rules = sum(bool(it.rules) for it in found)
    told = f"{agree:,} of {asked:,} cases of {rules} checks agree"
    return f"[Checks of other tools](#checks-of-other-tools): {told} ({name})."


def _places(entry: Entry) -> Iterator[str]:
    if "section" in entry:
        anchor = entry["section"].lower().replace(" ", "-")
        yield f"[{entry['section']}](#{anchor})"
    if "test" in entry:
        yield f"Test: `{entry['test']}`"
    if "page" in entry:
        yield f"Figures: [{entry['page'].removesuffix('.md')}]({entry['page']})"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].removesuffix('.')}."


def _workflows() -> str:
    """actionlint's files: how many of them are workflows to us."""
    found = [it for case in workflow_cases.cases("actionlint") for it in workflow_cases.kinds(case)]
    read = sum(bool(resources) for _, resources, _ in found)
    told = sum(not resources and bool(unread) for _, resources, unread in found)
    return f"Of {len(found)} files {read} are read, {told} unread with their line."


def _audits() -> str:
    found = list(workflow_cases.answers())
    agree = sum(it.agrees for it in found)
    return f"{agree} of {len(found)} cases agree in verdict and lines."


def _maps() -> str:
    found = [it for it in netpol_cases.maps() if it.case not in netpol_cases.UNSUPPORTED]
    same = sum(not it.missing and not it.added for it in found)
    return f"{same} of {len(found)} maps without networks of their own are the same."


_COUNTED: Mapping[str, Callable[[], str]] = {
    "actionlint": _workflows,
    "netpol-analyzer": _maps,
    "zizmor": _audits,
}
"""The figures of folders whose cases are asked in sections of their own."""


def _expressions(folder: Path) -> str:
    files = sorted(folder.rglob("*.textproto"))
    tests = sum(
        line.strip().startswith("test ")
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
    )
    return f"{tests:,} tests in {len(files)} files"


def _listed(file: str, what: str) -> Callable[[Path], str]:
    return lambda folder: f"{len(json.loads((folder / file).read_text('utf-8'))):,} {what}"


def _files(pattern: str, what: str) -> Callable[[Path], str]:
    return lambda folder: f"{len(list(folder.glob(pattern))):,} {what}"


def _items(folder: Path) -> str:
    read = [yaml.safe_load(it.read_text(encoding="utf-8")) for it in folder.rglob("*.yaml")]
    groups = [group for it in read if it for group in it.get("groups") or ()]
    items = sum(len(it.get("checks") or ()) for it in groups)
    benchmarks = sum(it.is_dir() for it in (folder / "cfg").iterdir())
    return f"{items:,} items of {benchmarks} benchmarks"


def _comparisons(folder: Path) -> str:
    files = sorted(folder.rglob("*-versions.txt"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    compared = sum(bool(it.strip()) and not it.startswith("#") for it in lines)
    return f"{compared:,} comparisons of {len(files)} ecosystems"


_UNLABELLED: Mapping[str, Callable[[Path], str]] = {
    "cel-spec": _expressions,
    "helm-golden": _files("*/expected.*.yaml", "outputs of charts"),
    "k8s-apiserver-cel": _listed("quantity.json", "tests"),
    "kube-bench": _items,
    "kustomize-golden": _files("*.yaml", "outputs of folders"),
    "kustomize-krusty": _listed("cases.json", "inputs with their outputs"),
    "osv-scalibr": _comparisons,
    "realworld": _files("**/*.y*ml", "files of manifests"),
}
"""How the folders without labelled cases are counted."""
