"""Rules ready to run: what generated modules hold and a plan is made of. Loaded by every scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portside.records import NamedTuple

Path = tuple[str | int, ...]
Holds = Callable[..., Any]
"""Called with object, pod, podMetadata, container, it, params and target, in this order.

A condition gives True, False, or as text the fact that is missing."""


TAILS = {"recommended": "", "strict": "_strict", "auditor": "_auditor"}
"""What the names of modules end in by the profile of the rules in them, the least first.

A scan by a lesser profile never loads the rules of a greater one.
"""


class CompiledRule(NamedTuple):
    """What a scan needs of a rule besides its checks. The words stay in `RuleText`."""

    id: str
    severity: int
    profile: str
    pod_security: str
    """The Pod Security level it is part of: `baseline`, `restricted` or empty."""
    kinds: tuple[str, ...]
    form: str
    covered_by: tuple[str, ...]
    params: dict[str, Any]
    """The parameters' defaults."""
    module: str = ""
    """The Python module with its `check`; empty for conditions in CEL."""
    needs: str = ""
    """What a rule across objects lacks where only a part is known; empty: it is asked all the same.
    """
    fix: str = ""
    """The class of its fix, as in `RuleText`; empty where there is none that can be made."""


class CompiledCheck(NamedTuple):
    """One condition as Python, and where its findings stand."""

    rule: str
    root: str
    each: tuple[str, ...]
    containers: tuple[str, ...]
    since: int
    until: int
    quick: Holds
    """Says what the condition is where that is plain; gives None or raises where `exact` must."""
    exact: Callable[[], Holds]
    """Gives the condition itself, loaded when first asked for."""
    says: str | Holds
    at: tuple[tuple[str, Path], ...]
    reads: frozenset[str]
    """The names of the fields its condition reads: one of a wrong type leaves it undecided.

    A name with a star behind it is read with all that is in it (`labels["app"]`, `size(ports)`).
    """
    requires: str
    """A key of its root without which it cannot fail; empty where there is none."""
    severity: int | None = None
    """Where it differs from its rule's."""
