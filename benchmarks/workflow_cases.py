"""Cases of zizmor for workflows, asked of our rules: the verdict and the lines of each.

A case is asked of the rules whose aliases name its audit. zizmor has personas where we have
profiles and rules of their own for what only a pedant or an auditor wants to hear, so cases that
ask for these are asked of `STRICTER` as well.

`python -m benchmarks.workflow_cases` prints how often we agree, and each disagreement with why.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.peer_cases import CASES, CORPORA
from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.resource import FileResource
from portside.policy import builtin
from portside.policy.profile import NEWEST
from portside.sources.manifest import parse

STRICTER = {
    "unpinned-images": ("job-image-without-digest",),
    "template-injection": ("expression-in-script",),
    "obfuscation": ("computed-lookup",),
    "insecure-commands": ("variables-by-expression",),
    "misfeature": ("uncommon-shell",),
}
"""By audit: the rules that say what its stricter personas add."""
SETTINGS = {
    "forbidden-uses": ("forbidden-action", {"allow": "allowed", "deny": "denied"}),
    "known-vulnerable-actions": ("vulnerable-action", {"allow": "ignored"}),
}
"""By audit: the rule of ours and its parameters for the settings that a case comes with."""
REASONS = {
    "archived-uses/pre-commit": (
        "It is a configuration of pre-commit, a tool of a developer's machine, and no CI workflow."
    ),
}
"""Why we say another thing, by the beginning of the case's name."""
Case = Mapping[str, Any]


class Answer(NamedTuple):
    case: str
    audit: str
    expected: tuple[int, ...]
    """The lines, one for each finding."""
    ours: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        """Whether the verdict is the same, and the lines that something is found in."""
        return set(self.expected) == set(self.ours)

    @property
    def why(self) -> str:
        """Why we say another thing; empty where nobody has said."""
        return next((it for name, it in REASONS.items() if self.case.startswith(name)), "")


def cases(corpus: str) -> Iterator[Case]:
    """The cases of a corpus. Raises FileNotFoundError where the corpora are absent."""
    with CASES.open(encoding="utf-8") as lines:
        yield from (case for case in map(json.loads, lines) if case["corpus"] == corpus)


def answers() -> Iterator[Answer]:
    """Every case of an audit that a rule of ours stands for."""
    for case in cases("zizmor"):
        rules = _rules(case)
        if rules:
            yield _answer(case, rules)


def without_a_rule() -> Counter[str]:
    """The audits that no rule of ours stands for, and how many cases they have."""
    return Counter(case["check"] for case in cases("zizmor") if not _rules(case))


def _rules(case: Case) -> list[str]:
    alias = f"zizmor:{case['check']}"
    found = [text.id for text in builtin.texts().values() if alias in text.aliases]
    if found and case["args"]:
        found += STRICTER.get(case["check"], ())
    return found


def _answer(case: Case, rules: list[str]) -> Answer:
    expected = [it["line"] for it in case["findings"] if it["rule"] == case["check"]]
    chosen = {name: builtin.rules()[name] for name in rules}
    plan = Plan(chosen, builtin.checks, NEWEST, params=_params(case))
    ours = [line for path in _inputs(case) for line in _lines(path, plan, case["check"])]
    name = case["case"].strip()
    return Answer(name, case["check"], tuple(sorted(expected)), tuple(sorted(ours)))


def _lines(path: Path, plan: Plan, audit: str) -> Iterator[int]:
    """The lines of our findings, but for those with a comment of zizmor's that excuses them."""
    data = path.read_bytes()
    lines = data.decode().splitlines()
    for finding in judge_file(parse(data, path.name), plan).findings:
        if f"zizmor: ignore[{audit}]" not in lines[finding.line - 1]:
            yield finding.line


def _inputs(case: Case) -> Iterator[Path]:
    """The files that are judged, without the configurations that come with them."""
    for name in case["files"]:
        path = CORPORA / name
        found = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
        yield from (it for it in found if "configs" not in it.parts)


def _params(case: Case) -> dict[str, dict[str, Any]]:
    """The settings of the configuration that a case comes with, as parameters of our rule."""
    known = SETTINGS.get(case["check"])
    if not case["has_config"] or known is None:
        return {}
    rule, names = known
    configs = _configs(case)
    if not configs:
        return {}
    whole = yaml.safe_load(configs[0].read_text(encoding="utf-8"))
    given = whole["rules"][case["check"]]["config"]
    if configs[0].name.startswith("invalid"):
        return {}
    return {rule: {ours: given[theirs] for theirs, ours in names.items() if theirs in given}}


def _configs(case: Case) -> list[Path]:
    return [CORPORA / name for name in case["files"] if "/configs/" in name]


def kinds(case: Case) -> Iterable[tuple[str, list[FileResource], list[str]]]:
    """(file, what is read of it, why the rest is not) of each file of a case."""
    for path in _inputs(case):
        read = parse(path.read_bytes(), f".github/workflows/{path.name}")
        found = [it for it in read.resources if isinstance(it, FileResource)]
        yield path.name, found, [f"{it.line}: {it.reason}" for it in read.unread]


def page() -> Iterator[str]:
    """The section of the page of agreement."""
    found = list(answers())
    agree = sum(it.agrees for it in found)
    same = sum(it.expected == it.ours for it in found)
    yield "\n## CI workflows\n\n"
    yield (
        f"zizmor's cases of audits that rules of ours stand for: {len(found)}, of which {agree} "
        f"agree in verdict and lines, {same} in the number of findings too. Of actionlint's files "
        "all are read, or unread with their line.\n"
    )
    differ = [it for it in found if not it.agrees]
    if differ:
        yield "\n| audit | case | theirs | ours | why |\n| --- | --- | --- | --- | --- |\n"
    for it in differ:
        yield f"| {it.audit} | `{it.case}` | {_said(it.expected)} | {_said(it.ours)} | {it.why} |\n"
    left = sorted(without_a_rule().items())
    if left:
        named = ", ".join(f"`{audit}` ({count})" for audit, count in left)
        yield f"\nAudits without a rule of ours: {named}.\n"


def _said(lines: tuple[int, ...]) -> str:
    return ", ".join(map(str, dict.fromkeys(lines))) or "nothing"


if __name__ == "__main__":
    sys.stdout.writelines(page())
