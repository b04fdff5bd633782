"""What attack paths add to a scan: the band of each finding, the path, and the choke points."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.graph_facts import made_of
from portside.graph.attack import P3, Attack, Path
from portside.graph.choke import ChokePoints
from portside.graph.table import EDGE_RULES, HARDENING
from portside.model.finding import ChokePoint, FileResult, Finding
from portside.records import NamedTuple
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.graph.build import Application
    from portside.syntax import Limits


class Scope(NamedTuple):
    """What the paths are looked for in."""

    items: Sequence[Item]
    limits: Limits
    version: str
    whole: bool
    cached: Sequence[object] | None


def with_attack_paths(
    results: Sequence[FileResult], scope: Scope
) -> tuple[list[FileResult], list[ChokePoint]]:
    """`results`, each finding with its band, and the choke points.

    A finding that is on no path has P3, if its rule is of a family that the graph follows and what
    was scanned is all there is: else the rest of the path may be elsewhere.
    """
    made, _ = made_of(
        scope.items, scope.limits, scope.version, whole=scope.whole, cached=scope.cached
    )
    attack = Attack(made)
    paths = _by_identity(attack)
    none = P3 if made.whole else ""
    banded = [_banded(it, attack, paths, none) for it in results]
    chokes = ChokePoints(attack)
    found = list(_choke_points(chokes, made, banded))
    _tell([*made.graph.notes, *chokes.notes], whole=made.whole)
    return banded, found


def _by_identity(attack: Attack) -> dict[str, Path]:
    """The worst path over each fault, by its identity: objects may have twins."""
    found: dict[str, Path] = {}
    for number, path in attack.bands().items():
        identity = attack.application.faults[number].identity
        known = found.get(identity)
        if known is None or (path.band, path.cost) < (known.band, known.cost):
            found[identity] = path
    return found


def _banded(result: FileResult, attack: Attack, paths: dict[str, Path], none: str) -> FileResult:
    if not result.findings:
        return result
    findings = []
    for it in result.findings:
        path = paths.get(it.identity)
        if path is not None:
            it = it._replace(band=path.band, via=attack.words(path))
        elif it.rule in EDGE_RULES or it.rule in HARDENING:
            it = it._replace(band=none)
        findings.append(it)
    return result._replace(findings=tuple(findings))


def _choke_points(
    chokes: ChokePoints, made: Application, results: Sequence[FileResult]
) -> Iterator[ChokePoint]:
    found = chokes.found()
    wanted = {made.faults[it.fault].identity for it in found}
    said: dict[str, Finding] = {}
    for result in results if wanted else ():
        for finding in result.findings:
            if finding.identity in wanted:
                said[finding.identity] = finding
    for it in found:
        fault = made.faults[it.fault]
        place = said.get(fault.identity, fault)
        what = step_words(made, it.edge)
        yield ChokePoint(what, fault.rule, place.file, place.line, it.paths, it.all_paths)


def step_words(made: Application, number: int) -> str:
    """A step in words: who does what to whom."""
    edge = made.graph.edges[number]
    source, target = made.graph.nodes[edge.source], made.graph.nodes[edge.target]
    ends = [it.title for it in (source, target) if it.kind != "network"]
    return f"{' → '.join(ends)} ({edge.why})"


def _tell(notes: Sequence[str], *, whole: bool) -> None:
    if not whole:
        notes = [*notes, "what was scanned is a part: that a path is not here says nothing"]
    sys.stdout.flush()
    for note in notes:
        sys.stderr.write(f"attack paths: {shown(note)}\n")
