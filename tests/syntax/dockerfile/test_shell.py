"""The commands of a script are told apart as a shell does."""

from __future__ import annotations

import random
from typing import Any

import pytest

from portside.syntax.dockerfile.shell import parse
from tests.oracle import Oracle, encoded
from tests.syntax.dockerfile.scripts import script


def words(text: str) -> list[list[str]]:
    return [[word.text for word in it.words] for it in parse(text).commands]


@pytest.mark.needs_oracle
def test_generated_scripts_have_the_same_commands_and_words(peer: Oracle) -> None:
    scripts = [script(random.Random(number)) for number in range(4_000)]
    answers = peer.ask_many({"op": "shell", "text": encoded(it)} for it in scripts)
    sound = 0
    for text, answer in zip(scripts, answers, strict=True):
        if "error" in answer:
            continue
        sound += 1
        found = parse(text)
        assert not found.fault, (text, found.fault)
        assert sorted(_places(text, found.commands)) == sorted(answer["commands"]), text
    assert sound > 1_500


def _places(text: str, commands: Any) -> list[list[list[int]]]:
    """Where words stand, in bytes; `[[` is no command for the other parser."""
    return [
        [[len(text[: it.begin].encode()), len(text[: it.end].encode())] for it in command.words]
        for command in commands
        if command.words and command.words[0].text != "[["
    ]


def test_quotes_are_left_out_and_variables_stay() -> None:
    assert words("a 'b c' \"d $X\" e\\ f g${H}") == [["a", "b c", "d $X", "e f", "g${H}"]]


def test_a_command_knows_what_is_piped_into_it() -> None:
    found = parse("a | { b; c; } | d; e").commands
    assert [it.reads for it in found] == [(), (0,), (), (1, 2), ()]


def test_what_is_piped_within_a_substitution_stays_there() -> None:
    found = parse("a $(b | c) | d").commands
    assert [(it.name, it.reads, it.inside) for it in found] == [
        ("a", (), -1),
        ("b", (), 0),
        ("c", (1,), 0),
        ("d", (0,), -1),
    ]


def test_comments_are_told_with_their_place() -> None:
    text = "a # one\nb#c '#d'\n# two"
    assert [text[begin:end] for begin, end in parse(text).comments] == ["# one", "# two"]


@pytest.mark.parametrize(
    "text",
    ["a 'b", 'a "b', "a $(b", "a ${b", "(a", "if a; then b", "a `b", "a >", "case a in b) c"],
)
def test_what_no_shell_runs_is_a_fault_and_the_commands_before_it_are_told(text: str) -> None:
    found = parse(f"first; {text}")
    assert found.fault
    assert found.commands[0].name == "first"


@pytest.mark.parametrize(
    "piece",
    [
        "$(",
        "(",
        "{ ",
        "if ",
        "`",
        "${",
        "f() ",
        "function f ",
        "a | ",
        "$((",
        "case a in b) ",
        '"$(',
    ],
)
def test_endless_nesting_is_refused_and_not_followed(piece: str) -> None:
    parse(piece * 20_000)
