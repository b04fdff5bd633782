"""What to do first: by band, by choke point, by the place where one edit mends most, by owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.records import NamedTuple
from portside.report.totals import counts

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import ChokePoint, Finding

BANDS = {
    "P0": "within 3 days",
    "P1": "within 14 days",
    "P2": "within 60 days",
    "P3": "with the next upgrade",
}
"""How soon findings of a band are to be mended."""
_PLACES = 20
_FIRST = 10


class EditPlace(NamedTuple):
    """A line at which several findings stand: one edit, or edits side by side, mend them all."""

    file: str
    line: int
    findings: int
    severity: int
    """The worst of them."""
    rules: tuple[str, ...]


class OwnerShare(NamedTuple):
    """What one owner is to mend; the empty name stands for nobody."""

    owner: str
    severities: tuple[int, ...]
    """How many findings of each severity, from info to critical."""

    @property
    def findings(self) -> int:
        return sum(self.severities)


class Priorities(NamedTuple):
    bands: dict[str, int]
    """How many findings that count are in each band; empty where no attack path was looked for."""
    first: tuple[Finding, ...]
    """The worst findings on attack paths, the worst first."""
    choke_points: Sequence[ChokePoint]
    places: tuple[EditPlace, ...]
    """The lines at which most findings stand, those of one finding left out."""
    owners: tuple[OwnerShare, ...]


def priorities(evaluation: Evaluation) -> Priorities:
    """All of it, in one pass over the findings that count."""
    bands: Counter[str] = Counter()
    places: dict[tuple[str, int], list[Finding]] = {}
    owners: dict[str, list[int]] = {}
    urgent: list[Finding] = []
    for it, excuse in evaluation.findings():
        if not counts(it, excuse):
            continue
        if it.band:
            bands[it.band] += 1
            if it.band != "P3":
                urgent.append(it)
        places.setdefault((it.file, it.line), []).append(it)
        owners.setdefault(it.owner, [0] * len(NAMES))[it.severity] += 1
    urgent.sort(key=lambda it: (it.band, -it.severity, it.file, it.line, it.rule))
    return Priorities(
        bands={band: bands[band] for band in BANDS} if bands else {},
        first=tuple(urgent[:_FIRST]),
        choke_points=evaluation.choke_points,
        places=_places(places),
        owners=_owners(owners),
    )


def _places(found: dict[tuple[str, int], list[Finding]]) -> tuple[EditPlace, ...]:
    several = sorted(
        (it for it in found.items() if len(it[1]) > 1), key=lambda it: (-len(it[1]), it[0])
    )
    return tuple(
        EditPlace(
            file,
            line,
            len(findings),
            max(it.severity for it in findings),
            tuple(dict.fromkeys(it.rule for it in findings)),
        )
        for (file, line), findings in several[:_PLACES]
    )


def _owners(found: dict[str, list[int]]) -> tuple[OwnerShare, ...]:
    shares = [OwnerShare(owner, tuple(numbers)) for owner, numbers in found.items()]
    if len(shares) == 1 and not shares[0].owner:
        return ()
    shares.sort(key=lambda it: (it.severities[::-1], it.owner), reverse=True)
    return tuple(shares)
