"""Charts and kustomizations in stage A: each way to render one is an item, judged as a whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.cache import digest
from portside.engine.stage import judge_file
from portside.render.places import fitting, led_back, places, prepare
from portside.render.process import renderer
from portside.render.source import begin, files_below, made

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from portside.cli.cache import Cache
    from portside.cli.stage_a import StageA
    from portside.model.finding import FileResult, Rendering
    from portside.model.reading import ReadFile, Target
    from portside.render.places import Places
    from portside.render.process import Renderer
    from portside.render.source import Made
    from portside.render.wire import Rendered
    from portside.syntax import Limits

    Lead = Callable[[Target, Rendering, Made | None], Places]
    Steps = Generator[Renderer, None, tuple[bytes, FileResult | None]]

_MOST_CHARACTERS = 32 << 20
"""Of the answers that are kept for whoever needs what was rendered once more."""


class _Answers:
    """What the renderer said last of targets of one scan, the oldest forgotten first."""

    __slots__ = ("_kept", "_left")

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Target, Rendered, int]] = {}
        self._left = _MOST_CHARACTERS

    def of(self, target: Target) -> Rendered | None:
        known = self._kept.get(id(target))
        return known[1] if known is not None and known[0] is target else None

    def keep(self, target: Target, answer: Rendered) -> None:
        if id(target) in self._kept:
            return
        size = sum(len(it.text) for it in answer.files)
        self._kept[id(target)] = target, answer._replace(sources={}), size
        self._left -= size
        while self._left < 0:
            self._left += self._kept.pop(next(iter(self._kept)))[2]

    def forget(self) -> None:
        """Before another scan: files may have changed since."""
        self._kept.clear()
        self._left = _MOST_CHARACTERS


_ANSWERS = _Answers()


def forget() -> None:
    """Before another scan: what was rendered for the last one may be otherwise now."""
    _ANSWERS.forget()


def judge_target(target: Target, stage: StageA) -> Steps:
    """What the plan says of what `target` makes, and its key; None for what the cache holds.

    Each step gives the renderer, which is at work from then on: there is time for something else.
    """
    key = b""
    if stage.cache is not None:
        key = _key(target)
        if _holds(stage.cache, key, target):
            return key, None
    program = renderer()
    if program is not None:
        begin(target, program)
        yield program
    result = yield from judge_made(made(target, stage.limits), stage)
    rendering = result.rendering
    if not key or rendering is None or rendering.failed:
        return b"", result
    return key, result._replace(rendering=rendering._replace(stamp=_stamp(target, rendering)))


def judge_made(
    found: Made, stage: StageA, lead: Lead = places
) -> Generator[Renderer, None, FileResult]:
    """What the plan says of what was rendered; `lead` gives what leads its fields back."""
    if found.answer is not None:
        _ANSWERS.keep(found.target, found.answer)
    return (yield from _judged(found, stage, lead))


def read_again(target: Target, limits: Limits) -> ReadFile:
    """The objects that `target` makes, for whoever needs them once more."""
    return made_again(target, limits).read


def made_again(target: Target, limits: Limits) -> Made:
    """What became of `target`, once more."""
    known = _ANSWERS.of(target)
    found = made(target, limits, answer=known)
    if known is None and found.answer is not None:
        _ANSWERS.keep(target, found.answer)
    return found


def _judged(it: Made, stage: StageA, lead: Lead) -> Generator[Renderer, None, FileResult]:
    """What the plan says of what was made, each finding led back to where it is to be edited.

    What makes the same text in several environments is judged once.
    """
    same = it.rendering.folder, it.rendering.digest
    known = stage.same.get(same) if it.rendering.digest else None
    if known is not None:
        return known._replace(rendering=it.rendering)
    result = fitting(judge_file(it.read, stage.plan)._replace(rendering=it.rendering))
    program = renderer()
    if result.findings and program is not None:
        leads = lead(it.target, it.rendering, it)
        prepare(result, leads)
        yield program
        result = led_back(result, leads)
    stage.same[same] = result
    return result


def _key(target: Target) -> bytes:
    """What the results of `target` are found by; what its files hold is asked apart."""
    program = renderer()
    asked = (target._replace(head=target.head._replace(root=None)), program and program.identity)
    return digest(repr(asked).encode("utf-8", "surrogateescape"), b"rendered")


def _holds(cache: Cache, key: bytes, target: Target) -> bool:
    """Whether the cache holds what was said of `target` as its files are now."""
    kept = cache.get(key) if key in cache else None
    if kept is None or kept.rendering is None:
        return False
    return kept.rendering.stamp == _stamp(target, kept.rendering)


def _stamp(target: Target, rendering: Rendering) -> bytes:
    """A digest of all that is read for `target`, where it is read, and what stands beside it."""
    if rendering.kind == "helm":
        names = files_below(target.root.path) or [target.root.path]
        names += [*target.values, *(it.path for it in target.request.dependencies)]
    else:
        names = [*rendering.inputs, *_beside(rendering.inputs)]
    made_of = b"".join(digest(it) for it in _contents(names))
    return digest(made_of, "\0".join(names).encode("utf-8", "surrogateescape"))


def _beside(inputs: Iterable[str]) -> Iterator[str]:
    """What stands beside the inputs: another file may come before one of them."""
    for folder in sorted({os.path.dirname(it) for it in inputs}):
        try:
            yield from sorted(os.listdir(folder or "."))
        except OSError:
            continue


def _contents(names: Iterable[str]) -> Iterator[bytes]:
    for name in names:
        try:
            if not os.path.isfile(name):
                yield b""
                continue
            with open(name, "rb") as file:
                yield file.read()
        except OSError:
            yield b"unreadable"
