"""Nothing hostile in names, values or files reaches a terminal or breaks a format."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portside.model.evaluation import Evaluation
from portside.model.finding import Excuse, ObjectFate, ResourceRef, Undecided, Unread
from portside.report import REPORTS
from tests.report.examples import COVERED, finding, rendered, result, xml_of

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07",
    "a\r\nb: 1:1: critical fake finding",
    "\n::error file=x::forged",
    "\u202egnp.exe\u2066",
    "a\u2028b\u2029c\x85d",
    "\x00\x0b\x0c\x9b31m",
    "]]><x>&amp;\"'",
    "\udcff\udc1b",
    "\ufffe\uffff\ufeff",
    "\U000e0041\u200b\u00ad",
)
FORMATS = [*REPORTS, "screen"]


def evaluation(text: str) -> Evaluation:
    """`text` in every place where what is scanned decides."""
    ref = ResourceRef(f"v1{text}", f"Kind{text}", text, text)
    parts: dict[str, Any] = {
        "resource": ref,
        "message": text,
        "file": text,
        "path": (text, 0),
        "note": text,
    }
    found = [finding(**parts), finding(**parts), finding(**parts), COVERED._replace(**parts)]
    made = result(
        text,
        found,
        objects=[ObjectFate(text, 1, ref, "judged", 1, text)],
        undecided=[Undecided("latest-tag", ref, text, text, 1)],
        unread=[Unread(text, text or "why", text, 1, 1)],
    )
    return Evaluation([made], excuses={1: Excuse("comment", text, text, "", text)}, rules=1)


def report(name: str, text: str) -> str:
    made = evaluation(text)
    sources = {text: f"{text}image: {text}\n" * 12}
    if name == "screen":
        return rendered("text", made, terminal=True, verbose=True, sources=sources)
    return rendered(name, made, verbose=True, sources=sources)


def unsafe(text: str) -> list[str]:
    """The characters of `text` that move, hide, reorder or break."""
    return [it for it in text if it != "\n" and unicodedata.category(it) in _UNSAFE]


_UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_no_control_leaves_a_report(name: str, text: str) -> None:
    assert not unsafe(report(name, text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["text", "github", "junit", "gitlab", "markdown", "sarif", "json"])
def test_a_name_makes_no_line(name: str, text: str) -> None:
    tame = report(name, "tame").count("\n")

    assert report(name, text).count("\n") == tame


@pytest.mark.parametrize("text", HOSTILE)
def test_formats_stay_readable(text: str) -> None:
    for name in ("json", "sarif", "sarif-github", "gitlab"):
        json.loads(report(name, text))
    xml_of(report("junit", text))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=30))
def test_any_text_is_safe_in_any_format(text: str) -> None:
    for name in FORMATS:
        assert not unsafe(report(name, text))
    assert len(xml_of(report("junit", text))) == 1
    assert len(json.loads(report("json", text))["findings"]) == 4
    assert report("text", text).count("\n") == report("text", "tame").count("\n")
