"""Which two states are compared, and what is said where git does not know them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.diff.repositories import Repo, objects, pod, states
from tests.scanning import portside


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A first commit on main with one pod."""
    made = Repo(tmp_path / "shop")
    made.write(web=pod()).commit()
    return made


@pytest.fixture
def branch(repo: Repo) -> Repo:
    """A branch with a commit of its own; main went on, too."""
    repo.git("checkout", "-q", "-b", "topic")
    repo.write(mine=pod("mine", privileged=True)).commit()
    repo.git("checkout", "-q", "main")
    repo.write(theirs=pod("theirs", privileged=True)).commit()
    repo.git("checkout", "-q", "topic")
    return repo


def names(repo: Repo, *words: str) -> list[tuple[str, str]]:
    return [(kind, name.removeprefix("Pod ")) for kind, name, _ in objects(repo.diff(*words))]


def test_without_a_revision_a_branch_is_compared_from_where_it_left(branch: Repo) -> None:
    answer = branch.diff()

    assert states(answer) == [("new", "mine")]
    assert answer.report["before"]["name"] == "where HEAD left main"
    assert answer.report["before"]["commit"] == branch.git("merge-base", "main", "topic")
    assert answer.report["after"] == {"name": "the work tree", "commit": None}


def test_a_revision_is_compared_as_it_is(branch: Repo) -> None:
    assert names(branch, "main") == [("added", "mine"), ("removed", "theirs")]


def test_two_revisions(branch: Repo) -> None:
    assert names(branch, "main..topic") == [("added", "mine"), ("removed", "theirs")]
    assert names(branch, "topic..main") == [("removed", "mine"), ("added", "theirs")]
    assert names(branch, "main...topic") == [("added", "mine")]
    assert names(branch, "main..") == names(branch, "main..topic")
    assert names(branch, "..main") == names(branch, "topic..main")


def test_two_revisions_say_nothing_of_the_work_tree(branch: Repo) -> None:
    branch.write(dirty=pod("dirty", privileged=True), mine="broken: [")

    answer = branch.diff("main..topic")

    assert answer.code == 1
    assert states(answer) == [("new", "mine"), ("fixed", "theirs")]
    assert {it["file"] for it in answer.report["findings"]} == {
        "mine.yaml",
        "theirs.yaml",
        "web.yaml",
    }
    assert (branch.folder / "mine.yaml").read_text() == "broken: ["


def test_two_revisions_are_judged_by_the_configuration_of_the_second(branch: Repo) -> None:
    branch.put("portside.yaml", "rules: {privileged-container: off}\n").commit()
    (branch.folder / "portside.yaml").unlink()

    answer = branch.diff("main..topic")

    assert states(answer) == []
    assert [it["file"] for it in answer.report["loosened"]] == ["portside.yaml"]


def test_what_is_not_committed_and_what_git_does_not_know_yet_counts(repo: Repo) -> None:
    repo.write(web=pod(privileged=True), fresh=pod("fresh", privileged=True))
    repo.put(".gitignore", "ignored.yaml\n").write(ignored=pod("ignored", privileged=True))

    answer = repo.diff()

    assert sorted(states(answer)) == [("new", "fresh"), ("new", "web")]


def test_what_is_staged_counts_as_it_is_in_the_work_tree(repo: Repo) -> None:
    repo.write(web=pod(privileged=True))
    repo.git("add", "-A")
    repo.write(web=pod())

    assert objects(repo.diff("HEAD")) == []


def test_a_detached_head(branch: Repo) -> None:
    branch.git("checkout", "-q", "--detach", "topic")

    assert states(branch.diff()) == [("new", "mine")]


def test_the_default_branch_is_that_of_the_remote(branch: Repo, tmp_path: Path) -> None:
    branch.git("branch", "-q", "-m", "main", "trunk")
    branch.git("checkout", "-q", "trunk")
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(branch.folder))
    clone.git("fetch", "-q", "origin")
    clone.git("remote", "set-head", "origin", "-a")
    clone.git("checkout", "-q", "topic")

    answer = clone.diff()

    assert answer.report["before"]["name"] == "where HEAD left origin/trunk"
    assert states(answer) == [("new", "mine")]


def test_the_target_branch_that_a_service_names(
    branch: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.git("branch", "-q", "release", "topic~1")
    clone = Repo(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(branch.folder))
    clone.git("fetch", "-q", "origin")
    clone.git("checkout", "-q", "--detach", "origin/topic")
    monkeypatch.setenv("GITHUB_BASE_REF", "release")

    assert clone.diff().report["before"]["name"] == "where HEAD left origin/release"


def test_a_shallow_clone_says_what_it_lacks(branch: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", f"file://{branch.folder}", "topic")
    clone.git("checkout", "-q", "FETCH_HEAD")

    assert clone.diff().code == 2
    assert "no default branch is known here" in clone.diff().err
    assert "fetch-depth: 0" in clone.diff().err
    known = clone.diff(branch.git("rev-parse", "main"))
    assert (known.code, "this clone is shallow" in known.err) == (2, True)


def test_a_shallow_clone_of_two_branches_that_do_not_meet(branch: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    for name in ("topic", "main"):
        clone.git("fetch", "-q", "--depth=1", f"file://{branch.folder}", name)
        clone.git("branch", "-q", name, "FETCH_HEAD")
    clone.git("checkout", "-q", "topic")

    answer = clone.diff()

    assert answer.code == 2
    assert "do not meet" in answer.err
    assert "this clone is shallow" in answer.err


def test_a_clone_without_blobs_fetches_nothing_and_says_what_is_unread(
    repo: Repo, tmp_path: Path
) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.write(web=pod().replace("2.1", "2.2")).commit()
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.folder}", str(clone))
    made = Repo(clone)

    answer = made.diff("HEAD~1")

    assert answer.code == 3
    (unread,) = answer.report["unread"]["before"]
    assert unread["file"] == "web.yaml"
    assert "does not hold its content" in unread["reason"]
    assert answer.report["unread"]["after"] == []


def test_no_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.folder))

    answer = repo.diff()

    assert answer.code == 2
    assert "git is not installed" in answer.err


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(pod())

    answer = portside(tmp_path, "diff")

    assert answer.code == 2
    assert "files can be compared with a revision only in a git repository" in answer.err
    assert answer.out == ""


def test_no_commit_yet(tmp_path: Path) -> None:
    answer = Repo(tmp_path / "shop").write(web=pod()).diff()

    assert answer.code == 2
    assert "there is no commit yet" in answer.err
    assert "portside scan" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: it is not known here"),
        (["main..nowhere"], "nowhere: it is not known here"),
        (["HEAD", "nowhere/"], "nowhere: cannot be opened"),
        (["--", "--output=x"], "--output=x: neither a revision nor a path"),
        (["--", "main..--output=x"], "--output=x: no revision begins with -"),
        (["-"], "-: neither a revision nor a path"),
        (["HEAD", ".."], "..: is not in the repository"),
    ],
)
def test_what_does_not_exist_is_refused(words: list[str], said: str, repo: Repo) -> None:
    answer = repo.diff(*words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_a_word_that_is_both_a_branch_and_a_folder(repo: Repo) -> None:
    repo.git("branch", "-q", "shop")
    repo.write(shop__web=pod("other"))

    answer = repo.diff("shop")

    assert answer.code == 2
    assert "refs/heads/shop is the branch, ./shop the path" in answer.err
    assert names(repo, "./shop") == names(repo, "refs/heads/shop") == [("added", "other")]


def test_paths_narrow_what_is_compared(repo: Repo) -> None:
    repo.write(a__one=pod("one"), b__two=pod("two")).commit()
    repo.write(a__one=pod("one", privileged=True), b__two=pod("two", privileged=True))

    assert states(repo.diff("a")) == [("new", "one")]
    assert states(repo.diff("HEAD", "b/two.yaml")) == [("new", "two")]
    assert states(repo.diff(folder="b")) == [("new", "two")]
    assert states(repo.diff("HEAD", str(repo.folder / "a"))) == [("new", "one")]


def test_a_range_of_one_folder_from_within_it(repo: Repo) -> None:
    repo.write(a__one=pod("one")).commit()
    repo.write(a__one=pod("one", privileged=True), web=pod(privileged=True)).commit()
    repo.write(a__one=pod("one"))

    answer = repo.diff("HEAD~1..HEAD", folder="a")

    assert states(answer) == [("new", "one")]
    assert {it["file"] for it in answer.report["findings"]} == {"one.yaml"}


def test_a_path_that_is_gone(repo: Repo) -> None:
    repo.write(a__one=pod("one", privileged=True)).commit()
    repo.git("rm", "-q", "-r", "a")

    assert states(repo.diff("a")) == [("fixed", "one")]
    assert names(repo, "HEAD", "a/one.yaml") == [("removed", "one")]


def test_variables_of_git_lead_nowhere_else(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo(tmp_path / "other")
    other.write(other=pod("other")).commit()
    repo.write(web=pod(privileged=True))
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))

    assert states(repo.diff()) == [("new", "web")]


def test_nothing_that_a_repository_configures_is_started(repo: Repo, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    hook = repo.folder / ".git" / "hooks" / "post-index-change"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command"):
        repo.git("config", key, str(program))
    repo.put(".gitattributes", "*.yaml diff=x\n")
    repo.write(web=pod(privileged=True))
    os.utime(repo.folder / "web.yaml", (1, 1))
    mark.unlink(missing_ok=True)

    assert states(repo.diff()) == [("new", "web")]
    assert states(repo.diff("HEAD..HEAD")) == []
    assert not mark.exists()


def test_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = Repo.__new__(Repo)
    linked.folder = tmp_path / "linked"
    linked.write(web=pod(privileged=True))

    assert states(linked.diff()) == [("new", "web")]
    assert states(linked.diff("HEAD..HEAD")) == []


def test_odd_names_of_files(repo: Repo) -> None:
    names = ("a b.yaml", "ü.yaml", "tab\there.yaml", 'quo"te.yaml', "new\nline.yaml", "-x.yaml")
    for at, name in enumerate(names):
        repo.put(f"odd/{name}", pod(f"p{at}"))
    repo.put(os.fsdecode(b"odd/\xff.yaml"), pod("p9")).commit()
    for at, name in enumerate(names):
        repo.put(f"odd/{name}", pod(f"p{at}", privileged=True))

    answer = repo.diff()

    assert sorted(states(answer)) == [("new", f"p{at}") for at in range(len(names))]
    assert sorted(states(repo.diff("HEAD..HEAD"))) == []
