"""Proposes fixtures for items whose fixtures no longer hold, as rules and examples change.

`python -m tests.compliance.pick` (with src in PYTHONPATH) writes, for each such item, the line for
fixtures.yaml with the file that makes the fewest other items unmet. Whether that file is about the
item is for people to judge.
"""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

import yaml

from portside.compliance.judge import MET, NOT_MET
from portside.policy.framework import framework_names, load_framework
from tests.compliance.conftest import assessed, book
from tests.compliance.fixtures import HERE, SOUND, fixtures
from tests.rules.asking import rules


class Answer(NamedTuple):
    """What a fixture makes of a framework: unmet items by the rules that say so, and met ones."""

    fixture: str
    unmet: dict[str, frozenset[str]]
    met: frozenset[str]


def main() -> int:
    """Write what is proposed; 1 where there is something."""
    listed = yaml.safe_load((HERE / "fixtures.yaml").read_text())
    found = 0
    for name in framework_names():
        by_item = {item: rule for item, rule in book(name).by_item.items() if rule}
        answers = _answers(name, {rule for listed in by_item.values() for rule in listed})
        for item, about in by_item.items():
            if not _holds(listed.get(name, {}).get(item), item, answers):
                found += 1
                sys.stdout.write(f"{name}: {_proposal(item, set(about), answers)}\n")
        gone = set(listed.get(name, {})) - {
            it.id for it in load_framework(name).items if by_item.get(it.id)
        }
        for item in sorted(gone):
            found += 1
            sys.stdout.write(f"{name}: {item} is mapped no more: take it out\n")
    return 1 if found else 0


def _answers(name: str, wanted: set[str]) -> dict[str, Answer]:
    made = {}
    for it in fixtures().values():
        if it.name == SOUND or it.name.startswith("fault ") or it.name.partition(": ")[0] in wanted:
            made[it.name] = _answer(name, it.name)
    return made


def _answer(name: str, fixture: str) -> Answer:
    it = fixtures()[fixture]
    verdicts = assessed(name, it.text, it.file, whole=it.whole).verdicts
    unmet = {
        found.item.id: frozenset(part.rule for part in found.evidence if part.findings)
        for found in verdicts
        if found.state == NOT_MET
    }
    return Answer(fixture, unmet, frozenset(v.item.id for v in verdicts if v.state == MET))


def _holds(line: dict[str, list[str]] | None, item: str, answers: dict[str, Answer]) -> bool:
    fails, passes = (
        answers.get(str(line.get(key))) if line else None for key in ("fails", "passes")
    )
    if line is None or fails is None or passes is None:
        return False
    others = {*line.get("also", ()), *line.get("implied", ())}
    return set(fails.unmet) == {item, *others} and item in passes.met


def _proposal(item: str, about: set[str], answers: dict[str, Answer]) -> str:
    good = {f"{rule.id}: {it.title}" for rule in rules() for it in rule.examples if it.good}
    own = [it for it in answers.values() if _is_about(it.fixture, about)]
    failing = [it for it in own if item in it.unmet and it.fixture not in good]
    passing = [it for it in own if item in it.met]
    if not failing or not passing:
        return f'"{item}": nothing makes it {"unmet" if passing else "met"}'
    fails = min(failing, key=lambda it: (len(_implied(it, item)), len(it.unmet), it.fixture))
    passes = min(passing, key=lambda it: (it.fixture != SOUND, len(it.unmet), it.fixture))
    implied = _implied(fails, item)
    also = sorted(set(fails.unmet) - {item, *implied})
    parts = {"fails": fails.fixture, "also": also, "implied": implied, "passes": passes.fixture}
    written = (f"{key}: {json.dumps(it, ensure_ascii=False)}" for key, it in parts.items() if it)
    return f'"{item}": {{{", ".join(written)}}}'


def _is_about(fixture: str, about: set[str]) -> bool:
    return fixture == SOUND or fixture.startswith("fault ") or fixture.partition(": ")[0] in about


def _implied(it: Answer, item: str) -> list[str]:
    """Items that are unmet by other rules than this one."""
    own = it.unmet[item]
    return sorted(other for other, by in it.unmet.items() if other != item and not by & own)


if __name__ == "__main__":
    sys.exit(main())
