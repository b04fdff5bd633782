"""Random changes to real documents that leave most of their lines as they are."""

# ruff: noqa: E501 - tables of fragments

from __future__ import annotations

from random import Random

_PIECES = (
    *(" ", "  ", "\n", "-", "- ", ":", ": ", "#", " #", '"', "'", "|", "|-", "|- ", "| # c", "{}", "[]"),
    *("[a, b]", "['a', \"b\"]", "[a,]", "[a b]", "[-1, 1]", "{a: b}", "?", "!", "&a", "*a", "%", "@", "`"),
    *(",", "\t", "---", "...", "~", "null", "yes", "1", "0x1", "1e3", "<<", "=", "é", "\u2028", "\x85"),
    *("\ufeff", "\\", "\\/", "{{", ">", ">-", "|+", "|2", "  \n", "\n\n", "# c\n", "key: v\n", "- x\n"),
    *("a: |\n    t\n\n   u\n", "- |\n  t\n \n", "a: |-\n\n  t\n", "- - a\n", "'a b': c\n", "1: a\n", "? a\n"),
    *("\n  {}", "\n        {}", "\n    []", "\n      null", "\n    'a'", "\n\n      a b", "\n  # c\n      {}  # c"),
)  # fmt: skip


def changed(random: Random, text: str) -> str:
    """`text`, or a part of it, with a few lines or letters of it changed."""
    if random.random() < 0.5:
        lines = text.split("\n")
        begin = random.randrange(len(lines))
        text = "\n".join(lines[begin : begin + random.randrange(2, 30)])
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        text = _once(random, text)
    return text


def _once(random: Random, text: str) -> str:
    roll = random.randrange(8)
    at = random.randrange(len(text) + 1)
    if roll == 0:
        return text[:at] + random.choice(_PIECES) + text[at:]
    if roll == 1:
        return text[:at] + text[at + random.choice((1, 1, 2, 5)) :]
    lines = text.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    if roll == 2:
        lines[at] = " " * random.choice((1, 2, 4)) + lines[at]
    elif roll == 3:
        lines[at] = lines[at][random.choice((1, 2)) :]
    elif roll == 4:
        lines.insert(at, lines[other])
    elif roll == 5:
        del lines[at]
    elif roll == 6:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] += random.choice(_PIECES)
    return "\n".join(lines)
