"""Reads manifests into what a map of the network is made of, as the command does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from portside.graph.network import NetworkObject, Reachability
from portside.judged import admit
from portside.sources.read import objects, parsed
from portside.sources.walk import Found, find


def read(text: str, file: str = "a.yaml") -> Iterator[NetworkObject]:
    """The objects in `text`; it must be readable."""
    made = parsed(text.encode(), Found(file, file, True))
    assert made.unread == ()
    for it in made.resources:
        it.admitted(admit(it.value))
        yield NetworkObject.of(it)


def reach(text: str, *, undeclared_ports: bool = False) -> Reachability:
    return Reachability.of(read(text), undeclared_ports=undeclared_ports)


def reach_of(*paths: Path) -> Reachability:
    """The map of files and folders; each of them must be readable."""
    made = []
    for file in objects(find([str(it) for it in paths], lambda _: lambda _below, _folder: "")):
        assert file.unread == ()
        for it in file.resources:
            it.admitted(admit(it.value))
            made.append(NetworkObject.of(it))
    return Reachability.of(made)


def lines(made: Reachability, families: tuple[int, ...] = (4,)) -> list[str]:
    return [f"{it.source} => {it.target} : {it.ports}" for it in made.connections(families)]
