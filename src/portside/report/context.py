"""What a report needs besides the evaluation: words, source lines, and what it is written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText


class Context(NamedTuple):
    words: Callable[[str], RuleText]
    """The words of a rule. Raises KeyError for a rule that has none, as a foreign policy."""
    source: Callable[[str], Sequence[str] | None]
    """The lines of a file, for excerpts; None where they are not to be had."""
    version: str
    """Of this product."""
    fail_on: int
    target: str
    """What was scanned, as a shell reads it: for the commands that a report suggests."""
    terminal: bool = False
    color: bool = False
    links: str = ""
    """What file names are relative to, as a URI; empty where the terminal shows no links."""
    width: int = 100
    verbose: bool = False
    strict: bool = False
    allow_unread: bool = False
    unicode: bool = True
    """Whether the terminal shows more than ASCII."""
    published: Callable[[str], str] = str
    """How a service that holds the repository calls a file: by its path from the root of that."""


_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SPACES = "\u00a0\u2002\u2003\u2009\u202f\u3000"


def shown(text: str) -> str:
    """`text` with everything spelt out that could move a cursor, break a line or reverse it.

    That is all of Unicode's control, format, surrogate, private and unassigned characters, and its
    separators but the spaces: what Python calls not printable.
    """
    if text.isprintable():
        return text
    return "".join(it if it.isprintable() or it in _SPACES else _spelt(it) for it in text)


def _spelt(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character in _SHORT:
        return _SHORT[character]
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def in_bytes(file: str) -> bytes:
    """The name of a file as the system has it, for a URI."""
    try:
        return file.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return file.encode("utf-8", "surrogatepass")


def in_ascii(text: str) -> str:
    """`text` for a terminal that shows ASCII only."""
    plain = text.replace("…", "...").replace("│", "|").replace("·", "-")
    return plain.encode("ascii", "backslashreplace").decode("ascii")


def logged(text: str) -> str:
    """`text` as `shown`, and without the marks by which CI services find commands in a log.

    GitHub obeys `##[…]` and Azure Pipelines `##vso[…]` anywhere in a line.
    """
    text = shown(text)
    return text.replace("##", "#\\x23") if "##" in text else text


def logged_file(file: str) -> str:
    """A file's name at the beginning of a line, where GitHub obeys what begins with `::`."""
    name = logged(file)
    return f"./{name}" if name.lstrip().startswith("::") else name


def words_of(context: Context, rule: str, severity: int) -> RuleText:
    """The words of `rule`; a rule that has none, as a foreign policy, is called by its id."""
    try:
        return context.words(rule)
    except KeyError:
        from portside.model.rule_text import RuleText

        return RuleText(rule, rule, severity, "", "", "", "none", "", (), (), (), ())
