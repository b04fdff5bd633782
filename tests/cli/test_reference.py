"""The reference of the command line says what the commands say."""

from __future__ import annotations

from portside.cli import COMMANDS
from tests.cli.running import portside
from tests.shared import ROOT
from tools import cli_pages


def test_the_page_is_generated() -> None:
    ((path, text),) = cli_pages.pages()
    assert (ROOT / path).read_text(encoding="utf-8") == text, "run python -m tools.docs"


def test_the_page_has_every_command_and_its_help() -> None:
    ((_, text),) = cli_pages.pages()
    named = [name for name, _ in cli_pages.parsers()]
    assert {name.split()[0] for name in named} == set(COMMANDS)
    for name in named:
        help_text = portside(*name.split(), "--help").out
        assert f"\n## portside {name}\n\n```\n{help_text}```\n" in text
