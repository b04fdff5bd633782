"""The examples of the repository say what their page says of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.shared import ROOT

EXAMPLES = ROOT / "examples"


def _run(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portside", *words],
        cwd=EXAMPLES / folder,
        capture_output=True,
        text=True,
        check=False,
    )


def _scan(folder: str, *words: str) -> tuple[int, dict[str, Any]]:
    done = _run(folder, "scan", *words, "-o", "json")
    assert done.stderr == "" or "policy" in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_every_example_is_on_the_page_and_here() -> None:
    page = (EXAMPLES / "README.md").read_text()
    folders = sorted(it.name for it in EXAMPLES.iterdir() if it.is_dir())
    with open(__file__) as source:
        tests = source.read()

    assert [it for it in folders if f"`{it}`" not in page or f'"{it}"' not in tests] == []


def test_a_folder_is_scanned_to_the_column() -> None:
    code, report = _scan("01-scan-a-folder", "shop")

    counted = [it for it in report["findings"] if not it["covered_by"]]
    assert code == 1
    assert [(it["rule"], it["line"], it["column"]) for it in counted] == [
        ("run-as-non-root", 21, 11),
        ("privileged-container", 22, 13),
    ]


@pytest.mark.parametrize(
    ("day", "code", "waived"),
    [("2026-12-01", 0, 2), ("2027-01-01", 1, 1), ("2027-07-01", 1, 0)],
)
def test_an_excuse_holds_until_its_day(day: str, code: int, waived: int) -> None:
    ended, report = _scan("02-excuse-a-finding", "--now", day, "agent.yaml")

    assert ended == code
    assert report["summary"]["waived"] == waived


def test_a_rule_of_ones_own_is_tested_and_asked() -> None:
    tested = _run("03-a-rule-of-your-own", "rules", "test", "rules")
    code, report = _scan("03-a-rule-of-your-own", "web.yaml")

    assert tested.returncode == 0
    assert code == 1
    assert [(it["rule"], it["line"]) for it in report["findings"]] == [("cost-centre-missing", 10)]


def test_a_policy_judges_what_the_api_server_would_admit() -> None:
    code, report = _scan("04-policies-you-already-have", "--policy", "policy.yaml", "web.yaml")

    (found,) = report["findings"]
    assert code == 1
    assert (found["rule"], found["severity"]) == ("two-replicas.example.org", "high")
    # The file says nothing of replicas: the server's default is what the policy sees.
    assert found["message"] == "one replica is none: got 1"


def test_the_extension_of_an_editor_wakes_for_what_it_sends_and_reads_only_its_own_settings() -> (
    None
):
    folder = EXAMPLES / "vscode"
    manifest = json.loads((folder / "package.json").read_text())
    program = (folder / manifest["main"]).read_text()

    languages = json.loads(program.partition("const LANGUAGES = ")[2].partition(";")[0])
    assert manifest["activationEvents"] == [f"onLanguage:{it}" for it in languages]
    settings = manifest["contributes"]["configuration"]["properties"]
    asked = re.findall(r'settings\.get\("(\w+)"\)', program)
    assert sorted(f"portside.{it}" for it in asked) == sorted(settings)
    assert settings["portside.command"]["default"] == "portside"
    assert 'args: ["lsp", ' in program


def test_a_chart_is_judged_in_each_of_its_environments(
    render_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{render_program.parent}{os.pathsep}{os.environ['PATH']}")
    code, report = _scan("05-a-chart", "--no-cache")
    (found,) = (it for it in report["findings"] if it["rule"] == "privileged-container")

    assert code == 1
    assert (found["file"], found["line"]) == ("shop/values-prod.yaml", 3)
    assert found["environments"] == ["prod"]
