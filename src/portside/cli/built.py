"""What is installed, round by round: what is rendered may say what else is installed.

A chart makes Applications (an app of apps), a kustomization patches HelmReleases: their objects are
deployed like those in files, until a round installs what the one before it did.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.defined import Defined
from portside.cli.rendering import made_again
from portside.cli.targets import targets
from portside.model.finding import Unread
from portside.model.reading import ReadFile, Target
from portside.records import NamedTuple
from portside.render.environment import DEFAULT
from portside.render.gitops import gives, tells, wants
from portside.render.gitops.made import MadeResource
from portside.render.overlay_names import overlay_at
from portside.render.places import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from portside.cli.config import Config
    from portside.cli.deployed import Deployed, Deploying
    from portside.cli.stage_a import Item
    from portside.cli.targets import Targets
    from portside.model.finding import FileResult
    from portside.model.resource import Resource

    Judge = Callable[[Sequence[Item]], list[FileResult]]
    Amended = Callable[[list[Item]], list[Item]]

MOST_ROUNDS = 10
"""How many objects deep is followed what one installs that another installs."""
MOST_ENVIRONMENTS = 10_000


class Settled(NamedTuple):
    """All that is judged with what is said of each, and what could not be told."""

    items: list[Item]
    results: list[FileResult]
    unread: tuple[Unread, ...] = ()


class _State(NamedTuple):
    """What decides what is installed, besides the files."""

    makers: tuple[object, ...] = ()
    """The keys of the targets that make objects which install something, or give values to it."""
    inputs: frozenset[str] = frozenset()
    """The files with such objects that are parts of what was built."""
    defined: tuple[str, ...] = ()
    """The API versions of the definitions in the tree, where a chart asks for them."""


class Rounds:
    """Installs, renders and judges until nothing more is installed."""

    def __init__(
        self, items: Sequence[Item], deploying: Deploying, config: Config, minor: int, judge: Judge
    ) -> None:
        self._items = items
        self._own = frozenset(map(id, items))
        self._deploying = deploying
        self._config = config
        self._minor = minor
        self._judge = judge
        self._results: dict[object, FileResult] = {}
        self._made: dict[object, list[Resource]] = {}
        self._defined = Defined(deploying.definitions, config.limits)
        self._wanted = any(map(wants, deploying.written))

    def settled(
        self, known: Sequence[FileResult] = (), amended: Amended = lambda items: items
    ) -> Settled:
        """All that is judged; `known` is what is said of the items themselves, if it is.

        `amended` gives what is to be rendered the texts that it is to be rendered of.
        """
        keys = map(self._key, self._items)
        self._results |= dict(zip(keys, known, strict=False))
        states = [_State()]
        rounds: list[Settled] = []
        followed: set[str] = set()
        while True:
            state = states[-1]
            objects = [it for key in state.makers for it in self._made[key]]
            installed = self._deploying.deployed(objects, state.inputs)
            if len(rounds) == MOST_ROUNDS or len(installed.environments) > MOST_ENVIRONMENTS:
                return self._cut(rounds[-1:], installed, followed)
            followed |= set(map(repr, installed.environments))
            found = targets(self._items, self._config, self._minor, installed)
            found = found._replace(items=amended(found.items))
            if not rounds:
                state = states[0] = _State(defined=self._foreseen(found.items))
            rounds.append(self._judged(found, state.defined))
            following = self._following(rounds[-1])
            if following == state:
                return rounds[-1]
            if following in states:
                return _together(rounds[states.index(following) :])
            states.append(following)

    def _key(self, item: Item) -> object:
        """What is equal for items of which the same is said."""
        if id(item) in self._own:
            return id(item)
        if isinstance(item, Target):
            return repr((item.root.path, item.environment, item.request, item.after))
        return item.fate if isinstance(item, ReadFile) else item.path

    def _judged(self, found: Targets, defined: Sequence[str] = ()) -> Settled:
        items = self._defined.told(found.items, defined)
        keys = [self._key(it) for it in items]
        new = {key: it for key, it in zip(keys, items, strict=True) if key not in self._results}
        if new:
            self._results |= zip(new, self._judge(list(new.values())), strict=True)
        return Settled(items, [self._results[it] for it in keys], found.unread)

    def _foreseen(self, items: Sequence[Item]) -> tuple[str, ...]:
        """What charts will be told, as far as files say it; what is not so costs a round more."""
        if not self._defined.asked(items):
            return ()
        return tuple(sorted(self._defined.foreseen(items, self._deploying.defining, self._key)))

    def _following(self, now: Settled) -> _State:
        """What decides what is installed after what is made `now`."""
        asked = self._defined.asked(now.items)
        known = self._defined.by(now.items, now.results, self._key) if asked else ()
        defined = tuple(sorted(known))
        if not self._deploying.trees:
            return _State(defined=defined)
        pairs = [
            (item, result)
            for item, result in zip(now.items, now.results, strict=True)
            if isinstance(item, Target) and result.rendering is not None
            and not result.rendering.failed
        ]  # fmt: skip
        telling = [it for it, result in pairs if self._tells(result)]
        self._make(telling)
        if not self._wanted and any(wants(it) for made in self._made.values() for it in made):
            self._wanted = True
            telling = [it for it, result in pairs if self._tells(result)]
            self._make(telling)
        built = (result.rendering for it, result in pairs if it.root.kind == "kustomize")
        inputs = {os.path.realpath(path) for it in built if it for path in it.inputs}
        kept = frozenset(inputs & self._deploying.files)
        return _State(tuple(map(self._key, telling)), kept, defined)

    def _tells(self, result: FileResult) -> bool:
        refs = [it.resource for it in result.objects]
        return any(map(tells, refs)) or (self._wanted and any(map(gives, refs)))

    def _make(self, telling: Sequence[Target]) -> None:
        for target in telling:
            key = self._key(target)
            if key not in self._made:
                self._made[key] = list(_objects(target, self._config))

    def _cut(self, last: Sequence[Settled], now: Deployed, followed: set[str]) -> Settled:
        """The last round, where there would be too many: what more is installed is unread."""
        reason = (
            f"stands more than {MOST_ROUNDS} deep in what others install, or with more than "
            f"{MOST_ENVIRONMENTS:,} others: it is not followed; scan what it installs by itself"
        )
        unread = tuple(
            Unread(f"{it.said.by} {it.said.name}", reason, it.said.file, it.said.line)
            for it in now.environments
            if repr(it) not in followed
        )
        found = last[0] if last else self._judged(
            targets(self._items, self._config, self._minor, now._replace(environments=()))
        )  # fmt: skip
        return found._replace(unread=(*found.unread, *dict.fromkeys(unread)))


def _objects(target: Target, config: Config) -> Iterator[Resource]:
    """What `target` makes that installs something, or gives values to what does."""
    built = made_again(target, config.limits)
    known = places(target, built.rendering, built)
    labels = overlay_at(target.root.path.replace(os.sep, "/")).environment, target.environment
    for it in built.read.resources:
        if tells(it.ref) or gives(it.ref):
            yield MadeResource(it, known, labels)


def _together(rounds: Sequence[Settled]) -> Settled:
    """What is installed in any of the rounds, which lead to each other again and again.

    A chart may install itself with other values, and not do so with those.
    """
    found: dict[str, tuple[Item, FileResult]] = {}
    for it in rounds:
        for item, result in zip(it.items, it.results, strict=True):
            if isinstance(item, Target) and not item.environment and result.rendering is not None:
                item = item._replace(environment=DEFAULT)
                rendering = result.rendering._replace(environments=(DEFAULT,))
                result = result._replace(rendering=rendering)
            found[_name(item)] = (item, result)
    heads = {it.head.fate.file for it, _ in found.values() if isinstance(it, Target)}
    kept = [
        pair
        for pair in found.values()
        if not isinstance(pair[0], ReadFile) or pair[0].fate.file not in heads
    ]
    unread = dict.fromkeys(one for it in rounds for one in it.unread)
    return Settled([it for it, _ in kept], [it for _, it in kept], tuple(unread))


def _name(item: Item) -> str:
    if isinstance(item, Target):
        return repr((item.root.path, item.environment, item.request, item.after))
    return item.fate.file if isinstance(item, ReadFile) else item.name
