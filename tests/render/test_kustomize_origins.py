"""Fields of a build are led back to the base, the patch or the transformer that wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.provenance_cases import OverlayCase
from portside.model.place import FieldPath
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.origins import EXACT, GUESS, TEMPLATE, Origin
from portside.render.process import Program
from portside.render.wire import KustomizeRequest, Rendered
from portside.syntax import Document
from tests.render.trees import write

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels:
    app: shop
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: proxy
          image: envoy:1
        - name: web
          image: web:1
          env:
            - name: A
              value: a
"""
BASE = "resources: [deployment.yaml]\n"
WEB = ("spec", "template", "spec", "containers", "web")
"""Its container, wherever a patch moves it to."""


class Build:
    """An overlay over a base with one Deployment."""

    def __init__(self, program: Program, folder: Path, overlay: str, **more: str) -> None:
        files = {
            "base/kustomization.yaml": BASE,
            "base/deployment.yaml": more.pop("deployment", DEPLOYMENT),
            "prod/kustomization.yaml": f"resources: [../base]\n{overlay}",
        }
        write(folder, files | {f"prod/{name}.yaml": text for name, text in more.items()})
        request = KustomizeRequest(str(folder / "prod"), str(folder))
        self.case = OverlayCase("prod", request, program)
        assert self.case.plain.error is None, self.case.plain.error

    def of(self, path: FieldPath, document: int = 0) -> Origin:
        return self.case.origins.of(0, document, by_index(self.first(self.case.plain), path))

    def value(self, path: FieldPath, rendered: Rendered | None = None) -> Any:
        value = self.first(rendered or self.case.plain)
        return at(value, by_index(value, path))

    @staticmethod
    def first(rendered: Rendered) -> Any:
        assert rendered.error is None, rendered.error
        first = documents(rendered.files[0].text)[0]
        assert isinstance(first, Document)
        return first.value

    def led(self, path: FieldPath, other: Any = "other") -> tuple[str, int, int]:
        """The place of an exact origin, after an edit there has changed the field."""
        origin = self.of(path)
        assert origin.confidence == EXACT, origin
        assert origin.way is not None
        before = self.value(path)
        after = self.value(path, self.case.edited(origin.way, other))
        assert after != before
        assert after is not ABSENT
        return origin.file, origin.line, origin.column


def by_index(value: Any, path: FieldPath) -> FieldPath:
    """The path with the index of each item that is named."""
    found: FieldPath = ()
    for step in path:
        here = at(value, found)
        if isinstance(here, list) and isinstance(step, str):
            step = next(number for number, it in enumerate(here) if it["name"] == step)
        found = (*found, step)
    return found


STRATEGIC = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - name: web
          image: web:2
          resources:
            limits: {memory: 1Gi}
"""
INLINE = "patches:\n  - patch: |-\n" + "".join(f"      {it}\n" for it in STRATEGIC.splitlines())
JSON = """\
patches:
  - target: {kind: Deployment, name: sh.*}
    patch: |
      - op: replace
        path: /spec/template/spec/containers/1/image
        value: web:3
      - op: add
        path: /spec/template/spec/containers/1/env/-
        value: {name: B, value: b}
"""


@pytest.mark.parametrize(
    ("overlay", "path", "other", "where"),
    [
        ("", (*WEB, "image"), "web:9", ("base/deployment.yaml", 15, 11)),
        ("", (*WEB, "new"), 5, ("base/deployment.yaml", 14, 11)),
        ("", ("spec", "strategy"), {}, ("base/deployment.yaml", 7, 1)),
        (INLINE, (*WEB, "image"), "web:9", ("prod/kustomization.yaml", 13, 17)),
        (INLINE, (*WEB, "resources", "limits", "memory"), "2Gi",
         ("prod/kustomization.yaml", 15, 28)),
        (INLINE, (*WEB, "env", 0, "value"), "x", ("base/deployment.yaml", 18, 15)),
        (INLINE, (*WEB, "resources", "limits", "cpu"), "1", ("prod/kustomization.yaml", 15, 19)),
        (JSON, (*WEB, "image"), "web:9", ("prod/kustomization.yaml", 7, 9)),
        (JSON, (*WEB, "env", 1, "value"), "c", ("prod/kustomization.yaml", 10, 26)),
        ("images: [{name: web, newTag: '4'}]\n", (*WEB, "image"), "5",
         ("prod/kustomization.yaml", 2, 22)),
        ("images:\n  - name: web\n    newName: shop.example/web\n", (*WEB, "image"), "x",
         ("prod/kustomization.yaml", 4, 5)),
        ("replicas: [{name: shop, count: 3}]\n", ("spec", "replicas"), 4,
         ("prod/kustomization.yaml", 2, 25)),
        ("namespace: prod\n", ("metadata", "namespace"), "x", ("prod/kustomization.yaml", 2, 1)),
        ("namePrefix: a-\n", ("metadata", "name"), "b-", ("prod/kustomization.yaml", 2, 1)),
        ("labels:\n  - pairs:\n      tier: web\n", ("metadata", "labels", "tier"), "x",
         ("prod/kustomization.yaml", 4, 7)),
        ("commonAnnotations:\n  a: b\n", ("metadata", "annotations", "a"), "c",
         ("prod/kustomization.yaml", 3, 3)),
        ("patchesStrategicMerge: [patch.yaml]\n", (*WEB, "image"), "web:9",
         ("prod/patch.yaml", 10, 11)),
        ("patches: [{path: patch.yaml}]\n", (*WEB, "image"), "web:9", ("prod/patch.yaml", 10, 11)),
        ("namePrefix: a-\npatches: [{path: patch.yaml}]\nimages: [{name: web, newTag: '7'}]\n",
         (*WEB, "image"), "8", ("prod/kustomization.yaml", 4, 22)),
    ],
)  # fmt: skip
def test_a_field_is_led_back_to_what_wrote_it_last(
    rendering: Program,
    tmp_path: Path,
    overlay: str,
    path: FieldPath,
    other: Any,
    where: tuple[str, int, int],
) -> None:
    build = Build(rendering, tmp_path, overlay, patch=STRATEGIC)
    assert build.led(path, other) == where


def test_the_chain_leads_from_the_patch_to_the_base(rendering: Program, tmp_path: Path) -> None:
    build = Build(rendering, tmp_path, INLINE)
    chain = build.of((*WEB, "image")).chain
    assert [(it.role, it.file, it.line) for it in chain] == [
        ("patch", "prod/kustomization.yaml", 13),
        ("base", "base/deployment.yaml", 15),
    ]


def test_literals_of_generators_are_named(rendering: Program, tmp_path: Path) -> None:
    overlay = "configMapGenerator:\n  - name: settings\n    literals:\n      - a=b\n      - c=d\n"
    build = Build(rendering, tmp_path, overlay)
    number = next(
        number for number, it in enumerate(documents(build.case.plain.files[0].text))
        if isinstance(it, Document) and it.value["kind"] == "ConfigMap"
    )  # fmt: skip
    origin = build.of(("data", "c"), number)
    assert (origin.file, origin.line, origin.confidence) == ("prod/kustomization.yaml", 6, EXACT)


def test_what_a_patch_takes_away_is_not_put_into_the_base(
    rendering: Program, tmp_path: Path
) -> None:
    patch = "$patch: delete\n".join(STRATEGIC.split("image: web:2\n"))
    patch = patch.replace("          resources:\n            limits: {memory: 1Gi}\n", "")
    assert "$patch" in patch
    gone = STRATEGIC.replace("image: web:2", "env: null").split("          resources")[0]
    build = Build(rendering, tmp_path, "patches: [{path: patch.yaml}]\n", patch=gone)
    origin = build.of((*WEB, "env"))
    assert (origin.file, origin.line, origin.confidence) == ("base/deployment.yaml", 14, TEMPLATE)


def test_a_name_that_patches_go_by_is_not_exact(rendering: Program, tmp_path: Path) -> None:
    build = Build(rendering, tmp_path, INLINE)
    assert build.of(("metadata", "name")).confidence == TEMPLATE


IMAGE_OF_WEB = "spec.template.spec.containers.[name=web].image"
REPLACED = """\
replacements:
  - source: {kind: Deployment, fieldPath: %s}
    targets:
      - select: {kind: Deployment}
        fieldPaths: ["%s"]
"""


@pytest.mark.parametrize("target", [IMAGE_OF_WEB, "spec.template.spec.containers.1.image"])
def test_a_replaced_field_is_led_to_the_field_that_is_copied(
    rendering: Program, tmp_path: Path, target: str
) -> None:
    build = Build(rendering, tmp_path, REPLACED % ("metadata.labels.app", target))
    assert build.led((*WEB, "image"), "web:7")[:2] == ("base/deployment.yaml", 6)
    steps = [(it.role, it.file, it.line) for it in build.of((*WEB, "image")).chain]
    assert steps == [
        ("kustomization", "prod/kustomization.yaml", 3),
        ("base", "base/deployment.yaml", 6),
    ]
    other = (*WEB[:-1], "proxy", "image")
    assert build.of(other).file == "base/deployment.yaml"
    assert build.led(other, "envoy:7")[:2] == ("base/deployment.yaml", 13)


def test_a_replaced_field_is_led_to_the_patch_that_wrote_the_source(
    rendering: Program, tmp_path: Path
) -> None:
    overlay = REPLACED % ("metadata.labels.app", IMAGE_OF_WEB) + "patches: [{path: patch.yaml}]\n"
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, labels: {app: new}}\n"
    build = Build(rendering, tmp_path, overlay, patch=patch)
    assert build.led((*WEB, "image"), "web:7")[:2] == ("prod/patch.yaml", 3)


def test_a_replacement_of_a_part_is_not_exact(rendering: Program, tmp_path: Path) -> None:
    overlay = REPLACED % ("metadata.labels.app", IMAGE_OF_WEB)
    overlay += "        options: {delimiter: ':', index: 0}\n"
    build = Build(rendering, tmp_path, overlay)
    assert build.value((*WEB, "image")) == "shop:1"
    origin = build.of((*WEB, "image"))
    assert (origin.file, origin.line, origin.confidence) == ("base/deployment.yaml", 6, TEMPLATE)
    assert origin.way is None


def test_a_name_that_is_copied_is_not_exact(rendering: Program, tmp_path: Path) -> None:
    overlay = REPLACED % ("metadata.name", IMAGE_OF_WEB)
    build = Build(rendering, tmp_path, overlay.replace("kind: Deployment,", "name: shop,"))
    origin = build.of((*WEB, "image"))
    assert (origin.file, origin.line, origin.confidence) == ("base/deployment.yaml", 4, TEMPLATE)


def test_a_name_that_a_replacement_finds_an_item_by_is_not_exact(
    rendering: Program, tmp_path: Path
) -> None:
    build = Build(rendering, tmp_path, REPLACED % ("metadata.labels.app", IMAGE_OF_WEB))
    assert build.of((*WEB, "name")).confidence == TEMPLATE
    assert build.of((*WEB[:-1], "proxy", "name")).confidence == EXACT


def test_an_object_is_found_by_any_name_that_it_has_had(rendering: Program, tmp_path: Path) -> None:
    files = {
        "base/kustomization.yaml": BASE,
        "base/deployment.yaml": DEPLOYMENT,
        "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: mid-\n",
        "top/kustomization.yaml": "resources: [../mid]\nnameSuffix: -top\n"
        + (REPLACED % ("metadata.labels.app", IMAGE_OF_WEB)).replace(
            "select: {kind: Deployment}", "select: {name: mid-shop}"
        ),
    }
    write(tmp_path, files)
    request = KustomizeRequest(str(tmp_path / "top"), str(tmp_path))
    case = OverlayCase("top", request, rendering)
    value = Build.first(case.plain)
    assert value["metadata"]["name"] == "mid-shop-top"
    path = by_index(value, (*WEB, "image"))
    assert at(value, path) == "shop"
    origin = case.origins.of(0, 0, path)
    assert (origin.file, origin.line, origin.confidence) == ("base/deployment.yaml", 6, EXACT)


def test_a_value_that_a_replacement_says_itself_is_where_it_says_it(
    rendering: Program, tmp_path: Path
) -> None:
    overlay = REPLACED % ("x", IMAGE_OF_WEB)
    overlay = overlay.replace("source: {kind: Deployment, fieldPath: x}", "sourceValue: web:5")
    build = Build(rendering, tmp_path, overlay)
    assert build.led((*WEB, "image"), "web:7")[:2] == ("prod/kustomization.yaml", 3)


def test_replacements_of_a_file_are_followed(rendering: Program, tmp_path: Path) -> None:
    listed = (REPLACED % ("metadata.labels.app", IMAGE_OF_WEB)).removeprefix("replacements:\n")
    build = Build(rendering, tmp_path, "replacements: [{path: r.yaml}]\n", r=listed)
    assert build.led((*WEB, "image"), "web:7")[:2] == ("base/deployment.yaml", 6)
    assert build.of((*WEB, "image")).chain[0].file == "prod/r.yaml"


def test_what_is_rejected_is_not_replaced(rendering: Program, tmp_path: Path) -> None:
    overlay = REPLACED % ("metadata.labels.app", IMAGE_OF_WEB) + "        reject: [{name: shop}]\n"
    build = Build(rendering, tmp_path, overlay)
    assert build.led((*WEB, "image"), "web:7")[:2] == ("base/deployment.yaml", 15)


def test_what_is_not_there_is_a_guess(rendering: Program, tmp_path: Path) -> None:
    build = Build(rendering, tmp_path, "")
    origin = build.of(("spec",), 7)
    assert (origin.file, origin.confidence) == ("prod/kustomization.yaml", GUESS)
