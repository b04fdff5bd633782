"""Where rules look for faults of a Dockerfile: the commands of a build, and the modes it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, place_of, runs
from portside.syntax.dockerfile.modes import Mode, mode_of, modes
from portside.syntax.dockerfile.stages import Dockerfile


def in_commands(
    it: FileResource, faults: Callable[[Ran], Iterable[tuple[int, str]]]
) -> Iterator[Violation]:
    """What `faults` tells of each command that counts: (index of the word, what is wrong)."""
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for ran in runs(stage):
            for index, said in faults(ran):
                path = (*dockerfile.path(ran.step.instruction), ran.name)
                yield Violation(said, path, place=ran.place(index))


def in_modes(it: FileResource, is_wrong: Callable[[Mode], bool], said: str) -> Iterator[Violation]:
    """A fault for each mode that is wrong: of what is copied, and of what a command changes."""
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        for step in stage.steps:
            for name, value, word in step.instruction.options():
                if name == "chmod" and is_wrong(mode_of(value)):
                    place = place_of(step.instruction, word.begin, word.end)
                    yield Violation(said, (*dockerfile.path(step.instruction), name), place=place)
        for ran in runs(stage):
            for index, mode in modes(ran):
                if is_wrong(mode):
                    path = (*dockerfile.path(ran.step.instruction), ran.name)
                    yield Violation(said, path, place=ran.place(index))
