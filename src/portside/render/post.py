"""What post renderers make of a rendered chart: kustomizations, one after the other.

Source: internal/postrender of Flux' helm-controller 1.6, and renderResources of Helm 4
(pkg/action/action.go): every object carries an annotation that tells what it was, patches see it,
and it is taken off at the end. What stands in `crds/` goes through no post renderer.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from portside.records import NamedTuple
from portside.render.environment import COMBINED, SEPARATE
from portside.render.wire import KustomizeRequest, RenderedFile
from portside.syntax import DEFAULT, Document, TooLargeError, read

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.render.environment import Post
    from portside.render.process import Renderer
    from portside.render.wire import Rendered

_NUMBER = "postrenderer.helm.sh/postrender-filename"
"""Helm's annotation. Here it holds a number in place of a file's name."""
_HOOK = "helm.sh/hook"
_TESTS = ("test", "test-success")
_RENDERED = "helm-output.yaml"
_LIMITS = DEFAULT._replace(size=64 << 20)
_SECONDS = 60.0
"""What all kustomizations of a release may take together; each is bounded by the renderer, too."""


class PostError(Exception):
    """What the post renderers make cannot be told; the text says why."""


class Source(NamedTuple):
    """An object of a chart before its post renderers."""

    file: int
    """Counts the files of the render."""
    document: int = 0
    """Counts the documents of the file."""
    prefix: FieldPath = ()
    """Of an item of a List: where it stands in that."""


class Posted(NamedTuple):
    """A file of what is installed, and what it was before."""

    file: RenderedFile
    source: Source
    passed: bool
    """Whether it went through the post renderers: then it is one object."""


def post_rendered(answer: Rendered, post: Post, program: Renderer) -> list[Posted]:
    """All that is installed, in the order of `answer`.

    Raises PostError where a kustomization cannot be built, or what it makes is of unknown origin.
    """
    until = monotonic() + _SECONDS
    streams, hooks = _streams(answer.files, post.hooks)
    made = [
        Posted(it, Source(at), passed=False)
        for at, it in enumerate(answer.files)
        if it.kind == "crd"
    ]
    for numbers in streams:
        made += _passed(answer.files, numbers, post, program, until)
    return [*made, *(Posted(answer.files[at], Source(at), passed=False) for at in hooks)]


def _streams(files: Sequence[RenderedFile], hooks: str) -> tuple[list[list[int]], list[int]]:
    """The numbers of the files that go through together, and of the hooks that do not."""
    plain = [at for at, it in enumerate(files) if it.kind == "template"]
    others = [at for at, it in enumerate(files) if it.kind not in ("template", "crd")]
    if hooks == COMBINED:
        return [plain + others], []
    return ([plain, others], []) if hooks == SEPARATE else ([plain], others)


def _passed(
    files: Sequence[RenderedFile],
    numbers: Sequence[int],
    post: Post,
    program: Renderer,
    until: float,
) -> Iterator[Posted]:
    objects = [pair for at in numbers for pair in _objects(files[at], at)]
    if not objects:
        return
    text = "".join(f"---\n{_json(_numbered(value, at))}\n" for at, (_, value) in enumerate(objects))
    for kustomization in post.kustomizations:
        if monotonic() > until:
            raise PostError(f"they take longer than {_SECONDS:.0f} seconds")
        text = _built(text, kustomization, program)
    known = _Known(objects)
    for one in _texts(text):
        value = _value(one)
        source = known.take(value)
        yield Posted(_file(one, value, files[source.file]), source, passed=True)


def _objects(file: RenderedFile, number: int) -> Iterator[tuple[Source, dict[str, Any]]]:
    for document, it in enumerate(_documents(file.text)):
        if not isinstance(it, Document):
            raise PostError(f"{file.name} makes no object: {it.message}")
        value = it.value
        items = value.get("items") if isinstance(value, dict) else None
        pairs: list[tuple[FieldPath, Any]] = [((), value)] if value is not None else []
        if isinstance(items, list) and str(value.get("kind", "")).endswith("List"):
            pairs = [(("items", at), one) for at, one in enumerate(items)]
        for prefix, one in pairs:
            if not isinstance(one, dict):
                raise PostError(f"{file.name} makes no object")
            yield Source(number, document, prefix), one


def _documents(text: str) -> list[Any]:
    try:
        return list(read(text.encode("utf-8", "surrogateescape"), _LIMITS))
    except TooLargeError as error:
        raise PostError(str(error)) from error


def _numbered(value: dict[str, Any], number: int) -> dict[str, Any]:
    metadata = value.get("metadata") or {}
    annotations = metadata.get("annotations") or {} if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict):
        raise PostError(f"the metadata of a {value.get('kind')} of the chart is no map")
    numbered = {**metadata, "annotations": {**annotations, _NUMBER: str(number)}}
    return {**value, "metadata": numbered}


def _json(value: dict[str, Any]) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise PostError(f"a {value.get('kind')} of the chart is no JSON: {error}") from error


def _built(text: str, kustomization: str, program: Renderer) -> str:
    # The order of what is rendered is that of its installation.
    head = f'{{"resources": ["{_RENDERED}"], "sortOptions": {{"order": "fifo"}},'
    with tempfile.TemporaryDirectory(prefix="portside-post-") as folder:
        for name, written in (
            (_RENDERED, text),
            ("kustomization.yaml", head + kustomization[1:]),
        ):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", errors="strict", newline="") as file:
                file.write(written)
        answer = program.kustomize(KustomizeRequest(folder, folder, helm=False))
    if answer.error is not None:
        message = answer.error.message.replace(folder, "").replace(os.path.realpath(folder), "")
        raise PostError(" ".join(message.split()))
    return "".join(it.text for it in answer.files)


def _texts(text: str) -> Iterator[str]:
    """The documents of what kustomize writes: `---` at the start of a line stands between them."""
    yield from (f"{it.strip()}\n" for it in f"\n{text}".split("\n---\n") if it.strip())


def _value(text: str) -> Document:
    found = _documents(text)
    if len(found) != 1 or not isinstance(found[0], Document) or type(found[0].value) is not dict:
        raise PostError("they make something that is no object")
    return found[0]


class _Known:
    """The objects of a chart, to be found again by their number, else by what they are called."""

    __slots__ = ("_left",)

    def __init__(self, objects: Sequence[tuple[Source, dict[str, Any]]]) -> None:
        self._left = {str(at): pair for at, pair in enumerate(objects)}

    def take(self, made: Document) -> Source:
        number = _annotations(made.value).get(_NUMBER)
        if number not in self._left:
            # A patch may put other annotations in the place of all.
            called = _called(made.value)
            number = next((at for at, it in self._left.items() if _called(it[1]) == called), None)
        if number is None:
            kind, *_, name = _called(made.value)
            raise PostError(f"they make the {kind} {name}, and of what cannot be told")
        return self._left.pop(number)[0]


def _called(value: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = value.get("metadata")
    about = metadata if isinstance(metadata, dict) else {}
    group = str(value.get("apiVersion", "")).rpartition("/")[0]
    return value.get("kind"), group, about.get("namespace") or "", about.get("name")


def _annotations(value: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _file(text: str, made: Document, source: RenderedFile) -> RenderedFile:
    annotations = _annotations(made.value)
    if _NUMBER in annotations:
        text = _without_number(text, made, alone=len(annotations) == 1)
    hook = annotations.get(_HOOK)
    if not isinstance(hook, str):
        return source._replace(text=text, hook="", kind="template")
    test = any(it.strip().lower() in _TESTS for it in hook.split(","))
    return source._replace(text=text, hook=hook, kind="test" if test else "hook")


def _without_number(text: str, made: Document, *, alone: bool) -> str:
    lines = text.split("\n")
    place: FieldPath = ("metadata", "annotations", _NUMBER)
    for path in (place, place[:-1]) if alone else (place,):
        line, _ = made.key_position(path) or (0, 0)
        if line:
            del lines[line - 1]
    return "\n".join(lines)
