"""What kustomizations build on and take in, known from their files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.render.kustomizations import (
    CHART,
    ESCAPE,
    FILE,
    FOLDER,
    MISSING,
    REMOTE,
    is_remote,
)
from portside.render.tree import Tree
from tests.render.trees import CHART as CHART_FILE
from tests.render.trees import kustomizations_of, write
from tests.shared import shared

EMPTY = "resources: []\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def test_every_field_that_names_something_is_followed(tmp_path: Path) -> None:
    text = """resources: [a.yaml, ../base, https://example.org/x.yaml, gone.yaml, ../../out.yaml]
components: [../part]
patches:
  - path: p.yaml
  - patch: |-
      - {op: remove, path: /a}
patchesStrategicMerge: [s.yaml, "a: 1\\nb: 2\\n"]
patchesJson6902: [{path: j.yaml, target: {kind: Pod}}]
replacements: [{path: r.yaml}, {source: {kind: Pod}}]
configMapGenerator:
  - {name: m, files: [f.txt, key=g.txt], envs: [e.env], literals: [a=b.yaml]}
secretGenerator: [{name: s, env: secret.env}]
generators: [gen.yaml, "kind: X\\nname: y\\n"]
transformers: [../transform]
configurations: [conf.yaml]
crds: [crd.json]
openapi: {path: schema.json}
helmGlobals: {chartHome: ../charts}
helmCharts:
  - {name: shop, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}
  - {name: far, repo: "https://charts.example.org", version: 1.0.0}
"""
    names = ["a", "p", "s", "j", "r", "gen", "conf", "v", "w"]
    files = {f"over/{it}.yaml": "" for it in names}
    files |= {f"over/{it}": "" for it in ("f.txt", "g.txt", "e.env", "secret.env")}
    files |= {"over/crd.json": "{}", "over/schema.json": "{}"}
    files |= {f"{it}/kustomization.yaml": EMPTY for it in ("base", "part", "transform")}
    files |= {"charts/shop/Chart.yaml": CHART_FILE, "charts/shop/templates/x.yaml": ""}
    found = kustomizations_of(write(tmp_path, files | {"over/kustomization.yaml": text}))
    references = found.by_folder["over"].references

    told = {(it.field, it.kind, it.path, it.line) for it in references}
    assert told == {
        ("resources", FILE, "over/a.yaml", 1),
        ("resources", FOLDER, "base", 1),
        ("resources", REMOTE, "https://example.org/x.yaml", 1),
        ("resources", MISSING, "over/gone.yaml", 1),
        ("resources", ESCAPE, "../../out.yaml", 1),
        ("components", FOLDER, "part", 2),
        ("patches", FILE, "over/p.yaml", 4),
        ("patchesStrategicMerge", FILE, "over/s.yaml", 7),
        ("patchesJson6902", FILE, "over/j.yaml", 8),
        ("replacements", FILE, "over/r.yaml", 9),
        ("configMapGenerator", FILE, "over/f.txt", 11),
        ("configMapGenerator", FILE, "over/g.txt", 11),
        ("configMapGenerator", FILE, "over/e.env", 11),
        ("secretGenerator", FILE, "over/secret.env", 12),
        ("generators", FILE, "over/gen.yaml", 13),
        ("transformers", FOLDER, "transform", 14),
        ("configurations", FILE, "over/conf.yaml", 15),
        ("crds", FILE, "over/crd.json", 16),
        ("openapi", FILE, "over/schema.json", 17),
        ("helmCharts", CHART, "charts/shop", 20),
        ("helmCharts", FILE, "over/v.yaml", 20),
        ("helmCharts", FILE, "over/w.yaml", 20),
        ("helmCharts", REMOTE, "https://charts.example.org/far", 21),
    }
    assert "charts/shop/templates/x.yaml" in found.inputs("over")
    assert "base/kustomization.yaml" in found.inputs("over")
    assert [(it.folder, it.field, it.line) for it in found.uses["over/p.yaml"]] == [
        ("over", "patches", 4)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/org/repo//deploy?ref=v1",
        "github.com/org/repo?ref=main",
        "git@github.com:org/repo.git",
        "ssh://git@host/org/repo",
        "git::https://host/org/repo",
        "oci://registry.example.org/base",
        "http://example.org/x.yaml",
    ],
)
def test_addresses_are_known_from_paths(text: str) -> None:
    assert is_remote(text)
    assert not is_remote(text.rpartition("/")[2].partition("?")[0])


def test_what_would_be_fetched_is_said_with_its_place_and_remedy(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "base/kustomization.yaml": (
                "resources:\n- https://example.org/a.yaml\n- ../../x\n- gone.yaml\n"
            ),
            "over/kustomization.yaml": "resources: [../base]\n",
        },
    )
    troubles = kustomizations_of(tree).troubles("over")

    assert [(it.file, it.line) for it in troubles] == [
        ("base/kustomization.yaml", line) for line in (2, 3, 4)
    ]
    assert "portside vendor" in troubles[0].reason
    assert "leads out" in troubles[1].reason
    assert troubles[2].reason == "gone.yaml is not there"


def test_roots_are_those_that_nothing_builds_on(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "base/kustomization.yaml": EMPTY,
            "part/kustomization.yaml": COMPONENT,
            "idle/kustomization.yaml": COMPONENT,
            "a/Kustomization": "resources: [../base]\ncomponents: [../part]\n",
            "b/kustomization.yml": "bases: [../a]\n",
        },
    )
    found = kustomizations_of(tree)

    assert found.roots() == ("b",)
    assert found.roots(["base", "./?"]) == ("a", "b", "base")
    assert found.unused_components() == ("idle",)
    assert [it.folder for it in found.closure("b")] == ["a", "b", "base", "part"]
    assert "idle/kustomization.yaml" not in found.inputs("b")


def test_a_circle_is_a_root_and_is_said_with_its_way(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "a/kustomization.yaml": "resources:\n- ../b\n",
            "b/kustomization.yaml": "resources:\n- ../c\n",
            "c/kustomization.yaml": "resources:\n- x.yaml\n- ../a\n",
            "c/x.yaml": "",
            "self/kustomization.yaml": "resources: [../self]\n",
            "top/kustomization.yaml": "resources: [../b]\n",
        },
    )
    found = kustomizations_of(tree)

    assert found.roots() == ("self", "top")
    assert found.cycles() == (("a", "b", "c"), ("self",))
    (said,) = found.troubles("top")
    assert "a → b → c → a" in said.reason
    assert (said.file, said.line) == ("a/kustomization.yaml", 2)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [("resources: [\n", 2, "not YAML"), ("- a\n", 1, "no map"), ("", 1, "no map")],
)
def test_a_kustomization_that_cannot_be_read_is_a_root_that_says_why(
    text: str, line: int, said: str, tmp_path: Path
) -> None:
    found = kustomizations_of(write(tmp_path, {"a/kustomization.yaml": text}))

    assert found.roots() == ("a",)
    (unread,) = found.troubles("a")
    assert said in unread.reason
    assert unread.file == "a/kustomization.yaml"


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/kustomization.yaml").write_text(EMPTY)
    tree = write(tmp_path / "in", {"a/kustomization.yaml": "resources: [link, f.yaml]\n"})
    (tmp_path / "in/a/link").symlink_to(tmp_path / "out")
    (tmp_path / "in/a/f.yaml").symlink_to("/etc/hostname")

    references = kustomizations_of(tree).by_folder["a"].references
    assert [it.kind for it in references] == [MISSING, MISSING]


def test_thousands_of_overlays_on_one_another_are_no_trouble(tmp_path: Path) -> None:
    files = {
        f"o{number}/kustomization.yaml": f"resources: [../o{number + 1}]\n"
        for number in range(2000)
    }
    found = kustomizations_of(write(tmp_path, files | {"o2000/kustomization.yaml": EMPTY}))

    assert found.roots() == ("o0",)
    assert len(found.closure("o0")) == 2001
    assert found.cycles() == ()


def test_every_reference_of_the_shared_overlays_is_there() -> None:
    tree = Tree(str(shared("corpora/kustomize-golden") / "inputs"))
    found = kustomizations_of(tree)
    references = [it for one in found.by_folder.values() for it in one.references]

    assert len(references) > 50
    assert {it.kind for it in references} == {FILE, FOLDER}
    assert found.cycles() == ()
