"""The bytes of a file are all of it, at most one more than the limit, and never waited for."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from portside.model.finding import UNREAD
from portside.sources import read
from portside.sources.read import content, read_file
from portside.sources.walk import Found
from portside.syntax import Limits

LIMITS = Limits(size=3_000_000)


def found(path: Path | str) -> Found:
    return Found(str(path), "a.yaml", given=False)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, LIMITS.size - 1, LIMITS.size])
def test_a_file_up_to_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    written = os.urandom(size)
    (tmp_path / "a.yaml").write_bytes(written)

    assert content(found(tmp_path / "a.yaml"), LIMITS) == written


@pytest.mark.parametrize("size", [LIMITS.size + 1, LIMITS.size + 2, 1 << 40])
def test_of_a_larger_file_one_byte_more_is_read(tmp_path: Path, size: int) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(size)

    assert content(found(tmp_path / "a.yaml"), LIMITS) == bytes(LIMITS.size + 1)


def test_a_file_that_says_it_were_empty_is_read() -> None:
    if not Path("/proc/self/maps").exists():
        pytest.skip("no /proc/self/maps, which has no size")

    assert content(found("/proc/self/maps"), LIMITS).count(b"\n") > 10
    assert len(content(found("/proc/self/maps"), Limits(size=99))) == 100


@pytest.mark.parametrize("said", [0, 1, 90_000, 100_000, 200_000])
def test_what_comes_in_parts_is_put_together_whatever_size_it_says(said: int) -> None:
    """A pipe gives at most what it holds, as a file may on a slow file system."""
    written = os.urandom(said if said == 100_000 else 100_000)
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(written)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert read._bytes(reading, said, 1 << 20) == written
    finally:
        writer.join()
        os.close(reading)


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a: b\n")
    descriptor = os.dup(0)
    os.close(descriptor)

    for name in ("pipe", "folder", "file", "nothing"):
        read_file(found(tmp_path / name))

    again = os.dup(0)
    os.close(again)
    assert again == descriptor


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pipe", "it is no file any more"),
        ("folder", "it is no file any more"),
        ("nothing", "No such file or directory"),
    ],
)
def test_what_is_no_file_any_more_is_unread_at_once(tmp_path: Path, name: str, said: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    answer = read_file(found(tmp_path / name))

    assert answer.fate[1:] == (UNREAD, 0, f"cannot be read: {said}")
