"""Custom resources are held against definitions in the tree, and against those given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import portside
from tests.patience import within

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: baskets.shop.example.org}
spec:
  group: shop.example.org
  names: {kind: Basket, plural: baskets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {type: string, enum: [small, large]}
                count: {type: integer}
"""
BASKET = """\
apiVersion: shop.example.org/v1
kind: Basket
metadata: {name: shop}
spec:
  sise: small
  count: many
"""
WRONG = [
    ("missing-required-field", 4, 1),
    ("unknown-field", 5, 3),
    ("wrong-field-type", 6, 3),
]
Said = list[tuple[str, int, int]]


def told(*words: str, cwd: Path, stdin: str = "") -> Said:
    """(rule, line, column) of the findings of a scan."""
    ran = portside("scan", "-o", "json", *words, cwd=cwd, stdin=stdin)
    assert ran.code in (0, 1), ran.err
    return [(it["rule"], it["line"], it["column"]) for it in json.loads(ran.out)["findings"]]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a basket in it, and a definition beside that folder."""
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "basket.yaml").write_text(BASKET)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "baskets.yaml").write_text(DEFINITION)
    return tmp_path


def test_without_a_definition_nothing_is_said(tree: Path) -> None:
    assert told("shop", cwd=tree) == []


def test_a_definition_in_the_tree_counts_wherever_it_stands(tree: Path) -> None:
    assert told(".", cwd=tree) == WRONG
    assert told("shop", "definitions", cwd=tree) == WRONG
    (tree / "shop" / "basket.yaml").write_text(f"{BASKET}---\n{DEFINITION}")
    assert told("shop", cwd=tree) == WRONG


@pytest.mark.parametrize("path", ["definitions", "definitions/baskets.yaml"])
def test_a_definition_may_be_given(tree: Path, path: str) -> None:
    assert told("--crds", path, "shop", cwd=tree) == WRONG
    assert told("--crds", path, "-", cwd=tree, stdin=BASKET) == WRONG
    (tree / "shop" / "portside.yaml").write_text(f"crds: [../{path}]\n")
    assert told("shop", cwd=tree) == WRONG


def test_standard_input_may_hold_both(tree: Path) -> None:
    assert told("-", cwd=tree, stdin=f"{BASKET}---\n{DEFINITION}") == WRONG


def test_what_is_kept_of_a_run_is_forgotten_when_a_definition_changes(tree: Path) -> None:
    for number in range(50):
        (tree / "shop" / f"{number}.yaml").write_text(
            BASKET.replace("name: shop", f"name: s{number}")
        )
    for _ in range(2):
        assert sorted(told(".", cwd=tree)) == sorted(51 * WRONG)
    looser = DEFINITION.replace("required: [size]", "x-kubernetes-preserve-unknown-fields: true")
    (tree / "definitions" / "baskets.yaml").write_text(looser)
    assert told(".", cwd=tree) == 51 * WRONG[2:]
    (tree / "shop" / "7.yaml").write_text(BASKET.replace("many", "7"))
    assert told(".", cwd=tree) == 50 * WRONG[2:]
    (tree / "definitions" / "baskets.yaml").unlink()
    assert told(".", cwd=tree) == []


def test_of_two_definitions_of_a_kind_the_one_counts_that_finds_less(tree: Path) -> None:
    looser = DEFINITION.replace("required: [size]", "x-kubernetes-preserve-unknown-fields: true")
    (tree / "definitions" / "old.yaml").write_text(looser)
    assert told(".", cwd=tree) == WRONG[2:]


def test_a_version_that_the_definition_does_not_serve_is_told(tree: Path) -> None:
    (tree / "shop" / "basket.yaml").write_text(BASKET.replace("org/v1", "org/v2"))
    assert told(".", cwd=tree) == [("unknown-api-version", 1, 1)]


def test_a_definition_of_an_old_kind_of_definitions_says_nothing(tree: Path) -> None:
    old = DEFINITION.replace("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1")
    (tree / "definitions" / "baskets.yaml").write_text(old)
    assert [it for it in told(".", cwd=tree) if it in WRONG] == []


def test_a_path_of_definitions_that_is_not_there_is_an_error(tree: Path) -> None:
    ran = portside("scan", "--crds", "gone.yaml", "shop", cwd=tree)
    assert ran.code == 2
    assert "gone.yaml" in ran.err
    assert "nothing was scanned" in ran.err
    (tree / "portside.yaml").write_text("crds: [gone.yaml]\n")
    ran = portside("scan", "shop", cwd=tree)
    assert ran.code == 2
    assert "portside.yaml:1" in ran.err


@pytest.mark.parametrize(
    "schema",
    [
        "type: object\nproperties: [1]\nrequired: {a: 1}\nenum: 5\nitems: x\n",
        "type: 5\nx-kubernetes-list-map-keys: 3\nmaximum: x\npattern: '('\nallOf: 3\n",
        "properties: {spec: {pattern: '(a+)+$', enum: [null]}}\n",
    ],
)
def test_a_broken_definition_breaks_nothing(tree: Path, schema: str) -> None:
    lines = schema.replace("\n", "\n          ")
    broken = DEFINITION[: DEFINITION.index("          type: object")] + f"          {lines}\n"
    (tree / "definitions" / "baskets.yaml").write_text(broken)
    ran = portside("scan", "-o", "json", ".", cwd=tree)
    assert ran.code in (0, 1), ran.err


def test_a_definition_made_to_take_long_is_cut_short(tree: Path) -> None:
    deep = "{}"
    for _ in range(12):
        deep = f"{{allOf: [{deep}, {deep}]}}"
    written = DEFINITION.replace("{type: integer}", f"{{type: array, items: {deep}}}")
    (tree / "definitions" / "baskets.yaml").write_text(written)
    many = ", ".join("{a: 1}" for _ in range(20_000))
    (tree / "shop" / "basket.yaml").write_text(BASKET.replace("many", f"[{many}]"))
    with within(60):
        ran = portside("scan", "-o", "json", ".", cwd=tree)
    undecided = json.loads(ran.out)["undecided"]
    assert [it["rule"] for it in undecided] == ["unknown-field"]
