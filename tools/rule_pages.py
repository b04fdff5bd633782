"""A page for each built-in rule and an index of them, from the rule files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

from portside.model.severity import NAMES
from portside.policy.checkout import RULES, builtin_rules
from portside.policy.rule import EXCUSE, TEXT, Example, Rule

FOLDER = "docs/rules"
TOPICS = {
    "container": "Isolation of containers",
    "pod": "Isolation of pods",
    "image": "Images",
    "access": "Who may do what (RBAC)",
    "token": "Service accounts and tokens",
    "network": "Segmentation of the network",
    "exposure": "Exposure: Services, Ingresses, Gateways",
    "secret": "Secrets",
    "storage": "Storage",
    "namespace": "Namespaces, tenants, quotas",
    "admission": "Admission policies and webhooks",
    "gitops": "Argo CD and Flux",
    "reliability": "Reliability and resources",
    "api": "The life of API versions",
    "schema": "Objects as their kind describes them",
    "dockerfile": "Dockerfiles",
    "ci": "CI workflows",
    "text": "The text of manifests",
    "excuse": "Exceptions",
}
"""What each folder of rules is about, in the order of the index."""

_FIXES = {
    "safe": "The edit is safe: nothing else changes.",
    "conditional": "The edit is safe under a condition that the rule names; else review it.",
    "unsafe": "The edit may change what the program can do: review it.",
    "none": "No edit of the manifest alone mends it.",
}
_API = {
    "refused": "The API server refuses this object by itself.",
    "subresource": "Only `kubectl debug` can bring this into a cluster.",
    "needs-crd": "A cluster knows this kind once its definition is installed.",
}
_SCALARS = (str, int, bool)


def pages() -> Iterator[tuple[str, str]]:
    """docs/rules/<id>.md of every rule, and docs/rules/index.md."""
    rules = builtin_rules()
    for rule in rules:
        yield f"{FOLDER}/{rule.id}.md", page(rule)
    yield f"{FOLDER}/index.md", index(rules)


def page(rule: Rule) -> str:
    """The page of one rule."""
    text = rule.text
    parts = [
        f"<!-- generated from {_source(rule)}; do not edit -->",
        f"# {text.title}",
        f"`{rule.id}` · **{NAMES[text.severity]}**: {text.severity_reason}",
        *_scope(rule),
        text.why,
        "## What to do",
        text.fix,
        _FIXES[text.fix_class],
        *_params(rule),
        *_excuses(rule),
        *_references(rule),
        "## Examples",
        *(block for example in rule.examples for block in _example(rule, example)),
    ]
    return "\n\n".join(parts) + "\n"


def _scope(rule: Rule) -> Iterator[str]:
    kinds = ", ".join(f"`{kind}`" for kind in rule.text.kinds)
    about = kinds or ("every object" if rule.form in (TEXT, EXCUSE) else "every kind with a pod")
    yield f"Profile `{rule.text.profile}`. Asked of {about}{_versions(rule)}."
    others = sorted(
        {
            NAMES[check.severity]
            for check in rule.checks
            if check.severity not in (None, rule.text.severity)
        },
        key=NAMES.index,
    )
    if others:
        yield f"Some of its findings are of another severity: {' or '.join(others)}."
    if rule.covered_by:
        causes = ", ".join(f"[{it}]({it}.md)" for it in rule.covered_by)
        yield f"Not shown where its cause is found in the same place: {causes}."


def _versions(rule: Rule) -> str:
    since = min((check.since for check in rule.checks), default=0)
    until = max((check.until for check in rule.checks), default=1000)
    words = f", from Kubernetes 1.{since} on" if since else ""
    if until < 1000:
        words += f", before Kubernetes 1.{until}"
    steps = {check.since for check in rule.checks} | {check.until for check in rule.checks}
    changes = sorted(step for step in steps if since < step < min(until, 1000))
    if changes:
        words += f"; what it asks changes with {' and '.join(f'1.{it}' for it in changes)}"
    return words


def _params(rule: Rule) -> Iterator[str]:
    if not rule.params:
        return
    rows = [
        f"| `{name}` | {it.type} | {_cell(_value(it.default))} | {_cell(it.description)} |"
        for name, it in rule.params.items()
    ]
    yield "## Parameters"
    yield "\n".join(["| name | type | default | |", "|---|---|---|---|", *rows])
    name, first = next(iter(rule.params.items()))
    yield "Set in `portside.yaml`:"
    value = json.dumps(first.default, ensure_ascii=False) if _short(first.default) else "…"
    yield _fenced(f"rules:\n  {rule.id}:\n    params:\n      {name}: {value}\n")


def _short(value: Any) -> bool:
    return len(json.dumps(value)) < 60


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"`{it}`" for it in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"`{key}`: {it}" for key, it in value.items())
    return f"`{json.dumps(value)}`" if isinstance(value, _SCALARS) else str(value)


def _excuses(rule: Rule) -> Iterator[str]:
    if rule.form == EXCUSE:
        return
    yield "## How to be excused"
    yield "By a comment on the line of the field, or on a line of its own above a key or an object:"
    yield _fenced(f"# portside:ignore {rule.id} until=YYYY-MM-DD why it must be so\n")
    yield "Or by a waiver in `portside.yaml`, which names who answers for it:"
    yield _fenced(
        f"waivers:\n  - rule: {rule.id}\n"
        "    subject: {kind: Deployment, namespace: shop, name: web}\n"
        "    reason: why it must be so\n    owner: who will mend it\n    approver: who agreed\n"
        "    expires: YYYY-MM-DD\n"
    )
    yield "More in [exceptions](../reference/waivers.md)."


def _references(rule: Rule) -> Iterator[str]:
    if rule.text.frameworks:
        yield "## Frameworks"
        yield "\n".join(f"- {it}" for it in rule.text.frameworks)
    if rule.text.aliases:
        yield "## The same elsewhere"
        yield "\n".join(f"- `{it}`" for it in rule.text.aliases)


def _example(rule: Rule, example: Example) -> Iterator[str]:
    word = "good" if example.good else "bad"
    if example.undecided:
        word = "undecided"
    yield f"### {word.capitalize()}: {example.title}"
    notes = [_API[example.api]] if example.api else []
    if example.version:
        notes.append(f"Judged for Kubernetes {example.version}.")
    if example.params:
        said = ", ".join(f"`{key}`: {_value(it)}" for key, it in example.params.items())
        notes.append(f"With {said}.")
    if notes:
        yield " ".join(notes)
    yield _fenced(_marked(example))
    if example.fixed:
        unsafe = "" if rule.text.fix_class == "safe" else " --unsafe"
        yield f"What `--fix{unsafe}` makes of it:"
        yield _difference(example)


def _difference(example: Example) -> str:
    old, new = (text.splitlines() for text in (example.manifest, example.fixed))
    lines = list(unified_diff(old, new, lineterm=""))[2:]
    return "\n".join(["```diff", *lines, "```"])


def _marked(example: Example) -> str:
    lines = example.manifest.rstrip("\n").split("\n")
    return "".join(
        f"{line}{'  # <- here' if number in example.lines else ''}\n"
        for number, line in enumerate(lines, start=1)
    )


def _fenced(text: str) -> str:
    return f"```yaml\n{text}```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def index(rules: Iterable[Rule]) -> str:
    """The table of all rules by topic, the most severe first."""
    by_topic: dict[str, list[Rule]] = {}
    for rule in rules:
        by_topic.setdefault(Path(rule.file).parent.name, []).append(rule)
    parts = ["<!-- generated from src/portside/rules; do not edit -->", "# Rules", _INTRODUCTION]
    for topic in sorted(by_topic, key=_order):
        parts += [f"## {TOPICS.get(topic, topic.capitalize())}", _table(by_topic[topic])]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """`portside rules list` prints this list, `portside explain RULE` a page of it.
`recommended` is the profile of a scan that names none; `strict` adds what hardens, `auditor` all
the rest. `pss:baseline` and `pss:restricted` are Kubernetes' own levels, check by check: rules that
are part of them name the level."""


def _order(topic: str) -> int:
    known = list(TOPICS)
    return known.index(topic) if topic in known else len(known)


def _table(rules: list[Rule]) -> str:
    rows = [
        f"| [{rule.id}]({rule.id}.md) | {NAMES[rule.text.severity]} | {rule.text.profile} "
        f"| {_level(rule)} | {_cell(rule.text.title)} |"
        for rule in sorted(rules, key=lambda it: (-it.text.severity, it.id))
    ]
    head = ["| rule | severity | profile | Pod Security | what is wrong |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _level(rule: Rule) -> str:
    found = {
        it.partition("/")[0].removeprefix("PSS:")
        for it in rule.text.frameworks
        if it.startswith("PSS:")
    }
    return ", ".join(sorted(found))


def _source(rule: Rule) -> str:
    return f"src/portside/rules/{Path(rule.file).relative_to(RULES).as_posix()}"
