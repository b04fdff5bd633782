"""helmCharts, remote resources and faults of kustomizations."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.render import wire
from portside.render.process import Program
from portside.render.wire import KustomizeRequest, RenderError
from tests.render import chart, limited, write

_TEMPLATE = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-c
  namespace: {{ .Release.Namespace }}
data:
  x: {{ .Values.x | quote }}
  y: {{ .Values.y | quote }}
  version: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
  found: {{ lookup "v1" "Secret" "" "s" | len | quote }}
"""


def _build(program: Program, folder: Path, root: Path | None = None) -> wire.Rendered:
    return program.kustomize(KustomizeRequest(str(folder), str(root or folder)))


def _refused(program: Program, folder: Path, text: str) -> RenderError:
    write(folder, {"kustomization.yaml": text})
    rendered = _build(program, folder)
    assert rendered.error
    assert not rendered.files
    assert str(folder) not in rendered.error.message
    return rendered.error


def test_vendored_charts_are_inflated_as_kustomize_has_helm_do_it(
    rendering: Program, tmp_path: Path
) -> None:
    chart(tmp_path / "charts" / "c", _TEMPLATE, "x: chart\ny: chart\n")
    write(
        tmp_path,
        {
            "kustomization.yaml": """namePrefix: p-
helmCharts:
- name: c
  releaseName: rel
  namespace: ns
  valuesInline: {x: inline}
  kubeVersion: 1.30.2
  apiVersions: [example.com/v1]
""",
        },
    )
    rendered = _build(rendering, tmp_path)
    assert rendered.error is None
    text = rendered.files[0].text
    for line in (
        "name: p-rel-c",
        "namespace: ns",
        "x: inline",
        '"y": chart',
        "version: v1.30.2",
        'has: "true"',
    ):
        assert line in text
    assert rendered.lookups == (wire.Lookup("c/templates/a.yaml", "v1", "Secret", "", "s"),)
    assert "charts/c/templates/a.yaml" in rendered.reads


def test_the_request_gives_the_versions_that_a_chart_names_none_of(
    rendering: Program, tmp_path: Path
) -> None:
    chart(tmp_path / "charts" / "c", _TEMPLATE)
    write(tmp_path, {"kustomization.yaml": "helmCharts: [{name: c, releaseName: r}]\n"})
    request = KustomizeRequest(str(tmp_path), str(tmp_path), kubernetes_version="1.33.1")
    text = rendering.kustomize(request._replace(api_versions=("example.com/v1",))).files[0].text
    assert "version: v1.33.1" in text
    assert 'has: "true"' in text


def test_a_chart_that_is_not_vendored_is_a_missing_dependency(
    rendering: Program, tmp_path: Path
) -> None:
    error = _refused(
        rendering,
        tmp_path,
        "helmCharts: [{name: c, repo: https://charts.invalid/x, version: 1.2.3, releaseName: r}]\n",
    )
    assert error.kind == wire.DEPENDENCY
    assert error.names == ("c 1.2.3 of https://charts.invalid/x",)
    assert _refused(rendering, tmp_path, "helmCharts: [{name: c}]\n").kind == wire.DEPENDENCY


def test_a_chart_that_cannot_be_rendered_says_where(rendering: Program, tmp_path: Path) -> None:
    chart(tmp_path / "charts" / "c", 'a: 1\nb: {{ fail "not so" }}')
    error = _refused(rendering, tmp_path, "helmCharts: [{name: c, releaseName: r}]\n")
    assert (error.kind, error.line) == (wire.TEMPLATE, 2)
    assert error.file == "charts/c/templates/a.yaml"
    assert "not so" in error.message


def test_an_endless_chart_in_a_kustomization_is_stopped(bounded: Program, tmp_path: Path) -> None:
    chart(tmp_path / "charts" / "c", "{{ range 9223372036854775807 }}{{ end }}")
    error = _refused(bounded, tmp_path, "helmCharts: [{name: c, releaseName: r}]\n")
    assert error.kind == wire.LIMIT


def test_nothing_is_left_in_the_temporary_folder(
    render_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    program = limited(render_program, seconds=1)
    root = tmp_path / "root"
    chart(root / "charts" / "c", _TEMPLATE)
    write(root, {"kustomization.yaml": "helmCharts: [{name: c, releaseName: r}]\n"})
    assert _build(program, root).error is None
    chart(root / "charts" / "c", "{{ range 9223372036854775807 }}{{ end }}")
    assert _build(program, root).error
    program.close()
    assert not list(temporary.iterdir())


def test_a_chart_home_outside_is_not_read(rendering: Program, tmp_path: Path) -> None:
    chart(tmp_path / "outside" / "c", "a: seen")
    error = _refused(
        rendering,
        tmp_path / "root",
        "helmGlobals: {chartHome: ../outside}\nhelmCharts: [{name: c, releaseName: r}]\n",
    )
    assert error.kind in (wire.ESCAPE, wire.REFUSED)
    assert "seen" not in error.message


def test_the_environment_does_not_reach_a_name_template(rendering: Program, tmp_path: Path) -> None:
    chart(tmp_path / "charts" / "c", _TEMPLATE)
    error = _refused(
        rendering, tmp_path, "helmCharts: [{name: c, nameTemplate: '{{ env \"HOME\" }}'}]\n"
    )
    assert 'function "env" not defined' in error.message


def test_what_would_be_fetched_is_named_with_its_file_and_line(
    rendering: Program, tmp_path: Path
) -> None:
    addresses = (
        "https://example.invalid/a.yaml",
        "github.com/org/repo//base?ref=v1.0",
        "git@example.invalid:org/repo.git",
        "https://github.com/org/repo/deploy?ref=main",
    )
    write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources:\n"
            + "".join(f"- {address}\n" for address in addresses),
        },
    )
    error = _refused(rendering, tmp_path, "resources: [base]\n")
    assert error.kind == wire.REMOTE
    assert (error.file, error.line) == ("base/kustomization.yaml", 2)
    assert error.names == addresses


_FAULTS = {
    "no kustomization": ("resources: [empty]", wire.MISSING),
    "no file": ("resources: [nowhere.yaml]", wire.MISSING),
    "no YAML": ("resources: [", wire.SYNTAX),
    "an unknown field": ("resourcez: []\n", wire.SYNTAX),
    "a patch without a target": (
        "resources: [a.yaml]\npatches: [{path: p.yaml}]\n",
        wire.REFUSED,
    ),
    "a broken resource": ("resources: [b.yaml]", wire.SYNTAX),
    "no object": ("resources: [kustomize.txt]", wire.SYNTAX),
}


@pytest.mark.parametrize("name", _FAULTS)
def test_a_fault_is_named(rendering: Program, tmp_path: Path, name: str) -> None:
    text, kind = _FAULTS[name]
    write(
        tmp_path,
        {
            "empty/keep": "",
            "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "b.yaml": "apiVersion: v1\nkind: [",
            "p.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\n",
            "kustomize.txt": "just: text\n",
        },
    )
    error = _refused(rendering, tmp_path, text)
    assert error.kind == kind, error
    assert error.message


def test_a_folder_without_a_kustomization_is_missing(rendering: Program, tmp_path: Path) -> None:
    error = _build(rendering, tmp_path).error
    assert error
    assert error.kind == wire.MISSING
