"""The editor and the command line say the same of the same charts and overlays."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pygls.uris import to_fs_path

from tests.lsp.editor import Editor, data, editor, kind, run
from tests.scanning import portside
from tests.shared import shared

CHARTS = (
    "GoogleCloudPlatform-microservices-demo__helm-chart/chart",
    "argoproj-argo-cd__util__helm__testdata__redis/chart",
    "bitnami-charts__bitnami__nginx/chart",
    "kubernetes-ingress-nginx__charts__ingress-nginx/chart",
)
OVERLAYS = "corpora/kustomize-golden/inputs/GoogleCloudPlatform+microservices-demo"
Told = Counter[tuple[Any, ...]]


def _copied(name: str, folder: Path) -> Path:
    shutil.copytree(shared(name), folder / "tree")
    return folder / "tree"


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_the_findings_of_a_scan_whichever_file_is_open(
    name: str, on_path: str, tmp_path: Path
) -> None:
    tree = _copied(f"corpora/helm-golden/{name}", tmp_path)
    scanned = _scanned(tree, tree)
    assert scanned

    async def test() -> None:
        async with editor(tree, words=["--profile", "strict"]) as it:
            for file in (tree / "Chart.yaml", tree / "values.yaml"):
                await it.opened(file)
                assert _told(it) == scanned
                it.close(file.as_uri())

    run(test())


def test_overlays_have_the_findings_of_a_scan(on_path: str, tmp_path: Path) -> None:
    tree = _copied(OVERLAYS, tmp_path)
    # What stands by itself is called as below it, however it is scanned.
    (tree / "portside.yaml").write_text("version: 1\n")
    scanned = _scanned(tree, tree)
    assert len(scanned) > 10

    async def test() -> None:
        async with editor(tree, words=["--profile", "strict"]) as it:
            for file in sorted(tree.rglob("*.yaml")):
                await it.opened(file)
            told = _told(it)
            assert told - scanned == Counter()
            assert scanned - told == Counter()

    run(test())


def _told(it: Editor) -> Told:
    """What is said of all files, open or not."""
    return Counter(
        (
            to_fs_path(uri),
            one.range.start.line + 1,
            one.code,
            data(one)["id"],
            one.message.partition("\n")[0],
            _environments(one.message),
        )
        for uri, said in it.told.items()
        for one in said.diagnostics
        if kind(one) == "finding"
    )


def _environments(message: str) -> str:
    line = next((it for it in message.split("\n") if "holds in " in it), "")
    return line.partition("holds in ")[2]


def _scanned(folder: Path, path: Path) -> Told:
    words = ("--part", "--no-cache", "--profile", "strict", "-o", "json")
    findings = json.loads(portside(folder, "scan", *words, str(path)).out)["findings"]
    return Counter(
        (
            it["file"],
            it["line"],
            it["rule"],
            it["id"],
            it["message"],
            ", ".join(it["environments"]),
        )
        for it in findings
    )
