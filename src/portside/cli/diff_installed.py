"""Both sides of a comparison with what is installed of them, each way to install it judged once.

What a chart or a kustomization makes is the same on both sides where the same is asked of the
renderer, and nothing that it reads is touched: then it is rendered on the new side only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.built import Rounds, Settled
from portside.cli.deployed import Deploying
from portside.cli.rendering import forget
from portside.cli.stage_a import judge_all
from portside.diff.findings import Environments, Known
from portside.engine.stage import judge_file
from portside.errors import ConfigError
from portside.model.finding import NOT_KUBERNETES, Unread
from portside.model.reading import ReadFile, Target
from portside.render.source import head_file, identity
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.folders import CHART
from portside.sources.walk import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from portside.cli.diff_loosened import Now
    from portside.cli.diff_sides import Sides
    from portside.cli.stage_a import Item
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult, Rendering

_OF_CHARTS = frozenset((CHART, *KUSTOMIZATIONS))


class Installed:
    """The items of both sides, in which targets stand for what is rendered.

    `results` are what the plan says of each, by itself: of the old side and of the new one.
    """

    def __init__(
        self, files: Sides, asked: tuple[Now, Now], fingerprint: Sequence[object] | None
    ) -> None:
        """`asked` is what is in force on the old and the new side, where each stands."""
        self._files = files
        self.broken: list[Unread] = []
        """What of the old side's configuration names what was not there."""
        forget()
        was, now = asked
        plan = now.chosen.plan
        today = self._settled(files.after, now, lambda it: self._judged(it, plan, fingerprint))
        self.after = today.items
        self._after = today.results
        self._files_today = {
            id(it): at for at, it in enumerate(self.after) if not isinstance(it, Target)
        }
        self._targets_today = dict(self._untouched())
        old: list[Item] = [*files.items_before()]
        with files.there():
            then = self._settled_before(old, was, lambda it: self._judged_before(it, plan))
        self.before = then.items
        self.same: dict[int, int] = {
            at: known for at, it in enumerate(self.before) if (known := self._today(it)) is not None
        }
        """Numbers in `before` with those in `after` that are judged the same."""
        self.results = then.results, today.results
        self.unread = then.unread, today.unread
        """What of the environments of the old and the new side cannot be told."""

    def there(self) -> AbstractContextManager[None]:
        """Go where the old side stands, if it is written."""
        return self._files.there()

    def judged(
        self, plan: Plan, fingerprint: Sequence[object] | None
    ) -> tuple[list[FileResult], list[FileResult]]:
        """What another plan says of each item of the old and the new side, by itself."""
        after = self._judged(self.after, plan, fingerprint)
        own = [at for at in range(len(self.before)) if at not in self.same]
        with self.there():
            said = judge_all([self._fresh(at) for at in own], plan, self._files.limits)
        told = dict(zip(own, said, strict=True))
        before = [
            self._then(after[self.same[at]]) if at in self.same else told[at]
            for at in range(len(self.before))
        ]
        return before, after

    def _settled(
        self, items: Sequence[Item], side: Now, judge: Callable[[Sequence[Item]], list[FileResult]]
    ) -> Settled:
        """What is installed of the items of one side, and what is said of it."""
        if not self._files.written:
            return Settled(list(items), judge(items))
        deploying = Deploying(items, side.options, side.config)
        return Rounds(items, deploying, side.config, side.chosen.plan.minor, judge).settled()

    def _settled_before(
        self, items: Sequence[Item], was: Now, judge: Callable[[Sequence[Item]], list[FileResult]]
    ) -> Settled:
        """The same of the old side; where its configuration names what was not there, that is
        unread, and what would be discovered is there in its place."""
        try:
            return self._settled(items, was, judge)
        except ConfigError as error:
            config = was.config._replace(environments=(), kustomize_roots=())
            self.broken.append(Unread("environments", str(error), was.config.file))
            return self._settled(items, was._replace(config=config), judge)

    def _judged(
        self, items: Sequence[Item], plan: Plan, fingerprint: Sequence[object] | None
    ) -> list[FileResult]:
        """What the plan says of items of the new side."""
        found = judge_all(items, plan, self._files.limits, fingerprint)
        for at, (item, result) in enumerate(zip(items, found, strict=True)):
            if result.fate.fate == NOT_KUBERNETES and isinstance(item, Found):
                read = self._files.as_read(item)
                found[at] = judge_file(read, plan) if isinstance(read, ReadFile) else result
        return found

    def _judged_before(self, items: Sequence[Item], plan: Plan) -> list[FileResult]:
        """What the plan says of items of the old side, which are the same as today or not."""
        today = [self._today(it) for it in items]
        own = [it for it, at in zip(items, today, strict=True) if at is None]
        told = iter(judge_all(own, plan, self._files.limits))
        return [next(told) if at is None else self._then(self._after[at]) for at in today]

    def _today(self, it: Item) -> int | None:
        """The number of the item of the new side that is judged the same."""
        if isinstance(it, Target):
            return self._targets_today.get(self._asking(it, self._files.root_before))
        return self._files_today.get(id(it))

    def _then(self, result: FileResult) -> FileResult:
        """What is said of an item of the new side, said of the old one, and of its files."""
        rendering = result.rendering
        if rendering is None or not rendering.inputs:
            return result
        root, old = self._files.here.root, self._files.root_before
        inputs = (os.path.relpath(it, root) for it in rendering.inputs)
        moved = tuple(os.path.normpath(os.path.join(old, it)) for it in inputs)
        return result._replace(rendering=rendering._replace(inputs=moved))

    def judged_where_differing(self, plan: Plan) -> tuple[list[FileResult], list[FileResult]]:
        """What the plan says of the items that are not the same, of the old and the new side."""
        limits, (own, others) = self._files.limits, self.differing()
        with self.there():
            before = judge_all([self._fresh(at) for at in own], plan, limits)
        return before, judge_all([self.after[at] for at in others], plan, limits)

    def differing(self) -> tuple[list[int], list[int]]:
        """The numbers of the items of both sides that are not judged the same."""
        kept = set(self.same.values())
        before = [at for at in range(len(self.before)) if at not in self.same]
        return before, [at for at in range(len(self.after)) if at not in kept]

    def _fresh(self, at: int) -> Item:
        """An item of the old side, read anew where it is not written: whatever judges an object
        gives it its judged form."""
        return self.before[at] if self._files.written else self._files.item_before(at)

    def environments(self) -> Environments:
        """What environments there are on both sides."""
        failed = [
            it
            for it, result in zip(self.after, self._after, strict=True)
            if result.rendering is not None and result.rendering.failed
        ]
        return Environments(_known(self.before), _known(self.after), _known(failed))

    def renamed(self) -> dict[str, str]:
        """What charts and kustomizations in moved folders were called in identities."""
        now = {(it.root.identity, it.called): it for it in self.after if isinstance(it, Target)}
        found: dict[str, str] = {}
        for it in self.before:
            if isinstance(it, Target):
                known = now.get((self._moved(it), it.called))
                if known is not None:
                    found.setdefault(identity(it), identity(known))
        return found

    def place_today(self, it: Item, *, old: bool = False) -> tuple[str, str] | None:
        """The kind and the place of what makes `it`, as it is called today; None for a file."""
        if not isinstance(it, Target):
            return None
        return it.root.kind, (self._moved(it) if old else "") or it.root.identity

    def _moved(self, it: Target) -> str:
        """What the chart or kustomization is called in identities today, if its head was moved."""
        root, name = it.root.identity, head_file(it).rpartition("/")[2]
        head = root if root.rpartition("/")[2] == name else f"{root}/{name}".removeprefix("./")
        now = self._files.touched.identities.get(head, "")
        if not now or head == root:
            return now
        return now.rpartition("/")[0] or "."

    def _asking(self, it: Target, root: str) -> str:
        """All that decides what is made of `it` but for the files that are read."""
        asked = (it.root.kind, it.root.name, it.root.identity, it.environment, it.request, it.after)
        return repr(asked).replace(repr(root)[1:-1], "")

    def _untouched(self) -> Iterator[tuple[str, int]]:
        """The targets of the new side of which nothing that is read is touched."""
        root, touched = self._files.here.root, _Touched(self._files.touched.paths)
        for at, (target, result) in enumerate(zip(self.after, self._after, strict=True)):
            rendering = result.rendering
            if not isinstance(target, Target) or rendering is None or rendering.failed:
                continue
            read = list(_read(target, rendering))
            below = {os.path.relpath(it, root) for path in read for it in _ways(path)}
            if read and not any(map(touched.reaches, below)):
                yield self._asking(target, root), at


def _known(items: Iterable[Item]) -> Known:
    found: dict[str, set[str]] = {}
    for it in items:
        if isinstance(it, Target):
            found.setdefault(identity(it), set()).add(it.called)
    return {name: frozenset(called) for name, called in found.items()}


def _read(target: Target, rendering: Rendering) -> Iterator[str]:
    """The files and folders that decide what is made of a target, by their paths."""
    if target.root.kind == "helm":
        yield target.root.path
        yield from target.values
        yield from _links(target.root.path)
        return
    yield from rendering.inputs
    for folder in sorted({os.path.dirname(it) for it in rendering.inputs}):
        # A file of another name would come before the one that was read, or beside it.
        yield from (os.path.join(folder, name) for name in KUSTOMIZATIONS)
        if os.path.isfile(os.path.join(folder, CHART)):
            yield folder


def _links(folder: str) -> Iterator[str]:
    """The links below a chart, and below what they lead to: that is read, too."""
    seen, pending = set(), [folder]
    while pending:
        one = pending.pop()
        for path, folders, names in os.walk(one):
            for it in (os.path.join(path, name) for name in (*folders, *names)):
                real = os.path.realpath(it) if os.path.islink(it) else ""
                if real and real not in seen:
                    seen.add(real)
                    pending.append(real)
                    yield it


def _ways(path: str) -> set[str]:
    """The path as it is written, in a folder whose links are resolved, and where it leads."""
    plain = os.path.abspath(path)
    folder, name = os.path.split(plain)
    return {plain, os.path.join(os.path.realpath(folder), name), os.path.realpath(plain)}


class _Touched:
    """What a change touches, asked for files and for whole folders."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._above: set[str] = {os.curdir} if self._paths else set()
        for it in self._paths:
            folder = it.rstrip("/")
            while folder:
                self._above.add(folder)
                folder = folder.rpartition("/")[0]

    def reaches(self, path: str) -> bool:
        """Whether the file is touched, or a folder around it as a whole, or what is below it."""
        path = path.replace(os.sep, "/")
        if path in self._above:
            return True
        while path:
            if path in self._paths or f"{path}/" in self._paths:
                return True
            path = path.rpartition("/")[0]
        return False
