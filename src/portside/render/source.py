"""A chart or a kustomization → its objects: one way to render it is one item of a scan.

What is rendered is one text, with a line for every line of it; findings are led back from there
(`places`). What cannot be rendered is unread as a whole, with the file, the reason and the remedy.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.model.finding import RENDERED, UNREAD, FileFate, RenderedPart, Rendering, Unread
from portside.model.reading import ReadFile
from portside.records import NamedTuple
from portside.render import after
from portside.render.beginnings import Beginnings
from portside.render.definitions import defined_by
from portside.render.kept import kept
from portside.render.overlay_names import overlay_at
from portside.render.process import renderer
from portside.render.wire import MISSING, HelmRequest
from portside.sources.manifest import parse
from portside.syntax import DEFAULT, Limits

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL as well
except ImportError:
    from hashlib import blake2b

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.model.reading import Root, Target
    from portside.render.process import Renderer
    from portside.render.wire import Rendered, RenderedFile, RenderError, Request

KUSTOMIZATION = "kustomization"
_NOT_THERE = ("no helm on PATH", "no kubectl or kustomize on PATH")


class Made(NamedTuple):
    """What became of a target: what is to be judged, and what it was made of."""

    target: Target
    read: ReadFile
    rendering: Rendering
    text: str
    answer: Rendered | None
    """What the renderer said, before variables are filled in; None where there is none."""


def made(
    target: Target,
    limits: Limits = DEFAULT,
    program: Renderer | None = None,
    answer: Rendered | None = None,
) -> Made:
    """`target`, rendered and read; never raises for what is wrong with it.

    `answer` is what the renderer said of it, where that is known.
    """
    program = program or renderer()
    if program is None:
        return Made(target, target.head, _empty(target, failed=True), "", None)
    answer = answer or ask(target, program)
    if answer.error is not None and _lacks_program(answer.error):
        return Made(target, target.head, _empty(target, failed=True), "", None)
    if answer.error is not None:
        from portside.render.refusals import refusal

        said = refusal(target, answer.error)
        whole = virtual_name(target.root)
        read = ReadFile(FileFate(whole, UNREAD, 0, said.reason), unread=(said,))
        return Made(target, read, _empty(target, failed=True), "", answer)
    finished = after.finished(target, answer, program)
    if isinstance(finished, Unread):
        read = ReadFile(
            FileFate(virtual_name(target.root), UNREAD, 0, finished.reason), unread=(finished,)
        )
        return Made(target, read, _empty(target, failed=True), "", answer)
    text, parts = _joined(target, finished)
    name = virtual_name(target.root)
    data = text.encode("utf-8", "surrogateescape")
    read = parse(data, name, limits, identity(target), kept=kept(limits))
    rendering = _empty(target)._replace(
        digest=blake2b(data, digest_size=16).digest(),
        parts=parts,
        inputs=tuple(_inputs(target.root, answer)),
        warnings=answer.warnings,
        defined=defined_by(read.resources),
    )
    return Made(target, _settled(read, parts), rendering, text, answer)


def _lacks_program(error: RenderError) -> bool:
    """Whether kubectl alone is there, and a chart is asked for, or the other way round."""
    return error.kind == MISSING and error.message.startswith(_NOT_THERE)


def ask(target: Target, program: Renderer) -> Rendered:
    """What the renderer answers."""
    request = _asked(target)
    if isinstance(request, HelmRequest):
        return program.helm(request)
    return program.kustomize(request)


def begin(target: Target, program: Renderer) -> None:
    """Have the renderer answer while something else is done."""
    program.begin(_asked(target))


def _asked(target: Target) -> Request:
    request = request_of(target)
    if isinstance(request, HelmRequest):
        # The texts cost less than to ask for them again, where findings are led back.
        return request._replace(sources=True)
    return request


def request_of(target: Target) -> Request:
    """What the renderer is asked."""
    request: Request = target.request
    if target.texts:
        from portside.render.replaced import replaced

        return replaced(request, target.texts)
    return request


def virtual_name(root: Root) -> str:
    """What the rendered text is called: it stands in no file, and in this folder."""
    return f"{root.name}/"


def identity(target: Target) -> str:
    """What rendered objects stand in, in identities, which are the same in all environments.

    Of a chart that is its path and the release, of an overlay the app that it is an environment of.
    """
    root = target.root
    if root.kind == "kustomize":
        return overlay_at(root.identity).app
    usual = root.identity.rpartition("/")[2]
    release = target.request.release if isinstance(target.request, HelmRequest) else usual
    return root.identity if release == usual else f"{root.identity}@{release}"


def head_file(target: Target) -> str:
    """The file that says what the root is: Chart.yaml, kustomization.yaml, or the archive."""
    return target.head.unread[0].file if target.head.unread else target.head.fate.file


def _empty(target: Target, *, failed: bool = False) -> Rendering:
    root = target.root
    folder = virtual_name(root)
    environments = (target.environment,) if target.environment else ()
    made_in = identity(target)
    return Rendering(root.kind, folder, environments, b"", (), (), made_in, failed=failed)


def _joined(target: Target, answer: Rendered) -> tuple[str, tuple[RenderedPart, ...]]:
    """All documents as one text, and where each begins in it."""
    beginnings = Beginnings(answer)
    texts: list[str] = []
    parts: list[RenderedPart] = []
    line = 1
    for it in answer.files:
        text = it.text if it.text.endswith("\n") else f"{it.text}\n"
        texts.append(f"---\n{text}")
        kind = KUSTOMIZATION if target.root.kind == "kustomize" else it.kind
        file, begins = template_place(target, it)
        functions = beginnings.functions(it)
        begins = begins or beginnings.line(it)
        parts.append(RenderedPart(line, file, kind, it.name, functions, begins))
        line += 1 + text.count("\n")
    return "".join(texts), tuple(parts)


def template_place(target: Target, it: RenderedFile) -> tuple[str, int]:
    """The file that made `it`, as people call it, and a line if that is known: what is packed is
    the archive, and what is vendored the place that asks for it.
    """
    if target.root.kind == "kustomize" or not os.path.isdir(target.root.path):
        return head_file(target), 1
    inside, packed, _ = (it.path or it.name.partition("/")[2]).partition("!")
    line = 1 if packed else 0
    for one in request_of(target).dependencies:  # type: ignore[union-attr]
        if packed and one.name == inside:
            inside, line = one.file, one.line
    return f"{target.root.name}/{inside}" if target.root.name != "." else inside, line


def _settled(read: ReadFile, parts: tuple[RenderedPart, ...]) -> ReadFile:
    """`read` with the fate of what was rendered, unless something of it could not be read."""
    if read.fate.fate == UNREAD or read.unread:
        remedy = "what a template made is no object; mend the template"
        unread = tuple(_in_template(it, parts, remedy) for it in read.unread)
        return read._replace(unread=unread)
    objects = len(read.resources)
    reason = read.fate.reason if objects else "it makes no objects with these values"
    return read._replace(fate=FileFate(read.fate.file, RENDERED, objects, reason))


def _in_template(it: Unread, parts: tuple[RenderedPart, ...], remedy: str) -> Unread:
    from portside.render.places import part_at

    part = part_at(parts, it.line)
    reason = f"{it.reason} (line {max(1, it.line - part.first)} of what it makes); {remedy}"
    return Unread(it.what, reason, part.file)


def _inputs(root: Root, answer: Rendered) -> Iterator[str]:
    """The files it was made of, by their paths: whole charts, since any template may be read."""
    if root.kind == "kustomize":
        for name in answer.reads:
            yield os.path.join(root.within, name)
    elif os.path.isdir(root.path):
        yield from files_below(root.path)
        yield from (name for name in answer.reads if os.path.isabs(name))
    else:
        yield root.path


_MOST_FILES = 20_000


def files_below(folder: str) -> list[str]:
    """The files below a chart's folder, sorted, at most as many as any chart has."""
    found: list[str] = []
    for path, folders, names in os.walk(folder):
        folders.sort()
        found += (os.path.join(path, name) for name in sorted(names))
        if len(found) > _MOST_FILES:
            break
    return found[:_MOST_FILES]
