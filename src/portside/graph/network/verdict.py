"""What all tiers of policies together say of the connections of one pod, in one direction.

Admin policies are asked in the order of their priorities and the first rule that is about a
connection decides; what they pass on or say nothing of is for the NetworkPolicies, which allow
what any of them allows and nothing else where one selects the pod; where none does, the baseline
is asked as the admin policies were; and what nobody speaks of is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portside.graph.network.connections import ALL, NONE, ConnectionSet
from portside.graph.network.peers import Peers
from portside.graph.network.policy import (
    ADMIN,
    ALLOW,
    BASELINE,
    DENY,
    NETWORK,
    Policy,
    Rule,
)
from portside.graph.network.selector import Bits
from portside.records import NamedTuple


class Said(NamedTuple):
    """What has been said so far of the connections with some peers."""

    allowed: ConnectionSet = NONE
    denied: ConnectionSet = NONE
    passed: ConnectionSet = NONE
    network: ConnectionSet = NONE
    base_allowed: ConnectionSet = NONE
    base_denied: ConnectionSet = NONE

    def after(self, tier: int, action: str, about: ConnectionSet) -> Said:
        """What is said when a rule with `action` has spoken about these connections too."""
        if tier == NETWORK:
            return self._replace(network=self.network | about)
        open_still = self.undecided(tier, about)
        if tier == BASELINE:
            if action == DENY:
                return self._replace(base_denied=self.base_denied | open_still)
            # What the last tier passes on meets the default, which allows.
            return self._replace(base_allowed=self.base_allowed | open_still)
        if action == ALLOW:
            return self._replace(allowed=self.allowed | open_still)
        if action == DENY:
            return self._replace(denied=self.denied | open_still)
        return self._replace(passed=self.passed | open_still)

    def undecided(self, tier: int, about: ConnectionSet) -> ConnectionSet:
        """What of `about` no earlier rule of the tier has decided."""
        if tier == NETWORK:
            return about
        if tier == BASELINE:
            return about - self.base_allowed - self.base_denied
        return about - self.allowed - self.denied - self.passed

    def verdict(self, *, isolated: bool) -> ConnectionSet:
        """What is allowed in the end; `isolated` where a NetworkPolicy selects the pod."""
        below = self.network if isolated else ALL - self.base_denied
        return self.allowed | (below - self.denied)


class Subject(NamedTuple):
    """A pod, and the policies with a say in one direction, in the order they are asked."""

    pod: int
    direction: str
    policies: tuple[Policy, ...]

    @property
    def isolated(self) -> bool:
        return any(it.tier == NETWORK for it in self.policies)

    @property
    def names(self) -> bool:
        """Whether a rule names a port."""
        return any(rule.ports.names for _, rule in self.rules())

    def rules(self) -> Iterable[tuple[Policy, Rule]]:
        for policy in self.policies:
            for rule in policy.rules(self.direction):
                yield policy, rule


def ordered(policies: Iterable[Policy]) -> list[Policy]:
    """In the order they are asked."""
    return sorted(policies, key=lambda it: (it.tier, it.priority, it.title))


def subject(
    pod: int, direction: str, policies: Sequence[Policy], chosen: Sequence[Bits]
) -> Subject:
    """`chosen` are the pods that each of the ordered `policies` selects."""
    return Subject(
        pod,
        direction,
        tuple(
            policy
            for policy, bits in zip(policies, chosen, strict=True)
            if bits >> pod & 1 and direction in policy.directions
        ),
    )


def verdicts(subject: Subject, peers: Peers) -> list[tuple[Bits, ConnectionSet]]:
    """The peers in groups, and what is allowed with each: every peer is in one group."""
    groups: dict[Said, Bits] = {Said(): peers.everybody(subject.direction)}
    for policy, rule in subject.rules():
        for meant, about in peers.matches(rule, subject.direction, subject.pod):
            if meant:
                groups = _spoken(groups, meant, (policy.tier, rule.action, about))
    return [(bits, said.verdict(isolated=subject.isolated)) for said, bits in groups.items()]


def _spoken(
    groups: dict[Said, Bits], meant: Bits, rule: tuple[int, str, ConnectionSet]
) -> dict[Said, Bits]:
    made: dict[Said, Bits] = {}
    for said, bits in groups.items():
        inside, outside = bits & meant, bits & ~meant
        if outside:
            made[said] = made.get(said, 0) | outside
        if inside:
            now = said.after(*rule)
            made[now] = made.get(now, 0) | inside
    return made


__all__ = ["ADMIN", "Said", "Subject", "ordered", "subject", "verdicts"]
