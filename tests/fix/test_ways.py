"""A field of what a chart makes gets another value by an edit where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portside.fixes.ways import given
from portside.model.place import FieldPath
from portside.render.helm_origins import HelmOrigins
from portside.render.process import Program
from portside.render.wire import HelmRequest
from portside.syntax import DEFAULT, Document, read
from portside.syntax.change import CannotEditError, existing
from tests.render.conftest import rendering  # noqa: F401 - the fixture
from tests.render.trees import CHART, write

HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n"
VALUES = "# the shop\nsecurityContext:\n    runAsUser: 0   # root\nport: '80'\nempty: {}\n"
SPEC = """\
  hostPID: true # why
  port: {{ .Values.port }}
  user: {{ printf "%d%s" 1 "x" }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  dns: {}
  containers:
    - name: web
"""
CASES = [
    pytest.param(
        ("spec", "hostPID"), False, "templates/pod.yaml", "  hostPID: false # why", id="a line"
    ),
    pytest.param(("spec", "port"), "81", "values.yaml", "port: '81'", id="a key of the values"),
    pytest.param(
        ("spec", "securityContext", "runAsUser"),
        1000,
        "values.yaml",
        "    runAsUser: 1000   # root",
        id="a key below what is shown whole",
    ),
    pytest.param(
        ("spec", "securityContext", "runAsNonRoot"),
        True,
        "values.yaml",
        "    runAsNonRoot: true",
        id="what is absent goes into the values",
    ),
    pytest.param(
        ("spec", "containers", 0, "tty"),
        False,
        "templates/pod.yaml",
        "      tty: false",
        id="what no values feed goes into the template",
    ),
]


def _spec(program: Program, folder: Path, path: FieldPath) -> Any:
    (rendered,) = program.helm(HelmRequest(str(folder))).files
    document = next(iter(read(rendered.text.encode())))
    assert isinstance(document, Document)
    return existing(document.value, path)[0]


@pytest.mark.parametrize(("path", "wanted", "file", "line"), CASES)
def test_the_edit_makes_the_field(
    rendering: Program,  # noqa: F811 - the fixture
    tmp_path: Path,
    path: FieldPath,
    wanted: Any,
    file: str,
    line: str,
) -> None:
    tree = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/pod.yaml": HEAD + SPEC}
    write(tmp_path, tree)
    request = HelmRequest(str(tmp_path))
    way = HelmOrigins(request, rendering.helm(request), rendering).of(0, 0, path).way
    assert way is not None
    target = tmp_path / file
    before = target.read_bytes()
    after = given(before, way, wanted, DEFAULT)
    target.write_bytes(after)
    found = _spec(rendering, tmp_path, path)
    assert (str(found) if path[-1] == "port" else found) == wanted
    old, new = before.decode().split("\n"), after.decode().split("\n")
    assert [it for it in new if it not in old] == [line]


def test_what_an_action_decides_is_refused(
    rendering: Program,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    write(tmp_path, {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/pod.yaml": HEAD + SPEC})
    request = HelmRequest(str(tmp_path))
    way = HelmOrigins(request, rendering.helm(request), rendering).of(0, 0, ("spec", "user")).way
    if way is None:
        return
    with pytest.raises(CannotEditError):
        given((HEAD + SPEC).encode(), way, "x", DEFAULT)
