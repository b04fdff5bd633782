"""The files of charts and overlays as a scan reads them: what lies beside, and their excuses."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from portside.charts.template import template_of
from portside.model.finding import UNREAD
from portside.model.resource import FileResource
from portside.sources.helm_template import parse_template
from tests.scanning import portside

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
- {name: a, version: ^1.0.0, repository: "https://charts.example.org"}
"""


def scanned(folder: Path, *words: str) -> list[tuple[str, str, int]]:
    """The findings of rules on charts and overlays: rule, file and line."""
    answer = portside(folder, "scan", "--profile", "auditor", "-o", "json", *words, ".")
    assert answer.code in (0, 1, 3), answer.err
    report = json.loads(answer.out)
    return [(it["rule"], it["file"], it["line"]) for it in report["findings"]]


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_chart_that_lies_in_the_chart_is_its_lock_unless_git_ignores_it(tmp_path: Path) -> None:
    write(tmp_path, c__Chart_yaml=CHART)
    unlocked = ("chart-dependency-unlocked", "c/Chart.yaml", 5)
    assert unlocked in scanned(tmp_path)
    (tmp_path / "c/charts").mkdir()
    (tmp_path / "c/charts/a-1.2.3.tgz").write_bytes(b"")
    assert unlocked not in scanned(tmp_path)
    (tmp_path / ".gitignore").write_text("charts/\n")
    assert unlocked in scanned(tmp_path)


def test_a_file_of_variables_that_git_ignores_is_not_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        kustomization_yaml="secretGenerator: [{name: a, envs: [a.env]}]\n",
        a_env="PASSWORD=hunter2-and-more\n",
    )
    found = ("secret-generated-from-plain-text", "kustomization.yaml", 1)
    assert found in scanned(tmp_path)
    (tmp_path / ".gitignore").write_text("*.env\n")
    assert found not in scanned(tmp_path)


def test_what_leads_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "out.env"
    outside.write_text("PASSWORD=hunter2-and-more\n")
    write(
        tmp_path, k__kustomization_yaml="secretGenerator: [{name: a, envs: [../out.env, l.env]}]\n"
    )
    (tmp_path / "k/l.env").symlink_to(outside)
    assert scanned(tmp_path / "k") == []


def test_the_cache_knows_what_lies_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "tree"
    write(folder, c__Chart_yaml=CHART, **{f"n{it}_yaml": "a: 1\n" for it in range(50)})
    unlocked = ("chart-dependency-unlocked", "c/Chart.yaml", 5)
    assert unlocked in scanned(folder)
    (folder / "c/charts").mkdir()
    (folder / "c/charts/a-1.2.3.tgz").write_bytes(b"")
    assert unlocked not in scanned(folder)
    assert os.listdir(tmp_path / "cache")


TEMPLATE = """\
a: {{ now }} # portside:ignore template-not-reproducible the date is wanted
{{/* portside:ignore template-not-reproducible it is wanted there, too */}}
b: {{ now }}
c: {{ now }}
"""


def test_comments_in_templates_excuse_their_line_or_the_next(tmp_path: Path) -> None:
    write(tmp_path, c__Chart_yaml="apiVersion: v2\nname: a\nversion: 1.0.0\n")
    write(tmp_path, c__templates__a_yaml=TEMPLATE)
    answer = portside(tmp_path, "scan", "-o", "json", ".")
    report = json.loads(answer.out)
    found = [it for it in report["findings"] if it["rule"] == "template-not-reproducible"]
    assert {it["line"]: bool(it.get("waived") or it.get("excuse")) for it in found} == {
        1: True,
        3: True,
        4: False,
    }


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a\nb: {{ a", 2, 4), ("a: {{ if .b }}", 1, 4), ("{{ a }}\r\n{{ | a }}", 2, 4)],
)
def test_a_template_that_helm_refuses_is_unread_at_its_place(
    text: str, line: int, column: int
) -> None:
    read = parse_template(text.encode(), "templates/a.yaml")
    assert read.fate.fate == UNREAD
    assert [(it.line, it.column) for it in read.unread] == [(line, column)]


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}
  annotations:
    %s: pre-install
spec: {}
"""


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("helm.sh/hook", True),
        ('"helm.sh\\u002fhook"', True),
        ("{{ .Values.key }}", False),
        ("example.org/hook", False),
    ],
)
def test_a_hook_is_one_however_its_key_is_written(tmp_path: Path, key: str, found: bool) -> None:
    write(tmp_path, c__Chart_yaml="apiVersion: v2\nname: a\nversion: 1.0.0\n")
    write(tmp_path, c__templates__a_yaml=HOOK % key)
    rules = {rule for rule, _, _ in scanned(tmp_path)}
    assert ("hook-without-deadline" in rules) is found


def test_a_text_without_a_word_that_is_looked_for_is_not_read() -> None:
    resource = parse_template((HOOK % "a").encode(), "templates/a.yaml").resources[0]
    assert isinstance(resource, FileResource)
    template = template_of(resource)
    assert not template.may_spell("helm.sh/hook")
    assert template.may_spell("Job")
    assert [it.value["kind"] for it in template.spelt().documents] == ["Job"]
    partial = parse_template((HOOK % "a").encode(), "templates/_a.yaml").resources[0]
    assert isinstance(partial, FileResource)
    assert not template_of(partial).may_spell("Job")
