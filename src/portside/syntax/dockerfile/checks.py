"""What BuildKit refuses of an instruction that can be read: flags, numbers of arguments, names.

Source: moby/buildkit, frontend/dockerfile/instructions (parse.go, bflag.go, commands_run*.go).
"""

from __future__ import annotations

import re

from portside.syntax.dockerfile.heredoc import opens
from portside.syntax.dockerfile.instruction import EXEC, Instruction
from portside.syntax.dockerfile.words import quoted

_BOOL, _TEXT, _TEXTS = "bool", "text", "texts"
_FLAGS: dict[str, dict[str, str]] = {
    "ADD": {
        **dict.fromkeys(("chown", "chmod", "checksum"), _TEXT),
        **dict.fromkeys(("link", "keep-git-dir", "unpack"), _BOOL),
        "exclude": _TEXTS,
    },
    "COPY": {
        **dict.fromkeys(("chown", "from", "chmod"), _TEXT),
        **dict.fromkeys(("link", "parents"), _BOOL),
        "exclude": _TEXTS,
    },
    "FROM": {"platform": _TEXT},
    "RUN": {"mount": _TEXTS, "device": _TEXTS, "network": _TEXT, "security": _TEXT},
    "HEALTHCHECK": dict.fromkeys(
        ("interval", "timeout", "start-period", "start-interval", "retries"), _TEXT
    ),
}
_ONE = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_SOME = frozenset({"ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "SHELL", "VOLUME"})
_KNOWN = _ONE | _SOME | {"ADD", "CMD", "COPY", "ENTRYPOINT", "FROM", "ONBUILD", "RUN"}
_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*\Z")
_WITHOUT_FLAG_CHECK = frozenset({"STOPSIGNAL", "ARG"})
_VALUES = {
    "network": frozenset({"default", "none", "host"}),
    "security": frozenset({"insecure", "sandbox"}),
}


def check(instruction: Instruction) -> None:
    """Raises ValueError where BuildKit would refuse the instruction."""
    name = instruction.keyword
    if name not in _KNOWN:
        raise ValueError(f"unknown instruction {quoted(name)}")
    if name == "ONBUILD":
        _onbuild(instruction)
        return
    _arguments(instruction, name)
    if name not in _WITHOUT_FLAG_CHECK and not _is_no_health_check(instruction):
        _flags(instruction, _FLAGS.get(name, {}))
    _further(instruction, name)


def _is_no_health_check(instruction: Instruction) -> bool:
    return instruction.keyword == "HEALTHCHECK" and instruction.words[0].text.upper() == "NONE"


def _onbuild(instruction: Instruction) -> None:
    trigger = instruction.trigger
    if trigger is None:
        raise ValueError("ONBUILD requires at least one argument")
    _flags(instruction, {})
    if trigger.keyword in ("FROM", "MAINTAINER"):
        raise ValueError(f"{trigger.keyword} cannot be the trigger of ONBUILD")


def _arguments(instruction: Instruction, name: str) -> None:
    count = len(instruction.pairs or instruction.words)
    if name in _ONE and count != 1:
        raise ValueError(f"{name} requires exactly one argument")
    if name in _SOME and not count:
        raise ValueError(f"{name} requires at least one argument")
    if name in ("ADD", "COPY") and count < 2:
        raise ValueError(f"{name} requires at least two arguments: what, and where to")
    if any(not pair.name for pair in instruction.pairs if pair.value is not None):
        raise ValueError(f"names of {name} cannot be blank")


def _flags(instruction: Instruction, known: dict[str, str]) -> None:
    used = set()
    for name, value, word in instruction.options():
        kind = known.get(name)
        if kind is None:
            raise ValueError(f"unknown flag {quoted(word.text)} of {instruction.keyword}")
        if name in used and kind != _TEXTS:
            raise ValueError(f"flag --{name} is given twice")
        used.add(name)
        _flag_value(name, value, "=" in word.text, kind)


def _flag_value(name: str, value: str, has_value: bool, kind: str) -> None:
    if kind != _BOOL:
        if not has_value:
            raise ValueError(f"flag --{name} needs a value")
        return
    if has_value and not value:
        raise ValueError(f"flag --{name} needs a value")
    if value.lower() not in ("", "true", "false"):
        raise ValueError(f"flag --{name} is true or false")


def _further(instruction: Instruction, name: str) -> None:
    if name == "FROM":
        _stage(instruction)
    elif name in ("ADD", "COPY"):
        if opens(instruction.words[-1].text) is not None:
            raise ValueError(f"{name} cannot take a here-document as its destination")
    elif name == "RUN":
        _run(instruction)
    elif name == "SHELL" and instruction.form != EXEC:
        raise ValueError("SHELL needs its arguments as an array")
    elif name == "HEALTHCHECK":
        _health(instruction)
    elif name == "VOLUME" and any(not it.text.strip() for it in instruction.words):
        raise ValueError("a VOLUME cannot be an empty text")


def _stage(instruction: Instruction) -> None:
    words = instruction.words
    if len(words) == 3 and words[1].text.lower() == "as":
        if not _STAGE_NAME.match(words[2].text.lower()):
            raise ValueError(f"invalid name for a build stage: {quoted(words[2].text)}")
    elif len(words) != 1:
        raise ValueError("FROM requires either one or three arguments")


def _run(instruction: Instruction) -> None:
    for name, value, _ in instruction.options():
        if name in _VALUES and value not in _VALUES[name]:
            raise ValueError(f"--{name} is one of {', '.join(sorted(_VALUES[name]))}")
        if name == "mount":
            _mount(value)


def _mount(value: str) -> None:
    for field in mount_fields(value):
        key, _, text = field.partition("=")
        where = text.find("$")
        if key.lower() == "from" and -1 < where < len(text) - 1:
            raise ValueError("from= of a mount takes no variables: name a stage instead")


def mount_fields(value: str) -> list[str]:
    """The fields of `--mount`, which are one line of CSV. Raises ValueError."""
    fields: list[str] = []
    at = 0
    if not value:
        raise ValueError("a mount without fields")
    while at <= len(value):
        if value[at : at + 1] == '"':
            field, at = _quoted_field(value, at + 1)
        else:
            end = value.find(",", at)
            end = len(value) if end < 0 else end
            field, at = value[at:end], end
            if '"' in field:
                raise ValueError("a quotation mark within a field of a mount")
        fields.append(field)
        at += 1
    return fields


def _quoted_field(value: str, at: int) -> tuple[str, int]:
    parts = []
    while True:
        end = value.find('"', at)
        if end < 0:
            raise ValueError("a field of a mount whose quotation mark is never closed")
        parts.append(value[at:end])
        after = value[end + 1 : end + 2]
        if after != '"':
            if after not in ("", ","):
                raise ValueError("a quotation mark within a field of a mount")
            return "".join(parts), end + 1
        parts.append('"')
        at = end + 2


def _health(instruction: Instruction) -> None:
    kind, *rest = instruction.words
    if kind.text.upper() == "NONE":
        if rest or instruction.form == EXEC:
            raise ValueError("HEALTHCHECK NONE takes no arguments")
    elif kind.text.upper() != "CMD":
        raise ValueError(f"unknown kind of HEALTHCHECK: {quoted(kind.text)}; it is CMD or NONE")
    elif not rest:
        raise ValueError("a command is missing behind HEALTHCHECK CMD")
