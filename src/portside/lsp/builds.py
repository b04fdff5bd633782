"""A chart or an overlay judged as a scan judges it, with texts that are not saved yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from portside.cli import rendering
from portside.cli.scan import completed
from portside.cli.stage_a import StageA
from portside.engine.stage import judge_file
from portside.lsp.ahead import Ahead
from portside.lsp.remembered import Remembered, stands_alone
from portside.lsp.verdict import StaleError
from portside.model.evaluation import Evaluation
from portside.model.finding import FileResult
from portside.model.reading import Target
from portside.records import NamedTuple
from portside.render import led
from portside.render.source import files_below, made
from portside.render.wire import HelmRequest, KustomizeRequest, ValuesFile
from portside.sources.files import WITH_OTHERS
from portside.sources.folders import Chart
from portside.sources.known import UNKNOWN
from portside.sources.read import beside, parsed
from portside.sources.walk import Found

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.lsp.project import Project
    from portside.lsp.surroundings import Build

Texts = Mapping[str, str]
"""What files hold in place of what is saved, by their real paths."""
Stamp = tuple[tuple[str, int, int], ...]
_MOST_FILES = 5_000
"""Files whose results are kept, of all builds."""


class Judged(NamedTuple):
    """What was said of a build, and what the renderer warned of."""

    evaluation: Evaluation
    warnings: tuple[str, ...]


class _Known(NamedTuple):
    project: Project
    build: Build
    texts: Texts
    stamp: Stamp
    judged: Judged


class Judge:
    """Judges builds, each again only where something that it is made of has changed."""

    __slots__ = ("_known", "_lead", "_of_files", "_stamps")

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._stamps: dict[str, Stamp] = {}
        self._lead: dict[str, Remembered] = {}
        self._of_files: dict[tuple[Found, int, int], tuple[Project, FileResult]] = {}

    def judged(
        self, build: Build, texts: Texts, project: Project, stale: Callable[[], bool]
    ) -> Judged:
        """What a scan would say, were `texts` saved. Raises StaleError once `stale` says so."""
        texts = {path: text for path, text in texts.items() if build.may_read(path)}
        stamp = _stamp(build)
        name = build.name
        if self._stamps.get(name, stamp) != stamp:
            led.forget()
        self._stamps[name] = stamp
        known = self._known.get(name)
        if known is not None and known[:4] == (project, build, texts, stamp):
            return known.judged
        lead = self._lead.setdefault(name, Remembered())
        alone = _alone(build, texts)
        chart = os.path.realpath(build.root.path)
        paths = {os.path.join(chart, it) for it in alone}
        others = tuple(it for it in texts.items() if it[0] not in paths)
        lead.begin((stamp, others, repr(list(build.targets))), alone)
        judged = self._made(build, texts, project, stale, lead)
        self._known[name] = _Known(project, build, texts, stamp, judged)
        return judged

    def trials(self, builds: Sequence[Build], texts: Texts, project: Project) -> Evaluation:
        """The same of several builds that share a file, as one answer."""
        made = [self._trial(it, texts, project).evaluation for it in builds]
        pairs = [it for one in made for it in one.findings()]
        files = [it._replace(findings=()) for one in made for it in one.files]
        excuses = {at: it for at, (_, it) in enumerate(pairs) if it is not None}
        return Evaluation(files, later=[it for it, _ in pairs], excuses=excuses)

    def drop(self, name: str) -> None:
        """Keep nothing of the build called `name`."""
        self._known.pop(name, None)
        self._lead.pop(name, None)
        self._stamps.pop(name, None)
        if not self._known:
            self._of_files.clear()

    def _trial(self, build: Build, texts: Texts, project: Project) -> Judged:
        """The same for texts that nobody has written yet: nothing is kept of it."""
        return self._made(build, texts, project, lambda: False, Remembered())

    def _made(
        self,
        build: Build,
        texts: Texts,
        project: Project,
        stale: Callable[[], bool],
        lead: Remembered,
    ) -> Judged:
        # What was rendered before is of other files, or of other texts.
        rendering.forget()
        plan, config = project.chosen.plan, project.config
        plan.owner_labels = config.owners.labels
        stage = StageA(plan, config.limits)
        items = [_with(it, texts) for it in (*build.items, *_new(build, texts))]
        with Ahead(it for it in items if isinstance(it, Target)) as answers:
            results, warnings = [], dict[str, None]()
            for it in items:
                if stale():
                    raise StaleError
                if isinstance(it, Target):
                    found = made(it, config.limits, answer=answers.of(it))
                    result = _last(rendering.judge_made(found, stage, lead.places))
                else:
                    result = self._result(it, texts, stage, project)
                warnings |= dict.fromkeys(_warnings(result))
                results.append(_without_warnings(result))
        options = project.options(build.tree)
        evaluation = completed(items, results, options, config, project.chosen)
        return Judged(evaluation, tuple(warnings))

    def _result(self, item: Item, texts: Texts, stage: StageA, project: Project) -> FileResult:
        if not isinstance(item, Found):
            return stage.settled(item, stage.answer(item))
        text = texts.get(os.path.realpath(item.path))
        if text is not None or item.known.kind in WITH_OTHERS:
            return _of_text(item, text, texts, stage)
        state = _state(item.path)
        key = item, state[1], state[2]
        known = self._of_files.get(key)
        if known is None or known[0] is not project:
            if len(self._of_files) >= _MOST_FILES:
                self._of_files.clear()
            known = self._of_files[key] = project, stage.settled(item, stage.answer(item))
        return known[1]


def _last(steps: Generator[object, None, FileResult]) -> FileResult:
    """What comes of the steps: there is nothing to do between them."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: FileResult = done.value
            return result


def _warnings(result: FileResult) -> tuple[str, ...]:
    return () if result.rendering is None else result.rendering.warnings


def _without_warnings(result: FileResult) -> FileResult:
    """A scan writes them to the log, and the editor would at each keystroke."""
    if result.rendering is None:
        return result
    return result._replace(rendering=result.rendering._replace(warnings=()))


def _of_text(found: Found, text: str | None, texts: Texts, stage: StageA) -> FileResult:
    """What is said of a file by its own text, or by those of the files that belong to it."""
    if found.known.kind in WITH_OTHERS:
        held = beside(found, stage.limits)
        for name in found.known.names:
            unsaved = texts.get(os.path.realpath(os.path.join(os.path.dirname(found.path), name)))
            if unsaved is not None:
                held[name] = unsaved.encode("utf-8", "replace")
        found = found._replace(known=found.known._replace(beside=held))
    if text is None:
        return stage.settled(found, stage.answer(found))
    return judge_file(parsed(text.encode("utf-8", "replace"), found, stage.limits), stage.plan)


def _with(item: Item, texts: Texts) -> Item:
    """`item`, rendered with the texts where it is a target."""
    if not isinstance(item, Target) or not texts:
        return item
    request = item.request
    if isinstance(request, HelmRequest):
        files = _below(texts, item.root.path)
        values = tuple(
            it._replace(text=texts.get(os.path.realpath(it.path)))
            if isinstance(it, ValuesFile)
            else it
            for it in request.values
        )
        # What an object of Flux makes of a file is not what stands in it.
        return item._replace(
            request=request._replace(files={**files, **request.files}, values=values)
        )
    assert isinstance(request, KustomizeRequest)  # noqa: S101 - there is no other
    files = _below(texts, request.root)
    return item._replace(request=request._replace(files={**files, **request.files}))


def _below(texts: Texts, folder: str) -> dict[str, str]:
    """The texts of files below `folder`, by their paths there."""
    lead = os.path.realpath(folder).rstrip(os.sep) + os.sep
    return {
        path[len(lead) :].replace(os.sep, "/"): text
        for path, text in texts.items()
        if path.startswith(lead)
    }


def _alone(build: Build, texts: Texts) -> dict[str, str]:
    """The texts of templates that nothing else depends on, by their paths below the chart."""
    chart = build.root.path
    if build.root.kind != "helm" or not os.path.isdir(chart):
        return {}
    below = _below(texts, chart).items()
    return {path: text for path, text in below if stands_alone(path, text, chart)}


def _new(build: Build, texts: Texts) -> Iterator[Found]:
    """The files of a chart that were never saved."""
    root = build.root
    if root.kind != "helm" or not os.path.isdir(root.path):
        return
    for below in _below(texts, root.path):
        path = os.path.join(root.path, below)
        if not os.path.exists(path):
            known = Chart(root.path).known(path) or UNKNOWN
            yield Found(path, path, given=False, identity=f"{root.identity}/{below}", known=known)


def _stamp(build: Build) -> Stamp:
    """What tells a state of the files of a build from another."""
    if build.root.kind == "helm":
        names = files_below(build.root.path) or [build.root.path]
        names += (it for target in build.targets for it in target.values)
    else:
        names = sorted(build.files)
    return tuple(_state(it) for it in names)


def _state(path: str) -> tuple[str, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size
