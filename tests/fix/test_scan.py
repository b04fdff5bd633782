"""`portside scan --fix` on real files: what it writes, what it refuses, and what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.scanning import Answer, portside

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}  # the shop
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        runAsNonRoot: true
        capabilities: {drop: [ALL]}
"""
MENDED = POD + "        allowPrivilegeEscalation: false\n"
PRIVILEGED = POD.replace("{drop: [ALL]}", "{drop: [ALL]}\n        privileged: true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(POD)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path)
    return tmp_path


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "x")


def fix(folder: Path, *words: str) -> Answer:
    return portside(folder, "scan", "-o", "json", "--no-cache", *(words or (".", "--fix")))


def states(answer: Answer) -> list[tuple[str, str]]:
    return [(it["rule"], it["state"]) for it in answer.report["fixes"]]


def test_what_is_safe_is_edited_and_the_rest_is_said(folder: Path) -> None:
    answer = fix(folder)
    assert (folder / "shop.yaml").read_text() == MENDED
    assert states(answer) == [("privilege-escalation-allowed", "fixed")]
    assert answer.code == 0
    assert not answer.of("privilege-escalation-allowed")


def test_the_second_time_nothing_changes(folder: Path) -> None:
    fix(folder)
    _commit(folder)
    answer = fix(folder)
    assert answer.report["fixes"] == []
    assert (folder / "shop.yaml").read_text() == MENDED


def test_without_fix_nothing_is_written_and_findings_say_what_mends_them(folder: Path) -> None:
    answer = fix(folder, ".")
    assert (folder / "shop.yaml").read_text() == POD
    assert answer.report["fixes"] is None
    assert answer.report["summary"]["fixable"] == 1
    assert [it["fixable"] for it in answer.of("privilege-escalation-allowed")] == ["safe"]
    text = portside(folder, "scan", "--no-cache", ".").out
    assert "[--fix mends this]" in text
    assert "--fix mends 1" in text


def test_a_diff_is_one_that_git_applies_and_writes_nothing(folder: Path) -> None:
    answer = portside(folder, "scan", "--no-cache", ".", "--diff")
    assert (folder / "shop.yaml").read_text() == POD
    assert answer.code == 1
    (folder / "edits").write_text(answer.out)
    _git(folder, "apply", "edits")
    assert (folder / "shop.yaml").read_text() == MENDED


def test_the_diff_of_a_file_without_a_line_end_applies_too(folder: Path) -> None:
    (folder / "shop.yaml").write_text(POD.rstrip("\n"))
    answer = portside(folder, "scan", "--no-cache", ".", "--diff")
    (folder / "edits").write_text(answer.out)
    _git(folder, "apply", "edits")
    assert (folder / "shop.yaml").read_text() == MENDED.rstrip("\n")


def test_what_may_break_is_edited_only_when_told(folder: Path) -> None:
    (folder / "shop.yaml").write_text(PRIVILEGED)
    _commit(folder)
    assert states(fix(folder)) == []
    assert (folder / "shop.yaml").read_text() == PRIVILEGED
    answer = fix(folder, ".", "--fix", "--unsafe")
    assert ("privileged-container", "fixed") in states(answer)
    # What the first edit uncovered is mended in the same run.
    assert (folder / "shop.yaml").read_text() == MENDED


def test_what_is_waived_is_left_alone(folder: Path) -> None:
    excused = f"# portside:ignore-file privilege-escalation-allowed it calls sudo\n{POD}"
    (folder / "shop.yaml").write_text(excused)
    _commit(folder)
    fix(folder)
    assert (folder / "shop.yaml").read_text() == excused


@pytest.mark.parametrize("state", ["changed", "new", "ignored"])
def test_a_file_that_git_could_not_bring_back_is_refused(folder: Path, state: str) -> None:
    name = "shop.yaml" if state == "changed" else "other.yaml"
    (folder / name).write_text(POD.replace("shop", "other"))
    if state == "ignored":
        (folder / ".gitignore").write_text("other.yaml\n")
    answer = fix(folder, name, "--fix")
    (found,) = answer.report["fixes"]
    assert found["state"] == "refused"
    assert "--allow-dirty" in found["reason"]
    assert answer.code == 1
    assert fix(folder, name, "--fix", "--allow-dirty").report["fixes"][0]["state"] == "fixed"


def test_without_git_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(POD)
    answer = fix(tmp_path)
    assert (tmp_path / "shop.yaml").read_text() == MENDED
    assert "no git repository holds what was edited" in answer.err


def test_a_link_is_never_written_through(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.mktemp("elsewhere") / "pod.yaml"
    target.write_text(POD)
    (folder / "link.yaml").symlink_to(target)
    answer = fix(folder, "link.yaml", "--fix", "--allow-dirty")
    assert [it["state"] for it in answer.report["fixes"]] == ["refused"]
    assert target.read_text() == POD
    assert (folder / "link.yaml").is_symlink()


def test_a_file_below_a_linked_folder_is_outside(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "pod.yaml").write_text(POD)
    (folder / "apps").symlink_to(elsewhere)
    answer = fix(folder, ".", "--fix", "--allow-dirty")
    assert (elsewhere / "pod.yaml").read_text() == POD
    assert all(
        it["file"] != "apps/pod.yaml" or it["state"] == "refused" for it in answer.report["fixes"]
    )


def test_the_mode_of_a_file_stays_and_nothing_lies_beside_it(folder: Path) -> None:
    (folder / "shop.yaml").chmod(0o640)
    fix(folder, ".", "--fix", "--allow-dirty")
    assert (folder / "shop.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(it.name for it in folder.iterdir()) == [".git", "shop.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_said(folder: Path) -> None:
    folder.chmod(0o555)
    try:
        answer = fix(folder)
    finally:
        folder.chmod(0o755)
    assert [it["state"] for it in answer.report["fixes"]] == ["refused"]
    assert (folder / "shop.yaml").read_text() == POD


def test_an_alias_is_refused_and_the_file_stays(folder: Path) -> None:
    shared_context = POD.replace("securityContext:", "securityContext: &safe") + (
        "    - name: log\n      image: registry.example.org/log:1.0\n      securityContext: *safe\n"
    )
    (folder / "shop.yaml").write_text(shared_context)
    _commit(folder)
    answer = fix(folder)
    assert {it["state"] for it in answer.report["fixes"]} == {"refused"}
    assert (folder / "shop.yaml").read_text() == shared_context


def test_an_edit_that_does_not_stand_the_proof_is_rolled_back(folder: Path) -> None:
    """With two replicas, pods that share a node are found: that was not there before."""
    deployment = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
"""
    (folder / "shop.yaml").write_text(deployment)
    _commit(folder)
    answer = fix(folder, ".", "--fix", "--unsafe", "--profile", "strict")
    found = {it["rule"]: it for it in answer.report["fixes"]}
    assert found["single-replica"]["state"] == "rolled-back"
    assert "replicas-share-node would be found instead" in found["single-replica"]["reason"]
    assert found["privilege-escalation-allowed"]["state"] == "fixed"
    assert "replicas: 1" in (folder / "shop.yaml").read_text()


def test_what_a_rule_across_objects_found_is_proved_by_all_files(folder: Path) -> None:
    deployment = POD.replace("kind: Pod", "kind: Pod\n# a comment")
    (folder / "shop.yaml").write_text(deployment)
    _commit(folder)
    answer = fix(folder, ".", "--fix", "--profile", "strict")
    assert ("unneeded-api-token", "fixed") in states(answer)
    assert "automountServiceAccountToken: false" in (folder / "shop.yaml").read_text()
    assert not answer.of("unneeded-api-token")


def test_other_objects_of_the_file_stay_as_they_are(folder: Path) -> None:
    other = "apiVersion: v1\nkind:   ConfigMap\nmetadata: { name:   odd }\ndata: {a: 'b'  }\n"
    (folder / "shop.yaml").write_text(f"{other}---\n{POD}---\n{other.replace('odd', 'two')}")
    _commit(folder)
    fix(folder)
    text = (folder / "shop.yaml").read_text()
    assert text == f"{other}---\n{MENDED}---\n{other.replace('odd', 'two')}"


def test_an_item_of_a_list_is_mended(folder: Path) -> None:
    pod = "".join(f"    {line}" for line in POD.splitlines(keepends=True)).replace(
        "    api", "  - api", 1
    )
    (folder / "shop.yaml").write_text(f"apiVersion: v1\nkind: List\nitems:\n{pod}")
    _commit(folder)
    fix(folder)
    assert (
        (folder / "shop.yaml").read_text().endswith("            allowPrivilegeEscalation: false\n")
    )


@pytest.mark.parametrize("option", ["--unsafe", "--allow-dirty", "--interactive"])
def test_options_of_fix_alone_are_refused(folder: Path, option: str) -> None:
    answer = portside(folder, "scan", ".", option)
    assert answer.code == 2
    assert "nothing was scanned" in answer.err


def test_standard_input_cannot_be_edited(folder: Path) -> None:
    answer = portside(folder, "scan", "-", "--fix")
    assert answer.code == 2
    assert "standard input cannot be edited" in answer.err


def test_nobody_is_asked_without_a_terminal(folder: Path) -> None:
    answer = portside(folder, "scan", ".", "--fix", "-i")
    assert answer.code == 2
    assert (folder / "shop.yaml").read_text() == POD


def test_fix_takes_no_value(folder: Path) -> None:
    answer = portside(folder, "scan", "--fix", "shop.yaml")
    assert (folder / "shop.yaml").read_text() == MENDED
    assert "fixed privilege-escalation-allowed" in answer.out
    assert portside(folder, "scan", "--fix=safe", "shop.yaml").code == 2
