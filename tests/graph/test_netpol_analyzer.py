"""The maps that netpol-analyzer's authors expect: ours are the same, line for line."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.netpol_cases import UNSUPPORTED
from portside.engine.facts import fact_of
from portside.graph.network import NetworkObject, Reachability
from portside.judged import admit
from portside.sources.read import objects
from portside.sources.walk import find
from tests.graph.reading import lines, reach_of
from tests.shared import cases, shared

CASES = {it["case"]: it for it in cases("netpol-analyzer")}


def test_every_case_is_there_and_the_unsupported_ones_are_cases() -> None:
    if not CASES:
        pytest.skip("the shared inputs are not beside the project")
    assert len(CASES) == 36
    assert set(UNSUPPORTED) < set(CASES)


@pytest.mark.parametrize("name", [it for it in CASES if it not in UNSUPPORTED])
def test_the_map_is_the_expected_one(name: str) -> None:
    made, expected = _case(CASES[name])
    assert made.faults == []
    assert lines(made) == expected


@pytest.mark.parametrize("name", [it for it in CASES if it in UNSUPPORTED])
def test_a_network_that_is_not_understood_is_said_to_be_missing(name: str) -> None:
    made, expected = _case(CASES[name])
    assert lines(made) != expected, "it is supported now: take it out of the table"
    networks = ("UserDefinedNetwork", "ClusterUserDefinedNetwork", "NetworkAttachmentDefinition")
    assert any(it.what.startswith(networks) and it.line for it in made.faults)


def _case(case: dict[str, Any]) -> tuple[Any, list[str]]:
    corpora = shared("corpora")
    made = reach_of(*(corpora / it for it in case["files"]))
    return made, (corpora / case["expected_file"]).read_text().splitlines()


@pytest.mark.parametrize(
    "name",
    ["new_online_boutique", "anp_test_4", "anp_with_np_pass_test", "acs_security_frontend_demos"],
)
def test_facts_of_a_scan_make_the_same_map(name: str) -> None:
    if not CASES:
        pytest.skip("the shared inputs are not beside the project")
    corpora = shared("corpora")
    case = CASES[name]
    facts = []
    for file in objects(find([str(corpora / it) for it in case["files"]], lambda _: _none)):
        for number, it in enumerate(file.resources):
            it.admitted(admit(it.value))
            facts.append(fact_of(it, number))
    made = Reachability.of(NetworkObject.of_fact(it) for it in facts)
    assert lines(made) == (corpora / case["expected_file"]).read_text().splitlines()
    assert all(it.source.line() for listed in made.workloads.values() for it in listed)


def _none(_below: str, _folder: bool) -> str:
    return ""
