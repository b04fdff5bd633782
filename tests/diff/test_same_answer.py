"""Both sides of a comparison are what a scan says of them, whatever the change is."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portside.render import process
from tests.diff.repositories import Repo, pod
from tests.scanning import Answer, scan
from tests.shared import shared

_MOST = 120


@pytest.fixture(autouse=True)
def nothing_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison does not render yet, so that a scan may not either."""
    monkeypatch.setattr(process, "_found", lambda path: None)


def sides(answer: Answer) -> tuple[Counter[str], Counter[str]]:
    """How often each finding of the new side is there; and what is left of the old one's.

    The second holds what is fixed by its identity, and how many are unchanged.
    """
    after: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for it in answer.report["findings"]:
        if it["state"] == "fixed":
            before[it["id"]] += 1
        else:
            after[it["id"]] += 1
            before["unchanged"] += it["state"] == "unchanged"
    return after, before


def ids(report: dict[str, Any]) -> Counter[str]:
    return Counter(it["id"] for it in report["findings"])


def changed(repo: Repo, chance: random.Random) -> None:
    """Change files as people do: some lines, whole files, their names."""
    files = sorted(it for it in repo.folder.rglob("*.y*ml") if ".git/" not in str(it))
    for path in chance.sample(files, min(12, len(files))):
        kind = chance.randrange(5)
        lines = path.read_bytes().splitlines(keepends=True)
        if kind == 0:
            path.unlink()
        elif kind == 1:
            path.rename(path.with_name(f"moved-{path.name}"))
        elif kind == 2:
            path.write_bytes(b"".join(lines[: len(lines) // 2]))
        elif kind == 3:
            path.write_bytes(b"".join(it for it in lines if b"image" not in it))
        else:
            shutil.copy(path, path.with_name(f"copy-{path.name}"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("corpus", ["realworld", "helm-golden", "kustomize-golden"])
def test_each_side_is_what_a_scan_says(corpus: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{corpus} {seed}")
    repo = Repo(tmp_path / "shop")
    root = shared(f"corpora/{corpus}")
    files = sorted(it for it in root.rglob("*") if it.is_file() and it.stat().st_size < 100_000)
    for path in chance.sample(files, min(_MOST, len(files))):
        repo.put(str(path.relative_to(root)), path.read_bytes())
    repo.commit()
    changed(repo, chance)

    answer = repo.diff("HEAD", "--part")
    old = Repo(tmp_path / "old")
    old.git("pull", "-q", str(repo.folder), "main")
    then, now = (scan(it.folder, "--part").report for it in (old, repo))

    after, before = sides(answer)
    assert after == ids(now)
    unchanged = before.pop("unchanged", 0)
    assert not before - ids(then)
    assert before.total() + unchanged == ids(then).total()
    told = answer.report["unread"]
    assert [it["file"] for it in told["after"]] == [it["file"] for it in now["unread"]]
    repo.commit()
    # Git finds more files that have another name once they are committed.
    again, rest = sides(repo.diff("HEAD~1..HEAD", "--part"))
    assert (again, rest.total()) == (after, before.total() + unchanged)


def test_a_change_of_what_git_ignores(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "shop")
    repo.put("a/.gitignore", "skip*\n").put("a/skip1.yaml", pod("one", privileged=True))
    repo.write(a__web=pod(privileged=True))
    repo.git("add", "-A", "-f")
    repo.commit()
    (repo.folder / "a" / ".gitignore").unlink()

    after, before = sides(repo.diff())

    assert before == {"unchanged": ids(scan(repo.folder, "a/web.yaml").report).total()}
    assert after == ids(scan(repo.folder).report)
