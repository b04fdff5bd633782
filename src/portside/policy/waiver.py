"""Waivers: exceptions with a reason, an approver and an end, as `portside.yaml` lists them (D9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portside.policy.day import FORM, days_between, is_day
from portside.policy.glob import FieldGlob, FileGlob, Glob
from portside.policy.names import POLICY
from portside.secrets.veil import without_formats

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

KEYS = ("rule", "subject", "files", "reason", "owner", "approver", "expires", "ticket")
SUBJECT_KEYS = ("group", "kind", "namespace", "name", "path")
ACTIVE, EXPIRED = "active", "expired"
_SOON = 30


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception. It holds through the whole of the day it expires (UTC)."""

    rule: tuple[str, ...]
    """As written: ids, aliases, globs, `policy:NAME`."""
    rules: frozenset[str]
    """The ids these name."""
    policies: tuple[Glob, ...]
    """The foreign policies these name."""
    subject: dict[str, Glob]
    """Globs by `group`, `kind`, `namespace`, `name`; what is absent matches everything."""
    paths: tuple[FieldGlob, ...]
    files: tuple[FileGlob, ...]
    """Relative to the folder of `portside.yaml`."""
    written: dict[str, tuple[str, ...]]
    """The subject as written, `path` included."""
    reason: str
    owner: str
    approver: str
    expires: str
    ticket: str
    file: str
    index: int
    """Its position in the list."""
    line: int
    column: int
    end: tuple[int, int]
    """Line and column of the day it expires."""
    shared: bool = False
    """Whether it stands in a configuration that others extend, too: it may be of no use here."""

    def matches(self, finding: Finding, file: str) -> bool:
        """Whether it is about `finding`, which stands in `file` (see `files`)."""
        if finding.rule not in self.rules and not self._names_policy(finding.rule):
            return False
        ref = finding.resource
        for key, glob in self.subject.items():
            if not glob.matches(getattr(ref, key)):
                return False
        if self.files and not any(it.matches(file) for it in self.files):
            return False
        return not self.paths or any(it.matches(finding.named_path) for it in self.paths)

    def _names_policy(self, rule: str) -> bool:
        return any(glob.matches(rule) for glob in self.policies)

    def holds(self, now: str) -> bool:
        """Whether it still holds on the day `now`."""
        return now <= self.expires

    def state(self, now: str) -> str:
        return state(self.expires, now)

    @property
    def about(self) -> str:
        """Its subject in few words: `Deployment shop/web, files legacy/**`."""
        parts = [f"{key} {', '.join(texts)}" for key, texts in self.written.items()]
        if self.files:
            parts.append(f"files {', '.join(it.pattern for it in self.files)}")
        return ", ".join(parts)

    @property
    def identity(self) -> str:
        """What makes it the same waiver tomorrow: its rule and subject."""
        return f"{','.join(self.rule)} {self.about}"


def state(expires: str, now: str) -> str:
    """`active`, `expires in N days`, `expires today` or `expired`, on the day `now`."""
    if now > expires:
        return EXPIRED
    left = days_between(now, expires)
    if left > _SOON:
        return ACTIVE
    return f"expires in {left} day{'' if left == 1 else 's'}" if left else "expires today"


def read_waivers(section: Section, names: RuleNames) -> Iterator[Waiver]:
    """The waivers in the list `waivers` of `section`.

    Required are `rule`, a `subject` or `files`, `reason`, `approver` and `expires`: nothing is
    excused without a reason, somebody who answers for it, and an end. Raises the section's error.
    """
    for it in section.sections("waivers"):
        yield read_waiver(it, names)


def read_waiver(section: Section, names: RuleNames) -> Waiver:
    """The waiver that `section` is. Raises the section's error."""
    section.only(KEYS)
    patterns = _patterns(section)
    subject = section.section("subject")
    subject.only(SUBJECT_KEYS)
    files = _texts(section, "files")
    if not files and not any(value is not None for value in subject.value.values()):
        section.fail("needs a subject or files: it would excuse the rule everywhere")
    line, column = section.document.nearest(section.path)
    index = section.path[-1]
    end = section.document.value_position((*section.path, "expires"))
    return Waiver(
        rule=patterns,
        rules=frozenset(_ids(section, patterns, names)),
        policies=tuple(Glob(it[len(POLICY) :]) for it in patterns if it.startswith(POLICY)),
        subject=_subject(subject),
        paths=tuple(FieldGlob(it) for it in _texts(subject, "path")),
        files=tuple(FileGlob(it) for it in files),
        written={key: texts for key in SUBJECT_KEYS if (texts := subject.texts(key))},
        reason=without_formats(section.required("reason")),
        owner=section.text("owner"),
        approver=section.required("approver"),
        expires=_expires(section),
        ticket=without_formats(section.text("ticket")),
        file=section.file,
        index=index if type(index) is int else 0,
        line=line,
        column=column,
        end=end or (line, column),
    )


def _patterns(section: Section) -> tuple[str, ...]:
    patterns = _texts(section, "rule")
    if not patterns:
        section.fail("is required", "rule")
    return patterns


def _texts(section: Section, key: str) -> tuple[str, ...]:
    """The texts of `key`; an empty one would match nothing, or everything."""
    texts = section.texts(key)
    given = section.value.get(key) is not None
    if any(not text.strip() for text in texts) or (given and not texts):
        section.fail("may not be empty", key)
    return texts


def _ids(section: Section, patterns: tuple[str, ...], names: RuleNames) -> Iterator[str]:
    for text in patterns:
        if text.startswith(POLICY):
            continue
        ids = names.named(text)
        if not ids:
            section.reject(f"no rule is called {text}", "rule", hint=names.hint(text))
        yield from ids


def _subject(subject: Section) -> dict[str, Glob]:
    """The globs by key. An empty text is a value of its own: the core group, no namespace."""
    found = {}
    for key in SUBJECT_KEYS[:-1]:
        if subject.value.get(key) is not None:
            text = subject.text(key)
            if not text and key in ("kind", "name"):
                subject.fail("may not be empty", key)
            found[key] = Glob(text)
    return found


def _expires(section: Section) -> str:
    text = section.required("expires")
    if not is_day(text):
        section.reject(f"{text} is not a date", "expires", hint=f"expected {FORM}")
    return text
