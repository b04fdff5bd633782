"""What cases of Gatekeeper's and Kyverno's own policies are about, and the settings they come with.

A case of Kyverno is what one rule of a policy says of one object, often among others in its file; a
case of Gatekeeper is what a template says of a file with the parameters of a constraint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from portside.model.finding import ResourceRef

KYVERNO = ("kyverno-policies", "kyverno-cli")
GATEKEEPER = "gatekeeper-library"
Case = Mapping[str, Any]


def names(case: Case) -> Iterator[str]:
    """The names that the tables may give the check of a case, the narrowest first.

    These are `policy/rule` for Kyverno and `template/sample` for Gatekeeper, else the check alone.
    """
    if case["corpus"] in KYVERNO:
        yield f"{case['check']}/{case['rule']}"
    elif case["corpus"] == GATEKEEPER:
        yield f"{case['check']}/{case['case'].split('/')[-2]}"
    yield case["check"]


def is_about(case: Case, ref: ResourceRef) -> bool:
    """Whether the verdict of a case is about this object: all of the files but for Kyverno."""
    if case["corpus"] not in KYVERNO:
        return True
    namespace, _, name = case["resource"].rpartition("/")
    inside = not namespace or (ref.namespace or "default") == namespace
    return bool(inside and (ref.kind, ref.name) == (case["kind"], name))


def constraint(case: Case, corpora: Path) -> dict[str, Any]:
    """The parameters of a constraint, a range of ports as the list of them under `ports`."""
    if case["corpus"] != GATEKEEPER:
        return {}
    whole = yaml.safe_load((corpora / case["constraint"]).read_text(encoding="utf-8"))
    given: dict[str, Any] = whole["spec"].get("parameters", {})
    if "min" in given:
        given["ports"] = list(range(given["min"], given["max"] + 1))
    return given
