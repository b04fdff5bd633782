"""A file that is asked for by name has to be readable; one that a folder holds may be anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.sources.read import read_file
from portside.sources.walk import Found


def _fate(folder: Path, name: str, text: bytes, *, given: bool) -> str:
    path = folder / name
    path.write_bytes(text)
    return read_file(Found(str(path), name, given)).fate.fate


@pytest.mark.parametrize("name", ["web.yaml", "web.yml", "web.json", "WEB.YAML"])
@pytest.mark.parametrize("text", [b"a: [\n", b"\ta: 1\n", b'{"a": ', b"\x00\x01\x02\x03"])
def test_what_is_asked_for_and_no_yaml_is_unread(tmp_path: Path, name: str, text: bytes) -> None:
    assert _fate(tmp_path, name, text, given=True) == "unread"
    assert _fate(tmp_path, name, text, given=False) == "not-kubernetes"


@pytest.mark.parametrize(
    ("name", "text"),
    [("replicas.yaml", b"replicas: 2\n"), ("empty.yaml", b""), ("README.md", b"a: [b\n# c")],
)
def test_what_is_sound_or_claims_nothing_is_no_object(
    tmp_path: Path, name: str, text: bytes
) -> None:
    assert _fate(tmp_path, name, text, given=True) == "not-kubernetes"
