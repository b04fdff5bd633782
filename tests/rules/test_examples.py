"""Every rule says of its own examples what they promise, and says enough about itself."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from portside.model.severity import NAMES
from portside.policy.rule import EXCUSE, TEXT, Example, Rule
from portside.sources.manifest import parse
from tests.rules.asking import FILE, judged, lines_of, minor_of, plan_of, rules, told
from tests.shared import shared

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.title}")
    for rule in rules()
    if rule.form != EXCUSE  # what they say is said where exceptions are applied, and tested there
    for example in rule.examples
]
EVERY = [pytest.param(rule, id=rule.id) for rule in rules()]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_says_exactly_the_lines_of_its_example(rule: Rule, example: Example) -> None:
    plan = plan_of([rule.id], minor_of(example), {rule.id: example.params})
    result = judged(example.manifest, plan)
    assert lines_of(result) == example.lines, told(result)
    assert not result.unread, told(result)
    assert bool(result.undecided) == example.undecided, told(result)
    assert not any("cannot be made" in it.message for it in result.findings), told(result)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_whole_objects(rule: Rule, example: Example) -> None:
    read = parse(example.manifest.encode(), FILE)
    assert read.resources
    assert not read.unread
    for resource in read.resources:
        assert resource.ref.api_version
        assert resource.ref.name
    unknown = set(example.params) - set(rule.params)
    assert not unknown


@pytest.mark.parametrize("rule", EVERY)
def test_a_rule_has_good_and_bad_examples_and_says_why_and_what_to_do(rule: Rule) -> None:
    assert any(it.good for it in rule.examples)
    assert any(not it.good for it in rule.examples)
    assert len({it.title for it in rule.examples}) == len(rule.examples)
    assert rule.text.severity_reason
    assert rule.text.why.endswith(".")
    assert rule.text.fix.endswith(".")
    assert NAMES[rule.text.severity]
    assert not rule.text.title.endswith(".")
    assert rule.text.title[0].isupper()


@pytest.mark.parametrize("rule", EVERY)
def test_a_rule_is_called_as_its_file_and_its_sentences_go_on_after_the_subject(rule: Rule) -> None:
    assert Path(rule.file).stem == rule.id.replace("-", "_")
    for check in rule.checks:
        assert check.says[0].islower() or check.says[0] == "{"
        assert not check.says.endswith(".")


def test_no_two_rules_share_an_id_and_causes_exist() -> None:
    known = [rule.id for rule in rules()]
    assert len(set(known)) == len(known)
    for rule in rules():
        assert set(rule.covered_by) <= set(known)
        assert rule.id not in rule.covered_by


def test_only_text_rules_have_no_condition() -> None:
    assert [rule.id for rule in rules() if not rule.checks] == [
        rule.id for rule in rules() if rule.form in (TEXT, EXCUSE)
    ]


CONTROLS = {
    "W001": "privileged-container",
    "W002": "host-pid",
    "W003": "host-ipc",
    "W004": "host-network",
    "W005": "host-port",
    "W006": "host-path-volume",
    "W007": "sensitive-host-path",
    "W008": "runtime-socket-mount",
    "W009": "writable-host-path",
    "W010": "privilege-escalation-allowed",
    "W011": "run-as-non-root",
    "W012": "runs-as-root",
    "W013": "low-user-id",
    "W014": "root-group",
    "W015": "capabilities-not-dropped",
    "W016": "added-capability",
    "W017": "dangerous-capability",
    "W018": "net-raw-capability",
    "W019": "writable-root-filesystem",
    "W020": "seccomp-profile-missing",
    "W021": "seccomp-unconfined",
    "W022": "apparmor-unconfined",
    "W023": "selinux-options",
    "W024": "unmasked-proc",
    "W025": "unsafe-sysctl",
    "W026": "windows-host-process",
    "W027": "volume-type",
    "W028": "git-repo-volume",
    "W029": "shared-process-namespace",
    "W030": "probe-host",
    "W031": "user-namespace-missing",
    "W032": "sandbox-runtime-missing",
    "W033": "runtime-install",
    "W034": "ssh-port",
    "W035": "sudo-in-command",
    "W036": "control-plane-placement",
    "W037": "node-name",
    "W038": "system-priority-class",
    "W039": "bare-pod",
    "W040": "legacy-admin-ui",
    "W041": "debug-leftovers",
    "W042": "security-context-missing",
    "W043": "privileged-port",
    "W044": "host-aliases",
    "I001": "latest-tag",
    "I002": "image-not-pinned",
    "I003": "stale-image-pull",
    "I004": "unapproved-registry",
    "I005": "retired-registry",
    "I011": "image-not-pinned",
}
"""Which rule is which control of the catalogue."""

OPPOSITE = {"kube-linter:priority-class-name", "polaris:priorityClassNotSet"}
"""Checks that the catalogue lists beside a control and that demand the opposite of it."""
PEERS = {
    "checkov": "checkov",
    "trivy": "trivy",
    "kubescape": "kubescape",
    "kube_linter": "kube-linter",
    "polaris": "polaris",
}


@pytest.mark.parametrize("key", CONTROLS)
def test_a_rule_has_the_severity_aliases_and_references_of_its_control(key: str) -> None:
    with shared("controls.csv").open(encoding="utf-8") as lines:
        row = next(it for it in csv.DictReader(lines) if it["id"] == f"TF-{key}")
    rule = next(it for it in rules() if it.id == CONTROLS[key])
    if key != "I011":
        assert NAMES[rule.text.severity] == row["severity"]
    wanted = _aliases(row)
    assert wanted <= set(rule.text.aliases), wanted - set(rule.text.aliases)
    references = {it.strip() for it in row["frameworks"].split(";")}
    missing = {
        it
        for it in references - set(rule.text.frameworks)
        if not it.startswith(("PSS:", "NSA-CISA("))
    }
    assert not missing


def _aliases(row: dict[str, str]) -> set[str]:
    found = {
        f"{tool}:{name.strip()}"
        for column, tool in PEERS.items()
        for name in row[column].split(",")
        if name.strip()
    }
    found |= {f"kics:{name.strip()}" for name in row["kics"].split("|") if name.strip()}
    found |= {name.strip() for name in row["other_peers"].split(",") if name.strip()}
    return found - OPPOSITE
