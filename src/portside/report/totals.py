"""One pass over an evaluation: what every report sums up, and the exit code is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.finding import FILE_FATES, OBJECT_FATES
from portside.model.severity import NAMES

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ResourceRef

CLEAN, FOUND, INCOMPLETE = 0, 1, 3


class Totals:
    """Counts: findings that count by severity, excused, covered, undecided, unread, fates.

    `fixable` is how many of those that count `--fix` knows how to mend.
    """

    __slots__ = (
        "at_fault",
        "covered",
        "excused",
        "files",
        "fixable",
        "objects",
        "severities",
        "undecided",
        "unread",
    )

    def __init__(self, evaluation: Evaluation) -> None:
        self.severities = [0] * len(NAMES)
        self.excused = self.covered = self.unread = self.fixable = 0
        self.at_fault = 0
        """How many objects have findings that count; a waiver that has expired is no object."""
        self.files = dict.fromkeys(FILE_FATES, 0)
        self.objects = dict.fromkeys(OBJECT_FATES, 0)
        self._count_findings(evaluation)
        for result in evaluation.files:
            self.files[result.fate.fate] += 1
            self.unread += len(result.unread)
            for it in result.objects:
                self.objects[it.fate] += 1
        self.undecided = sum(1 for _ in evaluation.undecided())

    def _count_findings(self, evaluation: Evaluation) -> None:
        file = ""
        seen: set[ResourceRef] = set()
        of_objects = sum(len(result.findings) for result in evaluation.files)
        for at, (finding, excuse) in enumerate(evaluation.findings()):
            if excuse is not None:
                self.excused += 1
            elif finding.covered_by:
                self.covered += 1
            else:
                self.severities[finding.severity] += 1
                self.fixable += finding.fixable == "safe"
                if finding.file != file:
                    self.at_fault += len(seen)
                    seen.clear()
                    file = finding.file
                if at < of_objects:
                    seen.add(finding.resource)
        self.at_fault += len(seen)

    @property
    def findings(self) -> int:
        """How many findings count."""
        return sum(self.severities)

    @property
    def seen_objects(self) -> int:
        return sum(self.objects.values())

    @property
    def read_files(self) -> int:
        """How many files objects were read from."""
        return self.files["judged"] + self.files["rendered"] + self.files["partly-read"]

    def exit_code(self, fail_on: int, *, allow_unread: bool, strict: bool) -> int:
        """3 where something went unread (or undecided, with `strict`), 1 for findings, else 0."""
        if (self.unread and not allow_unread) or (strict and self.undecided):
            return INCOMPLETE
        return FOUND if any(self.severities[fail_on:]) else CLEAN


def counts(finding: Finding, excuse: Excuse | None) -> bool:
    """Whether the finding is shown and scored: neither excused nor the consequence of another."""
    return excuse is None and not finding.covered_by
