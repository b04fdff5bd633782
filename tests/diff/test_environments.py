"""What a change does to charts and overlays, in each of their environments."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from portside.cli import stage_a
from portside.render import source
from portside.schemas import schema_text
from tests.diff.repositories import WEB, Repo, objects, pod, states
from tests.scanning import Answer

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = (
    pod("{{ .Chart.Name }}")
    .replace("privileged: false", "privileged: {{ .Values.privileged }}")
    .replace("web:2.1", "web:{{ .Values.tag }}")
)
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
"""

pytestmark = pytest.mark.usefixtures("renders")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A chart with the environments default, prod and qa; two overlays over one base."""
    made = Repo(tmp_path / "shop")
    made.put("web/Chart.yaml", CHART).put("web/templates/web.yaml", TEMPLATE)
    made.put("web/values.yaml", "privileged: false\ntag: '2.1'\n")
    made.put("web/values-prod.yaml", "tag: '2.0'\n").put("web/values-qa.yaml", "tag: '2.2'\n")
    made.put("base/kustomization.yaml", "resources: [db.yaml]\n").write(base__db=pod("db"))
    for name in ("dev", "live"):
        text = f"resources: [../../base]\nnamePrefix: {name}-\n"
        made.put(f"overlays/{name}/kustomization.yaml", text)
    made.commit()
    return made


def said(answer: Answer, rule: str = WEB) -> list[tuple[str, str, list[str], list[str]]]:
    """(state, file, environments, those that it is new in) of each finding of a rule."""
    return [
        (it["state"], it["file"], it["environments"], it["new_in"])
        for it in answer.report["findings"]
        if it["rule"] == rule
    ]


def where(answer: Answer) -> list[tuple[str, str, list[str]]]:
    """(change, object, environments) of each object that differs."""
    return [
        (it["change"], it["resource"]["name"], it["environments"])
        for it in answer.report["objects"]
    ]


def test_nothing_is_said_of_what_is_not_touched(repo: Repo) -> None:
    repo.write(other=pod("other"))

    answer = repo.diff()

    assert (states(answer), answer.err) == ([], "")
    assert objects(answer) == [("added", "Pod other", [])]


def test_values_of_one_environment(repo: Repo) -> None:
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: true\n")

    answer = repo.diff()

    assert answer.code == 1
    assert said(answer) == [("new", "web/values-prod.yaml", ["prod"], ["prod"])]
    assert where(answer) == [("changed", "web", ["prod"])]
    (found,) = (it for it in answer.report["findings"] if it["rule"] == WEB)
    assert (found["line"], found["confidence"]) == (2, "exact")
    assert [it["role"] for it in found["chain"]] == ["template", "values"]


def test_a_value_that_another_environment_has_is_a_finding_of_its_own(repo: Repo) -> None:
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: true\n").commit()
    repo.put("web/values-qa.yaml", "tag: '2.2'\nprivileged: true\n")

    answer = repo.diff("HEAD")

    assert answer.code == 1
    assert said(answer) == [
        ("unchanged", "web/values-prod.yaml", ["prod"], []),
        ("new", "web/values-qa.yaml", ["qa"], ["qa"]),
    ]


def test_what_was_there_in_one_environment_is_new_in_another(repo: Repo) -> None:
    safe = "      securityContext:{{ if .Values.safe }}\n        runAsNonRoot: true{{ end }}\n"
    repo.put("web/templates/web.yaml", TEMPLATE.replace("      securityContext:\n", safe))
    repo.put("web/values-qa.yaml", "tag: '2.2'\nsafe: true\n").commit()
    repo.put("web/values-qa.yaml", "tag: '2.2'\n")

    answer = repo.diff("HEAD")

    assert answer.code == 1
    rule = "run-as-non-root"
    assert [it for it in said(answer, rule) if it[1].startswith("web")] == [
        ("new", "web/templates/web.yaml", ["default", "prod", "qa"], ["qa"])
    ]
    assert "holds in default, prod, qa; new in qa]" in repo.say("HEAD").out
    assert "new in qa" in repo.say("-o", "markdown", "HEAD").out
    (run,) = json.loads(repo.say("-o", "sarif", "HEAD").out)["runs"]
    (result,) = (it for it in run["results"] if it["baselineState"] == "new")
    assert result["ruleId"] == rule
    assert result["properties"]["environments"] == "default, prod, qa"
    assert result["properties"]["newIn"] == "qa"


def test_what_is_gone_in_one_environment_and_stays_in_another(repo: Repo) -> None:
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n").commit()
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: false\n")

    answer = repo.diff("HEAD")

    assert answer.code == 0
    assert [(state, holds) for state, _, holds, _ in said(answer)] == [
        ("unchanged", ["default", "qa"]),
        ("fixed", ["prod"]),
    ]
    assert answer.report["summary"]["fixed"] == 1


def test_an_environment_that_comes_has_objects_and_nothing_new_that_was_elsewhere(
    repo: Repo,
) -> None:
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n").commit()
    repo.put("web/values-edge.yaml", "tag: '3.0'\n")

    answer = repo.diff("HEAD")

    assert where(answer) == [("added", "web", ["edge"])]
    assert [(state, holds) for state, _, holds, _ in said(answer)] == [
        ("unchanged", ["default", "edge", "prod", "qa"])
    ]


def test_an_environment_that_goes_takes_its_objects_along(repo: Repo) -> None:
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: true\n").commit()
    (repo.folder / "web/values-prod.yaml").unlink()

    answer = repo.diff("HEAD")

    assert where(answer) == [("removed", "web", ["prod"])]
    assert [(state, holds) for state, _, holds, _ in said(answer)] == [("fixed", ["prod"])]


def test_a_template_changes_all_environments(repo: Repo) -> None:
    repo.put("web/templates/web.yaml", TEMPLATE.replace("name: web", "name: main"))

    assert where(repo.diff()) == [("changed", "web", ["default", "prod", "qa"])]


def test_a_base_changes_both_overlays_and_is_no_object_itself(repo: Repo) -> None:
    repo.write(base__db=pod("db", privileged=True))

    answer = repo.diff()

    assert where(answer) == [("changed", "dev-db", ["dev"]), ("changed", "live-db", ["live"])]
    assert said(answer) == [("new", "base/db.yaml", [it], [it]) for it in ("dev", "live")]


def test_an_overlay_that_takes_over_a_fault_of_another_is_new(repo: Repo) -> None:
    """Both make an object of one name: it has not moved from one to the other."""
    plain = "resources: [../../base]\n"
    patched = f"{plain}patches:\n  - target: {{kind: Pod}}\n    patch: |-\n      - op: add\n"
    patched += "        path: /spec/hostNetwork\n        value: true\n"
    repo.put("overlays/dev/kustomization.yaml", patched)
    repo.put("overlays/live/kustomization.yaml", plain).commit()
    repo.put("overlays/dev/kustomization.yaml", plain)
    repo.put("overlays/live/kustomization.yaml", patched)

    assert [it for it, *_ in said(repo.diff("HEAD"), "host-network")] == ["new", "fixed"]


def test_a_chart_in_a_moved_folder_keeps_its_findings(repo: Repo) -> None:
    repo.put("portside.yaml", "environments: {live: {chart: web, release: shop}}\n")
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n").commit()
    repo.git("mv", "web", "site")
    repo.put("portside.yaml", "environments: {live: {chart: site, release: shop}}\n")

    answer = repo.diff("HEAD")

    assert [(state, file) for state, file, *_ in said(answer)] == [
        ("unchanged", "site/values.yaml")
    ]
    assert where(answer) == [("moved", "web", [])]


def test_a_chart_that_is_gone(repo: Repo) -> None:
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n").commit()
    repo.git("rm", "-r", "-q", "web")

    answer = repo.diff("HEAD")

    assert where(answer) == [("removed", "web", ["default", "prod", "qa"])]
    assert states(answer) == [("fixed", "web")]
    assert answer.code == 0


def test_a_manifest_that_becomes_a_template_has_moved(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    repo.write(web=pod(privileged=True)).commit()
    (repo.folder / "web.yaml").unlink()
    repo.put("web/Chart.yaml", CHART).put("web/templates/web.yaml", pod(privileged=True))
    repo.put("web/values-qa.yaml", "a: 1\n")

    answer = repo.diff("HEAD")

    assert where(answer) == [("moved", "web", ["default", "qa"])]
    assert states(answer) == [("unchanged", "web")]


def test_a_chart_that_breaks_is_unread_there_and_nothing_of_it_is_fixed(repo: Repo) -> None:
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n").commit()
    repo.put("web/templates/broken.yaml", '{{ fail "no" }}\n')

    answer = repo.diff("HEAD")

    assert answer.code == 3
    assert {it["file"] for it in answer.report["unread"]["after"]} == {"web/templates/broken.yaml"}
    assert (said(answer), where(answer)) == ([], [])


def test_a_chart_that_was_broken_is_unread_on_the_old_side(repo: Repo) -> None:
    repo.put("web/templates/broken.yaml", '{{ fail "no" }}\n').commit()
    (repo.folder / "web/templates/broken.yaml").unlink()
    repo.put("web/values.yaml", "privileged: true\ntag: '2.1'\n")

    answer = repo.diff("HEAD")

    assert answer.code == 3
    assert {it["file"] for it in answer.report["unread"]["before"]} == {"web/templates/broken.yaml"}
    assert [state for state, *_ in said(answer)] == ["new"]


def test_a_fault_of_one_environment_leaves_the_others_compared(repo: Repo) -> None:
    repo.put("web/values-prod.yaml", "tag: {a: [\n")
    repo.put("web/values-qa.yaml", "tag: '2.2'\nprivileged: true\n")

    answer = repo.diff()

    assert answer.code == 3
    assert [(state, new) for state, _, _, new in said(answer)] == [("new", ["qa"])]


def test_environments_are_those_that_each_side_names(repo: Repo) -> None:
    repo.put("live.yaml", "privileged: true\n")
    repo.put("portside.yaml", "environments: {live: {chart: web}}\n").commit()
    repo.put("portside.yaml", "environments: {live: {chart: web, values: live.yaml}}\n")

    answer = repo.diff("HEAD")

    assert [state for state, *_ in said(answer)] == ["new"]
    assert where(answer) == [("changed", "web", [])]


def test_an_environment_that_is_named_no_more_is_told(repo: Repo) -> None:
    both = "environments: {live: {chart: web}, beta: {chart: web, set: privileged=true}}\n"
    repo.put("portside.yaml", both).commit()
    repo.put("portside.yaml", "environments: {live: {chart: web}}\n")

    answer = repo.diff("HEAD")

    assert [it["message"] for it in answer.report["loosened"]] == [
        "environments has no more beta of web"
    ]


def test_a_configuration_that_named_what_was_not_there_is_unread(repo: Repo) -> None:
    repo.put("portside.yaml", "environments: {live: {chart: gone}}\n").commit()
    (repo.folder / "portside.yaml").unlink()

    answer = repo.diff("HEAD")

    assert answer.code == 3
    (unread,) = answer.report["unread"]["before"]
    assert "there is no chart at gone" in unread["reason"]


def test_what_flux_installs_is_compared_as_it_installs_it(repo: Repo) -> None:
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux}
spec:
  interval: 5m
  chart: {spec: {chart: ./web, sourceRef: {kind: GitRepository, name: shop}}}
  values: {privileged: PRIVILEGED}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: flux}
spec: {interval: 5m, url: https://git.example.org/shop}
"""
    repo.git("remote", "add", "origin", "https://git.example.org/shop")
    repo.write(release=release.replace("PRIVILEGED", "false")).commit()
    repo.write(release=release.replace("PRIVILEGED", "true"))

    answer = repo.diff("HEAD")

    assert answer.code == 1
    assert [(state, holds) for state, _, holds, _ in said(answer)] == [("new", ["web"])]
    assert where(answer)[-1] == ("changed", "web", ["web"])


def test_rights_of_one_environment(repo: Repo) -> None:
    repo.put("web/templates/role.yaml", f"{{{{- if .Values.trusted }}}}\n{ROLE}{{{{- end }}}}\n")
    repo.commit()
    repo.put("web/values-qa.yaml", "tag: '2.2'\ntrusted: true\n")

    answer = repo.diff("HEAD")

    assert [(it["kind"], it["what"], it["environments"]) for it in answer.report["rights"]] == [
        ("added", "secrets", ["qa"])
    ]
    assert "get secrets in the whole cluster (in qa)" in repo.say("HEAD").out


def test_only_what_is_touched_is_rendered_on_the_old_side(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = source.ask

    def ask(target: Any, program: Any) -> Any:
        inside = os.path.relpath(target.request[0], repo.folder)
        asked.append("before" if inside.startswith("..") else inside)
        return real(target, program)

    monkeypatch.setattr(source, "ask", ask)
    monkeypatch.setattr(stage_a, "_processes", lambda files: 1)
    repo.put("overlays/dev/kustomization.yaml", "resources: [../../base]\nnamePrefix: new-\n")
    repo.diff("--no-reach")

    assert sorted(asked) == ["before", "overlays/dev", "overlays/live", "web", "web", "web"]


def test_a_link_that_a_chart_reads_through_is_followed(repo: Repo) -> None:
    repo.put("shared/note.yaml", pod("note"))
    (repo.folder / "web/templates/note.yaml").symlink_to("../../shared/note.yaml")
    repo.commit()
    repo.put("shared/note.yaml", pod("note", privileged=True))

    answer = repo.diff("HEAD")

    assert ("changed", "note", ["default", "prod", "qa"]) in where(answer) or answer.code == 3


def test_two_commits_say_what_the_work_tree_says(repo: Repo) -> None:
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: true\n")
    repo.write(base__db=pod("db", privileged=True))
    before = repo.diff("HEAD").report
    repo.commit()
    repo.write(dirty=pod("dirty"))

    after = repo.diff("HEAD~1..HEAD").report

    assert after["findings"] == before["findings"]
    assert after["objects"] == before["objects"]


def test_nothing_of_the_folders_that_it_is_written_to_is_said_or_left(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    repo.put("overlays/dev/kustomization.yaml", "resources: [../../../out]\n").commit()
    repo.put("overlays/dev/kustomization.yaml", "resources: [../../base]\n").commit()
    repo.write(dirty=pod("dirty"))

    for words in (("HEAD~1..HEAD",), ("HEAD~1",), ("HEAD..HEAD~1",)):
        answer = repo.diff(*words)
        assert answer.code == 3
        assert str(tmp_path / "temporary") not in answer.out + answer.err
        assert str(repo.folder) in answer.out
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_comparison_fits_its_schema(repo: Repo) -> None:
    schema = json.loads(schema_text("diff"))
    repo.put("web/templates/role.yaml", ROLE).write(broken="a: [").commit()
    repo.put("web/values-prod.yaml", "tag: '2.0'\nprivileged: true\n").write(base__db=pod("da"))
    repo.put("web/templates/role.yaml", ROLE.replace("get", "list"))
    repo.put("portside.yaml", "rules: {latest-tag: off}\n")

    report = repo.diff("HEAD").report

    jsonschema.Draft202012Validator(schema).validate(report)
    assert all(report[it] for it in ("objects", "findings", "loosened", "rights"))
    empty = repo.diff("HEAD..HEAD").report
    jsonschema.Draft202012Validator(schema).validate(empty)
