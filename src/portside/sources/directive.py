"""The words of an excuse: `rule-id[,rule-id] [until=2027-01-31] reason…`, as comments and
annotations have them."""

from __future__ import annotations

import re

from portside.records import NamedTuple
from portside.secrets.veil import without_formats

FORM = "RULE[,RULE] [until=YYYY-MM-DD] reason"
_NAME = r"[A-Za-z0-9*?][\w.:/*?-]{0,99}"
_RULES = re.compile(rf"(?:{_NAME})(?:\s*,\s*(?:{_NAME}))*(?=\s|$)")
_UNTIL = re.compile(r"(?:^|(?<=\s))until=(\S*)")
MOST_NAMES = 50
_LONGEST_REASON = 1_000
_LETTER = re.compile(r"\w")


class Directive(NamedTuple):
    """What was written. `fault` is why it cannot be understood; empty where it can."""

    rules: tuple[str, ...] = ()
    until: str = ""
    reason: str = ""
    fault: str = ""


def parse_directive(text: str) -> Directive:
    """What `text` excuses, until when and why; nobody checked the names and the date yet."""
    text = text.strip()
    named = _RULES.match(text)
    if named is None:
        return Directive(fault="names no rule" if text else "names no rule and no reason")
    rules = tuple(name.strip() for name in named[0].split(","))
    if len(rules) > MOST_NAMES:
        return Directive(fault=f"names more than {MOST_NAMES} rules")
    rest = text[named.end() :].strip()
    ends = _UNTIL.findall(rest)
    reason = " ".join(_UNTIL.sub(" ", rest).split()).lstrip("-:— ")[:_LONGEST_REASON]
    reason = without_formats(reason)
    if len(ends) > 1:
        return Directive(rules, ends[0], reason, "has two ends: one until= is enough")
    if not _LETTER.search(reason):
        return Directive(rules, "".join(ends), "", "gives no reason")
    if ends and not ends[0]:
        return Directive(rules, "", reason, "has an until= without a day")
    return Directive(rules, "".join(ends), reason)
