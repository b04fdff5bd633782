"""What the cache of compiled code gives back is what its own user put in, or nothing."""

from __future__ import annotations

import marshal
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portside.policy.code_cache import load, store

KEY = "a" * 48
PAYLOAD = b"code" * 100
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "cache" / "rules"
    store(str(made), KEY, PAYLOAD)
    assert load(str(made), KEY) == PAYLOAD
    return made


def test_only_its_user_can_look_into_it(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o720, 0o755])
def test_a_folder_open_to_others_is_not_trusted(mode: int, folder: Path) -> None:
    folder.chmod(mode)
    assert load(str(folder), KEY) is None
    (folder / KEY).unlink()
    store(str(folder), KEY, PAYLOAD)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_may_write_is_not_trusted(mode: int, folder: Path) -> None:
    (folder / KEY).chmod(mode)
    assert load(str(folder), KEY) is None


@needs_root
def test_a_file_of_another_user_is_not_trusted(folder: Path) -> None:
    os.chown(folder / KEY, 12345, 12345)
    assert load(str(folder), KEY) is None


@needs_root
def test_a_folder_of_another_user_is_not_trusted(folder: Path) -> None:
    os.chown(folder, 12345, 12345)
    assert load(str(folder), KEY) is None
    store(str(folder), "b" * 48, PAYLOAD)
    assert [it.name for it in folder.iterdir()] == [KEY]


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    (folder / KEY).rename(real)
    (folder / KEY).symlink_to(real)
    assert load(str(folder), KEY) is None
    (folder / KEY).unlink()
    os.link(real, folder / KEY)
    assert load(str(folder), KEY) is None
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert load(str(folder), KEY) is None


def test_what_is_no_file_is_not_read(folder: Path) -> None:
    (folder / KEY).unlink()
    os.mkfifo(folder / KEY)
    assert load(str(folder), KEY) is None
    (folder / KEY).unlink()
    (folder / KEY).mkdir()
    assert load(str(folder), KEY) is None
    store(str(folder), KEY, PAYLOAD)
    assert load(str(folder), KEY) is None


@pytest.mark.parametrize("at", [0, 5, 16, 20, 47, 48, 60, -1])
def test_a_changed_byte_is_noticed(at: int, folder: Path) -> None:
    data = bytearray((folder / KEY).read_bytes())
    data[at] ^= 1
    (folder / KEY).write_bytes(data)
    assert load(str(folder), KEY) is None


@pytest.mark.parametrize("size", [0, 1, 16, 40, 47, 48, 100])
def test_a_cut_off_file_is_noticed(size: int, folder: Path) -> None:
    (folder / KEY).write_bytes((folder / KEY).read_bytes()[:size])
    assert load(str(folder), KEY) is None


def test_an_entry_is_not_believed_under_another_name(folder: Path) -> None:
    other = "b" * 48
    (folder / KEY).rename(folder / other)
    assert load(str(folder), other) is None


def test_the_folder_stays_small(folder: Path) -> None:
    for number in range(60):
        store(str(folder), f"{number:048}", PAYLOAD)
        os.utime(folder / f"{number:048}", (number, number))
    assert len(list(folder.iterdir())) <= 33
    assert load(str(folder), f"{59:048}") == PAYLOAD


def test_what_an_interrupted_writer_left_is_removed(folder: Path) -> None:
    left = folder / ".x.1.tmp"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    store(str(folder), "b" * 48, PAYLOAD)
    assert not left.exists()


def test_a_folder_that_cannot_be_made_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store(str(tmp_path / "file" / "rules"), KEY, PAYLOAD)
    assert load(str(tmp_path / "file" / "rules"), KEY) is None
    assert load("", KEY) is None


def test_many_writers_and_readers_at_once(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from portside.policy.code_cache import load, store\n"
        "folder, key, payload = sys.argv[1], 'c' * 48, b'x' * 100_000\n"
        "for _ in range(100):\n"
        "    store(folder, key, payload)\n"
        "    assert load(folder, key) in (payload, None)\n"
        "sys.exit(load(folder, key) != payload)\n"
    )
    source = str(Path(__file__).resolve().parent.parent.parent / "src")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "rules")],
            env={**os.environ, "PYTHONPATH": source},
        )
        for _ in range(4)
    ]
    assert [it.wait(timeout=60) for it in running] == [0, 0, 0, 0]


def test_a_hostile_file_in_the_cache_is_never_executed(tmp_path: Path) -> None:
    """What somebody else put there: code in our own form, with a right digest, but not ours."""
    from portside.cli.rule_new import SKELETON
    from portside.policy.own import with_own_rules

    rules, cache = tmp_path / "own", tmp_path / "cache"
    rules.mkdir()
    (rules / "my_rule.yaml").write_text(SKELETON.format(id="my-rule", folder="own"))
    with_own_rules([str(rules)], cache=str(cache))
    entry = next((cache / "rules").iterdir())
    mark = tmp_path / "executed"
    evil = {
        name: compile(
            f"import os; os.makedirs({str(mark)!r}, exist_ok=True); RULES = TEXTS = {{}}",
            "x",
            "exec",
        )
        for name in ("catalogue", "texts")
    }
    entry.unlink()
    store(str(cache / "rules"), entry.name, marshal.dumps(evil))
    entry.chmod(0o666)
    assert "my-rule" in with_own_rules([str(rules)], cache=str(cache)).rules
    assert not mark.exists()
    # The same bytes are believed where only we can have written them: what protects is the check.
    store(str(cache / "rules"), entry.name, marshal.dumps(evil))
    with_own_rules([str(rules)], cache=str(cache))
    assert mark.exists()
