"""Suppressions of other tools that stand in the file itself: in comments, and in annotations."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from portside.model.finding import Comment
from portside.model.place import FieldPath
from portside.model.reading import ReadFile
from portside.model.resource import FileResource, Resource
from portside.policy.day import FORM, is_day
from portside.secrets.veil import veiled, without_formats
from portside.sources.comments import Places, annotated, annotation, matches
from portside.sources.directive import Directive
from portside.sources.files import DOCKERFILE, GITHUB_ACTION, GITHUB_WORKFLOW
from portside.sources.manifest import with_documents
from portside.sources.suppressions.model import (
    CHECKOV,
    EVERYTHING,
    HADOLINT,
    KUBE_LINTER,
    MOST,
    POLARIS,
    TRIVY,
    ZIZMOR,
    Suppression,
    day_before,
)
from portside.syntax import DEFAULT, Document, Limits
from portside.syntax.read import decode

WORDS = ("checkov:skip", "bridgecrew:skip", "trivy:ignore", "tfsec:ignore", "zizmor:", "hadolint")
"""What a comment of theirs holds."""
KEYS = ("checkov.io/skip", "bridgecrew.io/skip", "kube-linter.io/", "polaris.fairwinds.com/")
"""What an annotation of theirs begins with, or holds."""
_COMMENT = re.compile(r"(?<!\S)#([^\r\n\x85\u2028\u2029]*)")
_CHECKOV = re.compile(r"(?:checkov|bridgecrew):skip=(?P<checks>[\w*,-]+)(?::[ \t]*(?P<reason>.*))?")
_ZIZMOR = re.compile(r"\s*zizmor: ignore\[(?P<checks>[^\]]*)\](?:\s+(?P<reason>.*))?$")
_HADOLINT = re.compile(
    r"[ \t]*hadolint[ \t]+(?P<all>global[ \t]+)?ignore[ \t]*="
    r"(?P<checks>[A-Z0-9, \t]+)(?:#(?P<reason>.*))?$"
)
_MARKS = tuple(it.encode() for it in (*WORDS, *KEYS))
_STEPS, _TRIGGERS = "steps", ("on", "true")


def may_suppress(data: bytes) -> bool:
    """Whether something of another tool may stand in `data`."""
    return any(mark in data for mark in _MARKS)


def inline(data: bytes, found: ReadFile, limits: Limits = DEFAULT) -> Iterator[Suppression]:
    """The suppressions in the file `found`, whose bytes are `data`."""
    if not may_suppress(data):
        return
    dockerfile = next((it for it in found.resources if _is_dockerfile(it)), None)
    if dockerfile is not None:
        made = _in_dockerfile(dockerfile)
    else:
        identity = found.resources[0].identity_file if found.resources else ""
        read, documents = with_documents(data, found, limits, identity)
        made = _in_yaml(decode(data)[0], read, documents)
    for at, it in enumerate(islice(made, MOST + 1)):
        if at == MOST:
            fault = f"is one of more than {MOST:,} in its file"
            it = it._replace(place=it.place._replace(fault=fault))
        yield it


def _is_dockerfile(resource: Resource) -> bool:
    return isinstance(resource, FileResource) and resource.ref.kind == DOCKERFILE


def _in_dockerfile(resource: Any) -> Iterator[Suppression]:
    from portside.sources.dockerfile import other_comments

    for words, first, comment in other_comments(resource, WORDS):
        for tool, directive, whole_file in _told(words.lstrip("#"), dockerfile=True):
            place = _with(comment, directive)
            if whole_file:
                place = place._replace(scope="file", resource=None)
            elif first == 0 or (tool == HADOLINT and first != comment.line + 1):
                place = place._replace(fault="stands at no instruction", object_key="", first=0)
            yield Suppression(tool, directive.rules, place)


def _in_yaml(text: str, found: ReadFile, documents: Sequence[Document]) -> Iterator[Suppression]:
    places = Places(found, documents)
    judged_as = {it.ref.kind for it in found.resources}
    of_steps = bool(judged_as & {GITHUB_WORKFLOW, GITHUB_ACTION})
    wholes = _Wholes(documents if of_steps else ())
    for match, written in matches(text, _COMMENT, WORDS):
        for tool, directive, _ in _told(match[1], dockerfile=False):
            comment = places.reach(written._replace(directive=directive))
            if comment is None:
                continue
            if of_steps and tool in (ZIZMOR, CHECKOV):
                comment = wholes.widened(comment)
            yield Suppression(tool, directive.rules, _with(comment, directive))
    for resource in found.resources:
        for place, about, value in annotated(resource):
            yield from _annotated(resource, place, about, value)


def _with(comment: Comment, directive: Directive) -> Comment:
    return comment._replace(
        kind="imported",
        reason=directive.reason,
        until=directive.until,
        fault=directive.fault or comment.fault,
    )


class _Wholes:
    """The steps and triggers of a workflow: what a comment for zizmor or checkov is about."""

    __slots__ = ("_by_path", "_listed")

    def __init__(self, documents: Sequence[Document]) -> None:
        found = (
            (place[0], place[1], last, path)
            for document in documents
            for path, place, last in document.keys()  # noqa: SIM118 - a method, and no map
            if _is_whole(path)
        )
        self._listed = sorted(found, key=lambda it: it[0])
        self._by_path = {it[3]: it for it in self._listed}

    def widened(self, comment: Comment) -> Comment:
        """The comment for the whole of what it stands in, or else is above.

        A comment behind the last key of a step belongs to it if it is written as far in.
        """
        found = self._around(comment) or self._below(comment)
        if found is None:
            return comment
        line, _, last, path = found
        last = max(last, comment.line)
        return comment._replace(scope="subtree", path=path, first=line, last=last, fault="")

    def _around(self, comment: Comment) -> tuple[int, int, int, FieldPath] | None:
        at = bisect_right(self._listed, comment.line, key=lambda it: it[0]) - 1
        if at < 0:
            return None
        found = self._listed[at]
        of_step = found[3][-2:-1] == (_STEPS,) and comment.column >= found[1]
        return found if comment.line <= found[2] or of_step else None

    def _below(self, comment: Comment) -> tuple[int, int, int, FieldPath] | None:
        lengths = range(1, len(comment.path) + 1)
        paths = (comment.path[:length] for length in lengths)
        return next((self._by_path[path] for path in paths if path in self._by_path), None)


def _is_whole(path: FieldPath) -> bool:
    """Whether `path` is that of a step, or of all triggers."""
    return path[-2:-1] == (_STEPS,) or (len(path) == 1 and path[0] in _TRIGGERS)


def _told(text: str, *, dockerfile: bool) -> Iterator[tuple[str, Directive, bool]]:
    """What a comment says to which tool, and whether to it for the whole file."""
    if ":skip=" in text:
        yield CHECKOV, _listed(_CHECKOV.search(text), "checkov:skip=CHECK:reason"), dockerfile
    if ":ignore:" in text:
        yield from ((TRIVY, it, False) for it in _trivy(text))
    if "zizmor: ignore" in text:
        yield ZIZMOR, _listed(_ZIZMOR.match(text), "zizmor: ignore[RULE] reason"), False
    if dockerfile and text.lstrip().startswith("hadolint") and "ignore" in text:
        found = _HADOLINT.match(text)
        directive = _listed(found, "hadolint [global] ignore=RULE")
        yield HADOLINT, directive, bool(found and found["all"])


def _listed(found: re.Match[str] | None, form: str) -> Directive:
    """The checks and the reason that were found; a fault where its tool would not read it."""
    checks = tuple(it.strip() for it in found["checks"].split(",")) if found else ()
    if not found or not all(checks):
        return Directive(fault=f"is not written as its tool reads it: {form}")
    return Directive(checks, reason=_plain(found["reason"]))


def _plain(text: str | None) -> str:
    return without_formats((text or "").strip().strip('"').strip()[:1000])


def _trivy(text: str) -> Iterator[Directive]:
    """`trivy:ignore:ID[:exp:DAY]`, as often as it stands there; ` exp:DAY` may follow, too."""
    words = text.split()
    for at, word in enumerate(words):
        bare = word.lstrip("#/*")
        if not bare.startswith(("trivy:ignore:", "tfsec:ignore:")):
            continue
        parts = bare.split(":")[2:]
        check, rest = parts[0], dict(zip(parts[1::2], parts[2::2], strict=False))
        following = words[at + 1] if at + 1 < len(words) else ""
        if following.startswith("exp:"):
            rest.setdefault("exp", following[4:])
        yield _dated(check, rest)


def _dated(check: str, rest: dict[str, str]) -> Directive:
    name, bracket, _ = check.partition("[")
    if bracket:
        said = "depends on attributes, which only hold for Terraform"
        return Directive((name,), fault=said)
    if "ws" in rest:
        return Directive((name,), fault="depends on a workspace, which only Terraform has")
    end = rest.get("exp", "")
    if end and not is_day(end):
        return Directive(
            (name,), fault=f"ends on {veiled(end)}, which is not a date: expected {FORM}"
        )
    return Directive((name,), until=day_before(end) if end else "")


def _annotated(resource: Resource, place: Any, about: Any, value: Any) -> Iterator[Suppression]:
    key = place[-1]
    if not isinstance(key, str) or not any(word in key for word in KEYS):
        return
    tool, directive = _annotation(key, value)
    if tool == KUBE_LINTER and about:
        directive = directive._replace(fault="kube-linter reads no annotations of pod templates")
    if tool:
        made = annotation(resource, place, about, directive)
        yield Suppression(tool, directive.rules, _with(made, directive))


def _annotation(key: str, value: Any) -> tuple[str, Directive]:
    """The tool that an annotation is for, and what it says; no tool where it is for none."""
    text = value if isinstance(value, str) else ""
    if "checkov.io/skip" in key or "bridgecrew.io/skip" in key:
        check, _, reason = text.partition("=")
        fault = "" if check.strip() else "names no check"
        return CHECKOV, Directive((check.strip(),), reason=_plain(reason), fault=fault)
    if key == "kube-linter.io/ignore-all":
        return KUBE_LINTER, Directive((EVERYTHING,), reason=_plain(text))
    if key.startswith("ignore-check.kube-linter.io/"):
        return KUBE_LINTER, Directive((key.partition("/")[2],), reason=_plain(text))
    if key.startswith("polaris.fairwinds.com/"):
        name = key.partition("/")[2]
        fault = "" if text.lower() == "true" else "is not true, so polaris does not heed it"
        if name == "exempt":
            return POLARIS, Directive((EVERYTHING,), fault=fault)
        if name.endswith("-exempt"):
            return POLARIS, Directive((name.removesuffix("-exempt"),), fault=fault)
    return "", Directive()
