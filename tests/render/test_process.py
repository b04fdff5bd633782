"""The renderer's process: started when asked, again after a fork and after its end, and bounded."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portside.render import wire
from portside.render.process import Limits, Program, renderer
from portside.render.wire import HelmRequest, KustomizeRequest
from tests.render import chart, limited, write

_ONE = "a: 1\n"
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def _pid(program: Program) -> int:
    assert program._running
    return program._running._process.pid


def test_one_process_answers_many_requests(rendering: Program, tmp_path: Path) -> None:
    folder = str(chart(tmp_path, _ONE))
    assert rendering.helm(HelmRequest(folder)).files[0].text == _ONE
    first = _pid(rendering)
    assert rendering.helm(HelmRequest(folder)).files[0].text == _ONE
    assert _pid(rendering) == first


def test_no_process_is_started_before_the_first_request(render_program: Path) -> None:
    assert limited(render_program)._running is None


def test_a_process_that_was_killed_is_started_again(bounded: Program, tmp_path: Path) -> None:
    folder = str(chart(tmp_path, _ONE))
    assert bounded.helm(HelmRequest(folder)).error is None
    os.kill(_pid(bounded), signal.SIGKILL)
    time.sleep(0.05)
    assert bounded.helm(HelmRequest(folder)).files[0].text == _ONE


def test_a_process_that_ends_while_it_renders_is_an_error(bounded: Program, tmp_path: Path) -> None:
    endless = chart(tmp_path / "endless", "{{ range 9223372036854775807 }}{{ end }}")
    assert bounded.helm(HelmRequest(str(chart(tmp_path / "c", _ONE)))).error is None
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import time, os; time.sleep(0.7); os.kill({_pid(bounded)}, 9)"]
    )
    rendered = bounded.helm(HelmRequest(str(endless)))
    killer.wait()
    assert rendered.error
    assert "ended with code -9" in rendered.error.message
    assert bounded.helm(HelmRequest(str(tmp_path / "c"))).files[0].text == _ONE


def test_a_forked_child_has_a_process_of_its_own(bounded: Program, tmp_path: Path) -> None:
    folder = str(chart(tmp_path, _ONE))
    assert bounded.helm(HelmRequest(folder)).error is None
    parents = _pid(bounded)
    child = os.fork()
    if not child:
        good = bounded.helm(HelmRequest(folder)).files[0].text == _ONE
        other = _pid(bounded) != parents
        bounded.close()
        os._exit(0 if good and other else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert bounded.helm(HelmRequest(folder)).files[0].text == _ONE
    assert _pid(bounded) == parents


def test_the_process_ends_with_its_parent(render_program: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path, _ONE)
    script = (
        "import os\n"
        "from portside.render.process import Program\n"
        "from portside.render.wire import HelmRequest\n"
        f"program = Program({str(render_program)!r})\n"
        f"assert program.helm(HelmRequest({str(folder)!r})).error is None\n"
        "print(program._running._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(100):
        if not _is_running(pid):
            return
        time.sleep(0.05)
    pytest.fail("the renderer outlives who started it")


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_nothing_is_left_open(render_program: Path, tmp_path: Path) -> None:
    program = limited(render_program)
    assert program.helm(HelmRequest(str(chart(tmp_path, _ONE)))).error is None
    program.close()
    del program
    gc.collect()  # ResourceWarnings are errors here.


def test_a_relative_path_is_of_this_process(
    bounded: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart(tmp_path / "one" / "c", "a: one")
    chart(tmp_path / "two" / "c", "a: two", "x: 1")
    for name in ("one", "two"):
        monkeypatch.chdir(tmp_path / name)
        request = HelmRequest("c", values=(wire.ValuesFile("c/values.yaml"),))
        assert bounded.helm(request).files[0].text == f"a: {name}\n"


def _fake(tmp_path: Path, script: str) -> Program:
    program = tmp_path / "fake"
    program.write_text(f"#!{sys.executable}\nimport sys, time\n{script}\n")
    program.chmod(0o755)
    return Program(str(program), Limits(0.2, 512, 1))


_FAKES = {
    "no JSON": ("print('nonsense', flush=True); time.sleep(9)", wire.REFUSED),
    "another version": ('print(\'{"version": 9, "id": 1}\', flush=True)', wire.REFUSED),
    "another request": ('print(\'{"version": 1, "id": 5}\', flush=True)', wire.REFUSED),
    "fields that are none": (
        'print(\'{"version": 1, "id": 1, "files": [{"x": 1}]}\', flush=True)',
        wire.REFUSED,
    ),
    "nothing": ("sys.exit(7)", wire.REFUSED),
    "out of memory": (
        "print('fatal error: runtime: out of memory', file=sys.stderr); sys.exit(2)",
        wire.LIMIT,
    ),
    "endless errors": ("sys.stderr.write('x' * 10_000_000); sys.exit(1)", wire.REFUSED),
    "endless output": (
        "while True: sys.stdout.write('x' * 100_000)",
        wire.LIMIT,
    ),
}


@pytest.mark.parametrize("name", _FAKES)
def test_whatever_the_program_says_is_an_answer(tmp_path: Path, name: str) -> None:
    script, kind = _FAKES[name]
    program = _fake(tmp_path, script)
    for _ in range(2):
        program._number = 0
        rendered = program.helm(HelmRequest(str(tmp_path)))
        assert rendered.error
        assert rendered.error.kind == kind
        assert len(rendered.error.message) < 1000
    program.close()


def test_a_program_that_does_not_answer_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portside.render.process._GRACE", 0.3)
    program = _fake(tmp_path, "time.sleep(60)")
    started = time.monotonic()
    rendered = program.helm(HelmRequest(str(tmp_path)))
    assert time.monotonic() - started < 5
    assert rendered.error
    assert rendered.error.kind == wire.LIMIT
    assert program._running is None


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    rendered = Program(str(tmp_path / "nowhere")).helm(HelmRequest(str(tmp_path)))
    assert rendered.error
    assert rendered.error.kind == wire.MISSING


@pytest.mark.parametrize("path", ["", "nowhere", "\0", "a" * 5000])
def test_a_chart_that_is_not_there_is_an_error(rendering: Program, path: str) -> None:
    for rendered in (
        rendering.helm(HelmRequest(path or "/nowhere")),
        rendering.kustomize(KustomizeRequest(path or "/nowhere", "/")),
    ):
        assert rendered.error
        assert not rendered.files


def test_a_large_request_does_not_block(bounded: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: {{ .Values.x | len }}")
    text = "x: " + "y" * 3_000_000
    assert bounded.helm(HelmRequest(str(folder), values=(text,))).files[0].text == "a: 3000000\n"


def test_texts_replace_templates_and_files(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: {{ .Values.x }}", "x: disk")
    request = HelmRequest(str(folder))
    assert rendering.helm(request).files[0].text == "a: disk\n"
    changed = request._replace(templates={"c/templates/a.yaml": "b: {{ .Values.x }}"})
    assert rendering.helm(changed).files[0].text == "b: disk\n"
    changed = request._replace(files={"values.yaml": "x: memory", "templates/b.yaml": "c: 1"})
    assert [file.text for file in rendering.helm(changed).files] == ["a: memory\n", "c: 1\n"]
    error = rendering.helm(request._replace(templates={"c/templates/z.yaml": ""})).error
    assert error
    assert error.kind == wire.MISSING
    assert rendering.helm(request).files[0].text == "a: disk\n"


def test_texts_of_all_templates_come_when_asked(rendering: Program, tmp_path: Path) -> None:
    helpers = '{{ define "x" }}1{{ end }}'
    folder = chart(tmp_path, "a: 1", **{"templates/_h.tpl": helpers})
    assert rendering.helm(HelmRequest(str(folder))).sources == {}
    assert rendering.helm(HelmRequest(str(folder), sources=True)).sources == {
        "c/templates/a.yaml": "a: 1",
        "c/templates/_h.tpl": helpers,
    }


def test_given_api_versions_are_all_there_are(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: {{ .Capabilities.APIVersions | toJson }}")
    request = HelmRequest(str(folder), api_versions=("v1", "example.com/v1/Thing"))
    assert rendering.helm(request).files[0].text == 'a: ["v1","example.com/v1/Thing"]\n'


def test_a_remote_part_of_a_schema_is_said_and_not_fetched(
    rendering: Program, tmp_path: Path
) -> None:
    schema = (
        '{"properties": {"a": {"$ref": "https://example.invalid/s.json"}, "b": {"type": "string"}}}'
    )
    folder = chart(tmp_path, "a: 1", "a: 1\nb: x\n", **{"values.schema.json": schema})
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.error is None
    assert "https://example.invalid/s.json" in rendered.warnings[0]
    assert rendering.helm(HelmRequest(str(folder), sets=("b=1",))).error


def test_lookups_and_chance_are_said_with_their_template(
    rendering: Program, tmp_path: Path
) -> None:
    helpers = '{{ define "found" }}{{ lookup "v1" "Secret" "ns" "x" }}{{ randAlphaNum 5 }}{{ end }}'
    folder = chart(
        tmp_path,
        'a: {{ include "found" . }}',
        **{"templates/_h.tpl": helpers, "templates/b.yaml": "b: 1"},
    )
    rendered = rendering.helm(HelmRequest(str(folder)))
    assert rendered.lookups == (wire.Lookup("c/templates/a.yaml", "v1", "Secret", "ns", "x"),)
    assert rendered.generated == (wire.Generated("c/templates/a.yaml", "randAlphaNum"),)


def test_requests_and_answers_survive_json(rendering: Program, tmp_path: Path) -> None:
    folder = chart(tmp_path, 'a: {{ lookup "v1" "A" "" "" }}{{ randNumeric 3 }}')
    for request in (HelmRequest(str(folder), sources=True), HelmRequest(str(tmp_path / "no"))):
        rendered = rendering.helm(request)
        assert wire.decode(wire.encode_answer(rendered)) == rendered


def test_the_renderer_is_found_on_path_and_else_its_absence_is_said(
    render_program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "portside_render", None)
    monkeypatch.setenv("PATH", str(render_program.parent))
    found = renderer()
    assert found
    assert (found.name, renderer()) == ("portside-render", found)
    assert str(render_program) in found.identity
    monkeypatch.setenv("PATH", str(tmp_path))
    assert renderer() is None


def test_a_kustomization_is_built_with_replaced_files_and_origins(
    rendering: Program, tmp_path: Path
) -> None:
    write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": f"{_CONFIG}data: {{x: disk}}\n",
            "over/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\n",
        },
    )
    request = KustomizeRequest(str(tmp_path / "over"), str(tmp_path))
    built = rendering.kustomize(request)
    assert built.files[0].name == "over"
    assert "name: p-a" in built.files[0].text
    assert built.reads == ("base/a.yaml", "base/kustomization.yaml", "over/kustomization.yaml")
    new = f"{_CONFIG}data: {{x: memory}}\n"
    changed = rendering.kustomize(request._replace(files={"base/a.yaml": new}))
    assert "x: memory" in changed.files[0].text
    origins = rendering.kustomize(request._replace(origins=True)).files[0].text
    assert "config.kubernetes.io/origin" in origins
    assert "path: ../base/a.yaml" in origins
    assert "PrefixTransformer" in origins


def test_what_was_begun_is_answered_without_asking_again(bounded: Program, tmp_path: Path) -> None:
    request = HelmRequest(str(chart(tmp_path, "a: 1\n")))
    bounded.begin(request)
    while bounded.is_busy():
        time.sleep(0.01)
    number = bounded._number
    assert bounded.helm(request).files[0].text == "a: 1\n"
    assert bounded._number == number


def test_what_was_begun_and_not_asked_for_is_no_answer_to_something_else(
    bounded: Program, tmp_path: Path
) -> None:
    one, two = chart(tmp_path / "one", "a: 1\n"), chart(tmp_path / "two", "a: 2\n")
    bounded.begin(HelmRequest(str(one)))
    assert bounded.helm(HelmRequest(str(two))).files[0].text == "a: 2\n"
    assert not bounded.is_busy()


def test_what_was_begun_before_a_fork_is_the_parents(bounded: Program, tmp_path: Path) -> None:
    request = HelmRequest(str(chart(tmp_path, "a: 1\n")))
    bounded.begin(request)
    child = os.fork()
    if not child:
        good = bounded.helm(request).files[0].text == "a: 1\n"
        bounded.close()
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert bounded.helm(request).files[0].text == "a: 1\n"


def test_a_process_that_ends_before_its_answer_is_asked_for_is_an_error(
    bounded: Program, tmp_path: Path
) -> None:
    endless = chart(tmp_path / "endless", "{{ range 9223372036854775807 }}{{ end }}")
    bounded.begin(HelmRequest(str(endless)))
    os.kill(_pid(bounded), signal.SIGKILL)
    rendered = bounded.helm(HelmRequest(str(endless)))
    assert rendered.error
    assert "ended with code -9" in rendered.error.message
