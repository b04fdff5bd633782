"""What other tools call their checks → the rules that say the same, by their aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portside.policy.glob import Glob
from portside.sources.suppressions.model import EVERYTHING, TRIVY

if TYPE_CHECKING:
    from portside.policy.names import RuleNames

_TRIVY_ID = re.compile(r"(?:AVD-)?([A-Z]{2,5})-?([0-9]{1,5})", re.IGNORECASE)
Translated = dict[str, frozenset[str]]
"""Rules by the alias that stands for them, `checkov:CKV_K8S_16`."""


class Translator:
    """Finds the rules behind the names of other tools."""

    __slots__ = ("_known", "_names")

    def __init__(self, names: RuleNames) -> None:
        self._names = names
        self._known: dict[str, Translated] = {}

    def rules(self, tool: str, check: str) -> Translated:
        """The rules that `check` of `tool` stands for; empty where none has it as an alias.

        An alias of several rules stands for exactly those.
        """
        aliases = self._of(tool)
        if check == EVERYTHING or "*" in check:
            glob = Glob(_usual(tool, check) if check != EVERYTHING else EVERYTHING)
            lead = len(tool) + 1
            return {it: ids for it, ids in aliases.items() if glob.matches(it[lead:])}
        alias = f"{tool}:{_usual(tool, check)}"
        return {alias: aliases[alias]} if alias in aliases else {}

    def _of(self, tool: str) -> Translated:
        if tool not in self._known:
            found: dict[str, set[str]] = {}
            for check, ids in self._names.of_tool(tool).items():
                found.setdefault(f"{tool}:{_usual(tool, check)}", set()).update(ids)
            self._known[tool] = {alias: frozenset(ids) for alias, ids in found.items()}
        return self._known[tool]


def _usual(tool: str, check: str) -> str:
    """The id as the rules have it: trivy has had `AVD-KSV-0001`, `KSV-0001` and `KSV001`."""
    if tool != TRIVY:
        return check
    found = _TRIVY_ID.fullmatch(check[:40])
    if found:
        return f"{found[1].upper()}-{int(found[2]):04d}"
    return check.removeprefix("AVD-") if "*" in check else check
