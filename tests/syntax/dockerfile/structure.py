"""A Dockerfile as we read it, in the form that the Go program tells of BuildKit's reading."""

from __future__ import annotations

from typing import Any

from portside.syntax.dockerfile.instruction import EXEC, Instruction
from portside.syntax.dockerfile.read import read
from portside.syntax.dockerfile.text import BrokenError


def structure(data: bytes) -> dict[str, Any]:
    """`escape` and `nodes`, or `error` and `line`."""
    try:
        source = read(data)
    except BrokenError as error:
        return {"error": error.message, "line": error.at.line}
    return {"escape": source.escape, "nodes": [node(it) for it in source.instructions]}


def node(it: Instruction) -> dict[str, Any]:
    """One instruction."""
    said: dict[str, Any] = {
        "keyword": it.keyword,
        "flags": [mangled(flag.text) for flag in it.flags],
        "json": it.form == EXEC,
        "first": it.line.first,
        "last": it.last,
        "words": _words(it),
        "heredocs": [
            {
                "name": doc.name,
                "expand": doc.expand,
                "chomp": doc.chomp,
                "content": doc.content.text,
            }
            for doc in it.heredocs
        ],
    }
    if it.trigger is not None:
        said["trigger"] = node(it.trigger)
    return said


def _words(it: Instruction) -> list[str]:
    if it.keyword not in ("ENV", "LABEL"):
        return [word.text for word in it.words]
    words = []
    for pair in it.pairs:
        old = it.line.text[pair.begin + len(pair.name)] != "="
        words += [pair.name, pair.value or "", "" if old else "="]
    return words


def mangled(flag: str) -> str:
    """BuildKit takes each byte of a flag for a character."""
    return flag.encode().decode("latin-1")
