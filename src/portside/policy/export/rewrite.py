"""The text of a rule's expression with its variables called as a policy calls them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from portside.cel.dialect import parts
from portside.cel.parser import parse
from portside.cel.tree import Ident, Macro, Node

_HAS_STATUS = re.compile(r"has\(\s*object\s*\.\s*status\s*\)")
_FIELD = re.compile(r"""\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])""")


class NotExportableError(Exception):
    """Why a rule cannot be written in the other format."""


def rewritten(text: str, names: Mapping[str, str], params: Mapping[str, str]) -> str:
    """`text` with its free variables `names` replaced, and `params.x` by what `params` says.

    A status tells a live object from a manifest. The API server gives one to every object that it
    creates, before any policy sees it: there it tells nothing.
    """
    text = _HAS_STATUS.sub("(oldObject != null && has(object.status))", text)
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found = sorted(
        ((starts[it.place.line - 1] + it.place.column - 1, it.name) for it in free(parse(text))),
        reverse=True,
    )
    for start, name in found:
        if name == "params":
            text = _param(text, start, params)
        elif name in names:
            text = f"{text[:start]}{names[name]}{text[start + len(name) :]}"
    return text


def _param(text: str, start: int, params: Mapping[str, str]) -> str:
    end = start + len("params")
    field = _FIELD.match(text, end)
    name = next(filter(None, field.groups()), "") if field is not None else ""
    if field is None or name not in params:
        raise NotExportableError("it reads its parameters in a way that names none of them")
    return f"{text[:start]}{params[name]}{text[field.end() :]}"


def free(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Ident]:
    """The identifiers of `node` that no macro of it declares."""
    if isinstance(node, Ident):
        if node.name not in bound:
            yield node
    elif isinstance(node, Macro):
        yield from free(node.range, bound)
        for part in node.args:
            yield from free(part, bound | set(node.names))
    else:
        for part in parts(node):
            yield from free(part, bound)


def reads(text: str) -> set[str]:
    """The names of the variables that `text` reads."""
    return {it.name for it in free(parse(text))}


def literal(value: Any) -> str:
    """`value` as an expression: text, numbers, bools, lists and maps of these."""
    if isinstance(value, dict):
        entries = (f"{literal(key)}: {literal(it)}" for key, it in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(it) for it in value)}]"
    return json.dumps(value, ensure_ascii=False)
