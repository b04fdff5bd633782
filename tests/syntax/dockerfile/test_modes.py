"""The modes that commands give are those that chmod gives."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from portside.syntax.dockerfile.modes import mode_of


def _clause(chance: random.Random) -> str:
    who = "".join(chance.sample("ugoa", chance.randrange(3)))
    return who + chance.choice("+-=") + "".join(chance.sample("rwxst", chance.randrange(4)))


def _texts() -> list[str]:
    chance = random.Random(5)
    numbers = ["777", "0777", "1777", "4755", "2755", "0644", "666", "6755", "7777", "000", "755"]
    return numbers + [
        ",".join(_clause(chance) for _ in range(chance.choice([1, 1, 2, 3]))) for _ in range(400)
    ]


@pytest.mark.parametrize("text", _texts())
def test_a_mode_is_what_chmod_makes_of_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file"
    file.touch()
    file.chmod(0)
    done = subprocess.run(
        ["chmod", "--", text, file], umask=0o022, capture_output=True, text=True, check=False
    )
    bits = os.stat(file).st_mode
    # `chmod` tells where the umask kept it from what was written, and has done the rest.
    assert done.returncode == 0 or "not" in done.stderr
    said = mode_of(text)
    assert said.open_to_all == (bool(bits & 0o002) and not bits & 0o1000)
    assert said.set_id == bool(bits & 0o6000)


def test_what_is_no_mode_gives_nothing() -> None:
    for text in ("$MODE", "u=g", "--reference=x", "99", "rwx", ""):
        assert mode_of(text) == (False, False)
