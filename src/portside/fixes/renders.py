"""What targets are rendered into before and after edits, and where their fields come from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from portside.engine.stage import judge_file
from portside.fixes.outcome import Meant, Proposal, Sited
from portside.fixes.propose import changes, edits_of
from portside.fixes.ways import site
from portside.model.mending import REFUSED, FieldEdit, Outcome
from portside.model.resource import escaped
from portside.render.led import Traced
from portside.render.origins import CHANGE, GUESS
from portside.render.places import fitting
from portside.render.replaced import is_part, made_of
from portside.render.source import identity, made
from portside.sources.templates import ARCHIVES
from portside.syntax import Document
from portside.syntax.change import CannotEditError, Change, existing, pruned

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult, Finding
    from portside.model.reading import Target
    from portside.model.resource import Resource
    from portside.policy.fix import Fix
    from portside.render.origins import Origin
    from portside.render.source import Made
    from portside.syntax import Limits

_OF_RELEASE = "what is to stand there depends on how the release is called"
UNKNOWN = "which object it is about cannot be told"


class Render:
    """What one target is rendered into."""

    __slots__ = ("_plan", "_result", "_traced", "made", "written")

    def __init__(self, it: Made, plan: Plan) -> None:
        self.made = it
        # Judging them gives the objects another form.
        self.written = [(one.object_key(), _copy(one)) for one in it.read.resources]
        """The objects as they were rendered, in their order."""
        self._plan = plan
        self._result: FileResult | None = None
        self._traced: Traced | None = None

    @property
    def result(self) -> FileResult:
        """What is said of it, in the text that was rendered; its objects have their judged form."""
        if self._result is None:
            judged = judge_file(self.made.read, self._plan)
            self._result = fitting(judged._replace(rendering=self.made.rendering))
        return self._result

    def objects(self) -> dict[str, Resource]:
        """The objects by what they are called in identities, each with its judged form."""
        assert self.result  # noqa: S101 - judging gives them their form
        return {it.object_key(): it for it in self.made.read.resources}

    def origin(self, resource: Resource, change: Change) -> Origin | None:
        """Where the field that is to change comes from."""
        if self._traced is None:
            it = self.made
            self._traced = Traced(it.target, it.rendering, it.answer)
        return self._traced.origin(resource.place(())[0], change.path)


class Renders:
    """All targets of a scan, rendered when they are asked for."""

    __slots__ = (
        *("_fixes", "_limits", "_parts", "_plan", "_rendered", "_renamed", "paths", "targets"),
    )

    def __init__(
        self, targets: Sequence[Target], plan: Plan, fixes: Mapping[str, Fix], limits: Limits
    ) -> None:
        self.targets = targets
        self._plan = plan
        self._fixes = fixes
        self._limits = limits
        self._rendered: dict[int, Render] = {}
        self._renamed: dict[int, Render] = {}
        self._parts: dict[int, frozenset[str]] = {}
        self.paths: dict[str, str] = {}
        """The real paths of the files that are to be edited, by their names."""

    def of(self, number: int) -> Render:
        """What a target is rendered into as it is."""
        if number not in self._rendered:
            self._rendered[number] = self.fresh(self.targets[number])
        return self._rendered[number]

    def fresh(self, target: Target) -> Render:
        """What `target` is rendered into."""
        return Render(made(target, self._limits), self._plan)

    def using(self, path: str) -> Iterator[int]:
        """The numbers of the targets that the file is a part of."""
        for number, target in enumerate(self.targets):
            if number not in self._parts:
                charts = target.root.kind == "helm"
                rendering = None if charts else self.of(number).made.rendering
                self._parts[number] = made_of(target, rendering)
            if is_part(path, self._parts[number]):
                yield number

    def proposals(self, wanted: Iterable[Finding]) -> tuple[list[Proposal], list[Outcome]]:
        """The edits that should end each of the findings, and for which there are none."""
        made: list[Proposal] = []
        refused: list[Outcome] = []
        for it in wanted:
            try:
                made.append(self._proposal(it))
            except CannotEditError as error:
                refused.append(Outcome(it, REFUSED, str(error)))
        return made, refused

    def _proposal(self, finding: Finding) -> Proposal:
        """The edits that should end `finding`, in all environments in which it holds.

        Raises CannotEditError with the reason where there are none.
        """
        fix = self._fixes.get(finding.rule)
        if fix is None:
            raise CannotEditError("its rule knows no edit for this case")
        sites: list[Sited] = []
        meant: list[Meant] = []
        for number, resource in self._holding(finding):
            wanted = self._wanted(finding, self.of(number), resource, fix)
            if any(it.expression is not None for it in fix.steps):
                self._refuse_of_release(finding, number, resource, wanted)
            written = dict(self.of(number).written)[finding.object_key]
            sites += (self._site(number, resource, it, written) for it in wanted)
            meant.append(Meant(number, finding.object_key, tuple(wanted)))
        if not sites:
            raise CannotEditError(UNKNOWN)
        return Proposal(finding, sites=tuple(sites), meant=tuple(meant))

    def _holding(self, finding: Finding) -> Iterator[tuple[int, Resource]]:
        """The objects that it is about, with the numbers of the targets that make them."""
        key = finding.object_key
        for number, target in enumerate(self.targets):
            named = escaped(identity(target)) == key.partition("|")[0]
            there = not finding.environments or target.environment in finding.environments
            if named and there:
                resource = self.of(number).objects().get(key)
                if resource is not None:
                    yield number, resource

    def _refuse_of_release(
        self, finding: Finding, number: int, resource: Resource, wanted: Sequence[Change]
    ) -> None:
        """Refuse a value that would be another if the release were called otherwise.

        It would be true of this release alone, and a chart is for many.
        """
        target = self.targets[number]
        if target.root.kind != "helm":
            return
        if number not in self._renamed:
            self._renamed[number] = self.fresh(_renamed(target))
        other = self._renamed[number]
        assert other.result  # noqa: S101 - judging gives the objects their form
        at = self.of(number).made.read.resources.index(resource)
        twin = next(iter(other.made.read.resources[at : at + 1]), None)
        if twin is None or twin.kind != resource.kind:
            raise CannotEditError(_OF_RELEASE)
        if self._wanted(finding, other, twin, self._fixes[finding.rule]) != wanted:
            raise CannotEditError(_OF_RELEASE)

    def _wanted(
        self, finding: Finding, render: Render, resource: Resource, fix: Fix
    ) -> list[Change]:
        given = self._plan.params(finding.rule), self._plan.target
        edits = edits_of(finding, resource, fix, given)
        fields = [it for it in edits if isinstance(it, FieldEdit)]
        if len(fields) < len(edits):
            raise CannotEditError("it needs an object of its own, which --fix puts in no template")
        written = dict(render.written)[resource.object_key()]
        return list(changes(fields, (), written))

    def _site(self, number: int, resource: Resource, change: Change, written: Any) -> Sited:
        origin = self.of(number).origin(resource, change)
        whole = pruned(written, change)
        if origin is not None and whole.path != change.path and _is_line(origin):
            # What the template would be left with is a key with nothing behind it.
            around = self.of(number).origin(resource, whole)
            if around is not None and _is_line(around):
                origin, change = around, whole
        if origin is None:
            raise CannotEditError("nothing that renders it can say where the field comes from")
        if origin.way is None:
            raise CannotEditError(_why_unknown(origin))
        root = self.targets[number].root
        path = os.path.join(root.path, os.path.relpath(origin.file, root.name))
        self.paths[origin.file] = os.path.realpath(path)
        return site(origin.file, origin.way, change)


def _is_line(origin: Origin) -> bool:
    return origin.way is not None and origin.way.how == CHANGE


def _renamed(target: Target) -> Target:
    """The same chart as a release of another name in another namespace."""
    it = target.request
    release, namespace = (f"{name[:40]}-x" for name in (it.release, it.namespace))
    return target._replace(request=it._replace(release=release, namespace=namespace))


def _copy(resource: Resource) -> Any:
    text = resource.text
    value = text.value if isinstance(text, Document) else None
    return deepcopy(existing(value, resource.prefix)[0])


def _why_unknown(origin: Origin) -> str:
    """Why there is no edit for the field."""
    if origin.file.endswith(ARCHIVES):
        return f"{origin.file} is packed: unpack it, or set the field in the values of its parent"
    if origin.chain and origin.chain[-1].role == "set":
        return "no file sets it: --set does, or the object that installs the chart"
    if origin.confidence == GUESS:
        return f"which line of {origin.file} makes the field could not be told"
    return f"{origin.file}:{origin.line} makes it, but more decides what the field becomes"
