"""What libyaml of today reads and go-yaml v2, a port of an older libyaml, refuses.

Few texts hold any of it, so each is looked for only where a cheap sign of it is seen.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
    StreamEndToken,
    TagToken,
)

from portside.syntax.libyaml import Parser, YAMLError

Refusal = tuple[str, int]
"""Why Kubernetes refuses a text, and the index at which."""

_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_BLANK = frozenset(" \t\n\r\x85\u2028\u2029")


def refused(text: str, flows: list[tuple[int, int]]) -> Refusal | None:
    """Why Kubernetes refuses a `text` that libyaml reads; None where it reads it, too.

    `flows` are the spans of its flow collections, inner ones before outer ones.
    """
    if "\\/" not in text and not any(_suspicious(text, flow) for flow in _outermost(flows)):
        return None
    try:
        return _by_tokens(text, Parser(text))
    except YAMLError:
        # Behind the first document, which has been read: its end is where Kubernetes stops, too.
        return None


def _outermost(flows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for flow in reversed(flows):
        if not found or flow[1] <= found[-1][0]:
            found.append(flow)
    return found


def _suspicious(text: str, flow: tuple[int, int]) -> bool:
    return text.find("?", *flow) >= 0 or text.find("!", *flow) >= 0


def _by_tokens(text: str, parser: Any) -> Refusal | None:
    depth = 0
    while True:
        token = parser.get_token()
        kind = type(token)
        begin, end = token.start_mark.index, token.end_mark.index
        if kind is ScalarToken:
            refusal = _scalar(token, text[begin:end], depth)
            if refusal:
                return refusal, begin
        elif kind is TagToken and text[end : end + 1] not in _BLANK:
            return "a tag ends at a blank, and this one does not", begin
        elif kind in (FlowMappingStartToken, FlowSequenceStartToken):
            depth += 1
        elif kind in (FlowMappingEndToken, FlowSequenceEndToken):
            depth -= 1
        elif kind is StreamEndToken:
            return None


def _scalar(token: Any, written: str, depth: int) -> str:
    if token.style == '"' and _SLASH.search(written):
        return "\\/ is an escape of JSON, and Kubernetes knows none in YAML"
    if token.plain and depth and "?" in written:
        return "a question mark in a flow collection: quote it"
    return ""
