"""What people read about a rule: loaded only when a report shows it."""

from __future__ import annotations

from portside.records import NamedTuple


class RuleText(NamedTuple):
    """The words of one rule, as reports, `rules show` and SARIF need them."""

    id: str
    title: str
    severity: int
    severity_reason: str
    why: str
    fix: str
    fix_class: str
    """`safe`, `conditional`, `unsafe` or `none`."""
    profile: str
    kinds: tuple[str, ...]
    """`Kind` or `group/Kind`; empty where the rule is for every kind that bears a pod."""
    params: tuple[tuple[str, str, object, str], ...]
    """(name, type, default, description) of each parameter."""
    frameworks: tuple[str, ...]
    aliases: tuple[str, ...]
