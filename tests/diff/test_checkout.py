"""Trees of commits written to the disk: nothing leaves the folder, whatever a tree says."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from portside.errors import SourceError
from portside.sources.blobs import Blobs
from portside.sources.checkout import write
from portside.sources.git import Repository
from portside.sources.revision import Entry, Revision
from tests.diff.repositories import Repo, pod


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "shop")
    made.write(web=pod(), a__db=pod("db"))
    (made.folder / "link.yaml").symlink_to("web.yaml")
    (made.folder / "run.sh").write_text("true\n")
    (made.folder / "run.sh").chmod(0o755)
    made.commit()
    return made


def written(
    repo: Repo, into: Path, entries: Mapping[str, Entry] = MappingProxyType({}), below: str = ""
) -> list[str]:
    repository = Repository(str(repo.folder))
    with Blobs(repository) as blobs:
        revision = Revision(repository, repository.commit("HEAD"), blobs)
        revision.entries |= entries
        into.mkdir()
        return write(revision, str(into), below)


def test_what_is_written_is_what_git_would_check_out(repo: Repo, tmp_path: Path) -> None:
    assert written(repo, tmp_path / "out") == []

    subprocess.run(["diff", "-r", "-x", ".git", repo.folder, tmp_path / "out"], check=True)
    assert (tmp_path / "out" / "link.yaml").is_symlink()
    assert (tmp_path / "out" / "run.sh").stat().st_mode & 0o100


def test_one_folder_of_it(repo: Repo, tmp_path: Path) -> None:
    assert written(repo, tmp_path / "out", below="a") == []
    assert [it.name for it in (tmp_path / "out").iterdir()] == ["db.yaml"]


@pytest.mark.parametrize("path", ["../x", "a/../../x", ".git/hooks/x", "a/.GIT/x", "a//x"])
def test_paths_that_lead_elsewhere_are_refused(path: str, repo: Repo, tmp_path: Path) -> None:
    blob = repo.git("rev-parse", "HEAD:web.yaml")

    with pytest.raises(SourceError, match="which no file may be"):
        written(repo, tmp_path / "out", {path: Entry("100644", blob)})
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_through_a_link(repo: Repo, tmp_path: Path) -> None:
    """A tree may be made to have a link and a folder of the same name."""
    (tmp_path / "elsewhere").mkdir()
    link = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=repo.folder,
        input=str(tmp_path / "elsewhere").encode(),
        capture_output=True,
        check=True,
    )
    blob = repo.git("rev-parse", "HEAD:web.yaml")
    entries = {"b": Entry("120000", link.stdout.decode().strip()), "b/x": Entry("100644", blob)}

    assert written(repo, tmp_path / "out", entries) == ["b"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (tmp_path / "out" / "b" / "x").read_text() == pod()


def test_what_is_not_in_the_clone_is_said_and_the_rest_written(repo: Repo, tmp_path: Path) -> None:
    entries = {"gone.yaml": Entry("100644", "0" * 40), "module": Entry("160000", "1" * 40)}

    assert sorted(written(repo, tmp_path / "out", entries)) == ["gone.yaml", "module"]
    assert (tmp_path / "out" / "web.yaml").exists()


def test_blobs_are_read_up_to_a_size_and_again_after_that(repo: Repo) -> None:
    repo.put("large", b"x" * (80 << 20)).put("small", b"y").commit()
    repository = Repository(str(repo.folder))
    with Blobs(repository) as blobs:
        names = [repo.git("rev-parse", f"HEAD:{it}") for it in ("large", "small", "web.yaml")]
        assert blobs.content(names[0], 10) == b"x" * 10
        assert blobs.content(names[1], 10) == b"y"
        with pytest.raises(OSError, match="does not hold"):
            blobs.content("0" * 40, 10)
        assert blobs.content(names[2], 7) == b"apiVers"
        assert blobs.content(names[2], 1 << 20) == pod().encode()
