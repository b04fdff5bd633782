"""JSON v1: the promised shape, on one small answer and on scans of real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portside.cli import main
from portside.model.evaluation import Evaluation
from portside.model.finding import FILE_FATES, OBJECT_FATES
from portside.model.severity import NAMES
from portside.schemas import schema_text
from tests.report.examples import (
    finding,
    led_back,
    many,
    nothing,
    only_unread,
    rendered,
    result,
    shop,
)
from tests.shared import shared

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "schema" / "report-v1.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_that_ships_is_the_one_that_is_published() -> None:
    assert schema_text("report") == SCHEMA_FILE.read_text(encoding="utf-8")


def test_every_object_of_the_schema_is_closed_and_asks_for_all_its_keys() -> None:
    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            for below in node.values():
                check(below)
        elif isinstance(node, list):
            for below in node:
                check(below)

    check(SCHEMA)


def test_the_words_of_the_schema_are_those_of_the_model() -> None:
    words = SCHEMA["$defs"]

    assert words["severity"]["enum"] == list(NAMES)
    assert words["file"]["properties"]["fate"]["enum"] == list(FILE_FATES)
    assert words["object"]["properties"]["fate"]["enum"] == list(OBJECT_FATES)


@pytest.mark.parametrize(
    "evaluation", [shop(), nothing(), only_unread(), many(3), Evaluation([led_back()])]
)
def test_reports_have_the_promised_shape(evaluation: Evaluation) -> None:
    assert not list(VALIDATOR.iter_errors(json.loads(rendered("json", evaluation))))


@pytest.mark.parametrize("corpus", ["realworld", "helm-golden", "kustomize-golden", "kyverno"])
def test_scans_of_real_files_have_the_promised_shape(
    corpus: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["scan", str(shared("corpora") / corpus), "--profile", "auditor", "-o", "json"])

    answer = json.loads(capsys.readouterr().out)
    assert code in (0, 1, 3)
    assert not list(VALIDATOR.iter_errors(answer))
    assert answer["summary"]["files"] == len(answer["ledger"]["files"]) > 0
    assert answer["summary"]["objects"] == len(answer["ledger"]["objects"])
    assert answer["complete"] is not answer["unread"]


def test_the_whole_answer() -> None:
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    night = {"apiVersion": "batch/v1", "kind": "Job", "namespace": None, "name": "night"}
    container = ["spec", "template", "spec", "containers", 0]

    answer = json.loads(rendered("json", shop()))

    findings = answer.pop("findings")
    assert findings[1] == {
        "id": "image-not-pinned|shop/web.yaml|apps/Deployment/shop/web|image",
        "rule": "image-not-pinned",
        "severity": "low",
        "message": "container web runs an image without a digest",
        "resource": web,
        "path": [*container, "image"],
        "file": "shop/web.yaml",
        "line": 9,
        "column": 9,
        "width": 12,
        "waived": {
            "kind": "waiver",
            "reason": "moves to digests",
            "owner": "team-a",
            "approver": None,
            "ticket": None,
            "until": "2027-01-31",
            "where": "portside.yaml:9",
        },
        "covered_by": None,
        "note": None,
        "band": None,
        "via": None,
        "owner": None,
        "chain": [],
        "confidence": None,
        "environments": [],
        "fixable": None,
    }
    assert [it["rule"] for it in findings] == [
        "latest-tag",
        "image-not-pinned",
        "seccomp-profile-missing",
        "privileged-container",
    ]
    assert findings[2]["covered_by"] == "privileged-container"
    assert answer == {
        "version": 1,
        "complete": False,
        "tool": {"name": "portside", "version": "0.1.0"},
        "profile": "recommended",
        "kubernetes_version": "1.37",
        "fixes": None,
        "summary": {
            "info": 0,
            "low": 0,
            "medium": 1,
            "high": 0,
            "critical": 1,
            "findings": 2,
            "waived": 1,
            "covered": 1,
            "fixable": 0,
            "undecided": 1,
            "unread": 2,
            "files": 4,
            "objects": 2,
            "rules": 32,
        },
        "undecided": [
            {
                "rule": "run-as-non-root",
                "resource": web,
                "missing": "the user that the image names",
                "file": "shop/web.yaml",
                "line": 1,
            }
        ],
        "unread": [
            {
                "what": "shop/broken.yaml",
                "reason": "not YAML: a tab begins the line; indent with spaces",
                "file": "shop/broken.yaml",
                "line": 7,
                "column": 1,
            },
            {
                "what": "chart legacy",
                "reason": "charts are not rendered yet",
                "file": "shop/legacy",
                "line": None,
                "column": None,
            },
        ],
        "priorities": {"bands": None, "choke_points": [], "places": [], "owners": []},
        "ledger": {
            "files": [
                {
                    "file": "shop/broken.yaml",
                    "fate": "unread",
                    "objects": 0,
                    "reason": "not YAML: a tab begins the line; indent with spaces",
                },
                {"file": "shop/job.yaml", "fate": "judged", "objects": 1, "reason": None},
                {
                    "file": "shop/legacy",
                    "fate": "unread",
                    "objects": 0,
                    "reason": "charts are not rendered yet",
                },
                {"file": "shop/web.yaml", "fate": "judged", "objects": 1, "reason": None},
            ],
            "objects": [
                {
                    "file": file,
                    "line": 1,
                    "resource": resource,
                    "fate": "judged",
                    "rules": 32,
                    "note": None,
                }
                for file, resource in (("shop/job.yaml", night), ("shop/web.yaml", web))
            ],
        },
    }


def test_a_finding_on_a_rendered_object_says_where_it_was_made() -> None:
    (it,) = json.loads(rendered("json", Evaluation([led_back()])))["findings"]

    assert it["confidence"] == "guess"
    assert it["environments"] == ["dev", "prod"]
    assert it["chain"][1] == {
        "role": "values",
        "file": "c/values-prod.yaml",
        "line": 12,
        "column": 3,
        "what": "image.tag",
    }


def test_every_finding_is_a_line_of_its_own() -> None:
    lines = rendered("json", shop()).splitlines()

    assert sum(line.startswith('  {"id": ') for line in lines) == 4


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\udcff.yaml", "\\xff.yaml"),
        ("\ud800", "\\ud800"),
        ("\\ud800", "\\ud800"),
        ("\U0001f6a2", "\U0001f6a2"),
        ("\U0001f6a2\udc80\\\udcfe", "\U0001f6a2\\x80\\\\xfe"),
        ('\x00\x1b"\n', '\x00\x1b"\n'),
    ],
)
def test_text_comes_back_as_it_was_but_for_halves_of_surrogate_pairs(text: str, read: str) -> None:
    found = [finding(file=text, message=text, path=(text,), note=text)]

    answer = rendered("json", Evaluation([result(text, findings=found)], rules=1))

    assert answer.isascii()
    made = json.loads(answer)["findings"][0]
    assert (made["file"], made["message"], made["path"], made["note"]) == (read, read, [read], read)
