"""Credentials known by their own format: keys and tokens that carry the mark of who issued them.

Each pattern is only tried where its mark stands, and goes over the text once: no part of it can be
matched in two ways.
"""

from __future__ import annotations

_LONGEST = 1 << 20
"""Characters of one text that are looked at."""
_SHORTEST = 16
"""Characters of the shortest token; URLs and headers are looked at whatever their length."""
_WORD = r"[A-Za-z0-9_-]"


FORMATS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "a private key",
        ("PRIVATE KEY",),
        r"-{3,5}BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-{3,5}"
        r"(?!-|\s*-{3,5}END|\s*\.\.\.)",
    ),
    ("an AWS access key", ("AKIA", "ASIA"), r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})",
    ),
    (
        "a GitLab token",
        ("glpat-", "gldt-", "glrt-", "glcbt-"),
        rf"gl(?:pat|dt|rt|cbt)-{_WORD}{{20}}",
    ),
    ("a Slack token", ("xox",), r"xox[abeoprs]-[A-Za-z0-9-]{10}"),
    (
        "a Slack webhook",
        ("hooks.slack.com/services/T",),
        r"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{16}",
    ),
    ("a Stripe key", ("k_live_",), r"[rs]k_live_[A-Za-z0-9]{16}"),
    ("a Google API key", ("AIza",), rf"AIza{_WORD}{{35}}"),
    ("a Google OAuth token", ("ya29.",), rf"ya29\.{_WORD}{{30}}"),
    ("an npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}"),
    ("a PyPI token", ("pypi-AgE",), rf"pypi-AgE{_WORD}{{40}}"),
    ("a SendGrid key", ("SG.",), rf"SG\.{_WORD}{{22}}\.{_WORD}{{43}}"),
    ("a Vault token", ("hvs.", "hvb."), rf"hv[sb]\.{_WORD}{{24}}"),
    ("a Terraform Cloud token", (".atlasv1.",), rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_WORD}{{60}}"),
    ("an Okta token", ("SSWS ",), rf"SSWS {_WORD}{{30}}"),
    ("a New Relic key", ("NRAK-", "NRAA-", "NRII-"), rf"NR(?:AK|AA|II)-{_WORD}{{27}}"),
    ("a DigitalOcean token", ("_v1_",), r"do[opr]_v1_[a-f0-9]{64}"),
    ("a Docker Hub token", ("dckr_pat_",), rf"dckr_pat_{_WORD}{{20}}"),
    ("an age key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("a Telegram bot token", (":AA",), rf"(?<!\d)\d{{8,10}}:AA{_WORD}{{33}}"),
    ("an Anthropic key", ("sk-ant-",), rf"sk-ant-{_WORD}{{40}}"),
    ("an OpenAI key", ("T3BlbkFJ",), rf"T3BlbkFJ{_WORD}{{20}}"),
    (
        "a LaunchDarkly key",
        ("sdk-", "api-", "mob-"),
        r"(?:sdk|api|mob)-[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}",
    ),
    ("an Azure storage key", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{80}"),
    ("an Azure signature", ("&sig=", "?sig="), r"[?&]sig=[A-Za-z0-9%+/]{40}"),
    ("a JSON Web Token", ("eyJ",), rf"eyJ{_WORD}{{8,400}}\.eyJ{_WORD}{{8,4000}}\.{_WORD}{{16}}"),
    ("a bearer token", ("earer ",), r"(?<![A-Za-z])[Bb]earer [A-Za-z0-9._~+/-]{8}"),
    (
        "a password in a URL",
        ("://",),
        r"://[^\s:/@?#\"'<>${}%*]{1,128}:(?P<value>[^\s/@?#\"'<>]{3,256})@[\w\[]",
    ),
)
"""(kind, marks, pattern): one of the marks must stand in a text for the pattern to be tried."""

_CLEAN: set[str] = set()
"""Short texts in which nothing stands: the same labels and arguments are written everywhere."""
_MOST_CLEAN, _LONGEST_CLEAN = 4096, 100
_MARKS = tuple((mark, kind, pattern) for kind, marks, pattern in FORMATS for mark in marks)


def credential(text: str) -> str:
    """What kind of credential stands in `text`; empty where none has a known format."""
    found = located(text)
    return found[0] if found else ""


def located(text: str) -> tuple[str, int] | None:
    """The kind of the first credential that is found in `text`, and where it begins."""
    if text in _CLEAN or (len(text) < _SHORTEST and "://" not in text and "earer " not in text):
        return None
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
    for mark, kind, pattern in _MARKS:
        if mark in text:
            at = _search(pattern, text)
            if at >= 0:
                return kind, at
    if len(text) <= _LONGEST_CLEAN and len(_CLEAN) < _MOST_CLEAN:
        _CLEAN.add(text)
    return None


def _search(pattern: str, text: str) -> int:
    import re

    from portside.secrets.values import is_stand_in

    for found in re.finditer(pattern, text):
        value = found.groupdict().get("value")
        if value is None or not is_stand_in(value):
            return found.start()
    return -1
