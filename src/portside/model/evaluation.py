"""The whole answer of a scan: what reports render and exit codes are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portside.model.finding import ChokePoint, Excuse, FileResult, Finding, Undecided, Unread
    from portside.model.mending import Outcome
    from portside.model.reading import Target


class Evaluation:
    """Everything a scan found, in the fixed order of files and of the text in them.

    `files` are the results of stage A; `later` holds the findings of stage B (rules across objects,
    and findings about waivers); `excuses` maps the index of a finding, in the order of
    `findings()`, to its excuse.
    """

    __slots__ = (
        *("choke_points", "excuses", "files", "later", "later_undecided"),
        *("outcomes", "profile", "rules", "target", "targets"),
    )

    def __init__(  # noqa: PLR0913 - the whole answer has as many parts
        self,
        files: Sequence[FileResult],
        *,
        later: Sequence[Finding] = (),
        later_undecided: Sequence[Undecided] = (),
        excuses: dict[int, Excuse] | None = None,
        profile: str = "recommended",
        rules: int = 0,
        target: str = "",
        choke_points: Sequence[ChokePoint] = (),
    ) -> None:
        self.files = files
        self.later = later
        self.later_undecided = later_undecided
        self.excuses = excuses or {}
        self.profile = profile
        self.rules = rules
        self.target = target
        self.outcomes: Sequence[Outcome] | None = None
        """What became of what was to be mended; None where nothing was."""
        self.targets: Sequence[Target] = ()
        """What was rendered, each way in which a chart or kustomization is installed."""
        self.choke_points = choke_points
        """The faults that most attack paths lead over, those of most paths first."""

    def findings(self) -> Iterator[tuple[Finding, Excuse | None]]:
        """Every finding with its excuse, if any, in order: files as read, then `later`."""
        index = 0
        excuses = self.excuses
        for result in self.files:
            for finding in result.findings:
                yield finding, excuses.get(index)
                index += 1
        for finding in self.later:
            yield finding, excuses.get(index)
            index += 1

    def undecided(self) -> Iterator[Undecided]:
        for result in self.files:
            yield from result.undecided
        yield from self.later_undecided

    def unread(self) -> Iterator[Unread]:
        for result in self.files:
            yield from result.unread

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was looked at."""
        return not any(result.unread for result in self.files)
