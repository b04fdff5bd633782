"""A Dockerfile is read, and refused, as BuildKit's own parser does."""

from __future__ import annotations

import random
from typing import Any

import pytest

from portside.syntax.dockerfile.expand import ExpansionError, expand
from portside.syntax.dockerfile.read import read
from portside.syntax.dockerfile.stages import resolved
from portside.syntax.dockerfile.text import BrokenError
from tests import buildkit
from tests.oracle import Oracle, encoded
from tests.syntax.dockerfile.files import dockerfile
from tests.syntax.dockerfile.structure import mangled, structure

pytestmark = pytest.mark.needs_oracle
MANY = 4_000


def differs(data: bytes, answer: dict[str, Any]) -> str:
    """How our reading differs from BuildKit's; empty where it does not."""
    assert not answer.get("panic"), (data, answer)
    ours = structure(data)
    if "error" in answer or "error" in ours:
        same = ("error" in answer) == ("error" in ours)
        return "" if same else f"{answer.get('error')} / {ours.get('error')}"
    for theirs, mine in zip(answer["nodes"], ours["nodes"], strict=True):
        if _plain(theirs) != _plain(mine):
            return f"{theirs} / {mine}"
    return _stages_differ(data, answer) if answer["escape"] == ours["escape"] else "escape"


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """A node without what BuildKit tells of the trigger of ONBUILD but does not know."""
    trigger = node.get("trigger")
    if trigger is None:
        return node
    known = {key: trigger[key] for key in ("keyword", "flags", "json")}
    # The arguments of an instruction that it does not know are one empty word.
    return {**node, "trigger": {**known, "words": [it for it in trigger["words"] if it]}}


def _stages_differ(data: bytes, answer: dict[str, Any]) -> str:
    ours = [
        {
            "name": stage.name,
            "base": stage.instruction.words[0].text,
            "platform": mangled(stage.instruction.flag("platform") or ""),
            "line": stage.instruction.line.first,
            "commands": list(dict.fromkeys(it.instruction.line.first for it in stage.steps)),
        }
        for stage in resolved(read(data)).stages
    ]
    return "" if ours == answer["stages"] else f"{answer['stages']} / {ours}"


def test_generated_files_are_read_alike(peer: Oracle) -> None:
    files = [dockerfile(random.Random(number)) for number in range(MANY)]
    answers = peer.ask_many({"op": "parse", "text": encoded(it)} for it in files)
    different = [
        (data, said)
        for data, answer in zip(files, answers, strict=True)
        if (said := differs(data, answer))
    ]
    assert not different[:3]
    sound = sum("error" not in answer for answer in answers)
    assert MANY // 5 < sound < MANY * 4 // 5


def test_the_files_of_buildkits_own_tests_are_read_alike(peer: Oracle) -> None:
    root = buildkit.module_folder()
    found = [it for it in root.rglob("*") if it.is_file() and "ockerfile" in it.name]
    found = [it for it in found if it.suffix not in (".go", ".md")]
    assert len(found) > 50
    for file in found:
        data = file.read_bytes()
        answer = peer.ask(op="parse", text=encoded(data))
        assert not differs(data, answer), file


PIECES = [
    *("$", "{", "}", "X", "Y", "Z", "LONG", "${X}", "${Z:-", "${X:+", "${X#", "${LONG%", "${LONG/"),
    *(
        "${LONG##",
        "${LONG%%",
        "/",
        ":",
        "-",
        "+",
        "?",
        "#",
        "%",
        "*",
        "\\",
        "`",
        '"',
        "'",
        " ",
        "a",
    ),
    *(
        "b",
        "o",
        "é",
        "1",
        "<",
        "<<",
        "$1",
        "$$",
        "@",
        "_",
        "${Z-",
        "${E:-",
        "}",
        "}",
        "[",
        ".",
        "(",
    ),
    *("\\*", "\\}", "\\/", "foo", "bar"),
]
VALUES = {"X": "abc", "Y": "", "LONG": "foo.bar.foo", "E": ""}


def test_variables_are_replaced_alike(peer: Oracle) -> None:
    chance = random.Random(7)
    words = ["".join(chance.choices(PIECES, k=chance.randrange(1, 9))) for _ in range(10_000)]
    asked = [(word, chance.choice("\\\\`")) for word in words]
    answers = peer.ask_many(
        {"op": "expand", "text": encoded(word), "env": VALUES, "escape": escape}
        for word, escape in asked
    )
    for (word, escape), answer in zip(asked, answers, strict=True):
        assert _expanded(word, escape) == (
            None if "error" in answer else (answer["result"], sorted(answer["unmatched"]))
        ), (word, escape, answer)


def _expanded(word: str, escape: str) -> tuple[str, list[str]] | None:
    """The text and the variables without a value; None where the word is refused."""
    try:
        said = expand(word, VALUES, escape)
    except ExpansionError:
        return None
    return said.text, sorted(said.unset)


@pytest.mark.parametrize("size", [65_534, 65_535, 65_536, 65_537])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_may_be_as_long_as_buildkit_reads(peer: Oracle, size: int, end: str) -> None:
    start = "FROM a\nRUN "
    data = (start + "é" * ((size - 4) // 2) + "x" * (size % 2) + end).encode()
    answer = peer.ask(op="parse", text=encoded(data))
    if "error" not in answer:
        read(data)
        return
    with pytest.raises(BrokenError, match="does not read") as raised:
        read(data)
    assert raised.value.at.line == 2
