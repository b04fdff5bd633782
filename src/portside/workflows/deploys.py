"""Commands that change a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from portside.workflows.part import Span
from portside.workflows.shell import Command, commands

_CHANGING: dict[str, tuple[str, ...]] = {
    "kubectl": ("apply", "create", "replace", "patch", "set", "rollout", "delete", "scale"),
    "oc": ("apply", "create", "replace", "patch", "set", "rollout", "delete", "new-app"),
    "helm": ("install", "upgrade", "rollback", "uninstall"),
    "helmfile": ("apply", "sync"),
    "kapp": ("deploy",),
    "skaffold": ("run", "deploy"),
    "werf": ("converge",),
}
_READING = {"rollout": ("status", "history")}
_THROWN_AWAY = ("kind", "k3d", "minikube")
"""Programs that make a cluster for the script alone."""
_DRY = ("--dry-run", "--dry-run=server", "--dry-run=client", "--dry-run=true")


def deploys(script: str) -> Iterator[tuple[str, Span]]:
    """(command and verb, where) of what in `script` changes a cluster that outlives it."""
    if not any(it in script for it in _CHANGING):
        return
    found = list(commands(script))
    if any(it.name in _THROWN_AWAY for it in found):
        return
    for command in found:
        verb = _verb(command)
        if verb:
            yield f"{command.name} {verb}", (command.program[0].start, command.end)


def _verb(command: Command) -> str:
    verbs = _CHANGING.get(command.name, ())
    arguments = command.arguments
    verb = next((it for it in arguments[:6] if it in verbs), "")
    if not verb or any(it in _DRY for it in arguments):
        return ""
    behind = arguments[arguments.index(verb) + 1 :]
    return "" if behind and behind[0] in _READING.get(verb, ()) else verb
