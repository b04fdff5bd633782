"""What other scanners lose or misread, read: each line of design.md's section 4 that is about files.

Every scan is the real command line in a process of its own.
"""

# ruff: noqa: E501 - manifests stand on one line

from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import portside

Report = dict[str, Any]

_AWAY = "is not in this tree: portside vendor fetches it once"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostPID: true
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: true
"""
CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: b\nspec: {}\n"
CLUSTER_ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
  - {apiGroups: [""], resources: [pods], verbs: [get]}
"""


@pytest.fixture
def nothing_renders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any) -> None:
    """No renderer is there: helm and kubectl are not on PATH."""
    if find_spec("portside_render"):
        pytest.skip("portside-render is installed here, and renders all charts")
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("nothing")))


def scan(folder: Path, *words: str) -> tuple[int, Report]:
    """The exit code and the report of a scan of everything in `folder`."""
    done = portside("scan", "--no-cache", "-o", "json", *words, ".", cwd=folder)
    report: Report = json.loads(done.out)
    return done.code, report


def write(folder: Path, **files: str) -> None:
    """Files by their paths, in which `__` stands for a slash and `_` for a point."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def fates(report: Report) -> dict[str, str]:
    return {it["file"]: it["fate"] for it in report["ledger"]["files"]}


def found(report: Report, rule: str) -> list[tuple[str, int, int]]:
    """File, line and column of each finding of `rule`."""
    return [
        (it["file"], it["line"], it["column"]) for it in report["findings"] if it["rule"] == rule
    ]


def rules_by_name(report: Report) -> dict[str, Counter[str]]:
    """How often each rule was found, by the name of the object."""
    names = {it["resource"]["name"] for it in report["findings"]}
    return {
        name: Counter(it["rule"] for it in report["findings"] if it["resource"]["name"] == name)
        for name in names
    }


@pytest.mark.usefixtures("nothing_renders")
def test_a_chart_is_never_skipped_in_silence(tmp_path: Path) -> None:
    write(
        tmp_path,
        chart__Chart_yaml="apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        chart__values_yaml="a: 1\n",
        chart__templates__pod_yaml=POD.replace("web:2.1", "{{ .Values.image }}"),
    )
    code, report = scan(tmp_path)

    assert code == 3
    assert report["complete"] is False
    (unread,) = report["unread"]
    assert unread["what"] == "Helm chart chart"
    assert "helm template NAME chart | portside scan -" in unread["reason"]
    assert fates(report)["chart/"] == "unread"
    assert fates(report)["chart/templates/pod.yaml"] == "partly-read"


@pytest.mark.usefixtures("nothing_renders")
def test_a_template_and_a_packed_chart_are_never_skipped_either(tmp_path: Path) -> None:
    import io
    import tarfile

    write(tmp_path, a_yaml="{{ if .a }}\n" + POD + "{{ end }}\n", pod_yaml_j2=POD)
    with tarfile.open(tmp_path / "chart-1.0.0.tgz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("chart/Chart.yaml"), io.BytesIO())
    code, report = scan(tmp_path)

    assert code == 3
    assert set(fates(report).values()) == {"unread"}
    assert not any("not YAML" in it["reason"] for it in report["unread"])


def test_a_scan_that_found_nothing_to_judge_says_so(tmp_path: Path) -> None:
    write(tmp_path, a_txt="a", b_yaml="services: {}\n")
    code, report = scan(tmp_path)

    assert code == 0
    assert fates(report) == {"a.txt": "not-kubernetes", "b.yaml": "not-kubernetes"}
    said = portside("scan", "--no-cache", ".", cwd=tmp_path)
    assert "0 objects" in said.out or "no Kubernetes object" in said.out + said.err


@pytest.mark.parametrize(
    "context", ["securityContext:", "securityContext: null", "securityContext: {}"]
)
def test_a_null_security_context_is_judged_in_full(tmp_path: Path, context: str) -> None:
    with_context = POD.replace("securityContext:\n        privileged: true", context)
    write(tmp_path, a_yaml=with_context, other_yaml=CLEAN)
    absent = POD.replace("      securityContext:\n        privileged: true\n", "")
    write(tmp_path / "absent", a_yaml=absent)
    code, report = scan(tmp_path, "--profile", "auditor", "--exclude", "absent")
    _, expected = scan(tmp_path / "absent", "--profile", "auditor")

    assert code == 1
    assert fates(report) == {"a.yaml": "judged", "absent/": "ignored", "other.yaml": "judged"}
    assert rules_by_name(report)["web"] == rules_by_name(expected)["web"]
    assert rules_by_name(report)["web"].total() >= 5


@pytest.mark.parametrize("kind", ["List", "PodList"])
def test_the_items_of_a_list_are_judged_with_their_own_lines(tmp_path: Path, kind: str) -> None:
    indented = POD.replace("\n", "\n  ").rstrip()
    write(
        tmp_path,
        a_yaml=f"apiVersion: v1\nkind: {kind}\nitems:\n- {indented}\n- {indented.replace('web,', 'two,')}\n",
    )
    code, report = scan(tmp_path)

    assert code == 1
    assert report["ledger"]["files"] == [
        {"file": "a.yaml", "fate": "judged", "objects": 2, "reason": None}
    ]
    assert found(report, "privileged-container") == [("a.yaml", 13, 11), ("a.yaml", 23, 11)]
    assert [it["line"] for it in report["ledger"]["objects"]] == [4, 14]


def test_the_items_of_a_typed_list_without_kinds_are_judged(tmp_path: Path) -> None:
    pod = "\n  ".join(POD.splitlines()[2:])
    write(tmp_path, a_yaml=f"apiVersion: v1\nkind: PodList\nitems:\n- {pod}\n")
    _, report = scan(tmp_path)

    assert found(report, "privileged-container") == [("a.yaml", 11, 11)]


def test_a_file_with_a_duplicate_key_is_judged_as_kubectl_applies_it_and_the_key_reported(
    tmp_path: Path,
) -> None:
    twice = POD.replace("      image:", "      image: registry.example.org/a:1.0\n      image:")
    write(tmp_path, a_yaml=twice)
    code, report = scan(tmp_path)

    assert code == 1
    assert fates(report) == {"a.yaml": "judged"}
    assert found(report, "privileged-container") == [("a.yaml", 11, 9)]
    (duplicate,) = [it for it in report["findings"] if it["rule"] == "duplicate-key"]
    assert (duplicate["line"], duplicate["column"]) == (9, 7)
    assert "8" in duplicate["message"]


def test_sub_folders_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        a__b__c__d_yaml=POD,
        a__e_yml=POD.replace("web,", "two,"),
        a__f_json=json.dumps({"a": 1}),
    )
    code, report = scan(tmp_path)

    assert code == 1
    assert fates(report) == {
        "a/b/c/d.yaml": "judged",
        "a/e.yml": "judged",
        "a/f.json": "not-kubernetes",
    }
    assert len(found(report, "privileged-container")) == 2


def test_one_bad_document_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=f"{CLEAN}---\n{BROKEN}---\n{POD}", b_yaml=BROKEN, c_yaml=POD)
    code, report = scan(tmp_path)

    assert code == 3
    assert report["complete"] is False
    assert fates(report) == {"a.yaml": "partly-read", "b.yaml": "unread", "c.yaml": "judged"}
    assert [it["objects"] for it in report["ledger"]["files"]] == [2, 0, 1]
    assert [it["file"] for it in report["unread"]] == ["a.yaml", "b.yaml"]
    assert [it[0] for it in found(report, "privileged-container")] == ["a.yaml", "c.yaml"]


def test_a_broken_file_alone_is_no_success(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=BROKEN)
    code, report = scan(tmp_path)

    assert (code, report["complete"]) == (3, False)


def test_every_finding_has_the_line_and_the_column_of_its_field(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=f"# a comment\n---\n{CLEAN}---\n{POD}")
    _, report = scan(tmp_path, "--profile", "auditor")

    assert found(report, "privileged-container") == [("a.yaml", 16, 9)]
    assert found(report, "host-pid") == [("a.yaml", 11, 3)]
    # A field that is absent is pointed at by the nearest that is there.
    assert {it[1] for it in found(report, "writable-root-filesystem")} == {15}


def test_sarif_does_not_put_every_finding_on_line_1(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=POD)
    done = portside("scan", "--no-cache", "-o", "sarif", ".", cwd=tmp_path)
    results = json.loads(done.out)["runs"][0]["results"]
    regions = {it["ruleId"]: it["locations"][0]["physicalLocation"]["region"] for it in results}

    assert (
        regions["privileged-container"]["startLine"],
        regions["privileged-container"]["startColumn"],
    ) == (10, 9)
    assert (regions["host-pid"]["startLine"], regions["host-pid"]["startColumn"]) == (5, 3)


SECURE = "{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"


def test_the_security_context_of_a_pod_holds_for_its_containers(tmp_path: Path) -> None:
    bare = POD.replace("      securityContext:\n        privileged: true\n", "")
    write(tmp_path, a_yaml=bare.replace("  hostPID: true", f"  securityContext: {SECURE}"))
    _, report = scan(tmp_path)

    assert found(report, "run-as-non-root") == []
    assert found(report, "seccomp-profile-missing") == []
    assert found(report, "privilege-escalation-allowed") != []


def test_a_container_that_takes_back_what_its_pod_says_is_found(tmp_path: Path) -> None:
    text = POD.replace("  hostPID: true", f"  securityContext: {SECURE}")
    write(tmp_path, a_yaml=text.replace("privileged: true", "runAsNonRoot: false"))
    _, report = scan(tmp_path)

    assert [it[1] for it in found(report, "run-as-non-root")] == [10]


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_init_and_ephemeral_containers_are_judged(tmp_path: Path, kind: str) -> None:
    extra = "    - {name: setup, image: 'registry.example.org/a:1.0', securityContext: {privileged: true}}"
    write(
        tmp_path,
        a_yaml=POD.replace("privileged: true", "privileged: false") + f"  {kind}:\n{extra}\n",
    )
    _, report = scan(tmp_path)

    (finding,) = [it for it in report["findings"] if it["rule"] == "privileged-container"]
    assert finding["path"] == ["spec", kind, 0, "securityContext", "privileged"]
    assert (finding["line"], finding["column"]) == (12, 76)


def test_workload_rules_are_not_asked_of_what_has_no_pod(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CLUSTER_ROLE, b_yaml=CLEAN)
    code, report = scan(tmp_path, "--profile", "auditor")

    assert code == 0
    workload = {it["rule"] for it in report["findings"]}
    assert not workload & {
        "run-as-non-root",
        "privileged-container",
        "security-context-missing",
        "image-not-pinned",
    }
    kinds = {it["resource"]["kind"]: it["fate"] for it in report["ledger"]["objects"]}
    assert set(kinds) == {"ClusterRole", "ConfigMap"}


def test_findings_of_one_object_keep_their_identity_when_lines_move(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=POD)
    _, before = scan(tmp_path)
    write(tmp_path, a_yaml=f"# a\n\n{CLEAN}---\n\n{POD}")
    _, after = scan(tmp_path)

    identities = {it["id"] for it in before["findings"]}
    assert identities <= {it["id"] for it in after["findings"]}


def test_every_file_and_object_has_exactly_one_fate(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml=f"{POD}---\n{BROKEN}---\n{CLEAN}",
        b_yaml="a: 1\n",
        c_json='{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}{"apiVersion": "v1"',
        d__kustomization_yaml="patches: [{path: p.yaml}]\n",
        d__p_yaml=POD,
        e_txt="a",
        _gitignore="f.yaml\n",
        f_yaml=POD,
    )
    _, report = scan(tmp_path)
    files = report["ledger"]["files"]
    objects = report["ledger"]["objects"]

    assert len({it["file"] for it in files}) == len(files)
    assert fates(report) == {
        ".gitignore": "not-kubernetes",
        "a.yaml": "partly-read",
        "b.yaml": "not-kubernetes",
        "c.json": "partly-read",
        "d/": "unread",
        "d/kustomization.yaml": "judged",
        "d/p.yaml": "judged",
        "e.txt": "not-kubernetes",
        "f.yaml": "ignored",
    }
    counted = Counter(it["file"] for it in objects)
    assert {it["file"]: it["objects"] for it in files if it["objects"]} == counted
    assert sum(it["objects"] for it in files) == len(objects)
    assert all(it["reason"] for it in files if it["fate"] != "judged")


@pytest.mark.usefixtures("nothing_renders")
def test_all_shared_corpora_are_scanned_with_one_fate_for_everything() -> None:
    from tests.shared import shared

    done = portside("scan", "--no-cache", "-o", "json", str(shared("corpora")))
    report: Report = json.loads(done.out)
    files, objects = report["ledger"]["files"], report["ledger"]["objects"]

    assert len({it["file"] for it in files}) == len(files) > 4_000
    counted = Counter(it["file"] for it in objects)
    assert all(it["objects"] == counted[it["file"]] for it in files)
    broken = [it["file"] for it in report["unread"] if it["reason"].startswith("not YAML")]
    # Three examples of regolibrary are broken: a quote is missing, an ellipsis left, a line indented.
    assert sorted(Path(it).name for it in broken) == ["c007.yaml", "c008.yaml", "c087.yaml"]
    rest = [it["reason"] for it in report["unread"] if not it["reason"].startswith("not YAML")]
    # The rest are charts, and what objects of Argo CD take from elsewhere.
    assert all(it.startswith(("a Helm chart", "a kustomization")) or _AWAY in it for it in rest), (
        rest
    )
