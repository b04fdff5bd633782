"""What `recommended` says most often of real manifests, each with the reason why it may stay.

`python -m benchmarks.noise` prints the page; `python -m tools.docs` writes it. The shared corpora
must be beside the project.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.corpus import CORPORA
from portside.cli.plan import choose
from portside.engine.across import judge_across
from portside.engine.stage import judge_file
from portside.model.finding import Finding
from portside.model.severity import MEDIUM, NAMES
from portside.policy import builtin
from portside.sources.ignores import ignores_of
from portside.sources.read import objects
from portside.sources.walk import find

REASONS = Path(__file__).with_name("noise.yaml")
MOST = 20
TREES = (
    "realworld/madhuakula-kubernetes-goat",
    "realworld/GoogleCloudPlatform-microservices-demo",
    "realworld/kubernetes-examples",
)


class Tree(NamedTuple):
    """A set of manifests, and what is said of it."""

    name: str
    objects: int
    findings: tuple[Finding, ...]
    """Those that count."""


def trees() -> list[Tree]:
    """Every tree, judged by `recommended`. Raises FileNotFoundError without the corpora."""
    if not CORPORA.exists():
        raise FileNotFoundError("the shared corpora are not beside the project: ../shared/corpora")
    charts = sorted(CORPORA.glob("helm-golden/*/expected.default.yaml"))
    roots = [CORPORA / it for it in TREES] + charts
    return [_tree(root) for root in roots]


def _tree(root: Path) -> Tree:
    plan = choose("recommended", "").plan
    files = objects(find([str(root)], ignores_of((), ())))
    results = [judge_file(read, plan) for read in files]
    results = judge_across(results, plan, lambda fact, _: fact.place, whole=True)
    name = root.name if root.is_dir() else f"chart {root.parent.name.rpartition('__')[2]}"
    findings = [it for result in results for it in result.findings if not it.covered_by]
    return Tree(name, sum(len(it.objects) for it in results), tuple(findings))


def reasons() -> dict[str, str]:
    """Why a rule that speaks often may, by its id."""
    found: dict[str, str] = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return found


def most(found: list[Tree]) -> list[tuple[str, int]]:
    """The rules that speak most often, and how often."""
    counted = Counter(it.rule for tree in found for it in tree.findings)
    return sorted(counted.items(), key=lambda it: (-it[1], it[0]))[:MOST]


def page() -> Iterator[str]:
    """The page, in pieces."""
    found = trees()
    yield _HEAD
    yield "| manifests | objects | medium and above | below |\n| --- | ---: | ---: | ---: |\n"
    for tree in found:
        above = sum(it.severity >= MEDIUM for it in tree.findings)
        yield f"| {tree.name} | {tree.objects} | {above} | {len(tree.findings) - above} |\n"
    yield "\n| rule | severity | findings | why it stays |\n| --- | --- | ---: | --- |\n"
    why = reasons()
    for rule, number in most(found):
        severity = NAMES[builtin.rules()[rule].severity]
        yield f"| [`{rule}`](../rules/{rule}.md) | {severity} | {number} | {why[rule].strip()} |\n"


_HEAD = """\
<!-- generated from the shared corpora by benchmarks/noise.py; do not edit -->
# What is said most often

A rule that speaks of everything is soon heard by nobody. These are the findings of the profile
`recommended` on real manifests and on the output of real charts: the hardened charts are near
silent, the goat, which is made to be broken into, is loud. Here are the twenty rules that speak
most often, each with the reason why it stays in the profile.

"""

if __name__ == "__main__":
    sys.stdout.writelines(page())
