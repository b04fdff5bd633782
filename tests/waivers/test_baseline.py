"""`--write-baseline` and `--baseline`: what was there does not count, what is new does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.scanning import POD, process, scan

PRIVILEGED = "privileged-container"
BASELINE = "baseline.json"


def written(folder: Path, *words: str) -> dict[str, object]:
    answer = scan(folder, *words, "--write-baseline", BASELINE)
    assert answer.code == 0
    assert answer.err.startswith(f"{BASELINE}: ")
    assert answer.err.endswith(" written\n")
    value: dict[str, object] = json.loads((folder / BASELINE).read_text())
    return value


def test_what_was_there_does_not_count_and_what_is_new_does(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    written(tmp_path, "a.yaml")

    same = scan(tmp_path, "a.yaml", "--baseline", BASELINE)
    (tmp_path / "a.yaml").write_text(POD.replace("spec:\n", "spec:\n  hostPID: true\n"))
    more = scan(tmp_path, "a.yaml", "--baseline", BASELINE)

    assert same.code == 0
    assert {it["waived"]["kind"] for it in same.report["findings"]} == {"baseline"}
    assert more.code == 1
    assert [it["rule"] for it in more.report["findings"] if not it["waived"]] == ["host-pid"]


def test_lines_and_the_order_of_lists_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    written(tmp_path, "a.yaml")
    other = "    - name: first\n      image: registry.example.org/first:1\n"
    moved = POD.replace("  containers:\n", f"  containers:\n{other}")
    (tmp_path / "a.yaml").write_text(f"# a comment\n\n{moved}")

    answer = scan(tmp_path, "a.yaml", "--baseline", BASELINE)

    assert answer.excused(PRIVILEGED) == [True]


def test_a_finding_more_of_the_same_identity_counts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pod.yaml").write_text(POD)
    written(tmp_path / "a", ".")
    shutil.copytree(tmp_path / "a", tmp_path / "b")

    answer = scan(tmp_path, "a", "b", "--baseline", "a/baseline.json")

    assert answer.excused(PRIVILEGED) == [True, False]


def test_a_baseline_has_one_order_and_no_times(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text(POD)

    first, second = written(tmp_path, "."), written(tmp_path, ".")

    assert first == second
    assert isinstance(first["findings"], list)
    keys = [(it["rule"], it["identity"]) for it in first["findings"]]
    assert keys == sorted(keys)
    assert set(first) == {"version", "findings"}


def test_what_is_waived_does_not_enter_the_baseline(tmp_path: Path) -> None:
    comment = f"# portside:ignore {PRIVILEGED} until=2026-12-31 it loads a module\n"
    (tmp_path / "a.yaml").write_text(comment + POD)
    written(tmp_path, "a.yaml")

    later = scan(tmp_path, "a.yaml", "--baseline", BASELINE, "--now", "2027-01-01")

    assert later.excused(PRIVILEGED) == [False]


def test_a_new_baseline_keeps_what_the_old_one_excuses(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    first = written(tmp_path, "a.yaml")

    assert written(tmp_path, "a.yaml", "--baseline", BASELINE) == first


def test_stale_entries_are_told_where_the_scan_looked(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(POD)
    total = len(written(tmp_path, ".")["findings"])  # type: ignore[arg-type]
    (tmp_path / "a.yaml").unlink()

    whole = scan(tmp_path, ".", "--baseline", BASELINE)
    part = scan(tmp_path, "b.yaml", "--baseline", BASELINE)

    assert f"{total // 2} of its {total} findings no longer occur" in whole.err
    assert whole.code == 0
    assert part.err == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "baseline.json: cannot be opened: No such file or directory"),
        ("", "baseline.json:1:1: not JSON"),
        ("{", "baseline.json:1:2: not JSON"),
        ("[" * 100_000, "baseline.json: not JSON"),
        ("\xff", "baseline.json"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "findings": []}', "not a baseline of version 1"),
        ('{"version": 1}', "findings: expected a list"),
        ('{"version": 1, "findings": [1]}', "findings[0]: expected rule and identity"),
        ('{"version": 1, "findings": [{"rule": "a", "identity": "b"}]}', "findings[0]"),
        ('{"version": 1, "findings": [{"rule": "a", "identity": "b", "count": 0}]}', "above 0"),
        ('{"version": 1, "findings": [{"rule": "a", "identity": "b", "count": true}]}', "count"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_an_error(
    text: str | None, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    if text is not None:
        (tmp_path / BASELINE).write_bytes(text.encode("latin-1"))

    answer = scan(tmp_path, "a.yaml", "--baseline", BASELINE)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.endswith("  nothing was scanned\n")


def test_a_baseline_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)

    answer = scan(tmp_path, "a.yaml", "--write-baseline", "nowhere/baseline.json")

    assert answer.code == 2
    assert "nowhere/baseline.json: cannot be written" in answer.err


@pytest.mark.parametrize("mark", [".git", "portside.yaml"])
def test_identities_are_the_same_from_wherever_the_scan_starts(mark: str, tmp_path: Path) -> None:
    deploy = tmp_path / "deploy" / "shop"
    deploy.mkdir(parents=True)
    (deploy / "pod.yaml").write_text(POD)
    if mark == ".git":
        (tmp_path / mark).mkdir()
    else:
        (tmp_path / mark).write_text("version: 1\n")
    starts = [
        (tmp_path, "."),
        (tmp_path, "deploy"),
        (tmp_path, str(deploy)),
        (tmp_path / "deploy", "shop/pod.yaml"),
        (deploy, "."),
        (deploy, "pod.yaml"),
        (deploy, "../../deploy"),
    ]

    found = {tuple(it["id"] for it in scan(*start).report["findings"]) for start in starts}

    assert len(found) == 1
    assert all("|deploy/shop/pod.yaml|" in it for it in next(iter(found)))


def test_a_submodule_belongs_to_the_repository_around_it(tmp_path: Path) -> None:
    sub = tmp_path / "vendor" / "shop"
    sub.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (sub / ".git").write_text("gitdir: ../../.git/modules/vendor/shop\n")
    (sub / "pod.yaml").write_text(POD)

    found = {scan(*start).report["findings"][0]["id"] for start in ((tmp_path, "."), (sub, "."))}

    assert len(found) == 1
    assert "|vendor/shop/pod.yaml|" in found.pop()


def test_without_repository_and_configuration_the_scanned_folder_is_the_root(
    tmp_path: Path,
) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "pod.yaml").write_text(POD)

    answer = scan(tmp_path, "deploy")

    assert "|pod.yaml|" in answer.report["findings"][0]["id"]


def test_standard_input_has_an_identity_of_its_own(tmp_path: Path) -> None:
    answer = process(tmp_path, "scan", "-", "-o", "json", stdin=POD)

    assert "|<stdin>|" in answer.report["findings"][0]["id"]
