"""Which checks are asked of which kind: made once for a scan, from the chosen rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.model.kinds import WORKLOAD, is_of
from portside.model.workload import CONTAINER_LISTS
from portside.policy.compiled import CompiledCheck, CompiledRule, Holds

if TYPE_CHECKING:
    from portside.judged.custom.definitions import Definitions
    from portside.model.violation import Answer
    from portside.policy.foreign.policy import Foreign


class Bound:
    """A check with all that its calls need, so that the inner loop looks nothing up."""

    __slots__ = (*CompiledCheck._fields, "_holds", "covered_by", "fix", "form", "params", "walk")

    def __init__(
        self, check: CompiledCheck, rule: CompiledRule, params: Mapping[str, Any], severity: int
    ) -> None:
        for name, value in zip(CompiledCheck._fields, check, strict=True):
            setattr(self, name, value)
        self._holds: Callable[..., Any] | None = None
        self.covered_by = rule.covered_by
        self.fix = rule.fix
        self.form = rule.form
        self.params = params
        self.severity = severity
        self.walk = 0
        """The same number for those that are asked about the items of one list; 0 for others."""

    rule: str
    root: str
    each: tuple[str, ...]
    containers: tuple[str, ...]
    quick: Callable[..., Any]
    exact: Callable[[], Callable[..., Any]]
    says: str | Callable[..., Any]
    at: tuple[tuple[str, tuple[str | int, ...]], ...]
    reads: frozenset[str]
    requires: str
    severity: int

    @property
    def holds(self) -> Callable[..., Any]:
        """The condition itself, for what `quick` does not tell."""
        if self._holds is None:
            self._holds = self.exact()
        return self._holds


class BoundPython:
    """A rule in Python with all that its calls need."""

    __slots__ = (
        *("_check", "covered_by", "fix", "module", "needs", "params", "rule", "severity"),
        "target",
    )

    def __init__(
        self, rule: CompiledRule, params: Mapping[str, Any], severity: int, target: int
    ) -> None:
        self.rule = rule.id
        self.module = rule.module
        self.needs = rule.needs
        self.covered_by = rule.covered_by
        self.fix = rule.fix
        self.params = params
        self.severity = severity
        self.target = target
        self._check: Callable[..., Iterable[Answer]] | None = None

    def __call__(self, *about: Any) -> Iterable[Answer]:
        """What it answers about an object (and the facts around it).

        A `check` with one argument more than that also hears the target's minor version.
        """
        if self._check is None:
            self._check = self._loaded(len(about))
        return self._check(*about, self.params)

    def _loaded(self, about: int) -> Callable[..., Iterable[Answer]]:
        from importlib import import_module

        check: Callable[..., Iterable[Answer]] = import_module(self.module).check
        if check.__code__.co_argcount < about + 2:
            return check
        return lambda *given: check(*given, self.target)


_MOST_KNOWN = 1_000
"""Sets of keys for which a group keeps what is asked: most objects of a kind have one of few."""


class Group:
    """Checks of one root: those asked of everything, and those asked where a key stands."""

    __slots__ = ("_by_keys", "always", "by_key", "is_empty")

    def __init__(self, checks: Iterable[Bound]) -> None:
        always = []
        by_key: dict[str, list[Bound]] = {}
        for check in checks:
            if check.requires:
                by_key.setdefault(check.requires, []).append(check)
            else:
                always.append(check)
        self.always = tuple(always)
        self.by_key = tuple((key, tuple(listed)) for key, listed in by_key.items())
        self.is_empty = not always and not by_key
        self._by_keys: dict[tuple[str, ...], tuple[Bound, ...]] = {}

    def of(self, body: dict[str, Any]) -> tuple[Bound, ...]:
        """The checks that may find something in `body`: those whose key it has, too."""
        if not self.by_key:
            return self.always
        keys = tuple(body)
        found = self._by_keys.get(keys)
        if found is None:
            asked = [check for key, checks in self.by_key if key in body for check in checks]
            found = (*self.always, *asked)
            if len(self._by_keys) < _MOST_KNOWN:
                self._by_keys[keys] = found
        return found

    def all(self) -> Iterable[Bound]:
        """Every check of it."""
        yield from self.always
        for _, checks in self.by_key:
            yield from checks


class KindPlan:
    """The checks for one kind in one form, by what they are asked about."""

    __slots__ = ("containers", "objects", "pods", "rules")

    def __init__(self, checks: Iterable[Bound]) -> None:
        listed = list(checks)
        _number_walks(listed)
        self.objects = Group(it for it in listed if it.root == "object")
        self.pods = Group(it for it in listed if it.root in ("pod", "podMetadata"))
        self.containers = {
            role: Group(it for it in listed if it.root == "container" and role in it.containers)
            for role in CONTAINER_LISTS
        }
        self.rules = len({it.rule for it in listed})


def _number_walks(checks: Iterable[Bound]) -> None:
    """Let the checks that are asked about the items of one list know it by one number."""
    walks: dict[tuple[str, tuple[str, ...]], int] = {}
    for check in checks:
        if check.each:
            check.walk = walks.setdefault((check.root, check.each), len(walks) + 1)


class Plan:
    """All checks of a scan, by kind; `target` is the Kubernetes minor version judged for.

    `rules` are the chosen rules, `checks` a function from (group, kind, bears pods) to the compiled
    checks that may concern such an object, `params` and `severities` what the configuration sets,
    `level` the Pod Security level that the scan is about, if it is about one.
    """

    __slots__ = (
        *("_checks", "_kinds", "_params", "_python", "_severities"),
        *(
            "definitions",
            "fix_conditions",
            "foreign",
            "minor",
            "owner_labels",
            "rules",
            "target",
            "wants_facts",
            "wants_places",
        ),
    )

    def __init__(
        self,
        rules: Mapping[str, CompiledRule],
        checks: Callable[[str, str, bool], Iterable[CompiledCheck]],
        minor: int,
        *,
        params: Mapping[str, Mapping[str, Any]] | None = None,
        severities: Mapping[str, int] | None = None,
        level: str = "",
    ) -> None:
        self.rules = rules
        self.wants_facts = any(it.form == "facts" for it in rules.values())
        """Whether rules across objects are asked, so that facts must be kept."""
        self.wants_places = any(
            it.form == "facts" and it.profile != "recommended" for it in rules.values()
        )
        """Whether some of them find something in many objects: then facts keep places, too."""
        self.owner_labels: tuple[str, ...] = ()
        """Labels and annotations whose value names the owner of an object."""
        self.definitions: Definitions | None = None
        """The definitions of custom kinds that were given, once they are read."""
        self.foreign: Foreign | None = None
        """The policies of others that are asked besides; each is among `rules`, too."""
        self.fix_conditions: Callable[[], Mapping[str, Holds]] = dict
        """Gives the conditions under which fixes of the class `conditional` are safe, by rule."""
        self.minor = minor
        self.target = {"major": 1, "minor": minor, "level": level}
        self._checks = checks
        self._params = params or {}
        self._severities = severities or {}
        self._kinds: dict[tuple[str, str, bool, str], KindPlan] = {}
        self._python: dict[tuple[str, str, bool, str], tuple[BoundPython, ...]] = {}

    def of(self, group: str, kind: str, bears_pods: bool, form: str = "judged") -> KindPlan:
        """The checks for objects of this kind, in this form."""
        key = (group, kind, bears_pods, form)
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = KindPlan(self._bound(group, kind, bears_pods, form))
        return found

    def python(self, group: str, kind: str, bears_pods: bool, form: str) -> tuple[BoundPython, ...]:
        """The rules in Python of this form (`object` or `facts`) for objects of this kind."""
        key = (group, kind, bears_pods, form)
        found = self._python.get(key)
        if found is None:
            found = self._python[key] = tuple(
                BoundPython(rule, self._set(rule), self.severity(rule.id), self.minor)
                for rule in self.rules.values()
                if rule.form == form and _is_for(rule, group, kind, bears_pods)
            )
        return found

    def severity(self, rule: str) -> int:
        """The severity of `rule` in this scan."""
        return self._severities.get(rule, self.rules[rule].severity)

    def mends(self, rule: str, fix: str, given: Sequence[Any]) -> str:
        """How a finding can be mended, `safe` or `unsafe`, of a rule whose fix is of class `fix`.

        `given` is what its condition is called with. One that ends in an error holds not.
        """
        if fix != "conditional":
            return fix
        try:
            holds = self.fix_conditions()[rule](*given)
        except Exception:  # noqa: BLE001 - what cannot be told safe is unsafe
            holds = False
        return "safe" if holds is True else "unsafe"

    def params(self, rule: str) -> Mapping[str, Any]:
        """The parameters of `rule` in this scan."""
        return self._set(self.rules[rule])

    def _bound(self, group: str, kind: str, bears_pods: bool, form: str) -> Iterable[Bound]:
        for check in self._checks(group, kind, bears_pods):
            rule = self.rules.get(check.rule)
            if rule is None or rule.form != form or not _concerns(rule, group, kind):
                continue
            if check.since <= self.minor < check.until:
                yield Bound(check, rule, self._set(rule), self._severity(check))

    def _set(self, rule: CompiledRule) -> dict[str, Any]:
        return {**rule.params, **self._params.get(rule.id, {})}

    def _severity(self, check: CompiledCheck) -> int:
        """What the configuration says counts for all checks of a rule."""
        if check.severity is None or check.rule in self._severities:
            return self.severity(check.rule)
        return check.severity


def _concerns(rule: CompiledRule, group: str, kind: str) -> bool:
    return not rule.kinds or is_of(group, kind, rule.kinds)


def _is_for(rule: CompiledRule, group: str, kind: str, bears_pods: bool) -> bool:
    if bears_pods and (not rule.kinds or WORKLOAD in rule.kinds):
        return True
    return is_of(group, kind, rule.kinds)
