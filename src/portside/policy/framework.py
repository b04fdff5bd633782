"""Frameworks of requirements, such as CIS Kubernetes 1.12: their items, and the rules about them.

A rule says in `frameworks` which items it is about (`CIS-K8s-1.12:5.2.2`); a framework's file says
what each item is, and what files cannot show. Nothing here is loaded by a start that asks for none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.section import Section

ELSEWHERE = {
    "node": "files and processes on the nodes: to be judged by a reader of node facts",
    "control-plane": "how the control plane is started: to be judged by a reader of its settings",
    "cluster": "the running cluster: to be judged by a scan of it",
    "cloud": "settings of the cloud account: to be judged by a reader of those",
    "images": "what is inside images: to be judged by a scan of them",
    "manual": "people and procedures: to be judged by an auditor",
}
"""Where an item is judged that files say nothing of."""
SILENT_WITHOUT = {"sandbox-runtime-missing": "label", "unapproved-registry": "allowed"}
"""Rules that say nothing until the configuration sets a parameter of theirs, and which."""
_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "frameworks")
_KEYS = ("id", "title", "rules", "except", "only", "like", "elsewhere", "note")


class Item(NamedTuple):
    """One requirement of a framework."""

    id: str
    title: str
    reference: str
    """What rules call it."""
    rules: tuple[str, ...]
    """Rules that are about it besides those that say so."""
    left_out: Mapping[str, str]
    """Rules that say so and are not about it, with the reason."""
    only: Mapping[str, tuple[str, ...]]
    """By rule, words: a finding is about this item where its message or path holds one of them."""
    elsewhere: str
    """A key of ELSEWHERE; empty where files show it."""
    note: str


class Framework(NamedTuple):
    """A catalogue of requirements. `confirmed` and `judgement` are about which rules it maps."""

    id: str
    title: str
    version: str
    source: str
    """Where it is published."""
    confirmed: bool
    """Whether its items were compared with its text, or are from memory."""
    judgement: bool
    """Whether which rule belongs to which item is our judgement, not the framework's own words."""
    note: str
    items: tuple[Item, ...]


@cache
def framework_names() -> tuple[str, ...]:
    """The ids of all frameworks, in order."""
    names = (it.removesuffix(".yaml") for it in os.listdir(_FOLDER) if it.endswith(".yaml"))
    return tuple(sorted(it.replace("pss-", "pss:") for it in names))


@cache
def load_framework(name: str) -> Framework:
    """The framework with this id, one of `framework_names`. Raises PolicyError for a bad file."""
    from portside.policy.section import open_section

    file = os.path.join(_FOLDER, f"{name.replace(':', '-')}.yaml")
    with open(file, "rb") as opened:
        section = open_section(opened.read(), file)
    section.only(("id", "title", "version", "source", "reference", "confirmed", "judgement", "note",
                  "items"))  # fmt: skip
    reference = section.text("reference")
    return Framework(
        id=section.required("id"),
        title=section.required("title"),
        version=section.required("version"),
        source=section.required("source"),
        confirmed=section.get("confirmed", bool, default=True),
        judgement=section.get("judgement", bool, default=False),
        note=section.text("note"),
        items=tuple(_item(it, reference) for it in section.sections("items")),
    )


def _item(section: Section, reference: str) -> Item:
    section.only(_KEYS)
    name = section.required("id")
    only = section.section("only")
    return Item(
        id=name,
        title=section.required("title"),
        reference=section.text("like") or f"{reference}:{name}",
        rules=section.texts("rules"),
        left_out=dict(_left_out(section)),
        only={key: only.texts(key) for key in only.value},
        elsewhere=section.word("elsewhere", ("", *ELSEWHERE), ""),
        note=section.text("note"),
    )


def _left_out(section: Section) -> Iterator[tuple[str, str]]:
    for part in section.sections("except"):
        part.only(("because", "rules"))
        for rule in part.texts("rules"):
            yield rule, part.required("because")


def rules_by_item(framework: Framework, texts: Iterable[RuleText]) -> dict[str, tuple[str, ...]]:
    """The ids of the rules about each item, by its id; `texts` are the words of all rules."""
    found: dict[str, list[str]] = {}
    known = set()
    for text in texts:
        known.add(text.id)
        for reference in text.frameworks:
            found.setdefault(reference, []).append(text.id)
    return {it.id: tuple(sorted(_rules_of(it, found, known))) for it in framework.items}


def _rules_of(item: Item, by_reference: Mapping[str, list[str]], known: set[str]) -> Iterator[str]:
    if item.elsewhere:
        return
    named = by_reference.get(item.reference, ())
    yield from (it for it in {*named, *item.rules} if it not in item.left_out and it in known)


def rules_of(name: str, texts: Iterable[RuleText]) -> frozenset[str]:
    """The ids of all rules about an item of the framework with this id."""
    by_item = rules_by_item(load_framework(name), texts)
    return frozenset(rule for rules in by_item.values() for rule in rules)
