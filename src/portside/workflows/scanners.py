"""Scans in pipelines: which tool, and whether what it finds stops anything."""

from __future__ import annotations

from collections.abc import Iterator

from portside.records import NamedTuple
from portside.workflows.github import Step
from portside.workflows.part import Span
from portside.workflows.shell import Command, commands

_TOOLS: dict[str, tuple[str, ...]] = {
    "portside": ("scan",),
    "checkov": (),
    "trivy": ("image", "fs", "filesystem", "config", "repo", "repository", "k8s", "rootfs"),
    "kubescape": ("scan",),
    "kube-linter": ("lint",),
    "kube-score": ("score",),
    "polaris": ("audit",),
    "kubesec": ("scan",),
    "grype": (),
    "snyk": ("test", "container", "iac", "code"),
    "gitleaks": ("detect", "dir", "git", "protect"),
    "trufflehog": ("git", "filesystem", "docker"),
    "semgrep": ("ci", "scan"),
    "hadolint": (),
    "tfsec": (),
    "terrascan": ("scan",),
    "kics": ("scan",),
    "zizmor": (),
    "bandit": (),
}
"""By program: the words of which one makes a scan of it; none where it does nothing else."""
_NOT_A_SCAN = frozenset(("--version", "version", "--help", "-h", "help", "-V"))
_TOLERANT = ("--soft-fail", "--no-fail", "-no-fail", "--no-exit-codes")
_ACTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "aquasecurity/trivy-action": ("trivy", "exit-code", ("0",)),
    "bridgecrewio/checkov-action": ("checkov", "soft_fail", ("true",)),
    "anchore/scan-action": ("grype", "fail-build", ("false",)),
    "checkmarx/kics-github-action": ("kics", "ignore_on_exit", ("all", "results")),
    "aquasecurity/tfsec-action": ("tfsec", "soft_fail", ("true",)),
    "hadolint/hadolint-action": ("hadolint", "no-fail", ("true",)),
    "snyk/actions": ("snyk", "", ()),
    "gitleaks/gitleaks-action": ("gitleaks", "", ()),
    "kubescape/github-action": ("kubescape", "", ()),
    "stackrox/kube-linter-action": ("kube-linter", "", ()),
}
"""By action: the tool, the input that makes it pass whatever it finds, and the values that do."""


class Scan(NamedTuple):
    tool: str
    said: str
    """Why nothing that it finds stops anything; empty where it does."""
    span: Span
    keys: tuple[str | int, ...] = ()


def by_command(script: str) -> Iterator[Scan]:
    """The scans that a script runs."""
    if not any(tool in script for tool in _TOOLS):
        return
    found = list(commands(script))
    for at, command in enumerate(found):
        if _is_scan(command):
            span = (command.program[0].start, command.end)
            yield Scan(command.name, _why(command, found[at + 1 : at + 2]), span)


def by_action(step: Step) -> Iterator[Scan]:
    """The scan that an action of a step is."""
    known = _ACTIONS.get(step.uses.slug) if step.uses else None
    if known is None:
        return
    tool, name, values = known
    key = step.input_key(name)
    given = (step.given or {}).get(name, "")
    if given in values:
        said = f"passes whatever it finds, as {name} is {given}"
        yield Scan(tool, said, (0, len(given)), ("with", key))
    else:
        yield Scan(tool, "", (0, 1), ("uses",))


def _is_scan(command: Command) -> bool:
    words = _TOOLS.get(command.name)
    if words is None or _NOT_A_SCAN & set(command.arguments):
        return False
    return not words or any(it in words for it in command.arguments[:3])


def _why(command: Command, following: list[Command]) -> str:
    arguments = command.arguments
    if command.after == "||" and following and following[0].name in ("true", ":", "echo"):
        return f"is followed by || {following[0].name}, and so always passes"
    if any(it in _TOLERANT for it in arguments):
        return "is told not to fail"
    for at, it in enumerate(arguments):
        if it in ("--exit-code=0",) or (
            it == "--exit-code" and arguments[at + 1 : at + 2] == ["0"]
        ):
            return "is told to end with exit code 0"
    return ""
