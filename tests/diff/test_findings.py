"""Which findings a change brings, which it mends, and which were there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diff.repositories import WEB, Repo, pod, states


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def test_a_finding_of_the_change_is_new_and_fails(repo: Repo) -> None:
    repo.write(web=pod()).commit()
    repo.write(web=pod(privileged=True))

    answer = repo.diff()

    assert answer.code == 1
    assert states(answer) == [("new", "web")]
    assert answer.report["summary"]["new"]["critical"] == 1


def test_what_was_there_does_not_fail(repo: Repo) -> None:
    repo.write(web=pod(privileged=True)).commit()
    repo.write(web=pod(privileged=True) + "  hostname: web\n")

    answer = repo.diff()

    assert answer.code == 0
    assert states(answer) == [("unchanged", "web")]


def test_what_is_mended_is_fixed(repo: Repo) -> None:
    repo.write(web=pod(privileged=True)).commit()
    repo.write(web=pod())

    answer = repo.diff()

    assert answer.code == 0
    assert states(answer) == [("fixed", "web")]


def test_what_a_mended_finding_covered_is_not_new(repo: Repo) -> None:
    """`privileged` covers that the container may gain privileges: both were there."""
    repo.write(web=pod(privileged=True)).commit()
    repo.write(web=pod())

    answer = repo.diff()

    assert states(answer, "privilege-escalation-allowed") == [("unchanged", "web")]


@pytest.mark.parametrize(("least", "code"), [("critical", 1), ("high", 1), ("info", 1)])
def test_only_new_findings_fail_at_the_severity_asked_for(
    least: str, code: int, repo: Repo
) -> None:
    repo.write(web=pod(), old=pod("old", privileged=True)).commit()
    repo.write(web=pod("web", privileged=True))

    assert repo.diff("--fail-on", least).code == code


def test_new_findings_below_the_severity_do_not_fail(repo: Repo) -> None:
    repo.write(web=pod()).commit()
    repo.write(web=pod().replace("web:2.1", "web:latest"))

    assert states(repo.diff("--fail-on", "high"), "latest-tag") == [("new", "web")]
    assert repo.diff("--fail-on", "high").code == 0
    assert repo.diff("--fail-on", "medium").code == 1


def test_an_object_that_moves_to_another_file_keeps_its_findings(repo: Repo) -> None:
    repo.write(all=f"{pod(privileged=True)}---\n{pod('db', privileged=True)}").commit()
    repo.write(all=pod(privileged=True), db=pod("db", privileged=True))

    answer = repo.diff()

    assert answer.code == 0
    assert sorted(states(answer)) == [("unchanged", "db"), ("unchanged", "web")]


def test_a_second_object_of_the_same_name_elsewhere_is_new(repo: Repo) -> None:
    repo.write(dev__web=pod(privileged=True)).commit()
    repo.write(prod__web=pod(privileged=True))

    answer = repo.diff()

    assert sorted(states(answer)) == [("new", "web"), ("unchanged", "web")]


def test_a_dockerfile_of_another_name_keeps_its_findings(repo: Repo) -> None:
    text = "FROM registry.example.org/base:1.0\n" + "RUN make part\n" * 20
    repo.put("web/Dockerfile", text).commit()
    repo.git("mv", "web", "shop")

    answer = repo.diff()

    found = {(it["rule"], it["state"]) for it in answer.report["findings"]}
    assert ("dockerfile-without-user", "unchanged") in found
    assert {state for _, state in found} == {"unchanged"}


def test_one_dockerfile_is_not_another(repo: Repo) -> None:
    text = "FROM registry.example.org/base:1.0\nRUN make\n"
    repo.put("web/Dockerfile", text).write(web=pod()).commit()
    repo.git("rm", "-q", "web/Dockerfile")
    repo.put("db/Dockerfile", 'FROM registry.example.org/other:7\nCOPY . /db\nCMD ["/db"]\n')

    found = [it for it in repo.diff().report["findings"] if it["rule"] == "dockerfile-without-user"]

    assert sorted((it["state"], it["file"]) for it in found) == [
        ("fixed", "web/Dockerfile"),
        ("new", "db/Dockerfile"),
    ]


def test_what_is_excused_no_longer_is_new(repo: Repo) -> None:
    text = pod(privileged=True)
    comment = f"# portside:ignore {WEB} it loads a module\n"
    repo.write(web=comment + text).commit()
    repo.write(web=text)

    answer = repo.diff()

    assert answer.code == 1
    assert states(answer) == [("new", "web")]


def test_rules_across_objects_see_all_of_each_side(repo: Repo) -> None:
    """The Service is in no file of the change: that nothing serves it any more is."""
    service = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
    served = pod().replace("namespace: shop}", "namespace: shop, labels: {app: web}}")
    repo.write(service=service, web=served).commit()
    repo.write(web=pod())

    answer = repo.diff("--profile", "auditor")

    assert states(answer, "service-selects-nothing") == [("new", "web")]
    assert (
        next(
            it["file"]
            for it in answer.report["findings"]
            if it["rule"] == "service-selects-nothing"
        )
        == "service.yaml"
    )


def test_strict_does_not_accept_what_is_undecided(repo: Repo) -> None:
    custom = "apiVersion: example.org/v1\nkind: Shop\nmetadata: {name: a}\nspec: {template: {}}\n"
    repo.write(web=pod()).commit()
    repo.write(custom=custom)

    undecided = repo.diff("--strict").report["undecided"]
    assert repo.diff("--strict").code == (3 if undecided else 0)


def test_the_same_is_said_from_the_cache(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(repo.folder.parent / "cache"))
    repo.write(**{f"web{at}": pod(f"web{at}", privileged=at % 2 == 0) for at in range(60)})
    repo.commit()
    repo.write(web0=pod("web0"), web1=pod("web1", privileged=True))
    without = repo.diff().report

    from tests.scanning import NOW, portside

    words = ("diff", "-o", "json", "--now", NOW)
    cold = portside(repo.folder, *words).report
    assert any((repo.folder.parent / "cache").iterdir())
    assert portside(repo.folder, *words).report == cold == without
