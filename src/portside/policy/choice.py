"""Several rules at once, as configurations name them: by id, alias, framework or severity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.policy.glob import Glob

if TYPE_CHECKING:
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

FORMS = "a rule, an alias, a glob of either, a framework or an item of one, or a severity"


def chosen_rules(section: Section, key: str, names: RuleNames) -> frozenset[str]:
    """The ids of all rules that the list `key` of `section` names.

    Raises the section's error for a text that names none.
    """
    found: set[str] = set()
    for index, text in enumerate(section.texts(key)):
        ids = rules_called(text, names)
        if not ids:
            steps = (key, index) if type(section.value[key]) is list else (key,)
            section.reject(f"no rule is meant by {text!r}", *steps, hint=_hint(text, names))
        found |= ids
    return frozenset(found)


def rules_called(text: str, names: RuleNames) -> frozenset[str]:
    """The ids of the rules that `text` stands for; empty where there is none.

    A severity stands for the rules that have it by themselves, whatever they are set to.
    """
    if text in NAMES:
        at = NAMES.index(text)
        return frozenset(it for it in names.ids() if names.words(it).severity == at)
    return frozenset(names.named(text)) or frozenset(_by_framework(text, names))


def _by_framework(text: str, names: RuleNames) -> Iterable[str]:
    """The rules of the framework called `text`, or of one of its items."""
    from portside.policy.framework import framework_names, rules_of

    if text in framework_names():
        return rules_of(text, [names.words(it) for it in names.ids()])
    return _by_reference(text, names)


def _by_reference(text: str, names: RuleNames) -> Iterator[str]:
    """The rules with an alias or a framework's item that matches."""
    glob = Glob(text)
    for rule in names.ids():
        words = names.words(rule)
        if any(glob.matches(it) for it in (*words.frameworks, *words.aliases)):
            yield rule


def _hint(text: str, names: RuleNames) -> str:
    near = names.hint(text)
    return near if near.startswith("did you mean") else f"expected {FORMS}"
