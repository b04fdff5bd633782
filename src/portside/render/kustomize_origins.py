"""Fields of what a kustomization was built into → the base that wrote them, or the last patch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any

from portside.model.finding import Step
from portside.model.place import FieldPath, dotted
from portside.render.inflated import FIELD, Inflated
from portside.render.kept import kept
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.mounted import Mounted
from portside.render.origins import EXACT, GUESS, SET, TEMPLATE, Origin, Way
from portside.render.pieces import Piece, Pieces, counterpart, selects
from portside.render.replacements import Source, fields
from portside.render.writers import Hit, Object, last, patched, told_by, touches
from portside.sources.files import KUSTOMIZATIONS
from portside.syntax import DEFAULT, Document, read
from portside.syntax.read import read_chunk
from portside.syntax.split import Chunk, in_lines, split

if TYPE_CHECKING:
    from portside.render.process import Renderer
    from portside.render.wire import KustomizeRequest, Remote, Rendered

ORIGIN = "config.kubernetes.io/origin"
TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
_IDENTIFYING = (("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace"))
_MOST_FOLLOWED = 8
"""Replacements that take what another has put there; of more, they may go round in circles."""
_GENERATORS = {
    "ConfigMapGenerator": "configMapGenerator",
    "SecretGenerator": "secretGenerator",
    "HelmChartInflationGenerator": "helmCharts",
}


class Made:
    """An object of the build: where it began, and the kustomizations that had a part in it."""

    __slots__ = ("base", "chart", "files", "generator", "object")

    def __init__(self, it: Object, base: Piece | None, files: list[str], generator: str) -> None:
        self.object = it
        self.base = base
        self.files = files
        """The kustomization files, in the order in which they did something to it."""
        self.generator = generator
        """The field of the first of `files` that generates it, if no base holds it."""
        self.chart: Inflated | None = None


class KustomizeOrigins:
    """One build. It is built again, with annotations of origin, when the first field is asked.

    `folder` is how people call the root that the request's paths are in.
    """

    __slots__ = ("_built", "_charts", "_folder", "_following", "_known", "_made", "_plain",
                 "_program", "_request", "_tree")  # fmt: skip

    def __init__(
        self, request: KustomizeRequest, plain: Rendered, program: Renderer, folder: str = ""
    ) -> None:
        self._request = request
        self._plain = plain
        self._program = program
        self._folder = folder
        self._tree = Mounted(request.root, request.remotes, request.files)
        self._known = Pieces(self._tree)
        self._built: list[list[tuple[object, Chunk]]] | None = None
        self._made: dict[tuple[int, int], Made | None] = {}
        self._charts: dict[tuple[str, int], Inflated] = {}
        self._following = 0

    def begin(self, files: Collection[int]) -> None:
        """Have it built with the origins of its objects, while something else is done."""
        if self._built is None:
            self._program.begin(self._traced())

    def _traced(self) -> KustomizeRequest:
        return self._request._replace(origins=True)

    def of(self, file: int, document: int, path: FieldPath) -> Origin:
        """Where the field at `path` was written; where it is absent, where it would be."""
        made = self._of(file, document)
        if made is None:
            return self._guess()
        if made.chart is None:
            made.chart = self._chart(made)
        if at(made.object.value, path) is ABSENT:
            return self._absent(made, path)
        return self._present(made, path)

    def _of(self, file: int, document: int) -> Made | None:
        """What is known of an object; only those that are asked for are looked at."""
        if self._built is None:
            self._built = self._build()
        key = (file, document)
        if key not in self._made:
            here = self._built[file] if file < len(self._built) else []
            made = None
            if document < len(here):
                plain, annotated = here[document]
                made = self._one(plain, read_chunk(annotated, DEFAULT))
            self._made[key] = made
        return self._made[key]

    def _all(self) -> Iterator[Made]:
        for file, documents_ in enumerate(self._built or ()):
            for document in range(len(documents_)):
                made = self._of(file, document)
                if made is not None:
                    yield made

    def _build(self) -> list[list[tuple[object, Chunk]]]:
        """For each file of the build its documents, and the texts of the same with annotations."""
        known = kept(DEFAULT)
        wanted = [documents(it.text, known) for it in self._plain.files]
        answer = self._program.kustomize(self._traced())
        if answer.error is not None or len(answer.files) != len(wanted):
            return []
        found: list[list[tuple[object, Chunk]]] = []
        for plain, file in zip(wanted, answer.files, strict=True):
            annotated = list(split(in_lines(file.text)))
            same = len(annotated) == len(plain)
            found.append(list(zip(plain, annotated, strict=True)) if same else [])
        return found

    def _one(self, plain: object, annotated: object) -> Made | None:
        if not isinstance(plain, Document) or not isinstance(annotated, Document):
            return None
        value = annotated.value
        if not isinstance(value, dict) or not isinstance(plain.value, dict):
            return None
        origin = _told(value, ORIGIN)
        steps = _told(value, TRANSFORMATIONS)
        if _without(value) != _without(plain.value) or not isinstance(origin, dict):
            return None
        name = str(at(plain.value, ("metadata", "name")))
        files = [self._told_file(it, "configuredIn") for it in steps or ()]
        it = Object(plain.value, {name})
        if isinstance(origin.get("configuredBy"), dict):
            generator = _GENERATORS.get(str(origin["configuredBy"].get("kind")), "")
            files.insert(0, self._told_file(origin, "configuredIn"))
            return Made(it, None, list(dict.fromkeys(files)), generator)
        base = self._base(self._told_file(origin, "path"), plain.value)
        made = Made(it, base, list(dict.fromkeys(files)), "")
        if base is not None:
            it.names.update(self._names(made, str(at(base.value, ("metadata", "name")))))
        return made

    def _names(self, made: Made, name: str) -> Iterator[str]:
        """The names that the object has had, from `name` on."""
        yield name
        for file in made.files:
            whole = self._known.whole(file)
            if whole is not None:
                affixes = [whole.value.get(it) or "" for it in ("namePrefix", "nameSuffix")]
                name = f"{affixes[0]}{name}{affixes[1]}"
                yield name

    def _told_file(self, told: Mapping[str, Any], key: str) -> str:
        """The file that an annotation tells of: below the root, or of vendored content."""
        path = str(told.get(key))
        if self._request.remotes:
            vendored = self._tree.of_origin(
                str(told.get("repo") or ""), str(told.get("ref") or ""), path
            )
            if vendored:
                return vendored
        return normpath(join(self._plain.files[0].name, path))

    def _base(self, file: str, value: dict[str, Any]) -> Piece | None:
        """The document of the file that became the object: same kind, its name in the object's."""
        name = str(at(value, ("metadata", "name")))
        same = [
            it
            for it in _objects(self._known.in_file(file, "base"))
            if it.value.get("kind") == value.get("kind")
        ]
        named = [it for it in same if at(it.value, ("metadata", "name")) == name]
        named = named or [it for it in same if str(at(it.value, ("metadata", "name"))) in name]
        return named[0] if len(named) == 1 else None

    def _guess(self) -> Origin:
        folder = self._plain.files[0].name if self._plain.files else "."
        names = self._known.tree.names(folder)
        name = next((it for it in KUSTOMIZATIONS if it in names), KUSTOMIZATIONS[0])
        file = self._called(normpath(join(folder, name)))
        return Origin(file, 1, 1, 0, (Step("kustomization", file, 1),), GUESS)

    def _present(self, made: Made, path: FieldPath) -> Origin:
        base = self._in_base(made, path)
        for file in reversed(made.files):
            hit = last(self._known, file, made.object, path)
            if hit is not None and hit.source is not None:
                return self._replaced(hit, hit.source, at(made.object.value, path))
            if hit is not None:
                steps = (self._step(base),) if base is not None else ()
                return self._at(hit, steps)
        charted = self._of_chart(made, path)
        if charted is not None:
            return charted
        if base is None:
            return self._nearest(made, path)
        found = self._at(base._replace(sure=base.sure and not self._named(made, path)), ())
        # A literal is KEY=VALUE: the line is the place, and more than a value stands there.
        return found._replace(way=None) if "literals" in base.path and made.generator else found

    def _replaced(self, hit: Hit, source: Source, value: Any) -> Origin:
        """The field that a replacement copies: an edit of that one changes both.

        It is less sure where only a part of it is copied, or somebody changed it since.
        """
        entry = self._at(hit, ())
        found = [
            it for it in self._all() if selects(source.select, it.object.value, it.object.names)
        ]
        if len(found) != 1 or self._following >= _MOST_FOLLOWED:
            return entry
        paths = list(fields(found[0].object.value, source.field))
        if len(paths) != 1:
            return entry
        path = (*paths[0], *source.rest)
        self._following += 1
        origin = self._present(found[0], path)
        self._following -= 1
        same = source.whole and at(found[0].object.value, path) == value
        chain = (*entry.chain, *origin.chain)
        if origin.confidence == GUESS:
            return entry._replace(chain=chain)
        if not same:
            return origin._replace(chain=chain, confidence=TEMPLATE, way=None)
        return origin._replace(chain=chain)

    def _of_chart(self, made: Made, path: FieldPath) -> Origin | None:
        """The field in the chart that made the object; None where none did."""
        found = made.chart.of(made.object.value, path) if made.chart is not None else None
        return self._doubted(found, made, path) if found is not None else None

    def _chart(self, made: Made) -> Inflated | None:
        """The chart that made the object; patches go by the name that it has there."""
        whole = self._known.whole(made.files[0]) if made.generator == FIELD else None
        if whole is None:
            return None
        for number, entry in enumerate(whole.value.get(FIELD) or ()):
            if not isinstance(entry, dict):
                continue
            key = (whole.file, number)
            if key not in self._charts:
                self._charts[key] = Inflated(
                    whole, number, self._tree, self._request, self._program, self._called
                )
            name = self._charts[key].name_of(made.object.value)
            if name:
                made.object.names.update(self._names(made, name))
                return self._charts[key]
        return None

    def _doubted(self, found: Origin, made: Made, path: FieldPath) -> Origin:
        """`found`, less sure where a patch goes by the field, or takes it away."""
        taken = any(touches(self._known, it, made.object, path) for it in made.files)
        if found.confidence == EXACT and (taken or self._named(made, path)):
            return found._replace(confidence=TEMPLATE, way=None)
        return found

    def _named(self, made: Made, path: FieldPath) -> bool:
        """Whether the object is found by this field: changed alone, the build would fail."""
        if path not in _IDENTIFYING:
            return any(told_by(self._known, it, made.object, path) for it in made.files)
        return any(patched(self._known, it, made.object) for it in made.files)

    def _in_base(self, made: Made, path: FieldPath) -> Hit | None:
        """The field in the base, where the base has it."""
        if made.base is None:
            return self._generated(made, path)
        found = counterpart(made.object.value, path, made.base.value)
        if found is None or len(found) != len(path):
            return None
        rendered, held = at(made.object.value, path), at(made.base.value, found)
        return Hit(made.base, found, _grown(held, rendered))

    def _generated(self, made: Made, path: FieldPath) -> Hit | None:
        """The entry of the kustomization that generates the object."""
        whole = self._known.whole(made.files[0])
        if whole is None or not made.generator:
            return None
        entries = whole.value.get(made.generator)
        name = str(at(made.object.value, ("metadata", "name")))
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, dict):
                continue
            place = (made.generator, number)
            for at_, text in enumerate(entry.get("literals") or ()):
                key, _, value = str(text).partition("=")
                data = path[:1] in (("data",), ("stringData",)) and path[1:] == (key,)
                if data and at(made.object.value, path) == value and str(entry.get("name")) in name:
                    return Hit(whole, (*place, "literals", at_))
            if made.generator == "helmCharts" or str(entry.get("name")) in name:
                return Hit(whole, (*place, "name"), sure=False)
        return None

    def _absent(self, made: Made, path: FieldPath) -> Origin:
        """Under the nearest ancestor that the base has, unless a patch would take it away."""
        above = path
        while above and at(made.object.value, above) is ABSENT:
            above = above[:-1]
        missing = path[len(above) :]
        charted = self._of_chart(made, path)
        if charted is not None:
            return charted
        hit = self._ancestor(made, above)
        if hit is None:
            return self._nearest(made, above)
        taken = any(touches(self._known, it, made.object, path) for it in made.files)
        sure = hit.sure and not taken and isinstance(at(hit.piece.value, hit.path), dict | None)
        return self._at(hit._replace(sure=sure), (), missing)

    def _ancestor(self, made: Made, above: FieldPath) -> Hit | None:
        if made.base is not None:
            found = counterpart(made.object.value, above, made.base.value)
            if found is not None and len(found) == len(above):
                return Hit(made.base, found)
        for file in reversed(made.files):
            hit = last(self._known, file, made.object, above)
            if hit is not None:
                return hit
        return None

    def _nearest(self, made: Made, path: FieldPath) -> Origin:
        """The nearest ancestor whose place is known."""
        for length in range(len(path), -1, -1):
            hit = self._in_base(made, path[:length])
            if hit is not None:
                return self._at(hit._replace(sure=False), ())
        return self._guess()

    def _at(self, hit: Hit, before: tuple[Step, ...], missing: FieldPath = ()) -> Origin:
        line, column, width = hit.piece.place(hit.path)
        step = self._step(hit)
        chain = (step, *before)
        remote = self._tree.remote(hit.piece.file)
        if remote is not None:
            return self._vendored(remote, chain)
        file = self._called(hit.piece.file)
        piece, target = hit.piece, (*hit.path, *missing)
        if not hit.sure:
            return Origin(file, line, column, 0 if missing else width, chain, TEMPLATE)
        if piece.within is None:
            way = Way(SET, piece.role, piece.file, line, column, target, missing, piece.number)
        else:
            way = Way(
                SET, piece.role, piece.file, line, column, piece.outer, missing, piece.number,
                target,
            )  # fmt: skip
        return Origin(file, line, column, 0 if missing else width, chain, EXACT, way)

    def _vendored(self, remote: Remote, chain: tuple[Step, ...]) -> Origin:
        """Nobody edits what is vendored: the place is what leads to it in the tree."""
        file, _, line = remote.place.rpartition(":")
        name, number = self._called(file), int(line)
        chain = (*chain, Step("kustomization", name, number))
        return Origin(name, number, 1, 0, chain, TEMPLATE)

    def _step(self, hit: Hit) -> Step:
        line, column, _ = hit.piece.place(hit.path)
        what = dotted(hit.path) if hit.piece.role == "kustomization" else ""
        return Step(hit.piece.role, self._called(hit.piece.file), line, column, what)

    def _called(self, file: str) -> str:
        if self._tree.remote(file) is not None:
            return self._tree.called(file)
        return normpath(join(self._folder, file)) if self._folder not in ("", ".") else file


def _objects(pieces: Iterable[Piece]) -> Iterator[Piece]:
    return (it for it in pieces if isinstance(it.value, dict))


def _told(value: dict[str, Any], annotation: str) -> Any:
    text = at(value, ("metadata", "annotations", annotation))
    if not isinstance(text, str):
        return None
    found = next(iter(read(text.encode("utf-8", "surrogateescape"))), None)
    return found.value if isinstance(found, Document) else None


def _without(value: dict[str, Any]) -> dict[str, Any]:
    """The object without the annotations of the build."""
    metadata = dict(value.get("metadata") or {})
    kept = metadata.get("annotations")
    if isinstance(kept, dict):
        kept = {key: it for key, it in kept.items() if key not in (ORIGIN, TRANSFORMATIONS)}
        metadata.pop("annotations")
        if kept:
            metadata["annotations"] = kept
    return {**value, "metadata": metadata}


def _grown(held: Any, rendered: Any) -> bool:
    """Whether what the base holds is the field, or a map that grew into it."""
    return bool(held == rendered) or (
        isinstance(held, dict | list) and type(held) is type(rendered)
    )
