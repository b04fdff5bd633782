"""`portside waivers check --base REV`: what is excused since then, and whether somebody agreed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.scanning import NOW, POD, Answer, portside

DEV, SEC, LEAD = "dev@example.org", "sec@example.org", "lead@example.org"
POLICY = f"approvers:\n  high: [{SEC}, {LEAD}]\n  latest-tag: [Release Team <{LEAD}>]\n"
WAIVER = """\
  - rule: {rule}
    subject: {{kind: Pod, name: {name}}}
    reason: it loads a module
    approver: {approver}
    expires: {expires}
"""


class Git:
    """A repository that people commit to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run("init", "-q", "-b", "main")

    def run(self, *words: str, author: str = DEV) -> str:
        who = ("-c", f"user.email={author}", "-c", "user.name=somebody")
        more = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
        done = subprocess.run(
            ["git", *who, *more, *words],
            cwd=self.folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, text: str | None = None, author: str = DEV, message: str = "change") -> str:
        if text is not None:
            (self.folder / "portside.yaml").write_text(text)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", message, author=author)
        return self.run("rev-parse", "HEAD")


def waiver(
    rule: str = "privileged-container",
    name: str = "shop",
    approver: str = SEC,
    expires: str = "2026-09-01",
) -> str:
    return WAIVER.format(rule=rule, name=name, approver=approver, expires=expires)


def config(*waivers: str, policy: str = POLICY) -> str:
    return policy + ("waivers:\n" + "".join(waivers) if waivers else "")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with a policy, and a branch of its own for what is asked."""
    folder = tmp_path / "repo"
    folder.mkdir()
    made = Git(folder)
    (folder / "pod.yaml").write_text(POD)
    made.commit(config())
    made.run("checkout", "-q", "-b", "asked")
    return made


def check(git: Git, base: str = "main", *words: str) -> Answer:
    return portside(git.folder, "waivers", "check", "--base", base, "--now", NOW, *words)


def test_nothing_new_needs_nobody(git: Git) -> None:
    answer = check(git)

    assert (answer.code, answer.out) == (
        0,
        "0 exceptions since main, 0 without the approver needed\n",
    )


@pytest.mark.parametrize(
    ("text", "author", "message", "said"),
    [
        (waiver(), DEV, "x", ""),
        (waiver(approver="Sec <SEC@example.org>"), DEV, "x", ""),
        (waiver(approver=DEV), DEV, "x", f"{DEV} may not approve privileged-container"),
        (waiver(approver="sec"), DEV, "x", "sec may not approve privileged-container"),
        (waiver(), SEC, "x", f"{SEC} added it and is its approver"),
        (waiver(), SEC, f"x\n\nApproved-by: Lead <{LEAD}>", ""),
        (waiver(), SEC, f"x\n\nReviewed-by: {LEAD}", ""),
        (waiver(), SEC, f"x\n\nApproved-by: {SEC}", "is its approver"),
        (waiver(), SEC, f"x\n\nApproved-by: {DEV}", "is its approver"),
        (waiver(), SEC, f"Approved-by: {LEAD}\n\nno trailer", "is its approver"),
        (waiver(rule="latest-tag"), DEV, "x", f"{SEC} may not approve latest-tag"),
        (waiver(rule="latest-tag", approver=LEAD), DEV, "x", ""),
        (waiver(rule="shared-process-namespace", approver=DEV), DEV, "x", ""),
        (waiver(rule="'*'", approver=DEV), DEV, "x", "may not approve"),
        (waiver(rule="'policy:*'", approver=DEV), DEV, "x", "may not approve policy:*"),
    ],
)
def test_a_new_waiver_needs_the_approver_that_the_policy_names(
    text: str, author: str, message: str, said: str, git: Git
) -> None:
    git.commit(config(text), author, message)

    answer = check(git)

    assert answer.code == (1 if said else 0), answer.out
    assert said in answer.out
    if said:
        assert "portside.yaml:5:5: unapproved-waiver the waiver of " in answer.out
        assert " was added: " in answer.out


def test_an_approver_who_writes_the_last_word_on_what_another_asked_for_agrees(git: Git) -> None:
    git.commit(config(waiver(expires="2027-01-01")), DEV)
    git.commit(config(waiver(expires="2026-08-01")), SEC)

    assert check(git).code == 0


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        (waiver(approver=DEV), waiver(approver=DEV), ""),
        (waiver(approver=DEV), waiver(approver=DEV, expires="2026-08-01"), ""),
        (waiver(approver=DEV), waiver(approver=DEV, expires="2026-10-01"), "prolonged"),
        (waiver(approver=DEV), waiver(approver=DEV, name="'*'"), "widened"),
        (waiver(approver=DEV), waiver(approver=DEV, rule="[privileged-container, host-pid]"),
         "widened"),
        (waiver(approver=DEV, rule="'host-*'"), waiver(approver=DEV, rule="host-pid"), ""),
        (waiver(approver=DEV), waiver(approver=DEV) + waiver(approver=DEV, rule="host-pid"),
         "added"),
        (waiver(approver=DEV), waiver(approver=DEV).replace("kind: Pod, ", ""), "widened"),
    ],
)  # fmt: skip
def test_only_what_excuses_more_than_before_counts(
    before: str, after: str, how: str, git: Git
) -> None:
    git.run("checkout", "-q", "main")
    git.commit(config(before))
    git.run("checkout", "-q", "-b", "later")
    git.commit(config(after))

    answer = check(git)

    assert answer.code == (1 if how else 0), answer.out
    assert not how or f"was {how}" in answer.out


def test_who_asks_cannot_name_the_approvers_anew(git: Git) -> None:
    mine = f"approvers: {{critical: [{DEV}], low: [{DEV}]}}\n"
    git.commit(config(waiver(approver=DEV), policy=mine))

    changed = check(git)
    git.commit(config(waiver(approver=DEV), policy=""))
    dropped = check(git)

    assert (changed.code, dropped.code) == (1, 1)
    assert f"{SEC}, {LEAD} may (portside.yaml:2)" in changed.out


def test_who_asks_cannot_remove_the_file_that_names_the_approvers(git: Git) -> None:
    git.run("checkout", "-q", "main")
    (git.folder / "shared").mkdir()
    (git.folder / "shared/portside.yaml").write_text(POLICY)
    git.commit("extends: [shared, gone-long-ago]\n")
    git.run("checkout", "-q", "-b", "removed")
    git.run("rm", "-q", "-r", "shared")
    git.commit("waivers:\n" + waiver(approver=DEV))

    assert check(git).code == 1


def test_a_branch_from_before_the_policy_is_held_against_it(git: Git) -> None:
    git.run("checkout", "-q", "--orphan", "old")
    git.commit("profile: strict\n")
    git.run("checkout", "-q", "-b", "fresh")
    git.commit("profile: strict\nwaivers:\n" + waiver(approver=DEV))
    git.run("checkout", "-q", "old")
    git.commit(POLICY)
    git.run("checkout", "-q", "fresh")

    assert check(git, "old").code == 1


def test_what_is_not_committed_has_nobody_behind_it(git: Git) -> None:
    (git.folder / "portside.yaml").write_text(config(waiver()))

    answer = check(git)

    assert answer.code == 1
    assert "it is not committed" in answer.out


def test_a_merge_brings_no_waiver_of_its_own(git: Git) -> None:
    git.commit(config(waiver()), DEV)
    git.run("checkout", "-q", "main")
    (git.folder / "other").write_text("x")
    git.commit()
    git.run("merge", "-q", "--no-ff", "-m", "merge", "asked", author=SEC)

    assert check(git, "main~1").code == 0


def test_a_configuration_that_moved_is_known_by_its_old_name(git: Git) -> None:
    git.run("checkout", "-q", "main")
    git.commit(config(waiver(approver=DEV)))
    git.run("checkout", "-q", "-b", "moved")
    (git.folder / "deploy").mkdir()
    git.run("mv", "portside.yaml", "deploy/portside.yaml")
    git.commit()

    moved = check(git, "main", "--config", "deploy/portside.yaml")
    text = (git.folder / "deploy/portside.yaml").read_text() + waiver(rule="host-pid", approver=DEV)
    (git.folder / "deploy/portside.yaml").write_text(text)
    git.commit()
    more = check(git, "main", "--config", "deploy/portside.yaml")

    assert moved.code == 0, moved.out
    assert more.code == 1
    assert more.out.count("unapproved-waiver") == 1
    assert "the waiver of host-pid" in more.out


def test_waivers_of_an_extended_file_in_the_repository_are_held_too(git: Git) -> None:
    git.run("checkout", "-q", "main")
    (git.folder / "far.yaml").write_text(POLICY)
    git.commit("extends: far.yaml\n")
    git.run("checkout", "-q", "-b", "far")
    (git.folder / "far.yaml").write_text(config(waiver(approver=DEV)))
    git.commit()

    answer = check(git)

    assert answer.code == 1
    assert "far.yaml:5:5: unapproved-waiver" in answer.out


def test_json_says_what_the_text_says(git: Git) -> None:
    git.commit(config(waiver(approver=DEV)))

    told = json.loads(check(git, "main", "-o", "json").out)

    assert [(it["rule"], it["file"], it["line"]) for it in told] == [
        ("unapproved-waiver", "portside.yaml", 5)
    ]


COMMENT = "# portside:ignore privileged-container it loads a module\n"


@pytest.mark.parametrize(
    ("policy", "before", "after", "message", "told"),
    [
        ("", POD, COMMENT + POD, "x", 0),
        ("approve-comments: high\n", POD, COMMENT + POD, "x", 1),
        ("approve-comments: high\n", POD, COMMENT + POD, f"x\n\nApproved-by: {SEC}", 0),
        ("approve-comments: high\n", POD, COMMENT + POD, f"x\n\nApproved-by: {DEV}", 1),
        ("approve-comments: high\n", COMMENT + POD, "\n\n" + COMMENT + POD, "x", 0),
        (
            "approve-comments: high\n",
            POD, POD.replace("true", "true # portside:ignore privileged-container it must"), "x", 1,
        ),
        (
            "approve-comments: high\n",
            POD, COMMENT.replace("privileged-container", "host-ipc-not-there") + POD, "x", 0,
        ),
        (
            "approve-comments: high\n",
            POD, POD.replace("{name: shop}", '{name: shop, annotations: {portside.dev/ignore:'
                             ' "privileged-container it must"}}'), "x", 1,
        ),
        (
            "approve-comments: high\n", COMMENT.replace("container", "container until=2026-08-01")
            + POD, COMMENT + POD, "x", 1,
        ),
        ("approve-comments: high\n", COMMENT + POD, COMMENT.replace(":ignore", ":ignore-file")
         + POD, "x", 1),
    ],
)  # fmt: skip
def test_comments_need_an_approver_where_the_policy_asks_for_it(
    policy: str, before: str, after: str, message: str, told: int, git: Git
) -> None:
    git.run("checkout", "-q", "main")
    (git.folder / "pod.yaml").write_text(before)
    git.commit(config() + policy)
    git.run("checkout", "-q", "-b", "comments")
    (git.folder / "pod.yaml").write_text(after)
    git.commit(message=message)

    answer = check(git)

    assert answer.code == told, answer.out
    assert answer.out.count("unapproved-waiver") == told


def test_a_comment_in_a_renamed_file_is_the_same_comment(git: Git) -> None:
    git.run("checkout", "-q", "main")
    (git.folder / "pod.yaml").write_text(COMMENT + POD)
    git.commit(config() + "approve-comments: high\n")
    git.run("checkout", "-q", "-b", "renamed")
    git.run("mv", "pod.yaml", "shop.yaml")
    git.commit()

    assert check(git).code == 0


@pytest.mark.parametrize("base", ["nowhere", "--help", "HEAD~99", "main:portside.yaml"])
def test_a_revision_that_is_not_there_is_an_error(base: str, git: Git) -> None:
    answer = portside(git.folder, "waivers", "check", f"--base={base}")

    assert answer.code == 2
    assert f"--base {base}: it is not known here" in answer.err
    assert "nothing was checked" in answer.err


def test_a_shallow_clone_says_what_it_lacks(git: Git, tmp_path: Path) -> None:
    for number in range(3):
        (git.folder / f"{number}").write_text("x")
        git.commit()
    git.commit(config(waiver()))
    url = f"file://{git.folder}"
    subprocess.run(
        ["git", "clone", "-q", "--depth=2", "--no-single-branch", url, tmp_path / "shallow"],
        check=True, capture_output=True,
    )  # fmt: skip
    clone = Git(tmp_path / "shallow")

    answer = check(clone, "origin/main")

    assert answer.code == 2
    assert "shallow" in answer.err
    assert "fetch-depth: 0" in answer.err


def test_without_a_repository_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "portside.yaml").write_text(config())

    answer = portside(tmp_path, "waivers", "check", "--base", "main")

    assert answer.code == 2
    assert "not a git repository" in answer.err


def test_without_git_it_is_an_error(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(git.folder))

    answer = check(git)

    assert answer.code == 2
    assert "git is not installed" in answer.err


def test_base_goes_with_check_alone(git: Git) -> None:
    answer = portside(git.folder, "waivers", "list", "--base", "main")

    assert answer.code == 2
    assert "--base goes with waivers check" in answer.err
