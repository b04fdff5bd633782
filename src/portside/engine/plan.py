"""Which checks are asked of which kind: made once for a scan, from the chosen rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portside.policy.compiled import CompiledCheck, CompiledRule


class Bound:
    """A check with all that its calls need, so that the inner loop looks nothing up."""

    __slots__ = (*CompiledCheck._fields, "covered_by", "form", "params", "severity")

    def __init__(
        self, check: CompiledCheck, rule: CompiledRule, params: Mapping[str, Any], severity: int
    ) -> None:
        for name, value in zip(CompiledCheck._fields, check, strict=True):
            setattr(self, name, value)
        self.covered_by = rule.covered_by
        self.form = rule.form
        self.params = params
        self.severity = severity

    rule: str
    root: str
    each: tuple[str, ...]
    containers: tuple[str, ...]
    holds: Callable[..., Any]
    says: str | Callable[..., Any]
    at: tuple[tuple[str, tuple[str | int, ...]], ...]
    reads: frozenset[str]
    requires: tuple[str, ...]


class KindPlan:
    """The checks for one kind in one form, by what they are asked about."""

    __slots__ = ("containers", "objects", "pods", "rules")

    def __init__(self, checks: Iterable[Bound]) -> None:
        listed = list(checks)
        self.objects = tuple(it for it in listed if it.root == "object")
        self.pods = tuple(it for it in listed if it.root in ("pod", "podMetadata"))
        self.containers = tuple(it for it in listed if it.root == "container")
        self.rules = len({it.rule for it in listed})


class Plan:
    """All checks of a scan, by kind; `target` is the Kubernetes minor version judged for.

    `rules` are the chosen rules, `checks` a function from (group, kind, bears pods) to the compiled
    checks that may concern such an object, `params` and `severities` what the configuration sets.
    """

    __slots__ = ("_checks", "_kinds", "_params", "_severities", "minor", "rules", "target")

    def __init__(
        self,
        rules: Mapping[str, CompiledRule],
        checks: Callable[[str, str, bool], Iterable[CompiledCheck]],
        minor: int,
        *,
        params: Mapping[str, Mapping[str, Any]] | None = None,
        severities: Mapping[str, int] | None = None,
    ) -> None:
        self.rules = rules
        self.minor = minor
        self.target = {"major": 1, "minor": minor}
        self._checks = checks
        self._params = params or {}
        self._severities = severities or {}
        self._kinds: dict[tuple[str, str, bool, str], KindPlan] = {}

    def of(self, group: str, kind: str, bears_pods: bool, form: str = "judged") -> KindPlan:
        """The checks for objects of this kind, in this form."""
        key = (group, kind, bears_pods, form)
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = KindPlan(self._bound(group, kind, bears_pods, form))
        return found

    def severity(self, rule: str) -> int:
        """The severity of `rule` in this scan."""
        return self._severities.get(rule, self.rules[rule].severity)

    def _bound(self, group: str, kind: str, bears_pods: bool, form: str) -> Iterable[Bound]:
        for check in self._checks(group, kind, bears_pods):
            rule = self.rules.get(check.rule)
            if rule is None or rule.form != form or not _concerns(rule, group, kind):
                continue
            if check.since <= self.minor < check.until:
                params = {**rule.params, **self._params.get(rule.id, {})}
                yield Bound(check, rule, params, self.severity(rule.id))


def _concerns(rule: CompiledRule, group: str, kind: str) -> bool:
    if not rule.kinds:
        return True
    return kind in rule.kinds or (bool(group) and f"{group}/{kind}" in rule.kinds)
