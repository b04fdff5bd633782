"""`records.NamedTuple` is what `typing.NamedTuple` is, for all that the product does with one."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
import typing
from typing import Any

import pytest

from portside.records import NamedTuple


class Ours(NamedTuple):
    """Two fields and a method."""

    name: str
    line: int = 1
    """Counted from 1."""
    tags: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return f"{self.name}:{self.line}"


class Theirs(typing.NamedTuple):
    """Two fields and a method."""

    name: str
    line: int = 1
    """Counted from 1."""
    tags: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return f"{self.name}:{self.line}"


class Alone(NamedTuple):
    only: int


class Nothing(NamedTuple):
    pass


def both(ask: Any) -> Any:
    """What is answered of our class, which is the same as of the other."""
    answers = []
    for cls in (Ours, Theirs):
        try:
            answers.append(ask(cls))
        except (TypeError, ValueError, AttributeError) as error:
            answers.append(type(error))
    assert answers[0] == answers[1]
    return answers[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda cls: tuple(cls("a")),
        lambda cls: cls(line=2, name="a"),
        lambda cls: cls(*("a", 3)),
        lambda cls: cls("a")._replace(line=4),
        lambda cls: cls("a")._asdict(),
        lambda cls: cls._make(["a", 5, ("x",)]),
        lambda cls: cls("a").said,
        lambda cls: hash(cls("a")) == hash(("a", 1, ())),
        lambda cls: cls("a") == ("a", 1, ()),
        lambda cls: sorted([cls("b"), cls("a")]),
        lambda cls: repr(cls("a")).partition("(")[2],
        lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__, cls.__doc__),
        lambda cls: list(inspect.signature(cls).parameters),
        lambda cls: [it.default for it in inspect.signature(cls).parameters.values()],
        lambda cls: typing.get_type_hints(cls),
        lambda cls: issubclass(cls, tuple),
        lambda cls: cls(),
        lambda cls: cls("a", 1, (), 2),
        lambda cls: cls("a", lines=2),
        lambda cls: cls("a")._replace(lines=2),
        lambda cls: cls._make(["a", 1, (), 2]),
        lambda cls: setattr(cls("a"), "line", 2),
        lambda cls: setattr(cls("a"), "other", 2),
    ],
)
def test_it_answers_as_typing_does(ask: Any) -> None:
    both(ask)


@pytest.mark.parametrize("value", [Ours("a", 2, ("b",)), Alone(1), Nothing()])
def test_it_can_be_sent_to_another_process_and_copied(value: tuple[object, ...]) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - made here
        assert type(again) is type(value)
        assert again == value
    assert copy.deepcopy(value) == value


def test_it_is_taken_apart_by_patterns() -> None:
    match Ours("a", 2):
        case Ours(name, line=2):
            assert name == "a"
        case _:
            pytest.fail("no pattern fits")


def test_what_is_wrong_is_told_with_the_name_of_the_field() -> None:
    with pytest.raises(TypeError, match="'name'"):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="Ours has no field lines"):
        Ours("a")._replace(lines=2)  # type: ignore[call-arg]


def test_a_scan_makes_no_named_tuple_of_typing() -> None:
    program = (
        "import typing; made = []; one = typing.NamedTupleMeta.__new__\n"
        "typing.NamedTupleMeta.__new__ = lambda *a, **k: made.append(a[1]) or one(*a, **k)\n"
        "from portside.cli import main\n"
        "main(['scan', '--no-cache', '-'])\n"
        "assert not made, made\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=b"kind: Pod\napiVersion: v1\n", capture_output=True
    )
    assert ran.returncode == 0, ran.stderr.decode()
