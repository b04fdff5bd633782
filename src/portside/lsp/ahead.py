"""Renders what comes next while the last is judged: the renderer is another process."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from portside.render.process import renderer
from portside.render.source import ask

if TYPE_CHECKING:
    from portside.model.reading import Target
    from portside.render.wire import Rendered


class Ahead:
    """The answers to `targets`, asked for in their order."""

    __slots__ = ("_answers", "_pool")

    def __init__(self, targets: Iterable[Target]) -> None:
        program = renderer()
        self._pool = ThreadPoolExecutor(1, "portside-ahead")
        self._answers: dict[int, Future[Rendered]] = {}
        if program is not None:
            self._answers = {id(it): self._pool.submit(ask, it, program) for it in targets}

    def of(self, target: Target) -> Rendered | None:
        """What the renderer says of one of them; None without a renderer."""
        known = self._answers.get(id(target))
        return None if known is None else known.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ask for nothing more; what is asked already is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)
