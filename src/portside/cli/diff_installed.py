"""Both sides of a comparison with what is installed of them, each way to install it judged once.

What a chart or a kustomization makes is the same on both sides where the same is asked of the
renderer, and nothing that it reads is touched: then it is rendered on the new side only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.as_installed import as_installed
from portside.cli.stage_a import judge_all
from portside.cli.targets import Targets
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
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from portside.cli.diff_loosened import Now
    from portside.cli.diff_sides import Sides
    from portside.cli.stage_a import Item
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult, Rendering

_OF_CHARTS = frozenset((CHART, *KUSTOMIZATIONS))


class Installed:
    """The items of both sides, in which targets stand for what is rendered."""

    def __init__(
        self,
        files: Sides,
        asked: tuple[Now, Now],
    ) -> None:
        """`asked` is what is in force on the old and the new side, where each stands."""
        self._files = files
        self.broken: list[Unread] = []
        """What of the old side's configuration names what was not there."""
        old: list[Item] = [*files.items_before()]
        now, then = Targets(list(files.after)), Targets(old)
        if files.written:
            today = asked[1]
            now = as_installed(files.after, today.options, today.config, today.chosen.plan.minor)
            with files.there():
                then = self._as_was_installed(old, asked[0])
        self.before, self.after = then.items, now.items
        self.unread = (then.unread, now.unread)
        """What of the environments of the old and the new side cannot be told."""
        self.same: dict[int, int] = {}
        """Numbers in `before` with those in `after` that are judged the same: known once the
        new side was judged."""
        self._asked: list[tuple[int, int]] = list(self._alike())
        self._kept = dict(self._unchanged())

    def _as_was_installed(self, items: list[Item], was: Now) -> Targets:
        """The targets of the old side; where its configuration names what is not there, that is
        unread, and what would be discovered is there in its place."""
        minor = was.chosen.plan.minor
        try:
            return as_installed(items, was.options, was.config, minor)
        except ConfigError as error:
            plain = was.config._replace(environments=(), kustomize_roots=())
            self.broken.append(Unread("environments", str(error), was.config.file))
            return as_installed(items, was.options, plain, minor)

    def there(self) -> AbstractContextManager[None]:
        """Go where the old side stands, if it is written."""
        return self._files.there()

    def judged(
        self, plan: Plan, fingerprint: Sequence[object] | None
    ) -> tuple[list[FileResult], list[FileResult]]:
        """What the plan says of each item of the old and the new side, by itself."""
        limits = self._files.limits
        after = judge_all(self.after, plan, limits, fingerprint)
        for at, result in enumerate(after):
            if result.fate.fate == NOT_KUBERNETES:
                item = self.after[at]
                read = self._files.as_read(item) if isinstance(item, Found) else item
                after[at] = judge_file(read, plan) if isinstance(read, ReadFile) else result
        if not self.same:
            self.same = self._kept | dict(self._rendered_alike(after))
        own = [at for at in range(len(self.before)) if at not in self.same]
        with self.there():
            said = judge_all([self._fresh(at) for at in own], plan, limits)
        told = dict(zip(own, said, strict=True))
        before = [
            self._then(after[self.same[at]]) if at in self.same else told[at]
            for at in range(len(self.before))
        ]
        return before, after

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

    def environments(self, after: Sequence[FileResult]) -> Environments:
        """What environments there are on both sides, where `after` is said of the new one."""
        failed = [
            it
            for it, result in zip(self.after, after, strict=True)
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

    def _unchanged(self) -> Iterator[tuple[int, int]]:
        """The files that are the same: they are the same items."""
        known = {id(it): at for at, it in enumerate(self.after) if not isinstance(it, Target)}
        for at, it in enumerate(self.before):
            if id(it) in known:
                yield at, known[id(it)]

    def _alike(self) -> Iterator[tuple[int, int]]:
        """The targets of which the renderer is asked the same on both sides."""
        known = {
            self._asking(it, self._files.here.root): at
            for at, it in enumerate(self.after)
            if isinstance(it, Target)
        }
        for at, it in enumerate(self.before):
            if isinstance(it, Target):
                now = known.get(self._asking(it, self._files.root_before))
                if now is not None:
                    yield at, now

    def _asking(self, it: Target, root: str) -> str:
        """All that decides what is made of `it` but for the files that are read."""
        asked = (it.root.kind, it.root.name, it.root.identity, it.environment, it.request, it.after)
        return repr(asked).replace(repr(root)[1:-1], "")

    def _rendered_alike(self, after: Sequence[FileResult]) -> Iterator[tuple[int, int]]:
        """Those of `_alike` of which nothing that is read is touched."""
        touched = _Touched(self._files.touched.paths)
        for then, now in self._asked:
            rendering, target = after[now].rendering, self.after[now]
            assert isinstance(target, Target)  # noqa: S101 - by how they were found
            if rendering is None or rendering.failed:
                continue
            read = list(_read(target, rendering))
            root = self._files.here.root
            below = {os.path.relpath(it, root) for path in read for it in _ways(path)}
            if read and not any(map(touched.reaches, below)):
                yield then, now


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
