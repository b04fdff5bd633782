"""Why a connection is allowed or not: which rule of which policy says so, on either side."""

from __future__ import annotations

from collections.abc import Iterator

from portside.graph.network.addresses import place_of
from portside.graph.network.connections import ALL, NONE, ConnectionSet
from portside.graph.network.entrances import CONTROLLER, GATEWAY
from portside.graph.network.peers import Piece
from portside.graph.network.policy import EGRESS, INGRESS, NETWORK, Policy, Rule
from portside.graph.network.reach import Reachability
from portside.graph.network.verdict import Said, Subject
from portside.records import NamedTuple


class Step(NamedTuple):
    """What one policy says of the connection; `rule` is empty where none of its rules does."""

    policy: str
    rule: str
    effect: str
    """`allow`, `deny`, `pass`, or `isolate`: it selects the pod and allows nothing here."""
    ports: ConnectionSet
    """What it decides, which no earlier rule has decided."""
    file: str
    line: int


class Side(NamedTuple):
    """One end of a connection, and what the policies that select it say in its direction."""

    peer: str
    direction: str
    allowed: ConnectionSet
    isolated: bool
    """Whether a NetworkPolicy selects it: then what none allows is denied."""
    steps: tuple[Step, ...]


class Lead(NamedTuple):
    """An Ingress or a route that leads to the target, and to which ports of it."""

    entrance: str
    service: str
    ports: ConnectionSet
    file: str
    line: int


class Explanation(NamedTuple):
    """`sides` are one for each end that is a pod: addresses have no policies."""

    source: str
    target: str
    allowed: ConnectionSet
    sides: tuple[Side, ...]
    leads: tuple[Lead, ...] = ()


def explained(reach: Reachability, source: str, target: str) -> list[Explanation]:
    """Why `target` can be reached from `source`, or not.

    One answer for each piece of a range of addresses that rules tell apart, and for each kind of
    pod of a workload whose pods differ. Raises KeyError for a workload that is not here.
    """
    return [
        _explained(reach, start, end)
        for start in _ends(reach, source, INGRESS)
        for end in _ends(reach, target, EGRESS)
    ]


class _End(NamedTuple):
    """A peer: what it is called, where it stands in the rows, whether it is a pod."""

    title: str
    at: int
    is_pod: bool


def _ends(reach: Reachability, title: str, direction: str) -> Iterator[_End]:
    if title in reach.workloads or title in (CONTROLLER, GATEWAY):
        for pod in reach.pods_of(title):
            yield _End(title, pod, True)
        return
    try:
        wanted = place_of(title)
    except ValueError:
        raise KeyError(title) from None
    first = len(reach.peers.pods)
    for at, piece in reach.pieces_of(wanted, direction):
        for low, high in wanted.addresses:
            part = Piece(piece.family, max(piece.first, low), min(piece.last, high))
            yield _End(part.title, first + at, False)


def _explained(reach: Reachability, source: _End, target: _End) -> Explanation:
    sides = []
    if source.is_pod:
        sides.append(_side(reach, reach.subject(source.at, EGRESS), source, target))
    if target.is_pod:
        sides.append(_side(reach, reach.subject(target.at, INGRESS), target, source))
    allowed = ALL
    for side in sides:
        allowed &= side.allowed
    if source.title not in (CONTROLLER, GATEWAY):
        return Explanation(source.title, target.title, allowed, tuple(sides))
    leads = tuple(_leads(reach, source.title, target.title))
    led = NONE
    for lead in leads:
        led |= lead.ports
    return Explanation(source.title, target.title, allowed & led, tuple(sides), leads)


def _side(reach: Reachability, subject: Subject, own: _End, other: _End) -> Side:
    said = Said()
    steps = []
    for policy in subject.policies:
        spoken = False
        for rule in policy.rules(subject.direction):
            for meant, about in reach.peers.matches(rule, subject.direction, subject.pod):
                decided = said.undecided(policy.tier, about) if meant >> other.at & 1 else NONE
                if decided:
                    spoken = True
                    said = said.after(policy.tier, rule.action, about)
                    steps.append(_step(policy, rule, decided))
        if not spoken and policy.tier == NETWORK:
            source = policy.source
            steps.append(Step(policy.title, "", "isolate", NONE, source.file, source.line()))
    verdict = said.verdict(isolated=subject.isolated)
    return Side(own.title, subject.direction, verdict, subject.isolated, tuple(steps))


def _step(policy: Policy, rule: Rule, decided: ConnectionSet) -> Step:
    source = policy.source
    number = int(rule.path[-1]) + 1
    name = f"{rule.path[1]} rule {number}" + (f" ({rule.name})" if rule.name else "")
    return Step(policy.title, name, rule.action, decided, source.file, source.line(rule.path))


def _leads(reach: Reachability, source: str, target: str) -> Iterator[Lead]:
    for it in reach.entrances.get((source, target), ()):
        backend = it.backend
        service = f"{backend.namespace}/{backend.service}"
        place = backend.source.line(backend.path)
        yield Lead(backend.title, service, reach.leading(it), backend.source.file, place)
