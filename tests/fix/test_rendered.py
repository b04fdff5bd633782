"""`portside scan --fix` through charts and overlays: what is edited where, and what is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.render.trees import CHART, write
from tests.scanning import Answer, portside

HELD = "runAsNonRoot: true, capabilities: {drop: [ALL]}"
POD = f"""\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: web # the shop
      image: registry.example.org/web:2.1
      securityContext: {{{HELD}}}
"""
RULE = "privilege-escalation-allowed"
WANTED = "allowPrivilegeEscalation: false"
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@pytest.fixture(autouse=True)
def _with_renderer(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{render_program.parent}{os.pathsep}{os.environ['PATH']}")


def tree(folder: Path, files: dict[str, str]) -> Path:
    write(folder, files)
    _git(folder, "init", "-q")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "x")


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def fix(folder: Path, *words: str) -> Answer:
    return portside(folder, "scan", "-o", "json", "--no-cache", *(words or (".", "--fix")))


def states(answer: Answer, rule: str = RULE) -> list[str]:
    return [it["state"] for it in answer.report["fixes"] if it["rule"] == rule]


def reasons(answer: Answer, rule: str = RULE) -> list[str]:
    return [it["reason"] for it in answer.report["fixes"] if it["rule"] == rule]


def changes(folder: Path) -> dict[str, list[str]]:
    """The lines that are new or gone, by file, as git says."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in _git(folder, "diff", "-U0").splitlines():
        if line.startswith("+++ b/"):
            name = line.removeprefix("+++ b/")
        elif line[:1] in "+-" and not line.startswith("---"):
            found.setdefault(name, []).append(line)
    return found


def chart(template: str, values: str = "{}\n", **more: str) -> dict[str, str]:
    named = {f"chart/{name.replace('__', '/')}": text for name, text in more.items()}
    return {
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": values,
        "chart/templates/pod.yaml": template,
        **named,
    }


def block(text: str) -> str:
    """The pod with this in place of its security context."""
    return POD.replace(f"      securityContext: {{{HELD}}}\n", text)


def test_a_line_of_a_template_is_edited(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD))
    answer = fix(tmp_path)
    assert states(answer) == ["fixed"]
    assert answer.of(RULE) == []
    assert answer.code == 0
    line = f"      securityContext: {{{HELD}"
    assert changes(tmp_path) == {"chart/templates/pod.yaml": [f"-{line}}}", f"+{line}, {WANTED}}}"]}


def test_a_key_of_its_own_stands_beside_the_others(tmp_path: Path) -> None:
    lines = "      securityContext:\n        runAsNonRoot: true\n        capabilities:\n"
    tree(tmp_path, chart(block(lines + "          drop: [{{ .Values.drop }}]\n"), "drop: ALL\n"))
    assert states(fix(tmp_path)) == ["fixed"]
    assert changes(tmp_path) == {"chart/templates/pod.yaml": [f"+        {WANTED}"]}


def test_the_second_time_nothing_changes(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD))
    fix(tmp_path)
    commit(tmp_path)
    answer = fix(tmp_path)
    assert answer.report["fixes"] == []
    assert changes(tmp_path) == {}


def test_a_diff_writes_nothing_and_git_applies_it(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD))
    answer = portside(tmp_path, "scan", "--no-cache", ".", "--diff")
    assert changes(tmp_path) == {}
    assert answer.code == 1
    (tmp_path / "edits").write_text(answer.out)
    _git(tmp_path, "apply", "edits")
    assert fix(tmp_path, ".").of(RULE) == []


def test_what_is_fixable_is_said_where_the_place_is_known(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD))
    answer = fix(tmp_path, ".")
    assert [it["fixable"] for it in answer.of(RULE)] == ["safe"]
    assert answer.report["summary"]["fixable"] == 1


SHOWN = block("      securityContext:\n        {{- toYaml .Values.web.context | nindent 8 }}\n")
VALUES = """\
# what runs
web:
  context: # held
    runAsNonRoot: true
    capabilities: {drop: [ALL]}
"""


def test_the_default_is_edited_where_a_template_shows_it_whole(tmp_path: Path) -> None:
    tree(tmp_path, chart(SHOWN, VALUES))
    assert states(fix(tmp_path)) == ["fixed"]
    assert changes(tmp_path) == {"chart/values.yaml": [f"+    {WANTED}"]}


def test_the_values_of_the_environment_are_edited_before_the_default(tmp_path: Path) -> None:
    given = f"web: {{context: {{{HELD}, allowPrivilegeEscalation: true}}}}\n"
    safe = VALUES + f"    {WANTED}\n"
    tree(tmp_path, chart(SHOWN, safe, **{"values-prod.yaml": given}))
    assert states(fix(tmp_path)) == ["fixed"]
    assert list(changes(tmp_path)) == ["chart/values-prod.yaml"]
    wanted = given.replace("Escalation: true", "Escalation: false")
    assert (tmp_path / "chart/values-prod.yaml").read_text() == wanted


def test_a_key_that_a_line_shows_is_edited_in_the_values(tmp_path: Path) -> None:
    lines = "".join(
        f"        {it}\n"
        for it in (
            "runAsNonRoot: true",
            "capabilities: {drop: [ALL]}",
            "allowPrivilegeEscalation: {{ .Values.escalate }}",
        )
    )
    tree(tmp_path, chart(block(f"      securityContext:\n{lines}"), "escalate: true # why\n"))
    assert states(fix(tmp_path)) == ["fixed"]
    assert changes(tmp_path) == {
        "chart/values.yaml": ["-escalate: true # why", "+escalate: false # why"]
    }


HELPER = """\
{{- define "shop.context" -}}
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}
"""


def test_a_helper_is_edited_where_it_makes_the_field(tmp_path: Path) -> None:
    shown = block('      securityContext:\n        {{- include "shop.context" . | nindent 8 }}\n')
    tree(tmp_path, chart(shown) | {"chart/templates/_helpers.tpl": HELPER})
    assert states(fix(tmp_path)) == ["fixed"]
    assert changes(tmp_path) == {"chart/templates/_helpers.tpl": [f"+{WANTED}"]}


RANGE = (
    '{{- range list "a" "b" }}\n---\n' + POD.replace("name: shop", "name: {{ . }}") + "{{- end }}\n"
)


def test_one_line_that_makes_several_objects_mends_them_all(tmp_path: Path) -> None:
    tree(tmp_path, chart(RANGE))
    answer = fix(tmp_path)
    assert states(answer) == ["fixed", "fixed"]
    assert answer.of(RULE) == []
    assert len(changes(tmp_path)["chart/templates/pod.yaml"]) == 2


ROOT = RANGE.replace(
    f"securityContext: {{{HELD}}}",
    'securityContext:\n        runAsNonRoot: {{ eq . "a" }}\n        capabilities: {drop: [ALL]}',
)
"""The second pod runs as root: what is safe for the first may break it."""


def test_what_would_change_an_object_without_the_finding_is_rolled_back(tmp_path: Path) -> None:
    tree(tmp_path, chart(ROOT))
    answer = fix(tmp_path)
    assert states(answer) == ["rolled-back"]
    assert "Pod b of chart would change, too" in reasons(answer)[0]
    assert changes(tmp_path) == {}


def test_what_stands_the_proof_is_kept_when_something_else_does_not(tmp_path: Path) -> None:
    one = POD.replace("name: shop", "name: one")
    tree(tmp_path, chart(ROOT) | {"chart/templates/one.yaml": one})
    answer = fix(tmp_path)
    assert sorted(states(answer)) == ["fixed", "rolled-back"]
    assert list(changes(tmp_path)) == ["chart/templates/one.yaml"]


def test_what_the_release_is_called_is_written_into_no_template(tmp_path: Path) -> None:
    labels = "{app: {{ .Release.Name }}}"
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  replicas: 3\n"
        f"  selector:\n    matchLabels: {labels}\n  template:\n    metadata:\n"
        f"      labels: {labels}\n    spec:\n      containers:\n        - name: web\n"
        "          image: registry.example.org/web:2.1\n"
    )
    tree(tmp_path, chart(deployment))
    answer = fix(tmp_path, ".", "--fix", "--profile", "strict")
    assert states(answer, "replicas-share-node") == ["refused"]
    assert "how the release is called" in reasons(answer, "replicas-share-node")[0]


def test_a_packed_sub_chart_is_refused(tmp_path: Path, render_program: Path) -> None:
    import tarfile

    write(tmp_path, {"web/Chart.yaml": CHART.replace("shop", "web"), "web/templates/a.yaml": POD})
    (tmp_path / "chart/charts").mkdir(parents=True)
    with tarfile.open(tmp_path / "chart/charts/web-1.0.0.tgz", "w:gz") as packed:
        packed.add(tmp_path / "web", "web")
    for it in ("web/Chart.yaml", "web/templates/a.yaml"):
        (tmp_path / it).unlink()
    tree(tmp_path, {"chart/Chart.yaml": CHART, "chart/values.yaml": "{}\n"})
    answer = fix(tmp_path)
    assert states(answer) == ["refused"]
    assert "is packed" in reasons(answer)[0]
    assert [it["fixable"] for it in answer.of(RULE)] == [None]


def test_the_values_of_the_parent_mend_a_packed_sub_chart(tmp_path: Path) -> None:
    import tarfile

    write(
        tmp_path,
        {
            "web/Chart.yaml": CHART.replace("shop", "web"),
            "web/values.yaml": "web: {}\n",
            "web/templates/a.yaml": SHOWN,
        },
    )
    (tmp_path / "chart/charts").mkdir(parents=True)
    with tarfile.open(tmp_path / "chart/charts/web-1.0.0.tgz", "w:gz") as packed:
        packed.add(tmp_path / "web", "web")
    for it in ("Chart.yaml", "values.yaml", "templates/a.yaml"):
        (tmp_path / "web" / it).unlink()
    below = "".join(f"  {line}\n" for line in VALUES.splitlines()[1:])
    tree(tmp_path, {"chart/Chart.yaml": CHART, "chart/values.yaml": f"web:\n{below}"})
    assert states(fix(tmp_path)) == ["fixed"]
    assert changes(tmp_path) == {"chart/values.yaml": [f"+      {WANTED}"]}


@pytest.mark.parametrize("state", ["changed", "outside"])
def test_a_file_that_may_not_be_edited_is_refused(tmp_path: Path, state: str) -> None:
    if state == "changed":
        tree(tmp_path, chart(POD))
        template = tmp_path / "chart/templates/pod.yaml"
        template.write_text(f"# mine\n{POD}")
        answer = fix(tmp_path)
        assert template.read_text() == f"# mine\n{POD}"
        assert "has changes not committed" in reasons(answer)[0]
    else:
        write(tmp_path, {"values.yaml": VALUES})
        files = chart(SHOWN, "{}\n", **{"portside.yaml": ""})
        files["portside.yaml"] = (
            "environments:\n  prod:\n    chart: chart\n    values: [../values.yaml]\n"
        )
        folder = tmp_path / "inside"
        folder.mkdir()
        tree(folder, files)
        answer = fix(folder)
        assert (tmp_path / "values.yaml").read_text() == VALUES
    assert "fixed" not in states(answer)


BASE = {"base/kustomization.yaml": f"{HEAD}resources: [pod.yaml]\n", "base/pod.yaml": POD}


def overlay(name: str, text: str = "") -> dict[str, str]:
    head = f"{HEAD}resources: [../../base]\nnamePrefix: {name}-\n"
    return {f"overlays/{name}/kustomization.yaml": head + text}


def test_a_base_of_two_overlays_is_edited_once_for_both(tmp_path: Path) -> None:
    tree(tmp_path, BASE | overlay("dev") | overlay("prod"))
    answer = fix(tmp_path)
    assert states(answer) == ["fixed", "fixed"]
    assert answer.of(RULE) == []
    assert list(changes(tmp_path)) == ["base/pod.yaml"]
    assert len(changes(tmp_path)["base/pod.yaml"]) == 2


def test_a_base_that_another_overlay_has_other_wishes_of_stays(tmp_path: Path) -> None:
    root = (
        "patches:\n  - patch: |\n      - op: replace\n"
        "        path: /spec/containers/0/securityContext/runAsNonRoot\n        value: false\n"
        "    target: {kind: Pod}\n"
    )
    tree(tmp_path, BASE | overlay("dev") | overlay("prod", root))
    answer = fix(tmp_path)
    assert states(answer) == ["rolled-back"]
    assert "Pod prod-shop of overlays/prod (prod) would change, too" in reasons(answer)[0]
    assert changes(tmp_path) == {}


PATCH = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: web
      securityContext:
        allowPrivilegeEscalation: true # for the installer
"""


def test_the_patch_that_wrote_the_field_is_edited(tmp_path: Path) -> None:
    files = BASE | overlay("prod", "patches: [{path: web.yaml}]\n")
    safe = POD.replace(HELD, f"{HELD}, {WANTED}")
    tree(tmp_path, files | {"base/pod.yaml": safe, "overlays/prod/web.yaml": PATCH})
    assert states(fix(tmp_path)) == ["fixed"]
    comment = " # for the installer"
    assert changes(tmp_path) == {
        "overlays/prod/web.yaml": [
            f"-        allowPrivilegeEscalation: true{comment}",
            f"+        {WANTED}{comment}",
        ]
    }


@pytest.mark.parametrize("style", ["strategic", "json"])
def test_a_patch_within_a_kustomization_is_edited(tmp_path: Path, style: str) -> None:
    if style == "strategic":
        inner, line = PATCH, "            allowPrivilegeEscalation: "
    else:
        inner = (
            "- op: add\n  path: /spec/containers/0/securityContext/allowPrivilegeEscalation\n"
            "  value: true\n"
        )
        line = "        value: "
    indented = "".join(f"      {it}\n" for it in inner.splitlines())
    text = f"patches:\n  - target: {{kind: Pod}}\n    patch: |-\n{indented}"
    tree(tmp_path, BASE | overlay("prod", text))
    assert states(fix(tmp_path)) == ["fixed"]
    (edited,) = changes(tmp_path).items()
    assert edited[0] == "overlays/prod/kustomization.yaml"
    rest = " # for the installer" if style == "strategic" else ""
    gap = "  " if style == "strategic" else ""
    assert edited[1] == [f"-{gap}{line}true{rest}", f"+{gap}{line}false{rest}"]


def test_a_chart_that_a_kustomization_inflates_is_refused(tmp_path: Path) -> None:
    helm = f"{HEAD}helmCharts:\n  - name: shop\n    releaseName: shop\n"
    files = {f"charts/{name.removeprefix('chart/')}": text for name, text in chart(POD).items()}
    shop = {f"charts/shop/{name.removeprefix('charts/')}": text for name, text in files.items()}
    tree(tmp_path, {"kustomization.yaml": helm, **shop})
    answer = fix(tmp_path)
    assert "fixed" not in states(answer)
    assert changes(tmp_path) == {}


def test_a_plain_file_and_a_chart_are_mended_in_one_run(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD) | {"other.yaml": POD})
    assert states(fix(tmp_path)) == ["fixed", "fixed"]
    assert set(changes(tmp_path)) == {"other.yaml", "chart/templates/pod.yaml"}


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    tree(tmp_path, chart(POD))
    template = tmp_path / "chart/templates/pod.yaml"
    template.write_bytes(POD.replace("\n", "\r\n").encode())
    commit(tmp_path)
    assert states(fix(tmp_path)) == ["fixed"]
    data = template.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    assert WANTED.encode() in data
