"""Both sides of a comparison are what a scan says of them, whatever the change is."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.diff.repositories import Repo, pod
from tests.scanning import Answer, scan
from tests.shared import shared

_MOST = 120
_TREES = {
    "realworld": "corpora/realworld",
    "helm-golden": "corpora/helm-golden",
    "kustomize-golden": "corpora/kustomize-golden/inputs",
}


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


def places(findings: list[dict[str, Any]]) -> Counter[str]:
    """All that a scan says of findings, each as text."""
    keys = ("id", "file", "line", "column", "message", "chain", "confidence", "environments")
    return Counter(json.dumps([it[key] for key in keys]) for it in findings)


def environments(findings: list[dict[str, Any]]) -> dict[str, set[str]]:
    """By identity: where a finding holds; nothing for one that names no environment."""
    found: dict[str, set[str]] = {}
    for it in findings:
        if it["environments"]:
            found.setdefault(it["id"], set()).update(it["environments"])
    return found


def names(objects: list[dict[str, Any]]) -> set[str]:
    return {json.dumps(it["resource"], sort_keys=True) for it in objects}


def filled(repo: Repo, corpus: str, chance: random.Random) -> None:
    """Real files: a few of many, or whole charts and overlays, with values of some environments."""
    root = shared(_TREES[corpus])
    files = sorted(it for it in root.rglob("*") if it.is_file() and it.stat().st_size < 100_000)
    if corpus == "realworld":
        files = chance.sample(files, min(_MOST, len(files)))
    for path in files:
        repo.put(str(path.relative_to(root)), path.read_bytes())
    for path in sorted(repo.folder.rglob("Chart.yaml")):
        if "charts" in path.relative_to(repo.folder).parts:
            continue
        for name in chance.sample(("dev", "qa", "prod"), 2):
            (path.parent / f"values-{name}.yaml").write_text(values(chance))


def values(chance: random.Random) -> str:
    return f"replicaCount: {chance.randrange(3)}\nhostNetwork: {chance.choice(('true', 'false'))}\n"


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


def changed_as_installed(repo: Repo, chance: random.Random) -> None:
    """Change what charts and overlays are made of, mostly such that they can be rendered still."""
    charts = sorted(it.parent for it in repo.folder.rglob("Chart.yaml"))
    for folder in chance.sample(charts, min(2, len(charts))):
        kind = chance.randrange(4)
        if kind == 0:
            for path in folder.glob("values-*.yaml"):
                path.write_text(values(chance))
        elif kind == 1:
            (folder / "values-new.yaml").write_text(values(chance))
            for path in sorted(folder.glob("values-[dqp]*.yaml"))[:1]:
                path.unlink()
        elif kind == 2:
            folder.rename(folder.with_name(f"{folder.name}-2"))
        else:
            text = (folder / "values.yaml").read_text()
            (folder / "values.yaml").write_text(text.replace("false", "true"))
    manifests = [it for it in sorted(repo.folder.rglob("*.y*ml")) if edited(it) is not None]
    for path in chance.sample(manifests, min(6, len(manifests))):
        path.write_text(edited(path) or "")


def edited(path: Path) -> str | None:
    """The file with another image, or without what a container may not do; None for others."""
    if ".git/" in str(path) or path.parent.name == "templates":
        return None
    lines = path.read_text(errors="replace").splitlines(keepends=True)
    if not any(it.startswith("kind:") for it in lines) or "kustomization" in path.name:
        return None
    found = [it.replace("privileged: false", "privileged: true") for it in lines]
    found = [f"{it.rstrip()}-other\n" if "image: " in it else it for it in found]
    return "".join(found) if found != lines else None


def accounted(answer: Answer, then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What the comparison leaves open of what two scans say."""
    told = answer.report
    after = [it for it in told["findings"] if it["state"] != "fixed"]
    fixed = [it for it in told["findings"] if it["state"] == "fixed"]
    if places(after) != places(now["findings"]):
        yield "the new side is another one"
    was, is_now, gone = (environments(it) for it in (then["findings"], now["findings"], fixed))
    for it in after:
        new_in = set(it["new_in"])
        if new_in & was.get(it["id"], set()) or not new_in <= set(it["environments"]):
            yield f"{it['id']} is not new in {sorted(new_in)}"
        held = set(it["environments"]) <= was.get(it["id"], set())
        if it["environments"] and held and it["state"] == "new" and not told["loosened"]:
            yield f"{it['id']} was there"
    for name, where in gone.items():
        if where & is_now.get(name, set()) or not where <= was.get(name, where):
            yield f"{name} is not gone in {sorted(where)}"
    before, today = ids(then), ids(now)
    strangers = {it["id"] for it in fixed} - set(before)
    yield from (f"{it} was never there" for it in sorted(strangers))
    # What moved to another file, chart or overlay has another name now, and is unchanged.
    moved = sum(it["state"] == "unchanged" and it["id"] not in before for it in after)
    open_ = set(before) - {it["id"] for it in fixed} - set(today)
    unread = len(told["unread"]["after"])
    if len(open_) > moved and not unread:
        yield f"nothing is said of {sorted(open_)}"


def objects_missing(answer: Answer, then: dict[str, Any], now: dict[str, Any]) -> set[str]:
    """The objects that only one scan has, and the comparison does not list as come or gone."""
    told = answer.report["objects"]
    was, is_now = (
        names([it for it in report["ledger"]["objects"] if it["resource"]["apiVersion"]])
        for report in (then, now)
    )
    added = names([it for it in told if it["change"] == "added"])
    removed = names([it for it in told if it["change"] == "removed"])
    return ((is_now - was) - added) | ((was - is_now) - removed)


@pytest.mark.usefixtures("renders")
@pytest.mark.parametrize(
    ("corpus", "seed"),
    [(it, seed) for it in _TREES for seed in range(6 if it == "realworld" else 4)],
)
def test_each_side_is_what_a_scan_says(corpus: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{corpus} {seed}")
    repo = Repo(tmp_path / "shop")
    filled(repo, corpus, chance)
    repo.commit()
    change = changed if seed < 1 or corpus == "realworld" else changed_as_installed
    change(repo, chance)

    answer = repo.diff("HEAD", "--part")
    (tmp_path / "then").mkdir()
    old = Repo(tmp_path / "then" / "shop")
    old.git("pull", "-q", str(repo.folder), "main")
    then, now = (scan(it.folder, "--part").report for it in (old, repo))

    assert list(accounted(answer, then, now)) == []
    told = answer.report["unread"]
    assert [it["file"] for it in told["after"]] == [it["file"] for it in now["unread"]]
    said = [(it["file"], it["reason"]) for it in (*told["before"], *told["after"])]
    assert {(it["file"], it["reason"]) for it in then["unread"]} <= set(said)
    if not said:
        assert objects_missing(answer, then, now) == set()
    repo.commit()
    # Git finds more files that have another name once they are committed.
    again = repo.diff("HEAD~1..HEAD", "--part")
    assert list(accounted(again, then, now)) == []
    assert sides(again)[0] == sides(answer)[0]


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
