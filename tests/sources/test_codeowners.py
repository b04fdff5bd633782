"""CODEOWNERS as GitHub and GitLab read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.cli.owners import code_owners_file
from portside.sources.codeowners import CodeOwners, code_owners

GITHUB = """\
# everything
* @shop/all

/deploy/ @shop/platform  @shop/other # a comment
*.json json@example.org
/deploy/web/**/base.yaml @shop/web
/deploy/free/
docs/ @shop/docs
a\\ b.yaml @shop/blank
"""
GITLAB = """\
* @all
[Deployment][2] @ops
deploy/
deploy/web/ @web
^[Optional]
*.md @writers
"""


def found_in(folder: Path) -> CodeOwners:
    """The owners of the repository `folder`."""
    found = code_owners(*code_owners_file(str(folder)))
    assert found is not None
    return found


def repository(folder: Path, text: str, place: str = ".github/CODEOWNERS") -> Path:
    (folder / ".git").mkdir(parents=True)
    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("file", "owners"),
    [
        ("a.yaml", ("@shop/all",)),
        ("deploy/a.yaml", ("@shop/platform", "@shop/other")),
        ("other/deploy/a.yaml", ("@shop/all",)),
        ("deploy/a.json", ("json@example.org",)),
        ("deploy/web/eu/base.yaml", ("@shop/web",)),
        ("deploy/free/a.yaml", ()),
        ("x/docs/a.yaml", ("@shop/docs",)),
        ("a b.yaml", ("@shop/blank",)),
    ],
)
def test_the_last_line_that_matches_decides(
    tmp_path: Path, file: str, owners: tuple[str, ...]
) -> None:
    found = found_in(repository(tmp_path / "r", GITHUB))
    assert found.owners(str(tmp_path / "r" / file)) == owners


def test_sections_of_gitlab_give_owners_to_their_patterns(tmp_path: Path) -> None:
    found = found_in(repository(tmp_path / "r", GITLAB, ".gitlab/CODEOWNERS"))
    asked = ("a.yaml", "deploy/a.yaml", "deploy/web/a.yaml", "deploy/a.md")
    owners = [found.owners(str(tmp_path / "r" / it)) for it in asked]
    assert owners == [("@all",), ("@ops",), ("@web",), ("@writers",)]


def test_a_file_outside_the_repository_is_nobodys(tmp_path: Path) -> None:
    found = found_in(repository(tmp_path / "r", GITHUB))
    assert found.owners(str(tmp_path / "a.yaml")) == ()


def test_no_repository_has_no_owners(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text(GITHUB)
    assert code_owners_file(str(tmp_path)) == ("", "")
