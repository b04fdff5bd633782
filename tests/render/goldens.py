"""The shared renders of helm and kustomize: what to render, and what the real ones made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.shared import SHARED

_CORPORA = SHARED / "corpora"


class Golden(NamedTuple):
    """A chart or overlay as it lies on the disk, and the file that holds what was made of it."""

    name: str
    folder: Path
    file: Path
    values: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return self.name

    def expected(self) -> list[Any]:
        return documents(self.file.read_text(encoding="utf-8"))


class Krusty(NamedTuple):
    """A case of Kustomize's own tests."""

    case: dict[str, Any]

    def __str__(self) -> str:
        return str(self.case["test"])

    @property
    def refused(self) -> bool:
        return bool(self.case.get("expect_error"))

    def expected(self) -> list[Any]:
        return documents(self.case["expected"])

    def written(self, folder: Path) -> Path:
        """The folder to build, once all files of the case are written below `folder`."""
        for name, text in self.case["files"].items():
            path = folder / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        target: str = self.case["target"]
        return folder / target.lstrip("/")


def documents(text: str) -> list[Any]:
    return [it for it in yaml.load_all(text, yaml.CSafeLoader) if it is not None]


def charts() -> list[Golden]:
    """The renders of charts that are the same each time; none where the inputs are absent."""
    root = _CORPORA / "helm-golden"
    if not (root / "index.json").exists():
        return []
    found = []
    for it in json.loads((root / "index.json").read_text(encoding="utf-8")):
        if it["deterministic"] and not it["rc"]:
            folder = root / it["chart"]
            values = tuple(folder / file for file in it["values_file"])
            file = folder / f"expected.{it['values']}.yaml"
            found.append(Golden(f"{it['chart']}-{it['values']}", folder / "chart", file, values))
    return found


def overlays() -> list[Golden]:
    root = _CORPORA / "kustomize-golden"
    return [_overlay(root, file) for file in sorted(root.glob("*.yaml"))]


def _overlay(root: Path, file: Path) -> Golden:
    repository, _, folder = file.stem.partition("__")
    owner, _, name = repository.partition("-")
    inputs = root / "inputs" / f"{owner}+{name}"
    return Golden(file.stem, inputs.joinpath(*folder.split("__")), file)


def krusty() -> list[Krusty]:
    """The cases with a kustomization: of a folder without one the plain files are rendered."""
    path = _CORPORA / "kustomize-krusty" / "cases.json"
    if not path.exists():
        return []
    cases = (Krusty(it) for it in json.loads(path.read_text(encoding="utf-8")))
    return [it for it in cases if str(it) != "TestTargetMustHaveKustomizationFile"]
