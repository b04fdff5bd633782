"""How often we and other tools say the same of their own cases: docs/reference/agreement.md.

`python -m benchmarks.agreement` prints the page; `tools.docs` writes it. A case belongs to the
rules that name its check as an alias; a corpus whose names no rule carries has a table here. Every
disagreement needs a sentence in `agreement.yaml` beside this file, or the page says it has none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.finding import Finding
from portside.model.place import dotted
from portside.policy import builtin
from portside.policy.profile import NEWEST
from portside.sources.manifest import parse

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
TABLES = Path(__file__).with_name("agreement.yaml")
SETS = ("trivy-rego", "trivy-examples", "polaris", "datree", "regolibrary")


class Answer(NamedTuple):
    """What we say of one case, beside what its authors expect."""

    corpus: str
    case: str
    check: str
    expected: str
    ours: str
    rules: tuple[str, ...]
    field: str
    """For a failure with a field path: `same`, `around` (one holds the other), `other` or empty."""

    @property
    def agrees(self) -> bool:
        return self.ours == self.expected


def answers() -> Iterator[Answer]:
    """Every case whose check we implement, asked. Raises FileNotFoundError without the corpora."""
    with (CORPORA / "cases.jsonl").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    for case in cases:
        if case["corpus"] in SETS and case["expect"] in ("pass", "fail"):
            rules = rules_of(case)
            if rules:
                yield _answer(case, rules)


def rules_of(case: Mapping[str, Any]) -> tuple[str, ...]:
    """Our rules for the check of `case`; none where we do not implement it."""
    corpus, check = case["corpus"], str(case["check"])
    if corpus == "trivy-rego":
        return _by_alias(f"trivy:{check}")
    if corpus == "polaris":
        return _by_alias(f"polaris:{check}")
    if corpus == "regolibrary":
        controls = _controls().get(check, ())
        return tuple(sorted({rule for it in controls for rule in _by_alias(f"kubescape:{it}")}))
    listed = tables()[corpus].get(check, [])
    return tuple(listed if isinstance(listed, list) else _by_alias(listed))


@cache
def tables() -> Any:
    """The names of checks that no alias carries, and the reasons for disagreements."""
    return yaml.safe_load(TABLES.read_text(encoding="utf-8"))


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for rule in builtin.texts().values():
        for alias in rule.aliases:
            found.setdefault(alias, []).append(rule.id)
    return {alias: tuple(sorted(ids)) for alias, ids in found.items()}


def _by_alias(alias: str) -> tuple[str, ...]:
    return _aliases().get(alias, ())


@cache
def _controls() -> dict[str, tuple[str, ...]]:
    """Kubescape's controls by the rules they are made of."""
    found: dict[str, list[str]] = {}
    for path in sorted((CORPORA / "regolibrary" / "controls").glob("*.json")):
        control = json.loads(path.read_text(encoding="utf-8"))
        for rule in control["rulesNames"]:
            found.setdefault(rule, []).append(control["controlID"])
    return {rule: tuple(ids) for rule, ids in found.items()}


def _answer(case: Mapping[str, Any], rules: tuple[str, ...]) -> Answer:
    findings, undecided = _judged(_texts(case), rules)
    ours = "fail" if findings else "undecided" if undecided else "pass"
    theirs = {path for listed in case.get("failed_paths") or () for path in listed or ()}
    field = _field(findings, theirs) if case["expect"] == ours == "fail" and theirs else ""
    head = (case["corpus"], case["case"], str(case["check"]))
    return Answer(*head, case["expect"], ours, rules, field)


def _texts(case: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    if "files" in case:
        for name in case["files"]:
            yield name, (CORPORA / name).read_bytes()
    elif "object" in case:
        yield "object.json", json.dumps(case["object"]).encode()
    else:
        yield "text.yaml", case["text"].encode()


def _judged(
    texts: Iterable[tuple[str, bytes]], rules: tuple[str, ...]
) -> tuple[list[Finding], bool]:
    plan = Plan({name: builtin.rules()[name] for name in rules}, builtin.checks, NEWEST)
    results = [judge_file(parse(data, name), plan) for name, data in texts]
    return [it for result in results for it in result.findings], any(it.undecided for it in results)


def _field(findings: Iterable[Finding], theirs: set[str]) -> str:
    ours = {dotted(it.path) for it in findings}
    if ours & theirs:
        return "same"
    around = any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs)
    return "around" if around else "other"


def reason_for(answer: Answer) -> str:
    """Why we are right where we disagree; empty where nobody has said."""
    for it in tables()["reasons"]:
        if it["corpus"] == answer.corpus and fnmatchcase(answer.case, it["case"]):
            return str(it["why"])
    return ""


def page() -> Iterator[str]:
    """The page, in pieces."""
    asked = list(answers())
    yield _HEAD
    yield "| corpus | cases | agree | disagree, with a reason | disagree, without |\n"
    yield "|---|---:|---:|---:|---:|\n"
    for corpus in SETS:
        yield _total(corpus, [it for it in asked if it.corpus == corpus])
    fields = [it.field for it in asked if it.field]
    same, around, other = (fields.count(it) for it in ("same", "around", "other"))
    yield f"\nOf {len(fields)} failures whose authors name a field (regolibrary), ours is the same"
    yield f" in {same}, one that holds it or is held by it in {around}, another in {other}.\n"
    yield "\n## Where we disagree\n\n| corpus | case | theirs | ours | rules | why |\n"
    yield "|---|---|---|---|---|---|\n"
    for it in asked:
        if not it.agrees:
            rules = ", ".join(f"`{rule}`" for rule in it.rules)
            cells = (it.corpus, f"`{it.case}`", it.expected, it.ours, rules, reason_for(it) or "—")
            yield f"| {' | '.join(cells)} |\n"


_HEAD = """\
# Agreement with other tools

Cases that other tools keep for their own checks, asked of the rules of ours that stand for the same
fact. Their authors' dialects differ; where we disagree, the reason is given. Generated by
`python -m tools.docs` from the shared corpora.

"""


def _total(corpus: str, asked: list[Answer]) -> str:
    agree = sum(it.agrees for it in asked)
    explained = sum(bool(reason_for(it)) for it in asked if not it.agrees)
    numbers = (len(asked), agree, explained, len(asked) - agree - explained)
    return f"| {corpus} | {' | '.join(map(str, numbers))} |\n"


if __name__ == "__main__":
    sys.stdout.writelines(page())
