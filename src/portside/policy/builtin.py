"""The built-in rules as a scan runs them: the generated modules, made where they are missing.

A wheel carries them. A checkout generates them on first use, and again when a rule has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from portside.policy.compiled import TAILS

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.compiled import CompiledCheck, CompiledRule, Holds
    from portside.policy.fix import Fix

PACKAGE = "portside.rules.generated"


def rules() -> dict[str, CompiledRule]:
    """Every built-in rule by its id."""
    found: dict[str, CompiledRule] = _catalogue().RULES
    return found


def checks(group: str, kind: str, bears_pods: bool) -> Iterable[CompiledCheck]:
    """The checks that may concern objects of this kind; `group` decides later."""
    return checks_of(TAILS)(group, kind, bears_pods)


def checks_of(profiles: Iterable[str]) -> Callable[[str, str, bool], Iterable[CompiledCheck]]:
    """The function `checks` for rules of these profiles alone: no other is loaded."""
    tails = [tail for profile, tail in TAILS.items() if profile in profiles]

    def checks(group: str, kind: str, bears_pods: bool) -> Iterable[CompiledCheck]:
        for stem in (f"kind_{kind.lower()}", "kind_*", *(("pods",) if bears_pods else ())):
            for tail in tails:
                if stem + tail in _catalogue().MODULES:
                    yield from _module(stem + tail).CHECKS

    return checks


def texts() -> dict[str, RuleText]:
    """The words of every built-in rule by its id."""
    _catalogue()  # made first, where this is a checkout
    _catalogue()
    found: dict[str, RuleText] = _module("texts").TEXTS
    return found


def fix_conditions() -> Mapping[str, Holds]:
    """The conditions under which fixes of the class `conditional` are safe, by rule."""
    _catalogue()
    found: dict[str, Holds] = _module("fix_conditions").CONDITIONS
    return found


def fixes() -> Mapping[str, Fix]:
    """How findings of the built-in rules are mended, by rule."""
    _catalogue()
    found: dict[str, Fix] = _module("fixes").FIXES
    return found


def stamp() -> str:
    """What tells these rules from those of another state of their files."""
    made: str = _catalogue().STAMP
    return made


_CATALOGUE: list[ModuleType] = []


def _catalogue() -> ModuleType:
    if not _CATALOGUE:
        _CATALOGUE.append(_fresh())
    return _CATALOGUE[0]


def _fresh() -> ModuleType:
    """The catalogue, generated anew where rule files lie beside it that it was not made from."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.exists(os.path.join(folder, "rules", "generated", "WHEEL")):
        return _module("catalogue")
    from portside.policy.listing import untouched

    if not untouched(folder):
        from portside.policy.checkout import ensure_generated

        ensure_generated()
    return _module("catalogue")


def _module(name: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"{PACKAGE}.{name}")
