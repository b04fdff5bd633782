"""The map of the network of what the options name, and what is said of it on standard error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.as_installed import FIRST, AsInstalled, placed
from portside.cli.options import add_environment, add_paths, add_selection, word_of
from portside.cli.sources import INCOMPLETE
from portside.graph.network import Fault, NetworkObject, Reachability
from portside.graph.network.addresses import IPV4, IPV6
from portside.graph.network.collect import matters
from portside.judged import admit
from portside.model.finding import Unread
from portside.model.place import dotted
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.model.resource import Resource

_DEFAULT_FAMILY = "ipv4"
FAMILIES = {"ipv4": (IPV4,), "ipv6": (IPV6,), "dual": (IPV4, IPV6)}
VERSION = 1
"""Of the JSON that the commands write."""
_READ = {"metadata", "ports", "selector", "hostNetwork", "rules", "backend", "defaultBackend"} | {
    "podSelector",
    "ingress",
    "egress",
    "policyTypes",
}
"""Fields that a map is made of: with a value of the wrong type in one, it may be wrong."""


class NetworkMap:
    """The map of the paths in `options`; what it lacks is said as it is made.

    `code` is 3 where anything is missing, unless that is accepted. `unread` is what could not be
    read, for reports that programs read.
    """

    __slots__ = ("_objects", "code", "reach", "unread")

    def __init__(self, options: argparse.Namespace, paths: Sequence[str]) -> None:
        self._objects = sources = _Telling(options, paths)
        objects = [NetworkObject.of(it) for it in _judged(sources)]
        self.reach = Reachability.of(objects, undeclared_ports=options.undeclared_ports)
        if vars(options).get("ip_family") == _DEFAULT_FAMILY and _names_ipv6(self.reach):
            reason = "rules name some: --ip-family dual lists them"
            self.reach.notes.append(Fault("addresses of IPv6", reason, "", 0))
        notes = (Fault("environments", it, "", 0) for it in sources.notes)
        self.reach.notes.extend(notes)
        for note in self.reach.notes:
            _say("note: ", note)
        for fault in self.reach.faults:
            _say("", fault)
        self.unread = sources.told
        self.code = self._exit_code(allowed=options.allow_unread)

    @property
    def missing(self) -> list[dict[str, Any]]:
        """What the map is without, as values for JSON."""
        unread = [Fault(it.what, it.reason, it.file, it.line) for it in self.unread]
        return [_row(it) for it in (*unread, *self.reach.faults)]

    @property
    def notes(self) -> list[dict[str, Any]]:
        return [_row(it) for it in self.reach.notes]

    def _exit_code(self, *, allowed: bool) -> int:
        code = self._objects.exit_code()
        faults = len(self.reach.faults)
        if not faults:
            return code
        sys.stderr.write(f"{faults} not taken into account: the map is incomplete")
        sys.stderr.write("\n" if allowed else f" (exit {INCOMPLETE})\n")
        return code if allowed else INCOMPLETE


def _names_ipv6(reach: Reachability) -> bool:
    """Whether a rule is about a part of all addresses of IPv6."""
    cuts = reach.peers.pieces.values()
    return any(sum(it.family == IPV6 for it in pieces) > 1 for pieces in cuts)


class _Telling(AsInstalled):
    """What is installed together, and what of it is told."""

    __slots__ = ("told",)

    def __init__(self, options: argparse.Namespace, paths: Sequence[str]) -> None:
        given = argparse.Namespace(**{**vars(options), "paths": list(paths)})
        super().__init__(given, options.environment or FIRST)
        self.told: list[Unread] = []

    def say(self, unread: Unread) -> None:
        self.told.append(unread)
        super().say(unread)


def _judged(sources: _Telling) -> Iterator[Resource]:
    """The objects in their judged form.

    One with a field of the wrong type, of which the map would be made, is told and left out: the
    API server refuses it, and what was meant is not known.
    """
    for it in sources.resources():
        if matters(it.group, it.kind):
            it.admitted(admit(it.value))
            fault = next((found for found in it.mistyped if _READ.intersection(found[0])), None)
            if fault is not None:
                path, expected, got = fault
                file, line, column = placed(it, path)
                reason = f"{dotted(path)} is {got}, not {expected}: the API server refuses it"
                sources.say(Unread(str(it.ref), f"{it.ref}: {reason}", file, line, column))
                continue
        yield it


def add_network(
    made: argparse.ArgumentParser, *, paths: bool = True, families: bool = True
) -> None:
    """What the commands below `network` share."""
    if paths:
        add_paths(made)
    group = made.add_argument_group("what the map holds")
    if families:
        group.add_argument(
            "--ip-family",
            choices=tuple(FAMILIES),
            type=word_of("IP family", tuple(FAMILIES)),
            default=_DEFAULT_FAMILY,
            metavar="FAMILY",
            help="addresses outside of the cluster: ipv4 (default), ipv6 or dual",
        )
    group.add_argument(
        "--undeclared-ports",
        action="store_true",
        help="let Ingresses lead to ports that no container declares, too",
    )
    selection = add_selection(made)
    selection.add_argument(
        "--allow-unread",
        action="store_true",
        help="accept what could not be read or is not taken into account",
    )
    add_environment(selection)


def _row(it: Fault) -> dict[str, Any]:
    return {"what": it.what, "reason": it.reason, "file": it.file, "line": it.line or None}


def _say(mark: str, fault: Fault) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{mark}{shown(str(fault))}\n")
