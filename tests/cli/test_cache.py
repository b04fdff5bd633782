"""The cache of stage A changes nothing but the time: not when it is new, old, broken or foreign."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portside.cli.cache import Cache
from portside.cli.stage_a import judge_all
from portside.engine.plan import Plan
from portside.model.finding import FileResult
from portside.policy import builtin
from portside.sources.walk import Found, find
from portside.syntax import DEFAULT

_POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: shop-{number}}}
spec:
  containers:
    - name: web
      image: nginx
      securityContext: {{privileged: {privileged}}}
"""
_FILES = 240


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enough manifests for the cache and for two processes; the cache beside them."""
    (tmp_path / "shop").mkdir()
    for number in range(_FILES):
        _write(tmp_path, number, privileged=number % 2 == 0)
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def _write(folder: Path, number: int, *, privileged: bool) -> None:
    text = _POD.format(number=number, privileged=str(privileged).lower())
    (folder / "shop" / f"{number:03}.yaml").write_text(text)


def _scan(folder: Path, *more: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "portside", "scan", "shop", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def _kept(folder: Path) -> Path:
    (found,) = (folder / "cache").glob("*.stage-a")
    return found


def test_a_second_run_says_the_same(folder: Path) -> None:
    first = _scan(folder, "-o", "json")
    second = _scan(folder, "-o", "json")
    uncached = _scan(folder, "-o", "json", "--no-cache")

    assert first == second == uncached
    assert first[0] == 1
    assert first[1].count('"rule": "privileged-container"') == _FILES // 2
    assert _kept(folder).stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_judged_anew(folder: Path) -> None:
    before = _scan(folder)
    _write(folder, 0, privileged=False)

    after = _scan(folder)

    assert before[1].count("privileged-container") == after[1].count("privileged-container") + 1
    assert after == _scan(folder, "--no-cache")


def test_another_profile_has_results_of_its_own(folder: Path) -> None:
    recommended = _scan(folder)
    strict = _scan(folder, "--profile", "strict")

    assert recommended != strict
    assert strict == _scan(folder, "--profile", "strict", "--no-cache")
    assert recommended == _scan(folder)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign", "writable"])
def test_a_cache_that_cannot_be_believed_costs_only_its_use(folder: Path, damage: str) -> None:
    expected = _scan(folder)
    kept = _kept(folder)
    data = kept.read_bytes()
    if damage == "flipped":
        kept.write_bytes(data[:-100] + bytes([data[-100] ^ 1]) + data[-99:])
    elif damage == "writable":
        kept.chmod(0o666)
    else:
        kept.write_bytes({"empty": b"", "cut": data[:-7], "foreign": b"{}" * 999}[damage])

    assert _scan(folder) == expected
    assert _scan(folder) == expected


def test_a_folder_that_others_may_write_to_is_not_used(folder: Path) -> None:
    (folder / "cache").mkdir()
    (folder / "cache").chmod(0o777)

    _scan(folder)

    assert list((folder / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_no_trouble(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _scan(folder, "--no-cache")
    (folder / "file").write_text("")
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(folder / "file" / "cache"))

    assert _scan(folder) == expected


def test_runs_at_the_same_time_do_not_hurt_each_other(folder: Path) -> None:
    expected = _scan(folder, "--no-cache")
    command = [sys.executable, "-m", "portside", "scan", "shop"]
    running = [
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]

    said = [it.communicate()[0] for it in running]

    assert said == [expected[1]] * 4
    assert _scan(folder) == expected
    assert [it.suffix for it in (folder / "cache").iterdir()] == [".stage-a"]


def test_what_is_kept_is_bounded(folder: Path) -> None:
    for number in range(40):
        cache = Cache(["run", number])
        cache.put(b"key", _judged(folder)[0])
        cache.save()

    assert len(list((folder / "cache").iterdir())) == 32


def _judged(folder: Path) -> list[FileResult]:
    plan = Plan(builtin.rules(), builtin.checks, 37)
    return judge_all([Found(str(folder / "shop" / "000.yaml"), "a", given=True)], plan, DEFAULT)


def test_a_process_that_dies_costs_no_answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(builtin.rules(), builtin.checks, 37)
    files = list(find([str(folder / "shop")], lambda _: lambda path, is_folder: ""))
    expected = judge_all(files, plan, DEFAULT)
    parent = os.getpid()
    of = plan.of.__func__  # type: ignore[attr-defined]

    def deadly(self: Plan, *about: object, **more: object) -> object:
        if os.getpid() != parent:
            os._exit(1)
        return of(self, *about, **more)

    monkeypatch.setattr(Plan, "of", deadly)

    assert judge_all(files, plan, DEFAULT) == expected
