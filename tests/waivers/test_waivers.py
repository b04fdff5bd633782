"""Waivers in `portside.yaml`: what they excuse, until when, and when they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scanning import POD, process, scan

PRIVILEGED = "privileged-container"
WEB = POD.replace("{name: shop}", "{name: web, namespace: shop}")


def waiver(**changed: Any) -> str:
    """A `portside.yaml` with one waiver; a key that is None is left out."""
    keys: dict[str, Any] = {
        "rule": PRIVILEGED,
        "subject": "{kind: Pod, name: web}",
        "reason": "it loads a module",
        "owner": "team shop",
        "approver": "security",
        "expires": "2027-01-31",
        **changed,
    }
    lines = [f"{key}: {value}" for key, value in keys.items() if value is not None]
    return "waivers:\n  - " + "\n    ".join(lines) + "\n"


def project(folder: Path, config: str, **files: str) -> Path:
    (folder / "portside.yaml").write_text(config)
    for name, text in (files or {"web": WEB}).items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_waived_finding_is_still_there_and_says_why(tmp_path: Path) -> None:
    answer = scan(project(tmp_path, waiver()), ".")

    (finding,) = answer.of(PRIVILEGED)
    assert finding["waived"] == finding["waived"] | {
        "kind": "waiver",
        "reason": "it loads a module",
        "owner": "team shop",
        "until": "2027-01-31",
        "where": "portside.yaml:2",
    }
    assert answer.report["summary"]["critical"] == 0
    assert answer.report["summary"]["waived"] == 1


@pytest.mark.parametrize(
    ("subject", "excused"),
    [
        ("{kind: Pod, namespace: shop, name: web}", True),
        ("{group: '', kind: Pod}", True),
        ("{group: apps, kind: Pod}", False),
        ("{kind: P*}", True),
        ("{kind: pod}", False),
        ("{namespace: 'sho?'}", True),
        ("{namespace: ''}", False),
        ("{namespace: other}", False),
        ("{name: '*eb'}", True),
        ("{name: we}", False),
        ('{path: "spec.containers[web].securityContext.privileged"}', True),
        ('{path: "spec.containers[web]"}', True),
        ('{path: "spec.containers[*].securityContext.privileged"}', True),
        ("{path: spec}", True),
        ("{path: spec.con}", False),
        ('{path: "spec.containers[log]"}', False),
        ('{path: ["spec.containers[log]", "spec.containers[web]"]}', True),
    ],
)
def test_a_subject_is_matched_by_every_key_it_has(
    subject: str, excused: bool, tmp_path: Path
) -> None:
    answer = scan(project(tmp_path, waiver(subject=subject)), ".")

    assert answer.excused(PRIVILEGED) == [excused]
    assert [it[0] for it in answer.told] == ([] if excused else ["unused-waiver"])


@pytest.mark.parametrize(
    ("files", "excused"),
    [
        ('["**"]', {"web.yaml": True, "a/web.yaml": True, "a/b/log.yaml": True}),
        ("web.yaml", {"web.yaml": True, "a/web.yaml": True, "a/b/log.yaml": False}),
        ("/web.yaml", {"web.yaml": True, "a/web.yaml": False, "a/b/log.yaml": False}),
        ("a", {"web.yaml": False, "a/web.yaml": True, "a/b/log.yaml": True}),
        ("a/*", {"web.yaml": False, "a/web.yaml": True, "a/b/log.yaml": True}),
        ("a/*.yaml", {"web.yaml": False, "a/web.yaml": True, "a/b/log.yaml": False}),
        ("a/**/log.yaml", {"web.yaml": False, "a/web.yaml": False, "a/b/log.yaml": True}),
        ("'**/b'", {"web.yaml": False, "a/web.yaml": False, "a/b/log.yaml": True}),
        ("a/**", {"web.yaml": False, "a/web.yaml": True, "a/b/log.yaml": True}),
        ("[web.yaml, a/b]", {"web.yaml": True, "a/web.yaml": True, "a/b/log.yaml": True}),
    ],
)
@pytest.mark.parametrize("start", [".", "a"])
def test_files_are_relative_to_the_configuration(
    files: str, excused: dict[str, bool], start: str, tmp_path: Path
) -> None:
    project(tmp_path, waiver(subject=None, files=files), web=WEB, a__web=WEB, a__b__log=WEB)

    answer = scan(tmp_path / start, ".")

    found = {it["file"]: it["waived"] is not None for it in answer.of(PRIVILEGED)}
    if start == "a":
        excused = {name[2:]: it for name, it in excused.items() if name.startswith("a/")}
    assert found == excused


@pytest.mark.parametrize(
    "rule",
    ["checkov:CKV_K8S_16", "CKV_K8S_16", "'privileged-*'", "[host-pid, privileged-container]"],
)
def test_a_waiver_names_rules_as_people_do(rule: str, tmp_path: Path) -> None:
    assert scan(project(tmp_path, waiver(rule=rule)), ".").excused(PRIVILEGED) == [True]


@pytest.mark.parametrize(
    ("now", "excused"), [("2027-01-31", True), ("2027-02-01", False), ("2020-01-01", True)]
)
def test_a_waiver_holds_through_its_last_day(now: str, excused: bool, tmp_path: Path) -> None:
    answer = scan(project(tmp_path, waiver()), ".", "--now", now, "--fail-on", "critical")

    assert answer.excused(PRIVILEGED) == [excused]
    assert answer.code == (0 if excused else 1)
    assert [it[:2] for it in answer.told] == ([] if excused else [("expired-waiver", 7)])


def test_the_day_does_not_come_from_the_cache(tmp_path: Path) -> None:
    project(tmp_path, waiver())
    days = ["2027-01-31", "2027-02-01", "2027-01-31"]

    codes = [
        process(tmp_path, "scan", ".", "--now", day, "--fail-on", "critical").code for day in days
    ]

    assert codes == [0, 1, 0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["."], ["unused-waiver"]),
        (["web.yaml"], []),
        (["deploy"], []),
        ([".", "--include", "web.yaml"], []),
        ([".", "--exclude", "deploy"], []),
        ([".", "--profile", "pss:restricted"], []),
        (["../project"], ["unused-waiver"]),
        ([".."], ["unused-waiver"]),
    ],
)
def test_a_waiver_is_unused_only_where_all_it_may_excuse_was_looked_at(
    words: list[str], told: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    project(folder, waiver(subject="{name: gone}"), web=WEB, deploy__log=WEB)

    answer = scan(folder, *words, "--config", "portside.yaml")

    assert [it[0] for it in answer.told] == told


@pytest.mark.parametrize(
    ("files", "words", "told"),
    [
        ("deploy/**", ["deploy"], ["unused-waiver"]),
        ("deploy/old.yaml", ["deploy"], ["unused-waiver"]),
        ("deploy/**", ["web.yaml"], []),
        ("deploy/log.yaml", ["deploy/log.yaml"], ["unused-waiver"]),
        ("[deploy/**, web.yaml]", ["deploy"], []),
    ],
)
def test_a_waiver_for_files_is_judged_where_these_were_scanned(
    files: str, words: list[str], told: list[str], tmp_path: Path
) -> None:
    project(tmp_path, waiver(subject="{name: gone}", files=files), web=WEB, deploy__log=WEB)

    assert [it[0] for it in scan(tmp_path, *words).told] == told


def test_a_waiver_may_be_about_what_could_not_be_read(tmp_path: Path) -> None:
    project(tmp_path, waiver(subject="{name: gone}"), web=WEB, broken="apiVersion: v1\nkind: [\n")

    assert scan(tmp_path, ".").told == []


def test_a_waiver_whose_rule_is_switched_off_is_not_called_unused(tmp_path: Path) -> None:
    project(tmp_path, f"rules: {{{PRIVILEGED}: off}}\n{waiver()}")

    assert scan(tmp_path, ".").told == []


def test_waivers_hold_in_pod_security_scans_and_the_findings_stay(tmp_path: Path) -> None:
    answer = scan(project(tmp_path, waiver()), ".", "--profile", "pss:baseline")

    assert answer.excused(PRIVILEGED) == [True]


def test_a_waiver_comes_before_a_comment_and_both_are_needed(tmp_path: Path) -> None:
    text = f"# portside:ignore {PRIVILEGED} it loads a module\n{WEB}"

    answer = scan(project(tmp_path, waiver(), web=text), ".")

    assert [it["waived"]["kind"] for it in answer.of(PRIVILEGED)] == ["waiver"]
    assert answer.told == []


def test_findings_about_waivers_are_no_subject_of_waivers(tmp_path: Path) -> None:
    config = waiver(rule="'*'", subject="{name: gone}")

    answer = scan(project(tmp_path, config), ".", "--profile", "auditor")

    assert [it[0] for it in answer.told] == ["unused-waiver"]
    assert answer.excused("unused-waiver") == [False]


REFUSED = [
    (waiver(expires="2026-13-01"), "portside.yaml:7:14: waivers[0].expires: 2026-13-01 is not a"),
    (waiver(expires="2026-2-01"), "is not a date"),
    (waiver(expires="20260201"), "waivers[0].expires: expected text, got a whole number"),
    (waiver(expires="soon"), "soon is not a date"),
    (waiver(expires=None), "waivers[0].expires: is required"),
    (waiver(reason=None), "waivers[0].reason: is required"),
    (waiver(reason="''"), "waivers[0].reason: may not be empty"),
    (waiver(approver=None), "waivers[0].approver: is required"),
    (waiver(rule=None), "waivers[0].rule: is required"),
    (waiver(rule="priviledged-container"), "did you mean privileged-container?"),
    (waiver(rule="'zz*'"), "no rule is called zz*"),
    (waiver(subject=None), "waivers[0]: needs a subject or files"),
    (waiver(subject="{}"), "waivers[0]: needs a subject or files"),
    (waiver(subject="{kin: Pod}"), "did you mean kind?"),
    (waiver(subject="{kind: ''}"), "waivers[0].subject.kind: may not be empty"),
    (waiver(subject="{path: ''}"), "waivers[0].subject.path: may not be empty"),
    (waiver(subject="Pod"), "waivers[0].subject: expected a map, got text"),
    (waiver(until="2027-01-01"), "waivers[0].until: no such key"),
    ("waivers: {}\n", "waivers: expected a list, got a map"),
    ("waivers: [a]\n", "waivers[0]: expected a map, got text"),
]


@pytest.mark.parametrize(("config", "said"), REFUSED)
def test_a_waiver_that_is_not_well_formed_ends_the_scan_before_it_begins(
    config: str, said: str, tmp_path: Path
) -> None:
    answer = scan(project(tmp_path, config), ".")

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.startswith("portside.yaml:")
    assert answer.err.endswith("  nothing was scanned\n")


def test_the_error_shows_the_line_with_a_mark(tmp_path: Path) -> None:
    answer = scan(project(tmp_path, waiver(expires="2026-13-01")), ".")

    assert answer.err == (
        "portside.yaml:7:14: waivers[0].expires: 2026-13-01 is not a date\n"
        "  7 │     expires: 2026-13-01\n"
        "    │              ^^^^^^^^^^ expected YYYY-MM-DD\n"
        "  nothing was scanned\n"
    )


@pytest.mark.parametrize("now", ["tomorrow", "2026-02-30", "20260101", "2026-1-1", ""])
def test_a_day_that_is_none_is_refused_even_where_nothing_is_waived(
    now: str, tmp_path: Path
) -> None:
    (tmp_path / "web.yaml").write_text(WEB)

    answer = scan(tmp_path, "web.yaml", "--now", now)

    assert answer.code == 2
    assert "not a date" in answer.err
