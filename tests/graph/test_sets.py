"""Sets of ports and addresses obey the algebra of sets, whatever is in them."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portside.graph.network import ALL, NONE, ConnectionSet
from portside.graph.network.addresses import block, place_of, range_text
from portside.graph.network.connections import of_protocol
from portside.graph.network.intervals import (
    Intervals,
    contains,
    difference,
    intersection,
    intervals,
    pieces,
    union,
)

PAIRS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=8)
SETS = PAIRS.map(intervals)
CONNECTIONS = st.builds(ConnectionSet, SETS, SETS, SETS)


def numbers(made: Intervals) -> set[int]:
    return {it for first, last in made for it in range(first, last + 1)}


def is_canonical(made: Intervals) -> bool:
    ends = [it for pair in made for it in pair]
    apart = all(before[1] + 1 < after[0] for before, after in pairwise(made))
    return ends == sorted(ends) and apart


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of theirs
@given(PAIRS)
def test_intervals_hold_the_numbers_of_all_pairs(pairs: list[tuple[int, int]]) -> None:
    made = intervals(pairs)
    assert numbers(made) == {it for low, high in pairs for it in range(low, high + 1)}
    assert is_canonical(made)


@given(SETS, SETS)
def test_operations_are_those_of_sets_of_numbers(a: Intervals, b: Intervals) -> None:
    for made, expected in (
        (union(a, b), numbers(a) | numbers(b)),
        (intersection(a, b), numbers(a) & numbers(b)),
        (difference(a, b), numbers(a) - numbers(b)),
    ):
        assert numbers(made) == expected
        assert is_canonical(made)
    assert contains(a, b) == (numbers(b) <= numbers(a))


@given(st.lists(SETS, max_size=5))
def test_a_piece_lies_wholly_inside_or_outside_of_each_set(cuts: list[Intervals]) -> None:
    made = pieces((1, 40), cuts)
    assert [it for low, high in made for it in range(low, high + 1)] == list(range(1, 41))
    for low, high in made:
        piece = set(range(low, high + 1))
        for cut in cuts:
            assert piece <= numbers(cut) or not piece & numbers(cut)


@given(CONNECTIONS, CONNECTIONS, CONNECTIONS)
def test_connection_sets_obey_the_laws(
    a: ConnectionSet, b: ConnectionSet, c: ConnectionSet
) -> None:
    assert a | b == b | a
    assert a & (b | c) == (a & b) | (a & c)
    assert ALL - (a | b) == (ALL - a) & (ALL - b)
    assert (a - b) | (a & b) == a
    assert (a - b) & b == NONE
    assert bool(a) == (a != NONE)


@given(CONNECTIONS)
def test_what_is_written_says_the_set(made: ConnectionSet) -> None:
    if not made:
        assert str(made) == "No Connections"
        return
    read = NONE
    for part in str(made).replace(",", " ").split():
        if part.isalpha():
            protocol = part
        else:
            low, _, high = part.partition("-")
            read |= of_protocol(protocol, ((int(low), int(high or low)),))
    assert read == made


def test_protocols_are_written_in_the_order_of_their_names() -> None:
    made = ALL - of_protocol("UDP", ((53, 53),))
    assert str(made) == "SCTP 1-65535,TCP 1-65535,UDP 1-52,54-65535"
    assert str(ALL) == "All Connections"
    assert made.has("UDP", 54)
    assert not made.has("UDP", 53)


@given(
    st.integers(0, 2**32 - 1).flatmap(
        lambda it: st.integers(0, 32).map(
            lambda bits: ipaddress.ip_network((it, bits), strict=False)
        )
    )
)
def test_a_block_holds_the_addresses_of_its_network(network: ipaddress.IPv4Network) -> None:
    low, high = int(network[0]), int(network[-1])
    made = block(str(network))
    assert made == (4, ((low, high),))
    assert place_of(range_text(4, low, high)) == made
    assert place_of(f"{range_text(4, low, high)}[External]") == made


def test_an_exception_leaves_a_hole() -> None:
    made = block("10.0.0.0/8", ("10.1.0.0/16", "10.2.0.0/16"))
    assert [range_text(4, *it) for it in made.addresses] == [
        "10.0.0.0-10.0.255.255",
        "10.3.0.0-10.255.255.255",
    ]
    six = block("fd00::/8", ("fd00::/16",))
    assert [range_text(6, *it) for it in six.addresses] == [
        "fd01::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    ]


@pytest.mark.parametrize(
    ("cidr", "excepted"),
    [
        ("10.0.0.0", ()),
        ("", ()),
        ("10.0.0.0/33", ()),
        ("ten/8", ()),
        ("10.0.0.0/8", ("11.0.0.0/16",)),
        ("10.0.0.0/8", ("10.0.0.0/8",)),
        ("10.0.0.0/8", ("fd00::/16",)),
    ],
)
def test_what_is_no_block_is_refused(cidr: str, excepted: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"block|inside"):
        block(cidr, excepted)
