"""How a finding of a rule is mended: steps ready to run. Loaded where something is to be mended."""

from __future__ import annotations

from typing import Any

from portside.policy.compiled import Holds, Path
from portside.records import NamedTuple


class Step(NamedTuple):
    """One edit: `set`, `add` or `remove` at `path` below the variable `root`."""

    what: str
    root: str
    path: Path
    value: Any = None
    expression: Holds | None = None
    """Gives the value, in place of `value`."""
    when: Holds | None = None
    """A condition without which the step has nothing to do."""


class Fix(NamedTuple):
    """The steps of one rule, or the Python module with its function `mend`."""

    steps: tuple[Step, ...] = ()
    module: str = ""
