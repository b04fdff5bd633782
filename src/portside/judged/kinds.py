"""Whether a version of Kubernetes serves a kind; loaded where that is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.judged.served import SERVED
from portside.judged.spelling import nearest
from portside.model.api_lifecycle import LIVES

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_KUBERNETES = frozenset(it.rpartition("/")[0] for it in (*SERVED, *LIVES)) - {"audit.k8s.io"}
"""The groups of Kubernetes; that of audit policies is none of its API."""


def is_of_kubernetes(group: str) -> bool:
    """Whether the API group is one of Kubernetes' own."""
    return group in _OF_KUBERNETES


def why_unserved(version: str, kind: str, typed: bool, minor: int) -> str:
    """Why Kubernetes 1.`minor` has no `kind` of API version `version`; empty where it may have.

    `typed` says whether Kubernetes' code has types of it, as it has of some that no server serves.
    What was deprecated and removed is told by rules of its own, and gets no answer here.
    """
    group = version.rpartition("/")[0]
    if not is_of_kubernetes(group):
        return ""
    spans = _spans(version, kind)
    first = min((since for since, _ in spans), default=0)
    if first > minor:
        return f"Kubernetes serves it from 1.{first} on"
    if kind in LIVES.get(version, ()) or any(minor <= until for _, until in spans):
        return ""
    others = [it for it in SERVED if it != version and _spans(it, kind)]
    own = [it for it in others if it.rpartition("/")[0] == group]
    if own or (others and not typed):
        return f"{kind} is served as {_newest(own or others, kind, minor)}"
    if typed or kind.endswith("List"):
        return ""
    if version not in SERVED:
        return f"{group or 'the core group'} has no version {version.rpartition('/')[2]}"
    meant = nearest(kind, kinds_of(version))
    return f"did you mean {meant}?" if meant else f"{version} has no such kind"


def kinds_of(version: str) -> list[str]:
    """The kinds that any version of Kubernetes serves of an API version."""
    return [kind for kinds in SERVED.get(version, {}).values() for kind in kinds]


def _newest(versions: list[str], kind: str, minor: int) -> str:
    """The one of these API versions to use: served by `minor`, and stable rather than not."""
    # Of two that are equally good, the later one.
    latest_first = sorted(versions, reverse=True)
    return min(latest_first, key=lambda it: (not _is_served(it, kind, minor), _maturity(it)))


def _is_served(version: str, kind: str, minor: int) -> bool:
    return any(since <= minor <= until for since, until in _spans(version, kind))


def _maturity(version: str) -> int:
    return 2 if "alpha" in version else 1 if "beta" in version else 0


def _spans(version: str, kind: str) -> list[tuple[int, int]]:
    return list(_matching(version, kind))


def _matching(version: str, kind: str) -> Iterator[tuple[int, int]]:
    for span, kinds in SERVED.get(version, {}).items():
        if kind in kinds:
            yield span
