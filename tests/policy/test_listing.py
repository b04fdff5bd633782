"""A start from a checkout reads no rule file that was not touched, and misses none that was."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portside.policy import checkout, listing
from portside.policy.listing import SOURCES, forget, keep, listed, untouched

COARSEST = 0.05


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(listing, "_COARSEST", int(COARSEST * 1e9))
    for name in (*SOURCES, "cel/ast/tree.py", "rules/pod/a.yaml", "rules/pod/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "rules/generated").mkdir()
    (tmp_path / "rules/generated/catalogue.py").write_text("STAMP = ''\n")
    return str(tmp_path)


def settle() -> None:
    time.sleep(COARSEST * 2)


def kept(package: str) -> None:
    now = listed(package)
    assert now is not None
    keep(now, package)


def test_files_that_nobody_touched_are_known_again(package: str) -> None:
    assert not untouched(package)
    settle()
    kept(package)

    assert untouched(package)
    assert not [it for it in os.listdir(f"{package}/rules/generated") if it.endswith(".tmp")]
    forget(package)
    assert not untouched(package)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a rule": lambda it: (it / "rules/pod/a.yaml").write_text("x = 2\n"),
    "a rule in Python": lambda it: (it / "rules/pod/b.py").write_text("x = 2\n"),
    "the compiler": lambda it: (it / "cel/ast/tree.py").write_text("x = 2\n"),
    "the generator": lambda it: (it / SOURCES[0]).write_text("x = 2\n"),
    "the catalogue": lambda it: (it / "rules/generated/catalogue.py").write_text("STAMP = 1\n"),
    "a new rule": lambda it: (it / "rules/pod/c.yaml").write_text("x = 1\n"),
    "a new folder": lambda it: in_new_folder(it / "rules/d/e.py"),
    "a rule that is gone": lambda it: (it / "rules/pod/a.yaml").unlink(),
    "a rule under another name": lambda it: (it / "rules/pod/a.yaml").rename(it / "rules/pod/z.py"),
    "a catalogue that is gone": lambda it: (it / "rules/generated/catalogue.py").unlink(),
    "a rule that another file replaced": lambda it: replaced(it / "rules/pod/a.yaml"),
    "a rule of the same size and time": lambda it: backdated(it / "rules/pod/a.yaml"),
}


def in_new_folder(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("")


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("x = 2\n")
    other.replace(path)


def backdated(path: Path) -> None:
    before = path.stat()
    path.write_text("x = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(package: str, change: str) -> None:
    settle()
    kept(package)
    assert untouched(package)

    CHANGES[change](Path(package))

    assert not untouched(package)


def test_what_python_and_the_generator_leave_there_is_no_change(package: str) -> None:
    settle()
    kept(package)

    for folder in ("rules/pod/__pycache__", "cel/__pycache__", "rules/generated/__pycache__"):
        Path(package, folder).mkdir()
        Path(package, folder, "a.py").write_text("")
    Path(package, "rules/generated/pods.py").write_text("")

    assert untouched(package)


def test_a_file_that_was_changed_just_now_is_read_again_however_late_that_is_known(
    package: str,
) -> None:
    """A second change in the same moment leaves its size and, on some file systems, its times."""
    now = listed(package)
    assert now is not None
    settle()

    keep(now, package)

    assert not untouched(package)


def test_a_checkout_that_cannot_be_written_to_is_no_error(package: str) -> None:
    Path(package, "rules/generated/listing").mkdir()
    settle()
    kept(package)

    assert not untouched(package)


def test_a_listing_of_something_else_is_no_listing(package: str) -> None:
    settle()
    kept(package)
    Path(package, "rules/generated/listing").write_bytes(b"\xff\0")

    assert not untouched(package)


def test_all_that_decides_the_rules_is_listed() -> None:
    """What the digest is made of: no file of it may change without a word."""
    now = listed(str(checkout.RULES.parent))

    assert now is not None
    names = {line.split()[0] for line in now.text.decode().splitlines()}
    package = checkout.RULES.parent
    made_of = {it.relative_to(package).as_posix() for it in checkout.sources()}
    assert made_of
    assert names >= made_of
