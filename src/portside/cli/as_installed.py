"""Objects as they are installed: those of files, and what charts and overlays make of others.

For commands that look at each object. What `scan` judges in several environments they see in each,
in the one that is named, or in the first, where there can be but one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.cli.built import Rounds, Settled
from portside.cli.deployed import Deploying
from portside.cli.inputs import with_inputs
from portside.cli.rendering import forget, made_again
from portside.cli.sources import Sources
from portside.cli.stage_a import judge_all
from portside.engine.plan import Plan
from portside.errors import UsageError
from portside.model.finding import RENDERED, FileFate, FileResult
from portside.model.reading import ReadFile, Target
from portside.model.resource import FileResource, Resource
from portside.policy import builtin
from portside.policy.profile import NEWEST, parse_version
from portside.records import NamedTuple
from portside.render.environment import DEFAULT
from portside.render.places import part_at, places
from portside.sources.ignores import ignores_of
from portside.sources.read import read_file
from portside.sources.walk import STDIN, Found, find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.place import FieldPath
    from portside.render.places import Places
    from portside.render.source import Made

OF_BUILDS = frozenset(("HelmChart", "HelmValues", "HelmTemplate", "Kustomization"))
"""Files that say how objects are made, and are none."""
EACH, FIRST = "", "the first"
"""Which environments are looked at, where none is named."""


class InstalledResource(Resource):
    """An object that is rendered: `file` is what made it; its fields are led back when asked."""

    __slots__ = ("_first", "_places", "environments")

    def __init__(self, made: Resource, file: str, known: Places, names: tuple[str, ...]) -> None:
        super().__init__(made.value, made.text, file, made.prefix)
        self.identity_file, self.twin = made.identity_file, made.twin
        self.environments = names
        self._first, self._places = self.line, known
        self.line = 1

    def place(self, path: FieldPath) -> tuple[int, int]:
        """Where the field stands in `file`; its beginning, where it is written in another."""
        file, line, column = self.led(path)
        return (line, column) if file == self.file else (1, 1)

    def led(self, path: FieldPath) -> tuple[str, int, int]:
        """The file, line and column where somebody wrote the field at `path`."""
        found = self._places.place(self._first, path)
        return found.file, found.line, found.column


def placed(it: Resource, path: FieldPath) -> tuple[str, int, int]:
    """The file, line and column of the field at `path`, where it is to be edited."""
    return it.led(path) if isinstance(it, InstalledResource) else (it.file, *it.place(path))


class Seen(NamedTuple):
    """A file, or a chart or overlay in an environment, and what became of it."""

    item: Item
    result: FileResult
    names: tuple[str, ...] = ()
    """The environments that it is rendered so in; empty where it has only one."""


class AsInstalled(Sources):
    """The objects that the options name, as they are installed."""

    __slots__ = ("_environments", "notes")

    def __init__(self, options: argparse.Namespace, environments: str = EACH) -> None:
        """`environments` says which are looked at: EACH, FIRST, or those of that name."""
        super().__init__(options)
        self._environments = environments
        self.notes: list[str] = []
        """What is not looked at, though it is there."""

    def resources(self) -> Iterator[Resource]:
        """Each object in the order of the files; what cannot be read is said on standard error."""
        if not self.renders():
            yield from super().resources()
            return
        for it in self.seen():
            if isinstance(it.item, Target):
                yield from self.made_of(it, made_again(it.item, self.config.limits))
            else:
                yield from self.read(it)

    def renders(self) -> bool:
        """Whether there may be something to render among the files."""
        items: list[Item] = list(_found(self._options, self.config))
        if any(isinstance(it, ReadFile) and it.root is not None for it in items):
            return True
        return bool(Deploying(items, self._options, self.config).written)

    def seen(self) -> Iterator[Seen]:
        """All that is looked at; what of it cannot be is said. Raises UsageError for the name of
        an environment that nothing has."""
        settled = installed(self._options, self.config)
        results = with_inputs(settled.items, settled.results)
        for unread in settled.unread:
            self.say(unread)
        listed = [Seen(*it) for it in zip(settled.items, results, strict=True)]
        names = _Names(listed)
        if self._environments not in (EACH, FIRST):
            names.check(self._environments)
        for it in listed:
            if not isinstance(it.item, Target):
                yield it
            elif names.has(it, self._environments):
                yield from self._rendered(it)
        if self._environments == FIRST:
            self.notes.extend(names.left_out())

    def _rendered(self, it: Seen) -> Iterator[Seen]:
        """The target, if it could be rendered, with the environments that it is so in."""
        for unread in it.result.unread:
            self.say(unread)
        rendering = it.result.rendering
        if rendering is not None and not rendering.failed:
            yield it._replace(names=rendering.environments)

    def read(self, it: Seen) -> Sequence[Resource]:
        """The objects of a file, but for those that are only a part of what is rendered."""
        self.files += 1
        item = it.item
        read = item if isinstance(item, ReadFile) else read_file(item, self.config.limits)  # type: ignore[arg-type]
        if it.result.fate.fate == RENDERED:
            return ()
        for unread in it.result.unread:
            self.say(unread)
        found = [
            one
            for one in read.resources
            if not (type(one) is FileResource and one.kind in OF_BUILDS)
        ]
        self.objects += len(found)
        return found

    def made_of(self, it: Seen, made: Made) -> Iterator[Resource]:
        """What a target makes."""
        known = places(made.target, made.rendering, made)
        self.files += 1
        for one in made.read.resources:
            self.objects += 1
            file = part_at(made.rendering.parts, one.line).file
            yield InstalledResource(one, file, known, it.names)


class _Names:
    """The environments that there are of each chart and overlay."""

    def __init__(self, listed: Sequence[Seen]) -> None:
        self._of: dict[str, list[str]] = {}
        for it in listed:
            if isinstance(it.item, Target):
                self._of.setdefault(it.item.root.name, []).append(it.item.called)

    def check(self, name: str) -> None:
        """Raises UsageError where nothing has an environment of that name."""
        known = sorted({it for names in self._of.values() for it in names} - {DEFAULT})
        if name in known or (name == DEFAULT and self._of):
            return
        raise UsageError(
            f"nothing here has an environment {name}",
            hint=f"the environments: {', '.join(known) or 'none'}",
            undone="nothing was rendered",
        )

    def has(self, it: Seen, name: str) -> bool:
        """Whether `it` is looked at, where `name` is asked for."""
        assert isinstance(it.item, Target)  # noqa: S101 - only targets have environments
        rendering = it.result.rendering
        names = self._of[it.item.root.name]
        if name == EACH:
            # The others have the same text, and this one their names.
            return rendering is None or bool(
                (rendering.digest and rendering.parts) or rendering.failed
            )
        if name == FIRST:
            return it.item.called == names[0]
        return it.item.called == name or names == [DEFAULT]

    def left_out(self) -> Iterator[str]:
        """What there is besides the first environment of each."""
        for root, names in self._of.items():
            if len(names) > 1:
                others = ", ".join(names[1:])
                yield f"{root} is taken as it is in {names[0]}, and not as in {others}"


def left_out(items: Sequence[Item]) -> list[str]:
    """What there is of charts and overlays besides their first environment, in words."""
    nothing = FileResult(FileFate("", RENDERED, 0, ""), (), (), (), (), ())
    return list(_Names([Seen(it, nothing) for it in items]).left_out())


def _found(options: argparse.Namespace, config: Config) -> Iterator[Found | ReadFile]:
    ignores = ignores_of(*config.selection(options))
    return find(options.paths or ["."], ignores, config.folder)


def installed(options: argparse.Namespace, config: Config) -> Settled:
    """What the options name, with all ways to install it, as `scan` has it."""
    forget()
    items: list[Item] = [
        read_file(it, config.limits) if isinstance(it, Found) and it.path == STDIN else it
        for it in _found(options, config)
    ]
    version = vars(options).get("kubernetes_version") or config.kubernetes_version
    plan = Plan({}, builtin.checks, parse_version(version) if version else NEWEST)

    def judge(some: Sequence[Item]) -> list[FileResult]:
        return judge_all(some, plan, config.limits)

    deploying = Deploying(items, options, config)
    return Rounds(items, deploying, config, plan.minor, judge).settled()
