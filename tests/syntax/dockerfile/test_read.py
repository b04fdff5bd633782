"""Where things stand in a Dockerfile, what is refused with its line, and how much is read."""

from __future__ import annotations

import pytest

from portside.syntax.dockerfile.commands import commands, runs
from portside.syntax.dockerfile.instruction import Limits
from portside.syntax.dockerfile.read import read
from portside.syntax.dockerfile.stages import Dockerfile, resolved
from portside.syntax.dockerfile.text import BrokenError


def dockerfile(text: str) -> Dockerfile:
    return resolved(read(text.encode()))


CONTINUED = """\
FROM a
RUN --mount=type=cache,target=/x first && \\
    # a comment

  second 'x \\
y' \\
    third
"""


def test_words_stand_where_they_are_written_though_lines_are_joined() -> None:
    (stage,) = dockerfile(CONTINUED).stages
    found = {ran.name: ran for ran in runs(stage)}
    assert found["first"].place() == (2, 34, 5)
    assert found["second"].place() == (5, 3, 6)
    assert found["second"].place(2) == (7, 5, 5)
    assert found["second"].place(1) == (5, 10, 3)


def test_columns_are_those_of_an_editor() -> None:
    for before in ("\ufeff", ""):
        (stage,) = dockerfile(f"{before}FROM a\r\n  \tRUN é; foo\r\n").stages
        assert stage.steps[0].instruction.at == (2, 4)
        assert next(it for it in runs(stage) if it.name == "foo").place() == (2, 11, 3)


def test_commands_in_arrays_and_in_here_documents_have_their_place() -> None:
    text = 'FROM a\nRUN ["sh", "-c", "x \\"y\\" | z"]\nRUN <<-EOF\n\tone\n\ttwo\nEOF\n'
    (stage,) = dockerfile(text).stages
    places = {ran.name: ran.place()[:2] for ran in runs(stage)}
    assert places == {"x": (2, 19), "z": (2, 29), "one": (4, 2), "two": (5, 2)}


def test_a_script_in_an_argument_of_a_shell_has_its_place() -> None:
    (stage,) = dockerfile("FROM a\nRUN sh -c 'x | y'\n").stages
    assert [ran.place()[:2] for ran in runs(stage) if ran.name == "y"] == [(2, 16)]


def test_what_another_program_reads_is_no_shell_script() -> None:
    text = "FROM a\nRUN python3 <<EOF\nimport os\nEOF\nRUN <<EOF\n#!/usr/bin/perl\nuse x;\nEOF\n"
    (stage,) = dockerfile(text).stages
    assert [ran.name for ran in runs(stage)] == ["python3"]


def test_a_shell_of_windows_is_not_read_as_one_of_posix() -> None:
    text = '# escape=`\nFROM a\nSHELL ["powershell", "-Command"]\nRUN a | b `\n  c\nCMD x\n'
    (stage,) = dockerfile(text).stages
    assert not list(runs(stage))
    assert not list(commands(stage.steps[-1]))
    assert stage.steps[1].instruction.words[0].text == "a | b   c"


def test_arguments_are_those_of_their_stage() -> None:
    text = (
        "ARG V=1\nARG W=w$V\nFROM a:$V AS one\nENV E=$V\nARG V\nENV E=$V F=${G:-$W}\n"
        "FROM one\nUSER $V$E\nFROM b:${X:-$W}\nUSER $E\n"
    )
    one, two, three = dockerfile(text).stages
    assert one.base.text == "a:1"
    assert [it.text for it in one.steps[0].values] == [""]
    assert not one.steps[0].values[0].known
    assert [it.text for it in one.steps[2].values] == ["1", ""]
    assert (two.parent, two.steps[0].values[0].text) == (0, "11")
    assert three.base.text == "b:w1"
    assert not three.steps[0].values[0].known


def test_the_stages_that_count_are_those_the_last_one_needs() -> None:
    text = (
        "FROM a AS one\nFROM b AS two\nFROM c AS three\nFROM One\n"
        "RUN --mount=type=bind,from=three,target=/x y\nCOPY --from=0 /a /b\nCOPY --from=d:1 /c /c\n"
    )
    found = dockerfile(text)
    assert [stage.index for stage in found.used()] == [0, 2, 3]
    assert [it.value.text for it in found.other_images(found.final)] == ["d:1"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("FROM a\n\nBOGUS x\n", 3, "unknown instruction"),
        ("# c\nARG X\n", 2, "without FROM"),
        ("", 1, "without instructions"),
        ("RUN x\nFROM a\n", 1, "before the first FROM"),
        ("FROM a\nRUN cat <<EOF\nx\n", 2, "never ends"),
        ("FROM a b\n", 1, "one or three"),
        ("FROM a\nCOPY x\n", 2, "at least two"),
        ("FROM a\nRUN --bogus x\n", 2, "unknown flag"),
        ("FROM a\nENV X\n", 2, "two arguments"),
        ('FROM a\nCMD ["a", 1]\n', 2, "strings only"),
        ("FROM a\nSHELL sh\n", 2, "as an array"),
        ("FROM a\n" + "RUN x\\\n" * 3 + "y\n\n" + "ENV =x\n", 7, "cannot be blank"),
        ("# escape=x\nFROM a\n", 1, "escape token"),
        ("FROM a\nONBUILD ONBUILD RUN x\n", 2, "ONBUILD"),
    ],
)
def test_what_buildkit_refuses_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(BrokenError, match=said) as raised:
        read(text.encode())
    assert raised.value.at.line == line


@pytest.mark.parametrize(
    "line",
    [
        *("ENV X=1 hunter2", "hunter2 x", "MIIEvQIBADANBgkqhkiG9w0BAQEF", "RUN --hunter2 x"),
        *("RUN --a=hunter2 x", "FROM a AS hunter2!", "HEALTHCHECK hunter2", "ONBUILD FROM hunter2"),
    ],
)
def test_a_refusal_never_holds_a_value(line: str) -> None:
    with pytest.raises(BrokenError) as raised:
        read(f"FROM a\n{line}\nRUN x\n".encode())
    assert "hunter2" not in raised.value.message.lower()
    assert "MIIE" not in raised.value.message


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(size=10), "FROM a\nRUN x\n"),
        (Limits(instructions=2), "FROM a\nRUN x\nRUN y\n"),
        (Limits(words=4), "FROM a\nEXPOSE 1 2 3 4\n"),
    ],
)
def test_more_than_the_limits_is_refused(limits: Limits, text: str) -> None:
    with pytest.raises(BrokenError, match="more than") as raised:
        read(text.encode(), limits)
    assert raised.value.limit


def test_variables_that_double_each_other_come_to_an_end() -> None:
    lines = ["FROM a", "ENV A=" + "x" * 100, *["ENV A=$A$A"] * 4_000, "USER $A"]
    (stage,) = dockerfile("\n".join(lines)).stages
    assert len(stage.steps[-1].values[0].text) < 200_000
