"""Fields of what a chart was rendered into → template lines, keys of values and who sets them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.model.finding import Step
from portside.model.place import FieldPath, dotted
from portside.render.absent import Absence
from portside.render.flow import Flow
from portside.render.layers import ABSENT, Layer, Layers, Written, at, layers_of
from portside.render.marks import Mark, OfFile, marked, marking_of
from portside.render.origins import CHANGE, EXACT, GUESS, SET, TEMPLATE, Origin, Way
from portside.render.traced import Trace, candidates, part_at

if TYPE_CHECKING:
    from portside.render.marking import Marking
    from portside.render.process import Renderer
    from portside.render.wire import HelmRequest, Rendered, RenderedFile


_ARCHIVES = (".tgz", ".tar.gz")
_INSIDE = "!"
"""What stands between the name of an archive and the path in it."""
_TEMPLATES = "/templates/"


class HelmOrigins:
    """One render of a chart. It is rendered again, with markers, when the first field is asked.

    Only what was begun has markers then; what is asked for beyond it costs one more render.
    `folder` is how people call the chart's folder, `names` how they call files of values. `plain`
    is what `request` was answered with.
    """

    __slots__ = ("_begun", "_documents", "_flow", "_folder", "_given", "_marking", "_names",
                 "_plain", "_program", "_request", "_traces", "layers", "sources")  # fmt: skip

    def __init__(
        self,
        request: HelmRequest,
        plain: Rendered,
        program: Renderer,
        folder: str = "",
        names: Mapping[str, str] = {},
        given: Sequence[Layer] | None = None,
    ) -> None:
        """`given` are the layers of the request's values, where those come from elsewhere."""
        self._given = given
        self._request = request
        self._plain = plain
        self._program = program
        self._folder = folder
        self._names = names
        self._documents: dict[int, OfFile] = {}
        """Those of the files that were rendered with markers."""
        self._begun: list[int] = []
        self._marking: Marking | None = None
        self._flow: Flow | None = None
        self._traces: dict[tuple[int, int], Trace | None] = {}
        self.sources: Mapping[str, str] = plain.sources
        self.layers = Layers(())

    def begin(self, files: Collection[int]) -> None:
        """Have those files rendered with markers, while something else is done."""
        if self._marking is None and self.sources and not self._documents.keys() >= set(files):
            self._begun = self._with_their_like(files)
            self._marking = marking_of(self.sources, self._files(self._begun))
            self._program.begin(self._marked(self._marking.texts()))

    def of(self, file: int, document: int, path: FieldPath) -> Origin:
        """Where the field at `path` was made; where it is absent, where it would be."""
        found = self._found(file, document, path)
        for it in self._request.dependencies:
            if found.file.startswith(f"{it.called}{_INSIDE}"):
                # What is vendored is edited where it is asked for, or not at all.
                sure = TEMPLATE if found.way else found.confidence
                return Origin(self._below(it.file), it.line, 1, 0, found.chain, sure)
        if not found.file.endswith(_ARCHIVES):
            return found
        # Nobody edits what is packed.
        return found._replace(
            line=1,
            column=1,
            width=0,
            confidence=TEMPLATE if found.way else found.confidence,
            way=None,
        )

    def _found(self, file: int, document: int, path: FieldPath) -> Origin:
        key = (file, document)
        if key not in self._traces:
            self._traces[key] = self._trace(file, document)
        trace = self._traces[key]
        if trace is None:
            return self._guess(file)
        if at(trace.value, path) is ABSENT:
            return Absence(trace, self, file, document).origin(path)
        return self._present(trace, file, path)

    def _trace(self, file: int, document: int) -> Trace | None:
        if file not in self._documents:
            self._prepare(file)
        documents = self._documents[file]
        found = documents[document] if document < len(documents) else None
        if found is None or self._flow is None:
            return None
        return Trace(found, self._flow, self.layers)

    def _marked(self, texts: Mapping[str, str]) -> HelmRequest:
        # Definitions are no templates: markers change nothing of them.
        return self._request._replace(sources=False, include_crds=False, templates=texts)

    def _with_their_like(self, files: Collection[int]) -> list[int]:
        """Those files, and what else their templates made: which is whose is told by the order."""
        names = {self._plain.files[it].name for it in files}
        return [number for number, it in enumerate(self._plain.files) if it.name in names]

    def _files(self, numbers: Sequence[int]) -> list[RenderedFile]:
        return [self._plain.files[it] for it in numbers]

    def _prepare(self, file: int) -> None:
        """Render with markers what was begun, or else all that is left; read templates, values."""
        if not self.sources:
            again = self._program.helm(self._request._replace(sources=True))
            self.sources = again.sources
            self._plain = self._plain._replace(sources=again.sources, values=again.values)
        files, marking = self._begun, self._marking
        if file not in files:
            files = [it for it in range(len(self._plain.files)) if it not in self._documents]
            marking = None
        made = marked(
            self.sources,
            self._files(files),
            lambda texts: self._program.helm(self._marked(texts)),
            marking,
        )
        self._documents.update(zip(files, made, strict=True))
        self._begun, self._marking = [], None
        if self._flow is None:
            self._flow = Flow(self.sources)
            self.layers = layers_of(self._request, self._plain, self._given)

    def _guess(self, file: int) -> Origin:
        name = self.template_file(self._plain.files[file].name)
        return Origin(name, 1, 1, 0, (Step("template", name, 1),), GUESS)

    def _present(self, trace: Trace, file: int, path: FieldPath) -> Origin:
        marks = trace.lines(path or _first_key(trace))
        if not marks:
            return self._beside(trace, file, path)
        chain = self.steps(marks)
        keys = self._keys(trace, path, at(trace.value, path))
        if keys:
            beside = tuple(self._step(it) for it in keys[:-1])
            return self.set_at(keys[-1], (*chain, *beside), EXACT)
        above, line = trace.line_around(path)
        if line is None and path:
            # A helper makes this for others too: whoever includes it comes before it.
            return Origin(*self._place(marks[-1]), chain, TEMPLATE)
        column = line.column if line else 1
        way = Way(CHANGE, "template", marks[0].template, marks[0].line, column, above)
        return Origin(*self._place(marks[0], column), chain, EXACT, way)

    def _keys(self, trace: Trace, path: FieldPath, rendered: Any) -> list[Written]:
        """Where the keys of the values are written that the field shows, or is composed of.

        Of several that are parts of its text the last is what stands last in it: the tag of an
        image, whose registry and repository charts are particular about.
        """
        line, rest = trace.key_line(path), path[:0]
        if line is not None:
            shown = trace.shown(path, line)
        else:
            shown = trace.made(path) if path else []
            rest = trace.below(trace.anchor(path), path)
        parts: dict[FieldPath, tuple[int, Written]] = {}
        for it in candidates(shown):
            settled = trace.settled(it, rest, rendered)
            written = self.layers.written(settled) if settled else None
            if settled is None or written is None:
                continue
            if it.straight:
                return [written]
            at_ = part_at(trace.held(settled), rendered)
            parts[settled] = (at_, written)
        return [it for _, it in sorted(parts.values(), key=lambda it: it[0])]

    def _beside(self, trace: Trace, file: int, path: FieldPath) -> Origin:
        """The place of the nearest ancestor that is known, for a line without a marker."""
        for length in range(len(path) - 1, 0, -1):
            marks = trace.lines(path[:length])
            if marks:
                return Origin(*self._place(marks[0]), self.steps(marks), TEMPLATE)
        return self._guess(file)

    def set_at(
        self, written: Written, chain: tuple[Step, ...], confidence: str, missing: FieldPath = ()
    ) -> Origin:
        """The origin that is a key of the values, or the nearest ancestor of one."""
        steps = (*chain, self._step(written, missing))
        over = self.layers.over(written, missing)
        if over is None:
            # Nobody edits what is packed, and there is no file to say otherwise in.
            return Origin(*_first(chain), steps, TEMPLATE)
        if over[0] is not written:
            steps = (*steps, self._step(*over))
        written, missing = over
        layer = written.layer
        name = self.values_file(layer.role, layer.file)
        if not layer.document:
            if not written.line:
                return Origin(*_first(chain), steps, TEMPLATE)
            # An object of Argo CD or Flux, which a person edits.
            sure = confidence if (*written.path, *missing) in layer.places else TEMPLATE
            return Origin(name, written.line, written.column, written.width, steps, sure)
        way = Way(
            SET, layer.role, layer.file, written.line, written.column,
            (*layer.inside, *written.path, *missing), missing,
        )  # fmt: skip
        width = 0 if missing else written.width
        return Origin(
            name, written.line, written.column, width, steps, confidence, way
        )  # fmt: skip

    def _step(self, written: Written, missing: FieldPath = ()) -> Step:
        layer = written.layer
        name = self.values_file(layer.role, layer.file)
        path = (*layer.below, *written.path, *missing)
        return Step(layer.role, name, written.line, written.column, dotted(path))

    def steps(self, marks: Sequence[Mark]) -> tuple[Step, ...]:
        """The template lines as a chain, the nearest to the object first."""
        return tuple(
            Step("helper" if number < len(marks) - 1 else "template",
                 self.template_file(it.template), it.line)
            for number, it in enumerate(marks)
        )  # fmt: skip

    def _place(self, mark: Mark, column: int = 0) -> tuple[str, int, int, int]:
        text = self._flow.source(mark.template).line(mark.line) if self._flow else ""
        column = column or len(text) - len(text.lstrip()) + 1
        return self.template_file(mark.template), mark.line, column, len(text.rstrip()) + 1 - column

    def template_file(self, name: str) -> str:
        """The template called `name`, as people call its file."""
        for it in self._plain.files:
            if it.name == name and it.path:
                return self._called(it.path)
        chart, _, inside = name.partition(_TEMPLATES)
        for it in self._plain.files:
            # A helper makes nothing itself: it lies where the templates beside it do.
            if it.path and it.name.startswith(f"{chart}{_TEMPLATES}"):
                around = it.path.removesuffix(it.name.removeprefix(f"{chart}{_TEMPLATES}"))
                return self._called(f"{around}{inside}")
        return self._below(name.partition("/")[2])

    def _called(self, path: str) -> str:
        """The file at the path below the chart; of an archive, the archive, or what it is of."""
        archive, mark, inside = path.partition(_INSIDE)
        named = (it.called for it in self._request.dependencies if mark and it.name == archive)
        vendored = next(named, "")
        return f"{vendored}{_INSIDE}{inside}" if vendored else self._below(archive)

    def values_file(self, role: str, file: str) -> str:
        """A file of values, as people call it."""
        if role == "default":
            return self._called(file)
        return self._names.get(file, file)

    def _below(self, path: str) -> str:
        if self._folder.endswith(_INSIDE):
            return self._folder + path
        return f"{self._folder}/{path}" if self._folder not in ("", ".") else path


def _first(chain: Sequence[Step]) -> tuple[str, int, int, int]:
    return chain[0].file, chain[0].line, chain[0].column or 1, 0


def _first_key(trace: Trace) -> FieldPath:
    return ("kind",) if "kind" in trace.value else tuple(trace.value)[:1]
