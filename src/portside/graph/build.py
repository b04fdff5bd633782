"""The graph of an application, from its facts and the findings of the rules that are its steps."""

from __future__ import annotations

from collections.abc import Sequence

from portside.graph.entries import Entries
from portside.graph.faults import Faults
from portside.graph.lateral import Lateral
from portside.graph.model import GROUP, Graph
from portside.graph.network import NetworkObject, Reachability
from portside.graph.places import Places
from portside.graph.pods import Workloads
from portside.graph.powers import Powers
from portside.graph.secrets import add_secrets
from portside.graph.subjects import EVERYBODY, Subjects
from portside.model.facts import Facts
from portside.model.finding import Finding
from portside.records import NamedTuple


class Application(NamedTuple):
    """A graph, and where attackers stand before their first step."""

    graph: Graph
    faults: Sequence[Finding]
    """The findings that steps name by their numbers."""
    tenants: tuple[int, ...]
    """Identities that are given out to others than administrators."""
    whole: bool
    """Whether the facts are all there is: else what is not found may be elsewhere."""


def application(facts: Facts, findings: Sequence[Finding]) -> Application:
    """The graph of `facts`; `findings` are those of the rules in `table.EDGE_RULES`."""
    graph, faults = Graph(), Faults(findings)
    subjects = Subjects(graph, facts, faults)
    workloads = Workloads(graph, facts, subjects, faults)
    add_secrets(graph, facts, subjects, faults)
    places = Places(graph, facts, faults)
    Powers(graph, subjects, places, faults)
    places.finish()
    subjects.join_groups()
    reach = Reachability.of(NetworkObject.of_fact(it) for it in facts.listed)
    if reach.faults:
        number = len(reach.faults)
        what = "1 policy is" if number == 1 else f"{number} policies are"
        graph.notes.append(f"{what} not taken into account: more may connect than here, or less")
    lateral = Lateral(graph, facts, reach, workloads, faults)
    Entries(graph, facts, reach, workloads, lateral, faults)
    everybody = [graph.find(GROUP, "", name) for name in EVERYBODY]
    tenants = [*subjects.tenants, *(it for it in everybody if it is not None)]
    return Application(graph, findings, tuple(dict.fromkeys(tenants)), facts.whole)
