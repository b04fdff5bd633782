"""`--policy` and `--params`: the policies of others beside the chosen rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.plan import Chosen
from portside.engine.request import namespaces
from portside.errors import PolicyError, UsageError
from portside.model.rule_text import RuleText
from portside.policy.compiled import CompiledRule
from portside.policy.foreign.read import read_policies
from portside.sources.read import read_file
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    from portside.model.reading import ReadFile
    from portside.policy.foreign.policy import AdmissionPolicy, Foreign
    from portside.syntax import Limits

    Item = Found | ReadFile

_LARGEST = 10 << 20
_MARK = b"Namespace"


def with_policies(chosen: Chosen, policies: Sequence[str], params: Sequence[str]) -> Chosen:
    """`chosen` with the policies in these files; says on standard error how they are run.

    Raises UsageError where a file cannot be had, PolicyError where it does not hold what it should.
    """
    if not policies:
        raise UsageError("--params without --policy", hint="--policy FILE names the policies")
    foreign = read_policies(_files(policies), _files(params), f"1.{chosen.plan.minor}")
    plan = chosen.plan
    for it in foreign.policies:
        if it.name in plan.rules:
            raise PolicyError(f"a rule is called {it.name}, too", where=it.where)
    for note in foreign.notes:
        sys.stderr.write(f"portside: {note}\n")
    plan.rules = {**plan.rules, **{it.name: _rule(it) for it in foreign.policies}}
    plan.foreign = foreign
    texts = {**(chosen.texts or {}), **{it.name: _text(it) for it in foreign.policies}}
    return chosen._replace(texts=texts)


def with_namespaces(
    items: Iterable[Item], foreign: Foreign, limits: Limits
) -> tuple[Iterator[Item], Foreign]:
    """The items, and `foreign` with the Namespace objects that are among them."""
    kept: list[Item] = []
    found: list[dict[str, Any]] = []
    for item in items:
        read = _read(item, limits)
        kept.append(item if read is None or _is_file(item) else read)
        if read is not None:
            found += [it.value for it in read.resources if (it.group, it.kind) == ("", "Namespace")]
    return iter(kept), foreign._replace(namespaces=namespaces(found))


def _is_file(item: Item) -> bool:
    """Whether it can be read once more."""
    return isinstance(item, Found) and item.path != STDIN


def _read(item: Item, limits: Limits) -> ReadFile | None:
    """The item, read; None for a file in which no Namespace can stand."""
    if not isinstance(item, Found):
        return item
    if item.path != STDIN:
        try:
            with open(item.path, "rb") as file:
                if _MARK not in file.read(limits.size + 1):
                    return None
        except OSError:
            return None
    return read_file(item, limits)


def _files(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        for path in _paths(name):
            try:
                with open(path, "rb") as file:
                    yield path, file.read(_LARGEST + 1)
            except OSError as error:
                raise UsageError(f"cannot be opened: {error.strerror}", where=path) from error


def _paths(name: str) -> list[str]:
    """The file, or every YAML and JSON file of the folder."""
    if not os.path.isdir(name):
        return [name]
    endings = (".yaml", ".yml", ".json")
    found = (
        os.path.join(folder, file)
        for folder, _, files in os.walk(name)
        for file in files
        if file.endswith(endings)
    )
    return sorted(found)


def _rule(policy: AdmissionPolicy) -> CompiledRule:
    """The policy where the chosen rules are counted and named; no check of ours belongs to it."""
    return CompiledRule(policy.name, policy.severity, "", "", (), "policy", (), {})


def _text(policy: AdmissionPolicy) -> RuleText:
    return RuleText(
        id=policy.name,
        title=f"The admission policy {policy.name} does not allow it",
        severity=policy.severity,
        severity_reason="as its annotation portside.dev/severity says, or medium",
        why="The API server refuses, or warns of, what a ValidatingAdmissionPolicy does not allow.",
        fix="Change the object as the message says.",
        fix_class="none",
        profile="",
        kinds=(),
        params=(),
        frameworks=(),
        aliases=(),
    )
