"""The schemas that ship: well formed, true to what is read, and the same as those published."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from portside.policy import load
from portside.policy.checkout import RULES
from portside.schemas import SCHEMAS, schema_text, shipped
from portside.syntax import Document, read
from tests.cli.running import portside
from tests.shared import ROOT
from tools import schemas

RULE = json.loads(schema_text("rule"))


def test_every_schema_ships_and_is_a_schema() -> None:
    for name in shipped():
        jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))
        ran = portside("schema", name)
        assert (ran.code, ran.out) == (0, schema_text(name))
    listed = portside("schema").out
    assert all(f"portside schema {name}" in listed for name in shipped())


def test_the_published_copies_are_the_same() -> None:
    for path, text in schemas.pages():
        assert (ROOT / path).read_text(encoding="utf-8") == text


def test_an_unknown_schema_gets_the_nearest() -> None:
    ran = portside("schema", "rul")
    assert ran.code == 2
    assert "did you mean rule?" in ran.err
    assert set(shipped()) <= set(SCHEMAS)


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.yaml")), ids=lambda it: it.stem)
def test_every_built_in_rule_fits_the_schema_of_rules(path: Path) -> None:
    (document,) = read(path.read_bytes())
    assert isinstance(document, Document)
    jsonschema.validate(document.value, RULE)


def test_the_schema_of_rules_knows_the_keys_that_are_read() -> None:
    assert set(RULE["properties"]) >= set(load.KEYS)
    checks = RULE["properties"]["checks"]["items"]["properties"]
    assert set(checks) >= set(load.CHECK_KEYS)
    assert set(RULE["properties"]["examples"]["items"]["properties"]) >= set(load.EXAMPLE_KEYS)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "No_Kebab"},
        {"severity": "dire"},
        {"kidns": ["Pod"]},
        {"since": 1.31},
        {"require": None},
        {"checks": []},
        {"patch": [{"set": "a"}]},
        {"examples": [{"good": "x"}]},
        {"examples": [{"bad": "x", "manifest": "a"}]},
        {"aliases": ["CKV_1"]},
    ],
    ids=str,
)
def test_what_the_reader_refuses_the_schema_refuses(change: dict[str, object]) -> None:
    (document,) = read((RULES / "container" / "privileged_container.yaml").read_bytes())
    assert isinstance(document, Document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document.value, **change}, RULE)
