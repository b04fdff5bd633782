"""No value of a credential is ever told: not by a report, a log, an error or the cache.

Values that nobody could guess are planted wherever credentials turn up, under names and in formats
that make them credentials and beside faults, and all that a scan says and keeps is searched for
them, encoded ones too. `test_secret_values_commands.py` does so for every other command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portside.cli.reporting import context
from portside.report import REPORTS
from portside.report.context import Context
from tests.acceptance.planted import Planted, keeps, told
from tests.acceptance.planted_tree import written
from tests.scanning import portside


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree full of planted values, large enough for several processes."""
    folder = tmp_path / "shop"
    written(folder, Planted(), copies=44)
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(tmp_path / "cache"))
    return folder


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("verbose", [False, True])
def test_no_report_tells_a_value(planted: Path, report: str, *, verbose: bool) -> None:
    words = ("-v",) if verbose else ()
    answer = portside(planted, "scan", "--profile", "auditor", "-o", report, *words, ".")
    assert answer.code in (1, 3)
    assert answer.out
    assert told(answer.out + answer.err) == []


def test_the_screen_of_a_terminal_tells_no_value(
    planted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_terminal(*given: Any) -> Context:
        return context(*given)._replace(terminal=True, unicode=True)

    monkeypatch.setattr("portside.cli.scan.context", on_terminal)
    answer = portside(
        *(planted, "scan", "--profile", "auditor", "-v"),
        *("pod.yaml", "kept.yaml", "Dockerfile", ".github", ".gitlab-ci.yml", "broken"),
    )
    assert "│" in answer.out
    assert told(answer.out + answer.err) == []


def test_the_cache_keeps_no_value(planted: Path) -> None:
    portside(planted, "scan", "--profile", "auditor", ".")
    kept = [it for it in (planted.parent / "cache").rglob("*") if it.is_file()]
    assert kept
    assert [it for it in kept if keeps(it.read_bytes())] == []


def test_a_value_is_found_in_whatever_form() -> None:
    """Else none of these tests could fail."""
    import json
    from base64 import b64encode
    from urllib.parse import quote

    value = Planted()()
    for form in (value, value[:20], value[-20:], value.upper(), repr(f'"{value}\n')):
        assert told(f"a\nsays {form} here\n") == [f"says {form} here"]
    for before in ("", "a", "ab", "password="):
        form = b64encode(f"{before}{value}".encode()).decode()
        assert told(form)
        assert keeps(form.encode())
    assert told(quote(f"ä {value}"))
    assert told(json.dumps({"ä": f'"{value}'}))
    assert told(value.encode().hex())
    assert not told("nothing of it, zq7K and LmT4rB2nY6")
