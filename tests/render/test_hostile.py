"""Charts and overlays that mean harm get a clear error, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time
from pathlib import Path

import pytest

from portside.render import wire
from portside.render.process import Program
from portside.render.wire import HelmRequest, KustomizeRequest, Rendered, ValuesFile
from tests.render import chart, write

_ENDLESS = {
    "a range without end": "{{ range 9223372036854775807 }}{{ end }}",
    "a template that grows": "{{ range until 1000000 }}{{ range until 1000 }}xxxxxxxxxxxxxxxxxxxxx"
    "{{ end }}{{ end }}",
    "a variable that doubles": '{{ $s := "xxxxxxxxxxxx" }}{{ range until 40 }}'
    '{{ $s = printf "%s%s" $s $s }}{{ end }}',
    "tpl of itself": "a: {{ tpl .Values.x . }}",
    "ten gigabytes by repeat": 'a: {{ repeat 1000000000 "xxxxxxxxxx" }}',
    "two thousand million numbers": "{{ range until 2000000000 }}{{ end }}",
    "a step by one through all numbers": "{{ range untilStep 0 9223372036854775807 1 }}{{ end }}",
    "all numbers as a text": "{{ seq 1 9223372036854775806 }}",
}


@pytest.mark.parametrize("name", _ENDLESS)
def test_a_template_without_end_is_stopped_and_named(
    bounded: Program, tmp_path: Path, name: str
) -> None:
    folder = chart(tmp_path, _ENDLESS[name], 'x: "{{ tpl .Values.x . }}"')
    started = time.monotonic()
    rendered = bounded.helm(HelmRequest(str(folder)))
    assert time.monotonic() - started < 20
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT
    # Where the kernel refuses an allocation, nobody is left to say which template asked.
    assert rendered.error.file in ("templates/a.yaml", "")
    assert not rendered.files


@pytest.mark.parametrize(
    "template",
    [
        '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
        '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
        '{{ include "c/templates/a.yaml" . }}',
    ],
)
def test_a_template_that_includes_itself_is_an_error_with_its_line(
    bounded: Program, tmp_path: Path, template: str
) -> None:
    rendered = bounded.helm(HelmRequest(str(chart(tmp_path, template))))
    assert rendered.error
    assert rendered.error.kind == wire.TEMPLATE
    assert (rendered.error.file, rendered.error.line) == ("templates/a.yaml", 1)
    assert len(rendered.error.message) < 7000


def test_one_allocation_of_gigabytes_ends_in_an_error(bounded: Program, tmp_path: Path) -> None:
    rendered = bounded.helm(HelmRequest(str(chart(tmp_path, 'a: {{ indent 40000000000 "x" }}'))))
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT


def test_after_a_hostile_chart_the_next_one_is_rendered(bounded: Program, tmp_path: Path) -> None:
    hostile = chart(tmp_path / "bad", 'a: {{ indent 40000000000 "x" }}')
    good = chart(tmp_path / "good", "a: 1")
    for _ in range(3):
        assert bounded.helm(HelmRequest(str(hostile))).error
        assert bounded.helm(HelmRequest(str(good))).files[0].text == "a: 1\n"


def test_more_output_than_allowed_is_an_error(bounded: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, 'a: {{ repeat 12000000 "x" }}')
    rendered = bounded.helm(HelmRequest(str(folder)))
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT
    assert "larger than 8 MiB" in rendered.error.message


def _escaped(rendered: Rendered) -> str:
    assert rendered.error
    assert rendered.error.kind == wire.ESCAPE
    assert not rendered.files
    return rendered.error.file


@pytest.mark.parametrize("link", ["templates/b.yaml", "values.yaml", "notes.txt", "charts/sub"])
def test_a_symlink_out_of_the_root_is_not_followed(
    rendering: Program, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    write(outside, {"Chart.yaml": "name: sub\nversion: 1.0.0\napiVersion: v2\n", "secret": "s: 1"})
    folder = chart(tmp_path / "root" / "chart", "a: 1")
    (folder / link).unlink(missing_ok=True)
    (folder / link).parent.mkdir(exist_ok=True)
    (folder / link).symlink_to(outside if link.startswith("charts") else outside / "secret")
    for root in ("", str(tmp_path / "root")):
        assert _escaped(rendering.helm(HelmRequest(str(folder), root=root))) == link


def test_a_chart_or_values_outside_the_root_are_not_read(
    rendering: Program, tmp_path: Path
) -> None:
    folder = chart(tmp_path / "root" / "c", "a: 1")
    outside = chart(tmp_path / "outside", "a: 1")
    root = str(tmp_path / "root")
    _escaped(rendering.helm(HelmRequest(str(outside), root=root)))
    values = (ValuesFile(str(outside / "values.yaml")),)
    _escaped(rendering.helm(HelmRequest(str(folder), root=root, values=values)))
    setting = wire.Setting(f"a={outside}/values.yaml", "set-file")
    _escaped(rendering.helm(HelmRequest(str(folder), root=root, sets=(setting,))))


def test_symlinks_within_the_root_are_followed(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path / "c", "a: 1", **{"charts/.keep": ""})
    sub = chart(tmp_path / "sub", "b: 1")
    (sub / "Chart.yaml").write_text("name: sub\nversion: 1.0.0\napiVersion: v2\n")
    (folder / "charts" / "relative").symlink_to("../../sub")
    (folder / "charts" / "absolute").symlink_to(sub)
    rendered = rendering.helm(HelmRequest(str(folder), root=str(tmp_path)))
    assert rendered.error is None
    assert {file.name for file in rendered.files} == {
        "c/templates/a.yaml",
        "c/charts/sub/templates/a.yaml",
    }


def test_a_circle_of_symlinks_ends_in_an_error(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: 1")
    (folder / "around").symlink_to(".")
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT


def test_files_get_sees_nothing_outside(rendering: Program, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("seen")
    template = (
        'a: "{{ .Files.Get "../secret" }}{{ .Files.Get "/etc/hostname" }}{{ .Files.Get "in" }}"'
    )
    folder = chart(tmp_path / "c", template, **{"in": "inside"})
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.files[0].text == 'a: "inside"\n'


@pytest.mark.parametrize("name", ["env", "expandenv"])
def test_the_environment_is_not_to_be_had(rendering: Program, tmp_path: Path, name: str) -> None:
    rendered = rendering.helm(HelmRequest(str(chart(tmp_path, f'a: {{{{ {name} "HOME" }}}}'))))
    assert rendered.error
    assert f'function "{name}" not defined' in rendered.error.message


def test_names_are_not_resolved(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, 'a: "{{ getHostByName "localhost" }}"')
    assert rendering.helm(HelmRequest(str(folder))).files[0].text == 'a: ""\n'


def test_a_pipe_in_a_chart_is_not_waited_for(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: 1")
    os.mkfifo(folder / "pipe")
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.error
    assert (rendered.error.kind, rendered.error.file) == (wire.SYNTAX, "pipe")


def _archive(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


_SUB = b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"


def test_archives_that_unpack_to_too_much_are_refused(bounded: Program, tmp_path: Path) -> None:
    bomb = _archive({"sub/Chart.yaml": _SUB, "sub/big": b"\0" * (60 << 20)})
    assert len(bomb) < 100_000
    folder = chart(tmp_path, "a: 1", **{"charts/.keep": ""})
    for number in range(3):
        (folder / "charts" / f"sub-{number}.tgz").write_bytes(bomb)
    rendered = bounded.helm(HelmRequest(str(folder)))
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT
    assert "files" in rendered.error.message


def test_archives_of_endless_entries_are_refused(bounded: Program, tmp_path: Path) -> None:
    entry = tarfile.TarInfo("sub/x").tobuf()
    packed = gzip.compress(entry * 60_000, compresslevel=1)
    folder = chart(tmp_path, "a: 1", **{"charts/.keep": ""})
    (folder / "charts" / "sub.tgz").write_bytes(packed)
    started = time.monotonic()
    rendered = bounded.helm(HelmRequest(str(folder)))
    assert time.monotonic() - started < 10
    assert rendered.error
    assert (rendered.error.kind, rendered.error.file) == (wire.LIMIT, "charts/sub.tgz")


@pytest.mark.parametrize("name", ["sub/../../x", "sub//etc/x", "sub/C:/x"])
def test_archives_whose_names_lead_out_are_refused(
    rendering: Program, tmp_path: Path, name: str
) -> None:
    folder = chart(tmp_path, "a: 1", **{"charts/.keep": ""})
    (folder / "charts" / "sub.tgz").write_bytes(_archive({"sub/Chart.yaml": _SUB, name: b"x"}))
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.error
    assert rendered.error.file in ("charts/sub.tgz", "charts/sub.tgz!Chart.yaml")
    assert not (tmp_path.parent / "x").exists()


def test_an_archive_in_an_archive_is_rendered_and_its_templates_named(
    rendering: Program, tmp_path: Path
) -> None:
    inner = _archive({"in/Chart.yaml": _SUB.replace(b"sub", b"in"), "in/templates/i.yaml": b"i: 1"})
    outer = _archive(
        {"sub/Chart.yaml": _SUB, "sub/charts/in.tgz": inner, "sub/templates/s.yaml": b"s: 1"}
    )
    folder = chart(tmp_path, "a: 1", **{"charts/.keep": ""})
    (folder / "charts" / "sub-1.0.0.tgz").write_bytes(outer)
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert {(file.name, file.path) for file in rendered.files} == {
        ("c/templates/a.yaml", "templates/a.yaml"),
        ("c/charts/sub/templates/s.yaml", "charts/sub-1.0.0.tgz!templates/s.yaml"),
        (
            "c/charts/sub/charts/in/templates/i.yaml",
            "charts/sub-1.0.0.tgz!charts/in.tgz!templates/i.yaml",
        ),
    }


def test_a_nest_of_aliases_in_values_is_refused(bounded: Program, tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    rendered = bounded.helm(HelmRequest(str(chart(tmp_path, "a: 1", "\n".join(rows)))))
    assert rendered.error
    assert (rendered.error.kind, rendered.error.file) == (wire.SYNTAX, "values.yaml")


_OUT = {
    "a base outside": "resources: [../../outside]",
    "a component outside": "components: [../../outside]",
    "a file through a symlink": "resources: [link.yaml]",
    "a patch through a symlink": "patches: [{path: link.yaml}]",
    "a folder through a symlink": "resources: [linked]",
}


@pytest.mark.parametrize("name", _OUT)
def test_a_kustomization_that_leads_out_of_the_root_is_an_error(
    rendering: Program, tmp_path: Path, name: str
) -> None:
    body = "apiVersion: v1\nkind: Secret\nmetadata: {name: seen}\n"
    write(tmp_path / "outside", {"kustomization.yaml": "resources: [s.yaml]", "s.yaml": body})
    folder = tmp_path / "root" / "app"
    write(folder, {"kustomization.yaml": _OUT[name]})
    (folder / "link.yaml").symlink_to(tmp_path / "outside" / "s.yaml")
    (folder / "linked").symlink_to(tmp_path / "outside")
    rendered = rendering.kustomize(KustomizeRequest(str(folder), str(tmp_path / "root")))
    _escaped(rendered)
    assert "seen" not in repr(rendered)


_PROGRAMS = {
    "an exec plugin": "generators: [p.yaml]",
    "a container function": "transformers: [f.yaml]",
}


@pytest.mark.parametrize("name", _PROGRAMS)
def test_nothing_that_a_kustomization_names_is_executed(
    rendering: Program, tmp_path: Path, name: str
) -> None:
    mark = tmp_path / "executed"
    script = tmp_path / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    annotation = "config.kubernetes.io/function"
    body = "apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n"
    write(
        tmp_path,
        {
            "kustomization.yaml": _PROGRAMS[name],
            "p.yaml": f"{body}    {annotation}: |\n      exec:\n        path: ./run.sh\n",
            "f.yaml": f"{body}    {annotation}: |\n      container:\n        image: x\n",
        },
    )
    rendered = rendering.kustomize(KustomizeRequest(str(tmp_path), str(tmp_path)))
    assert rendered.error
    assert not mark.exists()
