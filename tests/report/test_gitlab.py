"""GitLab Code Quality: the fields that GitLab reads."""

from __future__ import annotations

import json

from portside.model.evaluation import Evaluation
from tests.report.examples import finding, many, nothing, rendered, result, shop


def test_the_whole_file() -> None:
    issues = json.loads(rendered("gitlab", shop()))

    prints = [issue.pop("fingerprint") for issue in issues]
    assert len(set(prints)) == len(prints)
    assert issues == [
        {
            "description": "not looked at: not YAML: a tab begins the line; indent with spaces",
            "check_name": "not-looked-at",
            "severity": "blocker",
            "location": {"path": "shop/broken.yaml", "lines": {"begin": 7}},
        },
        {
            "description": "not looked at: chart legacy: charts are not rendered yet",
            "check_name": "not-looked-at",
            "severity": "blocker",
            "location": {"path": "shop/legacy", "lines": {"begin": 1}},
        },
        {
            "description": "Deployment shop/web: container web runs nginx, whose tag moves",
            "check_name": "latest-tag",
            "severity": "major",
            "location": {"path": "shop/web.yaml", "lines": {"begin": 9}},
        },
        {
            "description": "Deployment shop/web: container web is privileged: it can leave the "
            "container and owns its node",
            "check_name": "privileged-container",
            "severity": "blocker",
            "location": {"path": "shop/web.yaml", "lines": {"begin": 11}},
        },
        {
            "description": "Deployment shop/web: undecided: the user that the image names",
            "check_name": "run-as-non-root",
            "severity": "info",
            "location": {"path": "shop/web.yaml", "lines": {"begin": 1}},
        },
    ]


def test_nothing_is_an_empty_array() -> None:
    assert rendered("gitlab", nothing()) == "[]\n"


def test_severities_are_gitlabs() -> None:
    issues = json.loads(rendered("gitlab", many(1, each=5)))

    assert [it["severity"] for it in issues] == ["info", "minor", "major", "critical", "blocker"]


def test_two_findings_of_one_identity_have_two_fingerprints() -> None:
    twice = Evaluation([result(findings=[finding(), finding(line=90)])], rules=1)

    first, second = (it["fingerprint"] for it in json.loads(rendered("gitlab", twice)))
    assert first != second


def test_a_fingerprint_stays_when_a_line_or_a_message_changes() -> None:
    before = Evaluation([result(findings=[finding()])], rules=1)
    after = Evaluation([result(findings=[finding(line=90, message="else")])], rules=1)

    made = [json.loads(rendered("gitlab", it))[0]["fingerprint"] for it in (before, after)]
    assert made[0] == made[1]
