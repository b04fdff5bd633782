"""Cases that other tools keep for their own checks, asked of the rules of ours for the same fact.

A case belongs to the rules that name its check as an alias. Where no alias carries the name, or an
alias covers more than the check (Kubescape's controls are made of several), `mapped` in
`agreement.yaml` says which rules the check is, and `not-ours` which checks are no rule of ours.
Single cases that nothing can be asked about, such as one of an update, are listed under `apart`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.admission_cases import constraint, is_about, names
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
SETS = (
    *("trivy-rego", "trivy-examples", "polaris", "datree", "regolibrary"),
    *("gatekeeper-library", "kyverno-policies", "kyverno-cli"),
)
_PREFIXES = {"trivy-rego": "trivy", "kyverno-policies": "kyverno"}

Case = Mapping[str, Any]
"""A line of cases.jsonl: `corpus`, `case`, `check`, `expect`, and `files`, `object` or `text`."""


class Answer(NamedTuple):
    """What we say of one case, beside what its authors expect."""

    corpus: str
    case: str
    check: str
    expected: str
    """`pass` or `fail`; what a policy of theirs skips, it lets pass."""
    ours: str
    """`pass`, `fail` or `undecided`."""
    rules: tuple[str, ...]
    places: tuple[Place, ...]
    """The fields that the authors name for a failure, each with ours; regolibrary alone has any."""

    @property
    def agrees(self) -> bool:
        return self.ours == self.expected


def cases() -> Iterator[Case]:
    """Every case of a manifest or a Dockerfile that can be asked.

    Raises FileNotFoundError where the corpora are absent.
    """
    return (case for case in _all() if not apart_for(case))


def apart() -> Iterator[tuple[Case, str]]:
    """The cases that are not asked, each with why. Raises FileNotFoundError like `cases`."""
    return ((case, why) for case in _all() if (why := apart_for(case)))


def apart_for(case: Case) -> str:
    """Why nothing can be asked about a case; empty for nearly all."""
    for it in tables()["apart"]:
        if it["corpus"] == case["corpus"] and fnmatchcase(case["case"], it["case"]):
            return str(it["why"])
    return ""


def _all() -> Iterator[Case]:
    with CASES.open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if case["corpus"] in SETS:
                yield {**case, "check": _check(case)}


def _check(case: Case) -> str:
    """The name that the tables know the check by; trivy's may have none but that of its file."""
    if not case["check"]:
        return str(case["case"].partition(".rego")[0].rpartition("/")[2])
    tables_of = [tables()[it].get(case["corpus"], {}) for it in ("mapped", "not-ours")]
    known = (name for name in names(case) if any(name in table for table in tables_of))
    return next(known, str(case["check"]))


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
    findings, undecided = _judged(case, rules)
    ours = "fail" if findings else "undecided" if undecided else "pass"
    expected = "pass" if case["expect"] == "skip" else case["expect"]
    named = tuple(places(_alerts(case), findings)) if ours == expected == "fail" else ()
    head = (case["corpus"], case["case"], case["check"])
    return Answer(*head, expected, ours, rules, named)


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
    """The settings that a case comes with, as parameters of our rules."""
    known = tables()["settings"]
    given = _inputs(case) | constraint(case, CORPORA)
    found = {known[it]["rule"]: {known[it]["param"]: given[it]} for it in given if it in known}
    found.update(tables()["given"].get(case["corpus"], {}).get(case["check"], {}))
    return found


def _inputs(case: Case) -> dict[str, Any]:
    """The settings of a case of regolibrary."""
    if "expected_file" not in case:
        return {}
    path = (CORPORA / case["expected_file"]).with_name("data.json")
    if not path.exists():
        return {}
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["postureControlInputs"]
    return given


def _judged(case: Case, rules: tuple[str, ...]) -> tuple[list[Finding], bool]:
    """What we find in the objects that the case is about, and whether something is undecided."""
    chosen = {name: builtin.rules()[name] for name in rules}
    params = {name: given for name, given in _params(case).items() if name in chosen}
    plan = Plan(chosen, builtin.checks, NEWEST, params=params)
    results = [judge_file(parse(data, name), plan) for name, data in _texts(case)]
    results = judge_across(results, plan, lambda fact, _: fact.place, whole=True)
    found = [it for result in results for it in result.findings if is_about(case, it.resource)]
    doubts = (it for result in results for it in result.undecided)
    return found, any(is_about(case, it.resource) for it in doubts)
