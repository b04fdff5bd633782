"""Every finding has at most one owner: by CODEOWNERS, label, namespace or default."""

from __future__ import annotations

from pathlib import Path

from tests.scanning import POD, scan

LABELLED = POD.replace("{name: shop}", "{name: shop, labels: {team: web}}")
ELSEWHERE = POD.replace("{name: shop}", "{name: shop, namespace: store}")


def owner(folder: Path) -> str | None:
    found: str | None = scan(folder, ".").of("privileged-container")[0]["owner"]
    return found


def test_nobody_owns_what_nobody_named(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    assert owner(tmp_path) is None


def test_owners_are_asked_in_order(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(
        'owners: {namespaces: {store: "@store"}, default: "@all"}\n'
    )
    (tmp_path / "pod.yaml").write_text(POD)
    assert owner(tmp_path) == "@all"
    (tmp_path / "pod.yaml").write_text(ELSEWHERE)
    assert owner(tmp_path) == "@store"
    (tmp_path / "pod.yaml").write_text(LABELLED)
    assert owner(tmp_path) == "web"
    (tmp_path / ".git").mkdir()
    (tmp_path / "CODEOWNERS").write_text("*.yaml @code\n")
    assert owner(tmp_path) == "@code"


def test_other_labels_may_name_the_owner(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text("owners: {labels: [app]}\n")
    (tmp_path / "pod.yaml").write_text(LABELLED.replace("team", "app"))
    assert owner(tmp_path) == "web"


def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text("owners: {team: a}\n")
    answer = scan(tmp_path, ".")
    assert answer.code == 2
    assert "portside.yaml:1:10" in answer.err
