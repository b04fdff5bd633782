"""A page for each rule, as a file that an editor opens: it works offline and for own rules, too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import shown

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText

_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_SPECIAL = re.compile(r"([\\`*_\[\]{}()#+!|<>&~])")
_ACTIVE = re.compile(r"([<\[\]&])")
FIXES = {
    "safe": "The edit changes nothing that a working program relies on.",
    "conditional": "The edit is safe where its condition holds.",
    "unsafe": "The edit may change what the program can do: review it.",
}


class Pages:
    """Rule pages below `folder`, each written when it is first linked to."""

    __slots__ = ("_folder", "_known")

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "rule-pages") if folder else ""
        self._known: dict[str, tuple[RuleText, str]] = {}
        """By the id of the rule, which may have other words in another project."""

    def link(self, words: RuleText | None) -> str:
        """The URI of the page of the rule with these words; empty where there can be none."""
        if words is None or not words.why:
            return ""
        found = self._known.get(words.id)
        if found is None or found[0] is not words:
            found = self._known[words.id] = (words, self._written(words))
        return found[1]

    def _written(self, words: RuleText) -> str:
        if not self._folder or not _SAFE.fullmatch(words.id):
            return ""
        text = "\n".join(page(words))
        digest = blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
        file = Path(self._folder, digest, f"{words.id}.md")
        try:
            if not file.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                draft = file.with_suffix(f".{os.getpid()}")
                draft.write_text(text, encoding="utf-8", errors="replace")
                draft.replace(file)
        except OSError:
            return ""
        return file.as_uri()


def page(words: RuleText) -> Iterator[str]:
    """The page of a rule in Markdown, as lines."""
    yield f"# {prose(words.title)}"
    yield ""
    reason = f": {prose(words.severity_reason)}" if words.severity_reason else ""
    yield f"`{words.id}` · **{NAMES[words.severity]}**{reason}"
    yield from ("", prose(words.why), "", "## What to do", "", prose(words.fix))
    if words.fix_class in FIXES:
        yield from ("", FIXES[words.fix_class])
    yield from _parameters(words)
    yield from _excuses(words.id)
    yield from _listed("Frameworks", words.frameworks)
    yield from _listed("The same elsewhere", words.aliases)
    yield ""


def prose(text: str) -> str:
    """Words of a rule: its code spans stay, but nothing in it becomes a link, an image or HTML."""
    parts = text.split("`")
    return "`".join(it if at % 2 else _ACTIVE.sub(r"\\\1", it) for at, it in enumerate(parts))


def literal(text: str) -> str:
    """Text from a manifest: every character is itself, whatever Markdown makes of it."""
    return _SPECIAL.sub(r"\\\1", shown(text))


def _parameters(words: RuleText) -> Iterator[str]:
    if words.params:
        yield from ("", "## Parameters", "")
        for name, kind, default, about in words.params:
            yield f"- `{name}` ({kind}, default `{default}`): {prose(about)}"


def _excuses(rule: str) -> Iterator[str]:
    yield from ("", "## How to be excused", "", "By a comment at the field, with a reason:", "")
    yield from ("```yaml", f"# portside:ignore {rule} until=YYYY-MM-DD why it must be so", "```")
    yield from ("", "Or by a waiver in `portside.yaml`, which names who answers for it:", "")
    yield from ("```yaml", "waivers:", f"  - rule: {rule}")
    yield "    subject: {kind: Deployment, namespace: shop, name: web}"
    yield from ("    reason: why it must be so", "    approver: who agreed")
    yield from ("    expires: YYYY-MM-DD", "```")


def _listed(title: str, items: tuple[str, ...]) -> Iterator[str]:
    if items:
        yield from ("", f"## {title}", "")
        yield from (f"- `{it}`" for it in items)
