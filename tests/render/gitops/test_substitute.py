"""Flux' substitution, held against Flux' own code."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from portside.render.environment import Substitution
from portside.render.gitops.substitute import Substituted, SubstitutionError, substitute
from tests.gitops_oracle import Program
from tests.oracle.toolchain import UnavailableError

VALUES = {"a": "one", "b": "Two/three", "e": "", "_u1": "x.y.x", "n": "42", "w": "äöü"}
TEXTS = [
    "plain", "${a}", "x${a}y${b}", "$a", "$$a", "$${a}", "$$${a}", "${e}", "${missing}", "$",
    "${a:=d}", "${e:=d}", "${missing:=d}", "${e:-d}", "${e:?d}", "${e:+d}", "${e=d}", "${e-d}",
    "${e:=${a}}", "${e:=x${a}y}", "${e:=${missing:=deep}}", "${e:=}", "${a:=${missing}}",
    "${#a}", "${#w}", "${#missing}", "${a,}", "${b,,}", "${a^}", "${a^^}", "${b,^}", "${w^}",
    "${b:1}", "${b:1:2}", "${b:-1}", "${b: -1}", "${b:0:-2}", "${b:9}", "${b:1:99}", "${b:x}",
    "${b:1:x}", "${b:3:-9}", "${w:0:2}", "${b::2}", "${b:1::2}",
    "${b/T/t}", "${_u1/x/z}", "${_u1//x/z}", "${_u1//x/}", "${_u1/#x/z}", "${_u1/%x/z}",
    "${_u1/#q/z}", "${_u1/x}", "${_u1/x//z}", "${b/\\//-}", "${_u1/x/$${a}}", "${_u1/%x/}",
    "${b#T}", "${b#*o}", "${_u1##*x}", "${_u1#*x}", "${b%e}", "${_u1%x*}", "${_u1%%x*}", "${b#q}",
    "${b#}", "${b#[Tt]}", "${b#[}", "${b#?w}", "${b#*/}", "${_u1##*.}",
    "${", "${a", "${}", "${ a}", "${a }", "${a|b}", "${1}", "${a:", "${a:=", "${a/", "}${a}{",
    "${a:=${b}", "${a@}", "{{ .x }}", "a${b#${a}}c", "${b#T${a}}",
]  # fmt: skip


@pytest.fixture(scope="module")
def flux() -> Program:
    """Flux' own code; skips where Go or its modules cannot be had."""
    try:
        return Program("flux")
    except UnavailableError as reason:
        pytest.skip(f"no oracle of Flux: {reason}")


def ours(text: str, values: dict[str, str], strict: bool = False) -> str | None:
    """What becomes of the text; None where it is refused."""
    try:
        return substitute(text, Substitution(values, strict)).text
    except SubstitutionError:
        return None


def an_object(text: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  key: |\n    {text}\n"


def test_every_form_is_what_flux_makes_of_it(flux: Program) -> None:
    agree(flux, TEXTS)


def test_any_mixture_of_forms_is_what_flux_makes_of_it(flux: Program) -> None:
    agree(flux, list(mixtures(1500)))


def mixtures(count: int) -> Iterator[str]:
    chance = random.Random(5)
    pieces = ["${", "}", "$", "a", "b", "_u1", "e", ":", "=", ":=", "/", "//", "#", "%", "^", ",",
              "1", "-1", "*", "x", "\\", " ", "${a}", "${b:=", "missing"]  # fmt: skip
    for _ in range(count):
        inside = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 7)))
        yield chance.choice(("${%s}", "%s", "${b%s}", "${_u1%s", "${e:=%s}")) % inside


def agree(flux: Program, texts: list[str]) -> None:
    questions = [
        {"object": an_object(text), "values": VALUES, "strict": strict}
        for text in texts
        for strict in (False, True)
    ]
    differ = []
    for question, answer in zip(questions, flux.ask(questions), strict=True):
        assert "before" in answer, answer
        made = ours(answer["before"], VALUES, bool(question["strict"]))
        expected = answer.get("after")
        if expected is None and "variable substitution failed" not in answer["error"]:
            continue  # what was made is no YAML, which is for whoever reads it
        if not same(made, expected):
            differ.append((question["object"], question["strict"], made, answer))
    assert differ == []


def same(made: str | None, expected: str | None) -> bool:
    """Whether both are refused, or both are the same object."""
    if made is None or expected is None:
        return made is expected
    from portside.syntax import Document, read

    values = [
        it.value if isinstance(it, Document) else None
        for text in (made, expected)
        for it in read(text.encode())
    ]
    return len(values) == 2 and values[0] == values[1]


def test_lines_stay_where_they_are_and_marked_objects_as_they_are() -> None:
    text = (
        "kind: A\nv: ${a}\n---\nkind: B\nmetadata:\n  annotations:\n"
        "    kustomize.toolkit.fluxcd.io/substitute: disabled\nv: ${a}\n---\nv: ${gone}\n"
    )
    made = substitute(text, Substitution({"a": "1"}))

    assert made == Substituted(
        text.replace("A\nv: ${a}", "A\nv: 1").replace("${gone}", ""), ("gone",)
    )


def test_without_any_value_nothing_is_filled_in() -> None:
    assert substitute("${a:=b}", Substitution({})) == Substituted("${a:=b}")


def test_a_default_stands_in_for_what_is_undecided_and_others_are_missing() -> None:
    made = substitute("${a:=b} ${c}", Substitution({}, undecided=("the Secret",)))

    assert made == Substituted("b ", ("c",))


def test_what_is_refused_is_said_with_its_line() -> None:
    with pytest.raises(SubstitutionError) as raised:
        substitute("a: 1\n---\nb: 2\nc: ${x\n", Substitution({"x": "y"}))

    assert raised.value.line == 4


@pytest.mark.parametrize("text", ["${" * 100_000, "${a:=" * 100_000, "${a#" + "*" * 50_000 + "}"])
def test_hostile_texts_take_little_time(text: str) -> None:
    import time

    begin = time.perf_counter()
    ours(text, {"a": "x" * 4000})

    assert time.perf_counter() - begin < 20
