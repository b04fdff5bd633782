"""Charts and overlays with open files: judged in a thread of their own, one after the other.

Nothing that is typed waits for it. Plans fill themselves while they are asked, so that this thread
has its own.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from portside.lsp.builds import Judge
from portside.lsp.marks_of_builds import marks_of_build
from portside.lsp.project import Projects
from portside.lsp.surroundings import Build, Surroundings

if TYPE_CHECKING:
    from portside.lsp.builds import Texts
    from portside.lsp.desk import Desk
    from portside.lsp.shown import Marks
    from portside.model.evaluation import Evaluation
    from portside.model.rule_text import RuleText

T = TypeVar("T")
Link = Callable[["RuleText | None"], str]


class Rendered:
    """`options` are those of a scan."""

    __slots__ = ("_judge", "_link", "_pool", "_surroundings", "projects")

    def __init__(self, options: argparse.Namespace, link: Link) -> None:
        self.projects = Projects(options)
        self._surroundings = Surroundings()
        self._judge = Judge()
        self._link = link
        self._pool = ThreadPoolExecutor(1, "portside-render")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives, which is done where charts are judged; what follows is for there."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def builds(self, path: str, folders: Iterable[str]) -> list[Build]:
        """The charts and overlays that the file `path` is a part of. Raises ExpectedError."""
        return self._surroundings.of(path, self.projects.of(path), folders)

    def marks(
        self, path: str, builds: Sequence[Build], desk: Desk, stale: Callable[[], bool]
    ) -> Mapping[str, Marks]:
        """What is shown of each build, by its name. Raises StaleError, ExpectedError."""
        project = self.projects.of(path)
        texts = desk.unsaved()

        def link(rule: str) -> str:
            return self._link(project.words(rule))

        made = {}
        for it in builds:
            judged = self._judge.judged(it, texts, project, stale)
            made[it.name] = marks_of_build(it, judged, desk, link)
        return made

    def trial(self, path: str, builds: Sequence[Build], texts: Texts) -> Evaluation:
        """What would be said of `builds`, were `texts` saved."""
        return self._judge.trials(builds, texts, self.projects.of(path))

    def forget(self) -> None:
        """Look around anew."""
        self._surroundings.forget()

    def drop(self, name: str) -> None:
        """Keep nothing of the build called `name`: no file of it is open."""
        self._judge.drop(name)

    def end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
