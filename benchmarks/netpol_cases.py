"""Maps of netpol-analyzer, asked of ours: who may connect to whom, line for line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.peer_cases import CORPORA
from benchmarks.workflow_cases import cases
from portside.graph.network import NetworkObject, Reachability
from portside.judged import admit
from portside.sources.read import objects
from portside.sources.walk import find

UNSUPPORTED = {
    "cudn_test_2": "a ClusterUserDefinedNetwork makes a network of its own of all namespaces",
    "cudn_test_6": "two ClusterUserDefinedNetworks part the namespaces",
    "nad_test_12": "NetworkAttachmentDefinitions give pods a second network",
    "udn_and_vms_test_1": "each namespace is a UserDefinedNetwork of its own",
    "udn_and_vms_test_4": "one namespace is a UserDefinedNetwork of its own",
    "udn_with_ingress_controller": "its namespace is a UserDefinedNetwork, its Pod is in apps/v1",
}
"""Networks of OVN-Kubernetes beside that of the cluster: said as a fault of the map."""


class Map(NamedTuple):
    """One case: the connections that its authors expect and ours, a line each."""

    case: str
    expected: list[str]
    ours: list[str]
    faults: int
    """How many objects our map says that it leaves out."""

    @property
    def missing(self) -> int:
        """Connections that are allowed, and that we deny."""
        return len(set(self.expected) - set(self.ours))

    @property
    def added(self) -> int:
        """Connections that are denied, and that we allow."""
        return len(set(self.ours) - set(self.expected))


def maps() -> Iterator[Map]:
    """Every case. Raises FileNotFoundError where the corpora are absent."""
    for case in cases("netpol-analyzer"):
        made = _reach([CORPORA / it for it in case["files"]])
        ours = [f"{it.source} => {it.target} : {it.ports}" for it in made.connections()]
        expected = (CORPORA / case["expected_file"]).read_text("utf-8").splitlines()
        yield Map(case["case"], expected, ours, len(made.faults))


def _reach(paths: list[Path]) -> Reachability:
    made = []
    for file in objects(find([str(it) for it in paths], lambda _: lambda _below, _folder: "")):
        for it in file.resources:
            it.admitted(admit(it.value))
            made.append(NetworkObject.of(it))
    return Reachability.of(made)


def page() -> Iterator[str]:
    """The section of the page of agreement."""
    found = list(maps())
    plain = [it for it in found if it.case not in UNSUPPORTED]
    lines = sum(len(it.expected) for it in plain)
    yield "\n## Maps of the network\n\n"
    yield (
        f"netpol-analyzer's maps of {len(plain)} sets of manifests, {lines:,} connections: "
        f"{sum(it.missing for it in plain)} are missing in ours, "
        f"{sum(it.added for it in plain)} are too many. "
        f"{len(found) - len(plain)} more sets have networks beside the cluster's own, which our "
        "map names as left out, with exit code 3:\n\n| set | what is in it |\n| --- | --- |\n"
    )
    for name, why in UNSUPPORTED.items():
        yield f"| `{name}` | {why} |\n"
