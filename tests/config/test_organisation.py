"""Configurations of an organisation: own profiles, what is extended, what may not be loosened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portside.cli.config import load_config
from portside.errors import ConfigError
from tests.scanning import NOW, POD, Answer, portside, scan

RULE = """\
id: team-label
title: No team is named
severity: low
why: somebody must answer for it
fix: name a team
fix-class: safe
profile: recommended
kinds: [Pod]
require: has(object.metadata.labels) && 'team' in object.metadata.labels
says: has no label team
at: metadata.labels
examples:
  - bad: without
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: a}
  - good: with
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: a, labels: {team: a}}
"""
SHARED = """\
version: 1
profile: company
profiles:
  company: {base: recommended, add: [root-group], remove: [host-aliases]}
fail-on: high
rules:
  latest-tag: {severity: high, params: {floating: [latest, edge]}}
approvers:
  high: [security@example.org]
waivers:
  - rule: host-ipc
    subject: {name: nobody}
    reason: shared
    approver: security@example.org
    expires: 2026-09-01
locked:
  profile: company
  fail-on: high
  comments: low
  rules: [latest-tag, privileged-container]
  approvers: true
  waiver-days: 90
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository beside a shared configuration, which it extends."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/portside.yaml").write_text(SHARED)
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "pod.yaml").write_text(POD)
    (folder / "portside.yaml").write_text("extends: ../shared\n")
    return folder


def configured(repo: Path, text: str) -> None:
    (repo / "portside.yaml").write_text(f"extends: ../shared\n{text}")


def rules(answer: Answer) -> set[str]:
    return {it["rule"] for it in answer.report["findings"]}


def profile_rules(folder: Path, name: str) -> set[str]:
    answer = portside(folder, "rules", "list", "-o", "json", "--profile", name)
    return {it["id"] for it in json.loads(answer.out)}


@pytest.mark.parametrize(
    ("profile", "has", "has_not"),
    [
        ("{add: [root-group]}", "root-group", "host-aliases-not-there"),
        ("{add: [checkov:CKV_K8S_22]}", "writable-root-filesystem", ""),
        ("{base: strict, remove: ['host-*']}", "latest-tag", "host-pid"),
        ("{base: strict, remove: [critical]}", "latest-tag", "privileged-container"),
        ("{base: strict, remove: ['CIS-K8s-1.12:5.2.2']}", "latest-tag", "privileged-container"),
        ("{base: strict, remove: ['trivy:KSV-00*']}", "", "host-ipc"),
        ("{add: [cis-1.12]}", "root-group", ""),
        ("{base: nsa-cisa-1.2, add: [latest-tag]}", "latest-tag", ""),
        ("{base: 'pss:baseline', add: [latest-tag]}", "latest-tag", "root-group"),
        ("{base: other, remove: [latest-tag]}", "root-group", "latest-tag"),
    ],
)
def test_a_profile_of_ones_own_asks_the_rules_it_names(
    profile: str, has: str, has_not: str, tmp_path: Path
) -> None:
    other = "other: {base: recommended, add: [root-group]}"
    (tmp_path / "portside.yaml").write_text(f"profiles:\n  own: {profile}\n  {other}\n")

    asked = profile_rules(tmp_path, "own")

    assert not has or has in asked
    assert has_not not in asked


def test_a_profile_sets_rules_where_it_is_used_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(
        "profiles: {own: {base: recommended, rules: {privileged-container: {severity: low}}}}\n"
    )
    (tmp_path / "pod.yaml").write_text(POD)

    own = scan(tmp_path, "--profile", "own", "pod.yaml")
    usual = scan(tmp_path, "pod.yaml")

    assert own.of("privileged-container")[0]["severity"] == "low"
    assert usual.of("privileged-container")[0]["severity"] == "critical"
    assert own.report["profile"] == "own"


def test_comments_may_excuse_what_the_root_of_a_profile_lets_them(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text("profiles: {own: {base: auditor}}\nprofile: own\n")
    (tmp_path / "pod.yaml").write_text(f"# portside:ignore privileged-container it must\n{POD}")

    answer = scan(tmp_path, "pod.yaml")

    assert answer.excused("privileged-container") == [False]
    assert "no more than low" in answer.told[0][2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profiles: {a: {base: b}, b: {base: a}}", "profile a is based on itself: a → b → a"),
        ("profiles: {a: {base: strickt}}", "profiles.a.base: no profile is called strickt"),
        ("profiles: {strict: {}}", "a profile that is built in has this name"),
        ("profiles: {A b: {}}", "no name of a profile"),
        ("profiles: {a: {add: [host-pit]}}", "profiles.a.add[0]: no rule is meant by 'host-pit'"),
        ("profiles: {a: {ad: []}}", "profiles.a.ad: no such key"),
        ("profiles: [a]", "profiles: expected a map, got a list"),
        ("profiles: {a: {}}\nprofile: aa", "profile: no profile is called aa"),
        ("extends: nowhere", "extends: there is no file or folder nowhere"),
        ("extends: [https://example.org/x.git]", "is not vendored"),
        ("extends: 'oci://example.org/x'", "is not vendored"),
        ("extends: git@example.org:x/y", "is not vendored"),
        ("extends: portside.yaml", "extends: leads back to itself: portside.yaml → portside.yaml"),
        ("extends: ''", "extends: may not be empty"),
        ("extends: {a: b}", "extends: expected a list, got a map"),
        ("approvers: {hihg: [a]}", "approvers.hihg: neither a severity nor a rule"),
        ("approvers: {high: []}", "approvers.high: needs somebody"),
        ("approve-comments: some", "approve-comments: 'some' is none of"),
        ("locked: {profil: strict}", "locked.profil: no such key"),
        ("locked: {profile: strickt}", "locked.profile: no profile is called strickt"),
        ("locked: {waiver-days: 0}", "locked.waiver-days: expected a number of days above 0"),
        ("locked: {rules: [host-pit]}", "locked.rules[0]: no rule is meant by 'host-pit'"),
        ("imports: [checkow]", "imports[0]: checkow: no tool whose suppressions are known"),
        ("imports: [{kubescape: none.json}]", "imports[0].kubescape: there is no file none.json"),
        ("imports: {}", "imports: expected a list, got a map"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(f"{text}\n")
    (tmp_path / "pod.yaml").write_text(POD)

    answer = portside(tmp_path, "scan", "pod.yaml")

    assert answer.code == 2
    assert answer.err.startswith("portside.yaml:")
    assert said in answer.err
    assert "nothing was scanned" in answer.err


def test_cycles_of_several_files_and_chains_without_end_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    (tmp_path / "portside.yaml").write_text("extends: a.yaml\n")
    for number in range(20):
        (tmp_path / f"c{number}.yaml").write_text(f"extends: c{number + 1}.yaml\n")

    cycle = portside(tmp_path, "scan")
    endless = portside(tmp_path, "scan", "--config", "c0.yaml")

    assert cycle.code == endless.code == 2
    assert "b.yaml:1:10: extends: leads back to itself: a.yaml → b.yaml → a.yaml" in cycle.err
    assert "builds on too much" in endless.err


def test_lists_add_maps_merge_and_the_nearest_wins(repo: Path) -> None:
    base = repo.parent / "shared/base.yaml"
    base.write_text(
        "exclude: [base/]\nkubernetes-version: '1.30'\nlimits: {depth: 7}\n"
        "owners: {namespaces: {a: base, b: base}, default: base}\n"
        "rules: {host-pid: {severity: low}, latest-tag: {params: {floating: [x]}}}\n"
    )
    (repo.parent / "shared/portside.yaml").write_text(f"extends: base.yaml\n{SHARED}")
    configured(
        repo,
        "exclude: [mine/]\nlimits: {size: 9}\nowners: {namespaces: {a: mine}}\n"
        "rules: {host-pid: {off: false}, host-ipc: off}\n",
    )

    config = load_config(str(repo / "portside.yaml"), [])

    assert config.exclude == ("mine/", "base/")
    assert (config.limits.size, config.limits.depth) == (9, 7)
    assert config.kubernetes_version == "1.30"
    assert config.owners.namespaces == {"a": "mine", "b": "base"}
    assert config.owners.default == "base"
    assert config.profile == "company"
    assert config.rules == {
        "host-pid": {"severity": 1, "off": False},
        "host-ipc": {"off": True},
        "latest-tag": {"severity": 3, "params": {"floating": ["latest", "edge"]}},
    }


def test_a_switch_in_a_nearer_file_switches_a_rule_on_again(tmp_path: Path) -> None:
    (tmp_path / "far.yaml").write_text("rules: {privileged-container: off}\n")
    (tmp_path / "portside.yaml").write_text(
        "extends: far.yaml\nrules: {privileged-container: {off: false}}\n"
    )
    (tmp_path / "pod.yaml").write_text(POD)

    assert "privileged-container" in rules(scan(tmp_path, "pod.yaml"))


def test_a_folder_of_rules_can_be_extended_and_is_found_from_the_file_that_says_so(
    repo: Path,
) -> None:
    pack = repo.parent / "shared/pack"
    pack.mkdir()
    (pack / "team_label.yaml").write_text(RULE)
    (repo.parent / "shared/portside.yaml").write_text(
        f"extends: pack\n{SHARED}".replace("add: [root-group]", "add: [team-label]")
    )

    answer = scan(repo, "pod.yaml")

    assert "team-label" in rules(answer)


def test_patterns_of_a_shared_file_are_about_the_repository(repo: Path) -> None:
    (repo.parent / "shared/portside.yaml").write_text(f"exclude: [/made]\n{SHARED}")
    (repo / "made").mkdir()
    (repo / "made/pod.yaml").write_text(POD)

    files = {it["file"]: it["fate"] for it in scan(repo, "--part").report["ledger"]["files"]}

    assert files["made/"] == "ignored"
    assert files["pod.yaml"] == "judged"


def test_a_shared_waiver_that_is_of_no_use_here_is_not_told(repo: Path) -> None:
    assert "unused-waiver" not in rules(scan(repo))


LOOSENED = [
    ("profile: recommended\n", (), "leaves out rules of company: root-group", 17),
    ("profiles: {company: {remove: [root-group]}}\n", (), "profiles.company.remove: profile", 17),
    ("fail-on: critical\n", (), "fail-on: fail-on critical lets high pass", 18),
    ("comments: medium\n", (), "comments: comments may excuse no more than low", 19),
    ("rules: {latest-tag: off}\n", (), "rules.latest-tag: latest-tag is switched off", 20),
    ("rules: {CKV_K8S_16: {severity: low}}\n", (), "is lowered to low", 20),
    ("rules: {latest-tag: {severity: medium}}\n", (), "latest-tag is lowered to medium", 20),
    ("rules: {latest-tag: {params: {floating: []}}}\n", (), "given other parameters", 20),
    ("approvers: {high: [me@example.org]}\n", (), "approvers: approvers is set again", 21),
    ("", ("--profile", "recommended"), "--profile: profile recommended leaves out", 17),
    ("", ("--fail-on", "critical"), "--fail-on: fail-on critical lets high pass", 18),
    (
        "profiles: {mine: {base: strict, remove: [latest-tag]}}\nprofile: mine\n", (),
        "profiles.mine.remove: profile mine leaves out rules of company", 17,
    ),
    (
        "profiles: {mine: {base: company, rules: {latest-tag: off}}}\nprofile: mine\n", (),
        "latest-tag is switched off", 20,
    ),
    (
        "waivers: [{rule: host-pid, subject: {name: a}, reason: r, approver: security@example.org,"
        " expires: 2026-12-01}]\n", (), "ends on 2026-12-01, 153 days ahead", 22,
    ),
    (
        "waivers: [{rule: privileged-container, subject: {name: a}, reason: r,"
        " approver: me@example.org, expires: 2026-08-01}]\n", (),
        "me@example.org may not approve a waiver of privileged-container (critical)", 21,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "said", "line"), LOOSENED)
def test_what_loosens_a_locked_key_is_refused_and_names_both_places(
    text: str, words: tuple[str, ...], said: str, line: int, repo: Path
) -> None:
    configured(repo, text)

    answer = portside(repo, "scan", "--now", NOW, *words, "pod.yaml")

    assert answer.code == 2
    assert said in answer.err
    assert f"locked in ../shared/portside.yaml:{line}" in answer.err
    assert words or answer.err.startswith("portside.yaml:2:")
    assert "nothing was scanned" in answer.err


@pytest.mark.parametrize(
    "text",
    [
        "profile: strict\nprofiles: {company: {base: strict}}\n",
        "fail-on: medium\n",
        "comments: none\n",
        "rules: {latest-tag: {severity: critical}, host-ipc: off}\n",
        "rules: {latest-tag: {params: {floating: [latest, edge]}}}\n",
        "waivers: [{rule: host-pid, subject: {name: a}, reason: r,"
        " approver: Security <SECURITY@example.org>, expires: 2026-08-01}]\n",
    ],
)
def test_what_is_as_strict_or_stricter_is_accepted(text: str, repo: Path) -> None:
    configured(repo, text)

    assert portside(repo, "scan", "--now", NOW, "pod.yaml").code == 1


def test_what_is_locked_stands_in_for_what_nobody_says(tmp_path: Path) -> None:
    (tmp_path / "far.yaml").write_text("locked: {profile: strict, fail-on: low, comments: low}\n")
    (tmp_path / "portside.yaml").write_text("extends: far.yaml\n")
    (tmp_path / "pod.yaml").write_text(POD)

    config = load_config(str(tmp_path / "portside.yaml"), [])

    assert (config.profile, config.fail_on, config.cap("strict")) == ("strict", "low", 1)
    assert config.cap("auditor") == 1
    assert scan(tmp_path, "pod.yaml").report["profile"] == "strict"


def test_show_names_the_file_and_line_of_every_value(repo: Path) -> None:
    configured(repo, "exclude: [mine/]\nrules:\n  latest-tag:\n    severity: critical\n")

    told = json.loads(portside(repo, "config", "show", "-o", "json").out)
    origins = {it["key"]: (it["value"], it["origin"]) for it in told["values"]}
    text = portside(repo, "config", "show", "--fail-on", "low").out

    assert told["files"] == ["portside.yaml", "../shared/portside.yaml"]
    assert origins["profile"] == ("company", "../shared/portside.yaml:2")
    assert origins["exclude"] == ("mine/", "portside.yaml:2")
    assert origins["rules.latest-tag.severity"] == ("critical", "portside.yaml:5")
    assert origins["rules.latest-tag.params.floating"] == (
        ["latest", "edge"],
        "../shared/portside.yaml:7",
    )
    assert origins["kubernetes-version"] == ("the newest known", "default")
    assert "fail-on: low" in text
    assert "--fail-on (locked at high in ../shared/portside.yaml:18)" in text


def test_a_plain_configuration_has_no_lock_and_needs_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text("profile: strict\n")

    config = load_config(str(tmp_path / "portside.yaml"), [])

    assert (config.locks, config.approvers, config.imports) == ((), (), None)
    with pytest.raises(ConfigError):
        load_config(str(tmp_path / "none.yaml"), [])


def test_an_editor_notices_that_an_extended_file_changed(repo: Path) -> None:
    from portside.cli.lsp import _of_a_scan, arguments
    from portside.lsp.project import Projects

    projects = Projects(_of_a_scan(arguments().parse_args([])))
    pod = str(repo / "pod.yaml")
    before = projects.of(pod).config.profile
    (repo.parent / "shared/portside.yaml").write_text("profile: strict-er\n")
    with pytest.raises(ConfigError):
        projects.of(pod)
    (repo.parent / "shared/portside.yaml").write_text("profile: auditor\n")

    assert (before, projects.of(pod).profile) == ("company", "auditor")


def test_an_editor_says_that_a_locked_key_is_loosened(repo: Path) -> None:
    from portside.cli.lsp import _of_a_scan, arguments
    from portside.lsp.project import Projects

    configured(repo, "fail-on: critical\n")
    projects = Projects(_of_a_scan(arguments().parse_args([])))

    with pytest.raises(ConfigError, match="lets high pass"):
        projects.of(str(repo / "pod.yaml"))
