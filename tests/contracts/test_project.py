"""What the repository promises of itself: its documents, commands and files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from portside.report import REPORTS
from tests.shared import ROOT

_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
_TEXT = (".md", ".py", ".yaml", ".yml", ".toml", ".json", ".go", ".mod", "")


def _tracked() -> list[Path]:
    try:
        said = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in said.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("page", sorted(ROOT.rglob("*.md")), ids=lambda it: it.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    if ".venv" in page.parts or "node_modules" in page.parts:
        pytest.skip("not ours")
    dead = [it for it in _LINK.findall(page.read_text()) if not (page.parent / it).exists()]

    assert dead == []


def test_ci_runs_the_two_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    run = (ROOT / ".ci" / "run").read_text()

    for mark in ("scan", "tests"):
        assert f"<!-- {mark} -->\n```sh\n" in readme
        assert f"command_of {mark}" in run


def test_decisions_are_numbered_once_and_without_gaps() -> None:
    numbers = sorted(int(it.name[:4]) for it in (ROOT / "docs" / "adr").glob("0*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_report_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "reports.md").read_text()

    assert [name for name in REPORTS if f"`{name}`" not in page] == []


def test_no_file_names_a_path_of_this_machine_or_a_registry() -> None:
    # Spelt in pieces, so that this file is not the one that names them.
    machine = re.compile("/" + r"(work|root|home/\w+)/(?!repo\b)[\w.]+/")
    hosts = re.compile(
        "|".join(
            ("proxy" + r"\.golang\.org", "files" + r"\.pythonhosted", r"pypi\.org/" + "simple")
        )
    )
    found = []
    for path in _tracked():
        if path.suffix in _TEXT and path.stat().st_size < 1 << 20:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path}: {it[0]}" for it in (machine.search(text), hosts.search(text)) if it]

    assert found == []


def test_no_module_is_longer_than_a_room() -> None:
    long = {
        path.name: lines
        for path in (ROOT / "src" / "portside").rglob("*.py")
        if not {"generated", "types"} & set(path.parts)
        if (lines := path.read_text().count("\n")) > 500
    }

    assert long == {}
