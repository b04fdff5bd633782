"""What git ignores is ignored, and nothing else: by git's own answers on random trees."""

# ruff: noqa: E501 - a table of patterns

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from portside.model.finding import IGNORED
from portside.model.reading import ReadFile
from portside.sources.ignores import Globs, ignores_of
from portside.sources.walk import Found, find

COUNT = 20 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
NAMES = ("a", "b", "ab", "c.yaml", "d.yaml", "e.yml", "x", "!x", "#y", "a b")
PATTERNS = (
    *("a", "/a", "a/", "/a/", "a/b", "a/*", "a/**", "**/a", "**/a/", "a/**/b", "*", "*.yaml", "/*.yaml"),
    *("!a", "!a/", "!/a", "!*.yaml", "!*/", "!a/b", "!c.yaml", "!**/d.yaml", "?", "[ab]", "[!a]", "a*"),
    *("*b", "**", "/**", "a/c.yaml", "x/", "x/*", "!x/d.yaml", "\\!x", "\\#y", "# c", "", " ", "a\\ b"),
    *("a b", "c.yaml ", "d.yaml\\ ", "*.y?ml", "[a-d].yaml", "a/b/**", "**/b/*.yaml", "!**/b/", "b/a/"),
)  # fmt: skip


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    program = shutil.which("git")
    if not program:
        pytest.skip("no git on PATH")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))
    return program


def found_below(root: Path, **globs: list[str]) -> list[str]:
    """The paths of the files that are not ignored, relative to `root`."""
    include, exclude = globs.get("include", []), globs.get("exclude", [])
    ignores = ignores_of([Globs("", include)], [Globs("", exclude)])
    paths = []
    for item in find([str(root)], ignores):
        if isinstance(item, Found):
            paths.append(item.path)
        elif item.fate.fate != IGNORED:
            paths.append(item.fate.file)
    return sorted(os.path.relpath(path, root) for path in paths)


def why_ignored(root: Path) -> dict[str, str]:
    items = find([str(root)], ignores_of([], []))
    settled = [it.fate for it in items if isinstance(it, ReadFile) and it.fate.fate == IGNORED]
    return {os.path.relpath(it.file, root): it.reason for it in settled}


def test_random_patterns_ignore_what_git_ignores(git: str, tmp_path: Path) -> None:
    random = Random(5)
    for number in range(COUNT):
        repository = tmp_path / f"r{number}"
        _make_tree(repository, random)
        subprocess.run([git, "init", "-q", str(repository)], check=True)
        _write_rules(repository, random)
        roots = [repository, *(it for it in sorted(repository.iterdir()) if it.is_dir())]
        for root in (it for it in roots if it.name != ".git"):
            theirs = _by_git(git, root)
            if theirs is not None:
                rules = {
                    str(it.relative_to(repository)): it.read_text() for it in _rules(repository)
                }
                assert found_below(root) == theirs, (root.name, rules)
        shutil.rmtree(repository)


def _make_tree(folder: Path, random: Random, depth: int = 3) -> None:
    folder.mkdir()
    for name in random.sample(NAMES, random.randint(2, 6)):
        if depth and "." not in name and random.random() < 0.6:
            _make_tree(folder / name, random, depth - 1)
        else:
            (folder / name).write_text("a: 1\n")


def _write_rules(repository: Path, random: Random) -> None:
    folders = [it for it in repository.rglob("*") if it.is_dir() and ".git" not in it.parts]
    for folder in [repository, *random.sample(folders, min(len(folders), random.randint(0, 3)))]:
        lines = random.choices(PATTERNS, k=random.randint(1, 4))
        end = random.choice(("\n", "\r\n"))
        (folder / ".gitignore").write_bytes("".join(f"{it}{end}" for it in lines).encode())
    if random.random() < 0.3:
        exclude = repository / ".git" / "info" / "exclude"
        exclude.parent.mkdir(exist_ok=True)
        exclude.write_text("\n".join(random.choices(PATTERNS, k=2)) + "\n")


def _rules(repository: Path) -> list[Path]:
    return [*repository.rglob(".gitignore"), repository / ".git" / "info" / "exclude"]


def _by_git(git: str, root: Path) -> list[str] | None:
    """The untracked files below `root` that git does not ignore; None where it ignores `root`."""
    ignored = [git, "check-ignore", "-q", "--no-index", "."]
    if subprocess.run(ignored, cwd=root, check=False, capture_output=True).returncode == 0:
        return None
    listed = [git, "ls-files", "-o", "--exclude-standard", "-z"]
    done = subprocess.run(listed, cwd=root, check=True, capture_output=True)
    return sorted(done.stdout.decode().split("\0")[:-1])


def test_the_rule_that_ignored_a_file_is_named(git: str, tmp_path: Path) -> None:
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("out/\n/top.yaml\n")
    (tmp_path / ".git" / "info" / "exclude").write_text("local.yaml\n")
    (tmp_path / "k8s" / "out").mkdir(parents=True)
    (tmp_path / "k8s" / ".gitignore").write_text("*.yaml\n!keep.yaml\n")
    for name in ("top.yaml", "k8s/a.yaml", "k8s/keep.yaml", "k8s/local.yaml", "k8s/out/b.yaml"):
        (tmp_path / name).write_text("a: 1\n")

    assert found_below(tmp_path) == [".gitignore", "k8s/.gitignore", "k8s/keep.yaml"]
    said = why_ignored(tmp_path)
    assert said["k8s/a.yaml"] == "ignored by k8s/.gitignore"
    assert said["top.yaml"] == "ignored by .gitignore"
    assert said["k8s/out"] == "ignored by .gitignore"
    assert said[".git"] == "a version control system's own folder"
    assert why_ignored(tmp_path / "k8s")["out"].endswith("/.gitignore")


def test_a_folder_that_is_named_is_read_although_the_repository_ignores_it(
    git: str, tmp_path: Path
) -> None:
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "a.yaml").write_text("a: 1\n")

    assert found_below(tmp_path) == [".gitignore"]
    assert found_below(tmp_path / "build") == ["a.yaml"]


def test_rules_hold_outside_a_repository_too(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfb.yaml\r\n")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("a: 1\n")

    assert found_below(tmp_path) == [".gitignore", "a.yaml"]


def test_include_names_files_and_exclude_names_anything(tmp_path: Path) -> None:
    for name in ("a/b/c.yaml", "a/b/d.yaml", "a/e.yaml", "f.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")

    assert found_below(tmp_path, include=["a/**/*.yaml"]) == [
        "a/b/c.yaml",
        "a/b/d.yaml",
        "a/e.yaml",
    ]
    assert found_below(tmp_path, exclude=["b/"]) == ["a/e.yaml", "f.json"]
    assert found_below(tmp_path, include=["*.yaml"], exclude=["d.*"]) == ["a/b/c.yaml", "a/e.yaml"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[\n", b"a[\n\\\n", b"*" * 5_000 + b"b\n"])
def test_rules_that_are_none_ignore_nothing_and_break_nothing(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / ".gitignore").write_bytes(content)
    (tmp_path / "a.yaml").write_text("a: 1\n")

    assert "a.yaml" in found_below(tmp_path)
