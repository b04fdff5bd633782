"""All rules there are, by name and in full: what `rules` and `explain` read."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.config import Config, load_config
from portside.cli.options import Parser, add_config, add_own_rules
from portside.errors import UsageError
from portside.policy import builtin
from portside.policy.names import RuleNames
from portside.policy.own import own_rules

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.rule import Rule


class Rulebook:
    """The built-in rules, and those of the folders that the options and `portside.yaml` name."""

    __slots__ = ("_names", "_own", "config", "texts")

    def __init__(self, options: argparse.Namespace) -> None:
        given: Sequence[str] = options.rules or []
        self.config: Config = load_config(options.config, ["."], given)
        folders = [*self.config.rule_folders, *given]
        self._own: Mapping[str, Rule] = {it.id: it for it in own_rules(folders)}
        own_texts = {name: rule.text for name, rule in self._own.items()}
        self.texts: dict[str, RuleText] = dict(sorted({**builtin.texts(), **own_texts}.items()))
        self._names = RuleNames(own_texts)

    def named(self, name: str) -> tuple[str, ...]:
        """The ids of the rules that `name`, an id, an alias or a glob, stands for.

        Raises UsageError where there is none.
        """
        found = self._names.named(name) or self._names.named(name.lower())
        if not found:
            raise UsageError(
                f"no rule is called {name}", hint=self._names.hint(name), undone="nothing was done"
            )
        return tuple(sorted(found))

    def full(self, rule: str) -> Rule:
        """The rule with this id, with its conditions and examples."""
        if rule in self._own:
            return self._own[rule]
        from portside.policy.checkout import file_of
        from portside.policy.load import load_file

        return load_file(file_of(rule))

    def written(self, rule: Rule) -> Mapping[str, Any]:
        """What the file of `rule` says, as it is written there."""
        from pathlib import Path

        from portside.policy.load import words
        from portside.policy.section import open_section

        return open_section(words(Path(rule.file)), rule.file).value

    def is_own(self, rule: str) -> bool:
        """Whether the rule is the user's and not built in."""
        return rule in self._own


def add_rulebook(made: Parser) -> None:
    """Where rules of the user's own are."""
    group = made.add_argument_group("which rules there are")
    add_own_rules(group)
    add_config(group)
