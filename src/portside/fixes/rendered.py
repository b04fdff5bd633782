"""Findings on rendered objects: edits where their fields come from, proved by rendering again.

What an edit does is compared with what it was meant to do: in every target that the edited files
are part of, the objects of the findings become what the fixes say, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.fixes.file import chosen
from portside.fixes.outcome import Mended, Proposal, Sited
from portside.fixes.proof import Failure, failures, standing
from portside.fixes.propose import PRUNED
from portside.fixes.ways import sited
from portside.model.mending import FIXED, REFUSED, ROLLED_BACK, Outcome
from portside.render.replaced import generates, inflates
from portside.render.source import virtual_name
from portside.syntax.change import CannotEditError, Change, changed, pruned
from portside.syntax.edit import image

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.fixes.file import Choose
    from portside.fixes.outcome import Texts
    from portside.fixes.renders import Render, Renders
    from portside.model.finding import Finding
    from portside.syntax import Limits


class RenderMender:
    """Mends what is rendered of files that no other mender edits: `texts` is what they hold."""

    __slots__ = ("_limits", "_plan", "_renders", "_texts", "_users")

    def __init__(self, renders: Renders, texts: Texts, plan: Plan, limits: Limits) -> None:
        self._renders = renders
        self._texts = texts
        self._plan = plan
        self._limits = limits
        self._users = {it: tuple(renders.using(renders.paths[it])) for it in texts}

    def mended(
        self, proposals: Sequence[Proposal], choose: Choose | None = None
    ) -> tuple[Mended, list[Outcome]]:
        """The files with what of `proposals` stands the proof, and what became of each."""
        able, outcomes = self._able(proposals)
        if choose is not None:
            able, declined = chosen(able, self.fix, choose)
            outcomes += declined
        stood = standing(bundles(able), self._failures)
        outcomes += [Outcome(it.finding, ROLLED_BACK, reason) for it, reason in stood.fallen]
        outcomes += [Outcome(it.finding, FIXED) for it in stood.made]
        return self.fix(stood.made), outcomes

    def fix(self, made: Sequence[Proposal]) -> Mended:
        """The files with these edits. Raises CannotEditError where they do not go together."""
        by_file: dict[str, list[Sited]] = {}
        for it in made:
            for one in it.sites:
                by_file.setdefault(one.file, []).append(one)
        after = {
            name: sited(data, by_file[name], self._limits) if name in by_file else data
            for name, data in self._texts.items()
        }
        return Mended(self._texts, after, tuple(made))

    def _able(self, proposals: Iterable[Proposal]) -> tuple[list[Proposal], list[Outcome]]:
        """The proposals that can be made in the text, each by itself."""
        able: list[Proposal] = []
        refused: list[Outcome] = []
        for it in proposals:
            try:
                self._refuse_unprovable(it)
                self.fix([it])
            except CannotEditError as error:
                refused.append(Outcome(it.finding, REFUSED, str(error)))
            else:
                able.append(it)
        return able, refused

    def _refuse_unprovable(self, it: Proposal) -> None:
        for one in it.sites:
            path = self._renders.paths[one.file]
            for number in self._users[one.file]:
                target = self._renders.targets[number]
                if inflates(target, path):
                    raise CannotEditError(
                        f"{target.root.name} inflates the chart of {one.file} by helmCharts, which "
                        "cannot be rendered with an edit"
                    )
                if generates(target, path):
                    raise CannotEditError(f"what installs {target.root.name} puts in its place")

    def _failures(self, made: Sequence[Proposal]) -> list[Failure]:
        """What speaks against the edits."""
        try:
            edited = self.fix(made).changed()
        except CannotEditError as error:
            return [Failure(str(error))]
        paths = {self._renders.paths[name]: data.decode() for name, data in edited.items()}
        touched = {number for name in edited for number in self._users[name]}
        touched |= {one.target for it in made for one in it.meant}
        found: list[Failure] = []
        for number in sorted(touched):
            found += self._in_target(number, paths, made)
        return found

    def _in_target(
        self, number: int, texts: Mapping[str, str], made: Sequence[Proposal]
    ) -> list[Failure]:
        before = self._renders.of(number)
        target = before.made.target
        after = self._renders.fresh(target._replace(texts={**target.texts, **texts}))
        if after.made.rendering.failed:
            reasons = [it.reason for it in after.made.read.unread]
            return [Failure(f"{_called(before)} could not be rendered: {''.join(reasons[:1])}")]
        meant: dict[str, list[Change]] = {}
        mended: list[Finding] = []
        for it in made:
            for one in it.meant:
                if one.target == number:
                    meant.setdefault(one.object_key, []).extend(one.changes)
                    mended.append(it.finding)
        found = list(_unmeant(before, after, meant))
        if found or after.made.text == before.made.text:
            return found
        rules = self._plan.rules
        name = virtual_name(before.made.target.root)
        here = [
            it._replace(file=name, confidence="") for it in mended if rules[it.rule].form != "facts"
        ]
        return failures([before.result], [after.result], here, rules)


def apart(
    proposals: Iterable[Proposal], renders: Renders
) -> Iterator[tuple[list[Proposal], set[str]]]:
    """The proposals in groups whose files make nothing together, each with its files."""
    groups: list[tuple[list[Proposal], set[str], set[int]]] = []
    users: dict[str, set[int]] = {}
    for it in proposals:
        files = {one.file for one in it.sites}
        for name in files - users.keys():
            users[name] = set(renders.using(renders.paths[name]))
        targets = {one.target for one in it.meant}.union(*(users[name] for name in files))
        group: tuple[list[Proposal], set[str], set[int]] = ([], files, targets)
        for one in [old for old in groups if old[2] & targets]:
            groups.remove(one)
            group = (group[0] + one[0], group[1] | one[1], group[2] | one[2])
        group[0].append(it)
        groups.append(group)
    for listed, files, _ in groups:
        yield listed, files


def bundles(proposals: Iterable[Proposal]) -> list[list[Proposal]]:
    """The proposals, those together that make the same edit: none stands without the others."""
    found: dict[int, list[Proposal]] = {}
    of_edit: dict[tuple[object, ...], int] = {}
    for number, it in enumerate(proposals):
        keys = [(one.file, one.way, one.change.what, one.change.path) for one in it.sites]
        joined = sorted({of_edit[key] for key in keys if key in of_edit})
        found[number] = [one for old in joined for one in found.pop(old)] + [it]
        for key, old in of_edit.items():
            if old in joined:
                of_edit[key] = number
        of_edit |= dict.fromkeys(keys, number)
    return list(found.values())


def _unmeant(
    before: Render, after: Render, meant: Mapping[str, Sequence[Change]]
) -> Iterable[Failure]:
    """Objects that are not as they were, and not as they were meant to become."""
    old, new = before.written, after.written
    kept = [(a, b) for (a, _), (b, _) in zip(old, new, strict=False) if a not in meant]
    if len(old) != len(new) or any(a != b for a, b in kept):
        yield Failure(f"{_called(before)} would make other objects")
        return
    for (key, was), (_, now) in zip(old, new, strict=True):
        if key not in meant:
            if image(was) != image(now):
                yield Failure(f"{_object(before, key)} would change, too", object_key=key)
        elif _plain(_as_meant(was, meant[key])) != _plain(now):
            same = image(was) == image(now)
            reason = "would stay as it is" if same else "would become something else"
            yield Failure(f"{_object(before, key)} {reason}", object_key=key)


def _as_meant(value: Any, wanted: Sequence[Change]) -> Any:
    """The object with the changes made; items that go are counted from the last."""
    for it in sorted(wanted, key=_late):
        value = changed(value, pruned(value, it))
    return value


def _late(it: Change) -> tuple[bool, int]:
    last = it.path[-1]
    return it.what == "remove", -last if type(last) is int else 0


def _plain(value: Any) -> str:
    return image(_without_empty(value))


def _without_empty(value: Any) -> Any:
    """The value in one order of keys, without what says nothing where it is empty."""
    if type(value) is dict:
        made = {str(key): _without_empty(it) for key, it in value.items()}
        return {
            key: made[key]
            for key in sorted(made)
            if not (key in PRUNED and (made[key] is None or made[key] in ({}, [])))
        }
    return [_without_empty(it) for it in value] if type(value) is list else value


def _called(render: Render) -> str:
    target = render.made.target
    return f"{target.root.name} ({target.environment})" if target.environment else target.root.name


def _object(render: Render, key: str) -> str:
    """An object as people call it, from what it is called in identities."""
    _, kind, namespace, called = (*key.partition("|")[2].split("/", 3), "", "", "")[:4]
    named = f"{kind} {namespace}/{called}" if namespace else f"{kind} {called}"
    return f"{named} of {_called(render)}"
