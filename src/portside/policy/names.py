"""How rules are named by people: an id, an alias of another tool's check, or a glob of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portside.policy import builtin

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.compiled import CompiledRule

POLICY = "policy:"
"""Begins the name of a foreign policy (`--policy`): it is known only where that file is given."""

_MOST_HINTS = 20
"""Names that are compared with all others: a manifest may hold thousands that are none."""
_LONGEST_NAME = 100
_USUAL_HINT = "portside rules list shows every rule"


class RuleNames:
    """Every rule there is, asked by name. `own` are the words of rules that are not built in."""

    __slots__ = ("_aliases", "_hints", "_known", "_own", "_rules")

    def __init__(self, own: Mapping[str, RuleText] | None = None) -> None:
        self._own = own or {}
        self._rules: Mapping[str, CompiledRule] = builtin.rules()
        self._aliases: dict[str, list[str]] | None = None
        self._known: dict[str, tuple[str, ...]] = {}
        self._hints: dict[str, str] = {}

    def named(self, text: str) -> tuple[str, ...]:
        """The ids of the rules that `text` names; empty where there is none."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._named(text)
        return found

    def _named(self, text: str) -> tuple[str, ...]:
        if text in self._rules or text in self._own:
            return (text,)
        if "*" in text or "?" in text:
            from portside.policy.glob import Glob

            glob = Glob(text)
            return tuple(name for name in self.ids() if glob.matches(name))
        return tuple(self._by_alias().get(text, ()))

    def hint(self, text: str) -> str:
        """What to write instead of `text`, which names no rule."""
        if text not in self._hints:
            near = self._near(text) if len(self._hints) < _MOST_HINTS else ""
            self._hints[text] = f"did you mean {near}?" if near else _USUAL_HINT
        return self._hints[text]

    def _near(self, text: str) -> str:
        from difflib import get_close_matches

        names = [*self.ids(), *self._by_alias()]
        return next(iter(get_close_matches(text[:_LONGEST_NAME], names, 1)), "")

    def words(self, rule: str) -> RuleText:
        """The words of the rule with this id."""
        own = self._own.get(rule)
        return own if own is not None else builtin.texts()[rule]

    def ids(self) -> list[str]:
        """The ids of all rules, in order."""
        return sorted({*self._rules, *self._own})

    def of_tool(self, tool: str) -> dict[str, list[str]]:
        """The rules by what `tool` (`checkov`, `trivy`) calls its checks, without its name."""
        lead = f"{tool}:"
        known = self._by_alias()
        return {name[len(lead) :]: ids for name, ids in known.items() if name.startswith(lead)}

    def _by_alias(self) -> dict[str, list[str]]:
        """The rules by `tool:id` and, since most are unmistakable, by the id alone."""
        if self._aliases is None:
            found: dict[str, list[str]] = {}
            for words in {**builtin.texts(), **self._own}.values():
                for alias in words.aliases:
                    for name in (alias, alias.partition(":")[2]):
                        listed = found.setdefault(name, [])
                        if words.id not in listed:
                            listed.append(words.id)
            self._aliases = found
        return self._aliases
