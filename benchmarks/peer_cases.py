"""Cases that other tools keep for their own checks, asked of the rules of ours for the same fact.

A case belongs to the rules that name its check as an alias. Where no alias carries the name, or an
alias covers more than the check (Kubescape's controls are made of several), `mapped` in
`agreement.yaml` says which rules the check is, and `not-ours` which checks are no rule of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.dockerfiles import dockerfile
from benchmarks.places import Place, places
from portside.engine.across import judge_across
from portside.engine.plan import Plan
from portside.engine.stage import judge_file
from portside.model.finding import Finding
from portside.policy import builtin
from portside.policy.profile import NEWEST
from portside.sources.manifest import parse

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
CASES = CORPORA / "cases.jsonl"
TABLES = Path(__file__).with_name("agreement.yaml")
SETS = ("trivy-rego", "trivy-examples", "polaris", "datree", "regolibrary")
_PREFIXES = {"trivy-rego": "trivy", "polaris": "polaris"}

Case = Mapping[str, Any]
"""A line of cases.jsonl: `corpus`, `case`, `check`, `expect`, and `files`, `object` or `text`."""


class Answer(NamedTuple):
    """What we say of one case, beside what its authors expect."""

    corpus: str
    case: str
    check: str
    expected: str
    """`pass` or `fail`."""
    ours: str
    """`pass`, `fail` or `undecided`."""
    rules: tuple[str, ...]
    places: tuple[Place, ...]
    """The fields that the authors name for a failure, each with ours; regolibrary alone has any."""

    @property
    def agrees(self) -> bool:
        return self.ours == self.expected


def cases() -> Iterator[Case]:
    """Every case of a manifest or a Dockerfile; FileNotFoundError where the corpora are absent."""
    with CASES.open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if case["corpus"] in SETS:
                yield {**case, "check": case["check"] or _file(case["case"])}


def _file(case: str) -> str:
    """The name of a test file of trivy's, for a check that gives itself none."""
    return case.partition(".rego")[0].rpartition("/")[2]


def answers() -> Iterator[Answer]:
    """Every case whose check we implement, asked. Raises FileNotFoundError without the corpora."""
    return (_answer(case, rules) for case in cases() if (rules := rules_of(case)))


def rules_of(case: Case) -> tuple[str, ...]:
    """Our rules for the check of `case`; none where it is no check of ours."""
    return rules_for(case["corpus"], case["check"])


def rules_for(corpus: str, check: str) -> tuple[str, ...]:
    """Our rules for a check, by its name in this corpus; none where it is no check of ours."""
    if check in tables()["not-ours"].get(corpus, {}):
        return ()
    mapped = tables()["mapped"].get(corpus, {})
    if check in mapped:
        return tuple(mapped[check])
    if corpus == "trivy-examples":
        number = tables()["trivy-examples"].get(check)
        return rules_for("trivy-rego", number) if number else ()
    if corpus == "regolibrary":
        aliases = [f"kubescape:{control}" for control in _controls().get(check, ())]
    else:
        aliases = [f"{_PREFIXES.get(corpus, corpus)}:{check}"]
    return tuple(sorted({rule for alias in aliases for rule in _aliases().get(alias, ())}))


@cache
def tables() -> Any:
    """What agreement.yaml holds: see there."""
    return yaml.safe_load(TABLES.read_text(encoding="utf-8"))


@cache
def _aliases() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    builtin.rules()  # generated first, where a rule has changed since
    for rule in builtin.texts().values():
        for alias in rule.aliases:
            found.setdefault(alias, []).append(rule.id)
    return {alias: tuple(ids) for alias, ids in found.items()}


@cache
def _controls() -> Mapping[str, tuple[str, ...]]:
    """Kubescape's controls by the rules they are made of."""
    found: dict[str, list[str]] = {}
    for path in sorted((CORPORA / "regolibrary" / "controls").glob("*.json")):
        control = json.loads(path.read_text(encoding="utf-8"))
        for rule in control["rulesNames"]:
            found.setdefault(rule, []).append(control["controlID"])
    return {rule: tuple(ids) for rule, ids in found.items()}


def _answer(case: Case, rules: tuple[str, ...]) -> Answer:
    findings, undecided = _judged(_texts(case), rules, _params(case))
    ours = "fail" if findings else "undecided" if undecided else "pass"
    named = tuple(places(_alerts(case), findings)) if ours == case["expect"] == "fail" else ()
    head = (case["corpus"], case["case"], case["check"])
    return Answer(*head, case["expect"], ours, rules, named)


def _texts(case: Case) -> Iterator[tuple[str, bytes]]:
    if "files" in case:
        for name in case["files"]:
            yield name, (CORPORA / name).read_bytes()
    elif text := dockerfile(case):
        yield "Dockerfile", text.encode()
    elif "object" in case:
        yield "object.json", json.dumps(case["object"]).encode()
    else:
        yield "text.yaml", case["text"].encode()


def _alerts(case: Case) -> Any:
    """What regolibrary expects to be said, alert by alert."""
    if "expected_file" not in case:
        return []
    return json.loads((CORPORA / case["expected_file"]).read_text(encoding="utf-8"))


def _params(case: Case) -> dict[str, dict[str, Any]]:
    """The settings that a case of regolibrary comes with, as parameters of our rules."""
    if "expected_file" not in case:
        return {}
    path = (CORPORA / case["expected_file"]).with_name("data.json")
    if not path.exists():
        return {}
    given = json.loads(path.read_text(encoding="utf-8"))["postureControlInputs"]
    known = tables()["settings"]
    return {known[it]["rule"]: {known[it]["param"]: given[it]} for it in given if it in known}


def _judged(
    texts: Iterable[tuple[str, bytes]], rules: tuple[str, ...], params: dict[str, dict[str, Any]]
) -> tuple[list[Finding], bool]:
    chosen = {name: builtin.rules()[name] for name in rules}
    plan = Plan(chosen, builtin.checks, NEWEST, params=params)
    results = [judge_file(parse(data, name), plan) for name, data in texts]
    results = judge_across(results, plan, lambda fact, _: fact.place, whole=True)
    return [it for result in results for it in result.findings], any(it.undecided for it in results)
