"""Every file below what is scanned has one fate and a reason; nothing is left out in silence."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portside.errors import SourceError
from portside.model.finding import (
    IGNORED,
    JUDGED,
    NOT_KUBERNETES,
    PARTLY_READ,
    UNREAD,
    FileFate,
)
from portside.model.reading import ReadFile
from portside.sources.ignores import ignores_of
from portside.sources.read import read_file
from portside.sources.walk import find

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def tree(root: Path, **files: str | bytes) -> Path:
    """Files by their paths, in which `__` stands for a slash and `_` for a point."""
    for name, content in files.items():
        write(root, name.replace("__", "/").replace("_", "."), content)
    return root


def write(root: Path, name: str, content: str | bytes = OBJECT) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def fates(*roots: Path | str) -> dict[str, FileFate]:
    """The fate of each file, by its path below the first root."""
    first = str(roots[0])
    read = [
        it if isinstance(it, ReadFile) else read_file(it)
        for it in find([str(root) for root in roots], ignores_of([], []))
    ]
    found = [it.fate for it in read]
    names = [os.path.relpath(it.file, first) if os.path.isdir(first) else it.file for it in found]
    assert len(set(names)) == len(names), "one fate for each file"
    return dict(zip(names, found, strict=True))


def kinds(root: Path) -> dict[str, str]:
    return {name: it.fate for name, it in fates(root).items()}


def test_files_come_in_a_fixed_order_and_from_sub_folders_too(tmp_path: Path) -> None:
    tree(tmp_path, b_yaml=OBJECT, a__z_yml=OBJECT, a__b__c_json="{}", Z_YAML=OBJECT, a_txt="a")

    assert list(fates(tmp_path)) == ["Z.YAML", "a/b/c.json", "a/z.yml", "a.txt", "b.yaml"]
    assert kinds(tmp_path)["a/z.yml"] == JUDGED
    assert kinds(tmp_path)["Z.YAML"] == JUDGED


@pytest.mark.parametrize("name", ["Makefile", "a.txt", "a.rb", "a.yaml.bak", "yaml", "a.go"])
def test_what_is_neither_yaml_nor_json_by_its_name_is_said_to_be_so(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, name)

    assert fates(tmp_path)[name] == FileFate(
        str(tmp_path / name), NOT_KUBERNETES, 0, "neither YAML nor JSON by its name"
    )


@pytest.mark.parametrize("name", ["Makefile", "a.txt", "manifest", "a.yaml.bak", ".hidden"])
def test_a_file_that_is_named_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)

    (fate,) = fates(tmp_path / name).values()
    assert (fate.fate, fate.objects) == (JUDGED, 1)


def test_a_file_that_is_named_twice_or_by_its_folder_too_is_read_each_time(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    items = find([str(tmp_path), str(tmp_path / "a.yaml")], ignores_of([], []))

    assert len(list(items)) == 2


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened: No such file"):
        fates(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "name",
    ["a.yaml.tmpl", "a.yml.j2", "a.json.tpl", "a.yaml.gotmpl", "a.YAML.erb", "a.yaml.jinja2"],
)
def test_a_template_of_a_manifest_is_unread_and_no_broken_yaml(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, OBJECT.replace("a}", "{{ name }}}"))
    write(tmp_path, "nginx.yaml.tmpl", "server: {{ name }}\n")

    assert fates(tmp_path)[name][1:] == (UNREAD, 0, "a template of a manifest: scan what it makes")
    assert fates(tmp_path)["nginx.yaml.tmpl"].fate == NOT_KUBERNETES


def test_a_helm_template_outside_a_chart_is_a_template_and_no_broken_yaml(tmp_path: Path) -> None:
    body = (
        "{{- if .Values.a }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .x }}\n{{- end }}\n"
    )
    write(tmp_path, "templates/a.yaml", body)
    write(tmp_path, "b.yaml", f"{OBJECT}---\n{body}---\n{body}")

    assert fates(tmp_path)["templates/a.yaml"].fate == UNREAD
    assert "a template of a manifest" in fates(tmp_path)["templates/a.yaml"].reason
    assert fates(tmp_path)["b.yaml"][1:3] == ("partly-read", 1)


def test_of_a_chart_only_what_is_no_template_is_judged(tmp_path: Path) -> None:
    tree(
        tmp_path,
        c__Chart_yaml="apiVersion: v2\nname: c\nversion: 1.0.0\n",
        c__values_yaml="kind: a\n",
        c__values_prod_yaml="a: 1\n",
        c__values_schema_json="{}",
        c__templates__a_yaml="{{ | a }}",
        c__templates__a_md="a",
        c__templates___helpers_tpl="{{ a }}",
        c__templates__tests__t_yaml=OBJECT,
        c__charts__d__Chart_yaml="name: d\n",
        c__charts__d__crds__x_yaml=OBJECT,
        c__crds__crd_yaml=OBJECT,
        c__examples__e_yaml=OBJECT,
        c__README_md="a",
    )
    found = fates(tmp_path)

    assert found["c"].fate == UNREAD
    assert f"helm template NAME {tmp_path}/c | portside scan -" in found["c"].reason
    assert found["c/Chart.yaml"][1:] == (JUDGED, 1, "")
    for name in ("templates/tests/t.yaml", "templates/.helpers.tpl"):
        assert found[f"c/{name}"][1:3] == (PARTLY_READ, 1)
        assert "not rendered" in found[f"c/{name}"].reason
    assert found["c/templates/a.yaml"][1:3] == (UNREAD, 0)
    assert "no sound template: a pipeline" in found["c/templates/a.yaml"].reason
    for name in ("charts/d/Chart.yaml", "charts/d/crds/x.yaml", "templates/a.md"):
        assert found[f"c/{name}"].fate == UNREAD
        assert "not rendered" in found[f"c/{name}"].reason
    assert found["c/crds/crd.yaml"][1:] == (JUDGED, 1, "")
    assert found["c/examples/e.yaml"][1:] == (JUDGED, 1, "")
    assert found["c/values.yaml"][1:] == (JUDGED, 1, "")
    assert found["c/values.prod.yaml"][1:] == (JUDGED, 1, "")
    assert found["c/values.schema.json"].fate == NOT_KUBERNETES
    assert found["c/README.md"].fate == NOT_KUBERNETES


def test_a_packed_chart_is_unread_and_another_archive_is_none(tmp_path: Path) -> None:
    write(tmp_path, "c-1.0.0.tgz", _archive("c/Chart.yaml"))
    write(tmp_path, "d/Chart.yaml", "name: d\n")
    write(tmp_path, "d/charts/c-1.0.0.tgz", _archive("c/Chart.yaml"))
    write(tmp_path, "other.tgz", _archive("a.txt"))
    write(tmp_path, "none.tgz", b"a")
    write(tmp_path, "bomb.tgz", gzip.compress(bytes(50_000_000)))

    found = fates(tmp_path)
    assert found["c-1.0.0.tgz"].fate == UNREAD
    assert "a packed Helm chart" in found["c-1.0.0.tgz"].reason
    assert "helm template NAME" in found["c-1.0.0.tgz"].reason
    assert found["d/charts/c-1.0.0.tgz"].fate == UNREAD
    for name in ("other.tgz", "none.tgz", "bomb.tgz"):
        assert found[name][1:] == (NOT_KUBERNETES, 0, "an archive, and no Helm chart")


def _archive(name: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return made.getvalue()


@pytest.mark.parametrize("called", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_of_a_kustomization_only_whole_resources_are_judged(tmp_path: Path, called: str) -> None:
    write(
        tmp_path,
        f"k/{called}",
        "resources: [a.yaml, ../base]\npatches:\n- path: p.yaml\n- patch: |-\n    - op: remove\n"
        "patchesStrategicMerge: [m.yaml]\nreplacements: [{path: r.yaml}]\n"
        "configMapGenerator: [{name: c, files: [x=conf/g.yaml]}]\n"
        "helmCharts: [{name: h, valuesFile: v.yaml}]\n",
    )
    for name in ("a", "p", "m", "r", "conf/g", "v", "unlisted"):
        write(tmp_path, f"k/{name}.yaml")
    write(tmp_path, "base/b.yaml")
    found = fates(tmp_path)

    assert found["k"].fate == UNREAD
    assert f"kubectl kustomize {tmp_path}/k | portside scan -" in found["k"].reason
    assert found[f"k/{called}"][1:] == (JUDGED, 1, "")
    for name in ("p", "m"):
        assert found[f"k/{name}.yaml"][1:] == (JUDGED, 1, "")
    for name in ("r", "conf/g", "v"):
        assert found[f"k/{name}.yaml"].fate == IGNORED
        assert "kustomization" in found[f"k/{name}.yaml"].reason
    for name in ("k/a", "k/unlisted", "base/b"):
        assert found[f"{name}.yaml"][1:] == (JUDGED, 1, "")


def test_a_broken_or_absent_kustomization_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, "kustomization.yaml", "patches: [p.yaml\n")
    write(tmp_path, "p.yaml")

    assert kinds(tmp_path) == {".": UNREAD, "kustomization.yaml": UNREAD, "p.yaml": JUDGED}


def test_links_are_followed_only_to_files_within_what_is_scanned(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(inside, "a/b.yaml")
    write(outside, "c.yaml")
    (inside / "link.yaml").symlink_to(inside / "a" / "b.yaml")
    (inside / "out.yaml").symlink_to(outside / "c.yaml")
    (inside / "passwd.yaml").symlink_to("/etc/passwd")
    (inside / "none.yaml").symlink_to(inside / "none")
    (inside / "self.yaml").symlink_to(inside / "self.yaml")
    (inside / "folder").symlink_to(inside / "a")
    (inside / "a" / "loop").symlink_to(inside)

    found = kinds(inside)
    assert found == {
        "a/b.yaml": JUDGED,
        "a/loop": IGNORED,
        "folder": IGNORED,
        "link.yaml": JUDGED,
        "none.yaml": IGNORED,
        "out.yaml": IGNORED,
        "passwd.yaml": IGNORED,
        "self.yaml": IGNORED,
    }


def test_what_is_neither_file_nor_folder_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.yaml"))

        assert kinds(tmp_path) == {"fifo.yaml": IGNORED, "s.yaml": IGNORED}


def test_a_file_that_vanishes_or_cannot_be_read_is_unread(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    (found,) = find([str(tmp_path)], ignores_of([], []))
    (tmp_path / "a.yaml").unlink()
    assert not isinstance(found, ReadFile)

    read = read_file(found)
    assert read.fate[1:] == (UNREAD, 0, "cannot be read: No such file or directory")
    assert read.unread[0].file == found.name


def test_a_file_that_becomes_a_pipe_does_not_keep_the_scan_waiting(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    (found,) = find([str(tmp_path)], ignores_of([], []))
    (tmp_path / "a.yaml").unlink()
    os.mkfifo(tmp_path / "a.yaml")
    assert not isinstance(found, ReadFile)

    assert read_file(found).fate[1:] == (UNREAD, 0, "cannot be read: it is no file any more")


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder to nest folders in; removed by `rm`, since shutil recurses."""
    folder = tmp_path / "deep"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_folder_nested_1000_deep_is_walked(deep: Path) -> None:
    here = os.getcwd()
    try:
        os.chdir(deep)
        for _ in range(1_000):
            os.mkdir("d")
            os.chdir("d")
        Path("a.yaml").write_text(OBJECT)
    finally:
        os.chdir(here)

    found = fates(deep)
    assert [it.fate for it in found.values()] == [JUDGED]
