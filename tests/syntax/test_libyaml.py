"""PyYAML is loaded as far as a scan needs it, and whole for whoever else asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEGIN = "import sys; from portside.syntax.libyaml import Parser, ScalarEvent, YAMLError\n"


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_parser_gives_events_without_the_rest_of_the_package() -> None:
    said = _run(
        "parser = Parser('a: 1')\n"
        "events = [parser.get_event() for _ in range(8)]\n"
        "print([it.value for it in events if type(it) is ScalarEvent],\n"
        "      'yaml.resolver' in sys.modules)"
    )

    assert said == "['a', '1'] False"


@pytest.mark.parametrize("text", ["a: [1", "a: \x01", "\t- a", "a: 'b"])
def test_an_error_of_the_parser_is_one_of_the_package(text: str) -> None:
    said = _run(
        "import yaml\n"
        f"parser = Parser({text!r})\n"
        "try:\n"
        "    while parser.get_event(): pass\n"
        "except yaml.YAMLError as error: print('refused')"
    )

    assert said == "refused"


def test_whoever_asks_for_the_package_gets_it_whole() -> None:
    said = _run(
        "import yaml\n"
        "node = yaml.compose('[1]', yaml.CSafeLoader)\n"
        "print(yaml.safe_load('a: 2001-01-01'), yaml.load('[yes]', yaml.CSafeLoader),\n"
        "      isinstance(node, yaml.nodes.SequenceNode), yaml.reader.Reader.__name__)"
    )

    assert said == "{'a': datetime.date(2001, 1, 1)} [True] True Reader"


def test_a_package_that_is_there_already_is_used_as_it_is() -> None:
    code = (
        "import yaml.cyaml; from portside.syntax.libyaml import Parser\n"
        "print(Parser is yaml.cyaml.CParser)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "True"
