"""Policies as the text of a manifest: what is in it, and what is not, said at its top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from portside.policy.export.vap import SYSTEM_NAMESPACES, Exported

LeftOut = tuple[str, str]
"""A rule and why it is not in the text."""
_WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Writes long texts folded, so that an expression reads as prose does."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # A folded text keeps single spaces only, and none at a line's end.
    foldable = len(value) > _WIDTH and "  " not in value and value == value.strip()
    style = ">" if foldable and "\n" not in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    flow = all(isinstance(it, str) for it in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def manifest(policies: Iterable[Exported], left_out: Sequence[LeftOut], head: str) -> Iterator[str]:
    """The text, in pieces; `head` says what was asked for."""
    yield f"# {head}\n"
    yield "# Each rule is a ValidatingAdmissionPolicy with its binding. The bindings leave out\n"
    yield f"# the namespaces {', '.join(SYSTEM_NAMESPACES)}: change them to your needs.\n"
    for rule, reason in left_out:
        yield f"# not exported: {rule}: {reason}\n"
    for it in policies:
        for value in it:
            yield "---\n"
            yield _yaml(value)


def _yaml(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return text
