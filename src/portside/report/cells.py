"""How many cells of a terminal a text takes, and cutting it by them."""

from __future__ import annotations


def cells(text: str) -> int:
    """The cells that `text` takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def head(text: str, most: int) -> str:
    """As much of the beginning of `text` as `most` cells hold."""
    if text.isascii():
        return text[: max(0, most)]
    taken = 0
    for at, character in enumerate(text):
        taken += _cells(character)
        if taken > most:
            return text[:at]
    return text


def tail(text: str, most: int) -> str:
    """As much of the end of `text` as `most` cells hold."""
    return head(text[::-1], most)[::-1]


def padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces; at most `lines` of them.

    Where that is too few the last line ends with how many characters were left out.
    """
    made: list[str] = []
    rest = text
    while rest and len(made) < lines:
        line = head(rest, width)
        if len(line) < len(rest):
            space = line.rfind(" ")
            if space > width // 3:
                line = line[:space]
        line = line or rest[0]
        made.append(line.rstrip(" "))
        rest = rest[len(line) :].lstrip(" ")
    if rest:
        more = f" ... ({len(rest)} characters more)"
        made[-1] = head(made[-1], max(1, width - len(more))) + more
    return made or [""]
