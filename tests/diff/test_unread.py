"""What cannot be read on one side or on both: never as fixed, never as new, and never quietly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.diff.repositories import Repo, objects, pod, states
from tests.scanning import Answer

BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: [\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "shop")
    made.write(web=pod()).commit()
    return made


def unread(answer: Answer) -> dict[str, list[str]]:
    found: dict[str, list[dict[str, Any]]] = answer.report["unread"]
    return {side: [it["file"] for it in listed] for side, listed in found.items()}


def test_what_breaks_is_unread_on_the_new_side(repo: Repo) -> None:
    repo.write(web=BROKEN)

    answer = repo.diff()

    assert (answer.code, answer.report["complete"]) == (3, False)
    assert unread(answer) == {"before": [], "after": ["web.yaml"]}
    assert repo.diff("--allow-unread").code == 0


def test_what_was_broken_is_unread_on_the_old_side_and_said_so(repo: Repo) -> None:
    repo.write(web=BROKEN).commit()
    repo.write(web=pod(privileged=True))

    answer = repo.diff()

    assert answer.code == 3
    assert unread(answer) == {"before": ["web.yaml"], "after": []}
    text = repo.say()
    assert "(in where HEAD left main)" in text.out
    assert "not looked at: 1 of where HEAD left main: the answer is incomplete" in text.out
    assert repo.diff("--allow-unread").code == 1


def test_what_is_broken_on_both_sides_is_said_once(repo: Repo) -> None:
    repo.write(broken=BROKEN).commit()
    repo.write(web=pod(privileged=True))

    assert unread(repo.diff()) == {"before": [], "after": ["broken.yaml"]}


def test_absence_is_concluded_from_on_neither_side_where_one_is_a_part(repo: Repo) -> None:
    """A Service whose workload is in the file that broke has not become unserved by it."""
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
        "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
    )
    served = pod().replace("namespace: shop}", "namespace: shop, labels: {app: web}}")
    repo.write(service=service, web=served).commit()
    repo.write(web=BROKEN)

    assert states(repo.diff("--profile", "auditor"), "service-selects-nothing") == []


@pytest.mark.usefixtures("nothing_renders")
def test_charts_are_unread_on_both_sides_and_said_once(repo: Repo) -> None:
    repo.put("chart/Chart.yaml", CHART).put("chart/templates/web.yaml", "{{ .Values.a }}\n")
    repo.commit()
    repo.put("chart/templates/web.yaml", "{{ .Values.b }}\n")

    answer = repo.diff()

    assert answer.code == 3
    assert unread(answer) == {"before": [], "after": ["chart/Chart.yaml"]}
    assert states(answer) == []


@pytest.mark.usefixtures("nothing_renders")
def test_a_chart_that_a_change_makes_of_manifests(repo: Repo) -> None:
    repo.write(chart__templates__web=pod("inside", privileged=True)).commit()
    repo.put("chart/Chart.yaml", CHART)

    answer = repo.diff()

    assert answer.code == 3
    assert unread(answer)["after"] == ["chart/Chart.yaml"]


@pytest.mark.usefixtures("nothing_renders")
def test_inputs_of_a_kustomization_are_those_of_each_side(repo: Repo) -> None:
    kustomization = "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n"
    repo.put("k/kustomization.yaml", kustomization).write(k__base=pod("base"))
    repo.write(k__patch=pod("base", privileged=True)).commit()
    repo.put("k/kustomization.yaml", "resources: [base.yaml, patch.yaml]\n")

    answer = repo.diff("--allow-unread")

    assert states(answer) == [("new", "base")]


def test_pointers_of_large_file_storage(repo: Repo) -> None:
    repo.put("same.yaml", POINTER).put("old.yaml", POINTER).commit()
    repo.write(old=pod("old"), web=POINTER)

    answer = repo.diff()

    assert answer.code == 3
    assert unread(answer) == {"before": ["old.yaml"], "after": ["same.yaml", "web.yaml"]}
    assert all("Git LFS" in it["reason"] for it in answer.report["unread"]["after"])


def test_a_submodule_at_another_commit_is_unread(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.write(inside=pod("inside", privileged=True)).commit()
    repo.git("submodule", "add", "-q", str(other.folder), "lib")
    repo.commit()
    same = repo.diff()
    assert (same.code, states(same)) == (0, [("unchanged", "inside")])

    other.write(more=pod("more", privileged=True)).commit()
    repo.git("pull", "-q", str(other.folder), folder="lib")

    answer = repo.diff()

    assert answer.code == 3
    assert states(answer) == []
    assert unread(answer) == {"before": [], "after": ["lib/"]}
    assert "submodule" in answer.report["unread"]["after"][0]["reason"]


def test_a_file_above_the_limit_is_refused_on_both_sides(repo: Repo) -> None:
    repo.put("portside.yaml", "limits: {size: 1000}\n")
    repo.write(large=pod("large") + "# " + "x" * 1000 + "\n").commit()
    repo.write(large=pod("large", privileged=True) + "# " + "y" * 1000 + "\n")

    answer = repo.diff()

    assert unread(answer) == {"before": [], "after": ["large.yaml"]}
    assert objects(answer) == []


def test_a_link_is_read_where_it_leads_to(repo: Repo) -> None:
    repo.write(shared=pod("shared"))
    (repo.folder / "link.yaml").symlink_to("shared.yaml")
    (repo.folder / "out.yaml").symlink_to("../elsewhere.yaml")
    (repo.folder.parent / "elsewhere.yaml").write_text(pod("elsewhere", privileged=True))
    repo.commit()
    repo.write(shared=pod("shared", privileged=True))

    answer = repo.diff()

    assert sorted((it["file"], it["state"]) for it in answer.report["findings"]
                  if it["rule"] == "privileged-container") == [
        ("link.yaml", "new"), ("shared.yaml", "new"),
    ]  # fmt: skip
    assert states(repo.diff("HEAD..HEAD")) == []


def test_a_sparse_checkout_removes_nothing(repo: Repo) -> None:
    repo.write(a__one=pod("one", privileged=True), b__two=pod("two", privileged=True)).commit()
    repo.git("sparse-checkout", "set", "a")
    assert not (repo.folder / "b").exists()

    answer = repo.diff()

    assert (answer.code, objects(answer)) == (0, [])
    assert states(answer) == [("unchanged", "one")]
