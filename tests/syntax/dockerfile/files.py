"""Random Dockerfiles, sound and broken ones, made from the pieces that are hard to read."""

from __future__ import annotations

import random
import re

_NAMES = ["base", "build", "final", "Dev", "a1", "b-c.d", "x", "y", "0"]
_VALUES = [
    *("x", "1.2", '"a b"', "'a b'", "a\\ b", "$X", "${X}", "${X:-d}", "${X:+e}", "${X#a}", "é"),
    *('"it\'s"', "'", '"', "a=b", "=", "", "#x", "--y", "<<", "<<E", "\\", "`", "日本"),
]
_SHELLS = [
    *("echo hi", "apt-get update && apt-get install -y curl", "a | b", "cat <<EOF", "cat <<-EOF"),
    *("<<EOF", '<<"EOF"', "<<'E O' <<B", "3<<EOF cat", "<<EOF sh -c 'x'", "echo '<<EOF'", ""),
    *('["a", "b"]', '["a", b]', "['a']", '["a", 1]', "[]", '[ "a\\u0041" , "\\n"]', '["a"] x'),
    *(
        'echo "unclosed',
        "echo 'x",
        "cat << EOF",
        "cat <<<EOF",
        "echo # not",
        "[",
        '["\ud83d\\ude00"]',
    ),
]
_FLAGS = [
    *("--mount=type=cache,target=/x", '--mount="type=bind,from=base"', "--network=none", "--link"),
    *("--from=build", "--chown=1:2", "--platform=$BUILDPLATFORM", "--chmod=755", "--", "--bogus"),
    *("--checksum=sha256:ab", "--link=false", "--from", "--link=maybe", "--a\\ b", "--mount='x'"),
    *("--exclude=a", "--exclude=b", "--interval=5s", "--retries=3", "--security=insecure"),
]
_HEADS = [
    *("# syntax=docker/dockerfile:1", "# escape=`", "#escape = \\", "# a comment"),
    *("# check=skip=all", "", "# Escape=\\", "#Syntax=a b ", "# unknown=1"),
    *("ARG X=1", "ARG X", "ARG A=1 B=${A}", "#!/bin/sh"),
]
_FITTING = {
    "ADD": ("chown", "chmod", "checksum", "link", "exclude"),
    "COPY": ("chown", "from", "chmod", "link", "exclude"),
    "FROM": ("platform",),
    "HEALTHCHECK": ("interval", "retries"),
    "RUN": ("mount", "network", "security"),
}
_ODD = ["\n", "\r\n", "\\\n", "\\ \n", "`\n", "#", " ", "\t", "\x0b", "\u3000", '"', "'", "$", "<<"]


def dockerfile(chance: random.Random) -> bytes:
    """A text that is likely, though not sure, to be a Dockerfile."""
    lines = [*_head(chance), _instruction(chance, "FROM")]
    lines += [_line(chance) for _ in range(chance.randrange(8))]
    text = _joined(chance, lines)
    for _ in range(chance.choice([0, 0, 0, 0, 1])):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_ODD) + text[at:]
    data = text.encode("utf-8", "surrogatepass")
    return b"\xef\xbb\xbf" + data if chance.random() < 0.05 else data


def _head(chance: random.Random) -> list[str]:
    return chance.choices(_HEADS, k=chance.choice([0, 0, 1, 2]))


def _line(chance: random.Random) -> str:
    if chance.random() < 0.15:
        odd = ["bogus x", "EOF", "B"] if chance.random() < 0.1 else []
        return chance.choice(["", "# note", "  # note", "\\", "\t", *odd])
    keyword = chance.choice(
        [
            *("FROM", "ARG", "ENV", "LABEL", "RUN", "RUN", "RUN", "COPY", "COPY", "ADD", "CMD"),
            *("ENTRYPOINT", "SHELL", "USER", "WORKDIR", "EXPOSE", "VOLUME", "HEALTHCHECK"),
            *("ONBUILD", "STOPSIGNAL", "MAINTAINER"),
        ]
    )
    return _instruction(chance, keyword)


def _instruction(chance: random.Random, keyword: str) -> str:
    spelt = chance.choice([keyword, keyword, keyword, keyword.lower(), keyword.title()])
    words = [spelt]
    if chance.random() < 0.2:
        fit = [it for it in _FLAGS if it[2:].partition("=")[0] in _FITTING.get(keyword, ())]
        words += chance.choices(fit or ["--"], k=chance.choice([1, 1, 2]))
        words += chance.choices(_FLAGS, k=chance.choice([0, 0, 0, 0, 1]))
    words.append(_arguments(chance, keyword))
    return chance.choice([" ", " ", "  ", "\t", " \\\n ", " \\\n# c\n  "]).join(words)


def _arguments(chance: random.Random, keyword: str) -> str:
    value = chance.choice(_VALUES if chance.random() < 0.3 else _VALUES[:12])
    if keyword == "FROM":
        base = chance.choice(["alpine", "alpine:3", "$X", "base", "scratch"])
        name = f" {chance.choice(['AS', 'as', 'As'])} {chance.choice(_NAMES)}"
        return base + chance.choice(["", "", name])
    if keyword in ("ARG", "ENV", "LABEL"):
        pairs = [f"{chance.choice('XYAB')}={chance.choice(_VALUES)}" for _ in range(2)]
        return chance.choice([pairs[0], " ".join(pairs), "X", f"X {value}", "  X   a  b "])
    if keyword in ("COPY", "ADD"):
        both = [value, chance.choice(["/x", ".", '["a", "b c"]', "<<EOF /f", "<<A <<B /d/"])]
        return " ".join(both[chance.randrange(2) :])
    if keyword == "HEALTHCHECK":
        return chance.choice(["NONE", "none", "CMD ", "CMD", "cmd "]) + chance.choice(_SHELLS)
    if keyword == "ONBUILD":
        return _instruction(chance, chance.choice(["RUN", "COPY", "ENV", "FROM", "ONBUILD"]))
    if keyword in ("USER", "WORKDIR", "STOPSIGNAL", "EXPOSE", "MAINTAINER"):
        return value
    return chance.choice(_SHELLS)


def _joined(chance: random.Random, lines: list[str]) -> str:
    text = ""
    for line in lines:
        end = chance.choice(["\n", "\n", "\n", "\n\n", "\r\n", " \\\n", "\\\r\n# c\n"])
        text += line + (end if chance.random() < 0.2 else "\n")
        if "<<" in line:
            text += chance.choice(["", "body $X\n", "\tbody\n\n# c\n", "a \\\n"])
            text += _ends(chance, line)
    return text.rstrip("\n") if chance.random() < 0.1 else text


def _ends(chance: random.Random, line: str) -> str:
    """The lines that end the here-documents of `line`, or so."""
    if chance.random() < 0.2:
        return chance.choice(["EOF\n", "EOF\nEOF\n", "\tEOF\n", "E O\nB\n", "EOF"])
    names = re.findall(r"<<-?\s*[\"']?([A-Z]+(?: O)?)", line)
    return "".join(f"{name}\n" for name in names)
