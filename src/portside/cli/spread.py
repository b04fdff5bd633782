"""What was found in rendered text, given to the files that it was made of.

A finding in several environments is one; every object counts for the file that made it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from portside.engine.answer import in_order
from portside.model.finding import (
    OBJECT_FATES,
    PARTLY_READ,
    RENDERED,
    UNREAD,
    FileFate,
    FileResult,
)
from portside.model.reading import Target
from portside.render.places import GENERATED, led_back, part_at, places, prepare
from portside.report.context import shown
from portside.report.words import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.cli.stage_a import Item
    from portside.model.finding import (
        Comment,
        Finding,
        ObjectFate,
        Rendering,
        ResourceRef,
        Undecided,
        Unread,
    )

_WORST = (*OBJECT_FATES[2:3], *OBJECT_FATES[1:2], *OBJECT_FATES[:1], *OBJECT_FATES[3:])


def spread(items: Sequence[Item], results: Sequence[FileResult]) -> list[FileResult]:
    """`results` by input files; those of targets are gone but for one for each chart or overlay."""
    roots: dict[str, _Root] = {}
    for item, result in zip(items, results, strict=True):
        if isinstance(item, Target):
            roots.setdefault(item.head.fate.file, _Root(item)).take(item, result)
    if not roots:
        return list(results)
    shares: dict[str, _Share] = {}
    for root in roots.values():
        root.give(shares)
    found: list[FileResult] = []
    for item, result in zip(items, results, strict=True):
        if not isinstance(item, Target):
            share = shares.pop(result.fate.file, None)
            found.append(share.joined(result) if share is not None else result)
        elif item.head.fate.file in roots:
            found.append(roots.pop(item.head.fate.file).result())
    return _with_rest(found, shares)


def say_warnings(results: Sequence[FileResult]) -> None:
    """Say on standard error what the renderer warned of: it rendered all the same."""
    renderings = [it.rendering for it in results if it.rendering is not None]
    said = dict.fromkeys((it.folder, warning) for it in renderings for warning in it.warnings)
    for folder, warning in said:
        sys.stderr.write(f"portside: {shown(folder)}: {shown(_plain(warning))}\n")


def _plain(warning: str) -> str:
    return f"warning: {warning.removeprefix('warning: ')}"


def _with_rest(found: list[FileResult], shares: dict[str, _Share]) -> list[FileResult]:
    """What was made by files that were not read themselves: in archives, or left out."""
    at = {result.fate.file: number for number, result in enumerate(found)}
    for file, share in shares.items():
        if file in at:
            found[at[file]] = share.joined(found[at[file]])
        else:
            nothing = FileResult(FileFate(file, RENDERED, 0, ""), (), (), (), (), ())
            found.append(share.joined(nothing))
    return found


class _Share:
    """What one file made: what is said of it in all environments."""

    __slots__ = ("comments", "findings", "functions", "objects", "undecided")

    def __init__(self) -> None:
        self.findings: dict[tuple[str, str], tuple[Finding, tuple[str, ...]]] = {}
        self.objects: dict[ResourceRef, ObjectFate] = {}
        self.undecided: dict[Undecided, None] = {}
        self.comments: dict[Comment, None] = {}
        self.functions: dict[str, None] = {}
        """Those that it calls and that answer otherwise at installation."""

    def find(self, it: Finding, environments: tuple[str, ...]) -> None:
        key = it.identity, it.message
        known = self.findings.get(key)
        before = known[1] if known else ()
        self.findings[key] = (known[0] if known else it, (*before, *environments))

    def see(self, it: ObjectFate) -> None:
        known = self.objects.get(it.resource)
        if known is None or _WORST.index(it.fate) < _WORST.index(known.fate):
            self.objects[it.resource] = it

    def joined(self, result: FileResult) -> FileResult:
        """`result` with all that."""
        made = [
            it._replace(environments=tuple(dict.fromkeys((*it.environments, *environments))))
            for it, environments in self.findings.values()
        ]
        fate = result.fate
        if self.objects:
            fate = fate._replace(fate=RENDERED, objects=fate.objects + len(self.objects))
        if self.functions:
            called = ", ".join(sorted(self.functions))
            hangs = f"what it makes depends on {called}, which answer when it is installed"
            fate = fate._replace(reason=joined(fate.reason, hangs))
        return result._replace(
            fate=fate,
            objects=(*result.objects, *self.objects.values()),
            findings=tuple(sorted((*result.findings, *made), key=in_order)),
            undecided=(*result.undecided, *self.undecided),
            comments=tuple(self._comments(result.comments)),
        )

    def _comments(self, written: Sequence[Comment]) -> Iterator[Comment]:
        """All comments, of which those that were rendered stand where they are `written`.

        A comment of a template is read in both: as rendered it holds for its object, whatever line
        of whichever file a finding on that is led back to.
        """
        places = {_said(it): it for it in reversed(written)}
        for it in self.comments:
            at = places.get(_said(it), it)
            yield it._replace(line=at.line, column=at.column, width=at.width)
        rendered = {_said(it) for it in self.comments}
        yield from (it for it in written if _said(it) not in rendered)


def _said(it: Comment) -> tuple[object, ...]:
    return it.kind, it.rules, it.reason, it.until, it.fault


class _Root:
    """One chart or kustomization, with what it was rendered into in each environment."""

    __slots__ = ("failed", "head", "made", "unread", "warnings")

    def __init__(self, target: Target) -> None:
        self.head = target.head
        self.made: list[tuple[Rendering, FileResult]] = []
        self.failed = 0
        self.unread: list[Unread] = []
        self.warnings: dict[str, None] = {}

    def take(self, target: Target, result: FileResult) -> None:
        """Note what `target` was rendered into."""
        rendering = result.rendering
        if rendering is None or rendering.failed:
            self.failed += 1
            self.unread += result.unread
            return
        self.warnings |= dict.fromkeys(rendering.warnings)
        if rendering.parts:
            if not all(it.confidence for it in result.findings):
                known = places(target, rendering)
                prepare(result, known)
                result = led_back(result, known)
            self.made.append((rendering, result))
        self.unread += result.unread

    def give(self, shares: dict[str, _Share]) -> None:
        """Give what was found to the files that it is to be mended in."""
        for rendering, result in self.made:
            for it in result.findings:
                shares.setdefault(it.file, _Share()).find(it, rendering.environments)
            for fate in result.objects:
                part = part_at(rendering.parts, fate.line)
                depends = f"may depend on {GENERATED}: {part.generated}" if part.generated else ""
                told = fate._replace(file=part.file, line=part.line, note=fate.note or depends)
                share = shares.setdefault(part.file, _Share())
                share.see(told)
                share.functions |= dict.fromkeys(part.generated.split(", ") if depends else ())
            for doubt in result.undecided:
                part = part_at(rendering.parts, doubt.line)
                doubt = doubt._replace(file=part.file, line=part.line)
                shares.setdefault(part.file, _Share()).undecided[doubt] = None
            for comment in result.comments:
                file = part_at(rendering.parts, comment.line).file
                # Its lines are those of the rendered text: it holds by object and path alone.
                comment = comment._replace(file=file, line=1, column=1, first=0, last=0)
                shares.setdefault(file, _Share()).comments[comment] = None

    def result(self) -> FileResult:
        """What became of the whole."""
        unread = tuple(dict.fromkeys(self.unread))
        whole = self.head.fate.file
        reason = unread[0].reason if unread else self._said()
        fate = RENDERED
        if unread:
            fate = PARTLY_READ if self.made else UNREAD
        return FileResult(FileFate(whole, fate, 0, reason), (), (), (), unread, ())

    def _said(self) -> str:
        objects = max((len(result.objects) for _, result in self.made), default=0)
        said = f"rendered into {objects} object{'' if objects == 1 else 's'}"
        environments = [it for rendering, _ in self.made for it in rendering.environments]
        if environments:
            said += f" in {', '.join(environments)}"
        return "; ".join((said, *(_plain(it) for it in self.warnings)))
