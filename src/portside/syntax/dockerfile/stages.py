"""Instructions → build stages: what each is built from, and its variables replaced.

Source: moby/buildkit, frontend/dockerfile/dockerfile2llb, and the Dockerfile reference ("Understand
how ARG and FROM interact", "Scope", "COPY --from").
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from portside.records import NamedTuple
from portside.syntax.dockerfile.checks import mount_fields
from portside.syntax.dockerfile.expand import ExpansionError, expand
from portside.syntax.dockerfile.instruction import Instruction, Source
from portside.syntax.dockerfile.text import Placed
from portside.syntax.dockerfile.words import Word

_EXPANDED = frozenset(
    {"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_TRIGGERED = frozenset({"ADD", "COPY", "RUN"})
"""What ONBUILD leaves to the build of the next image is judged as if it ran here."""
_DEFAULT_SHELL = ("/bin/sh", "-c")


InstructionPath = tuple[str, str, int]


class Value(NamedTuple):
    """A word as it is when the image is built."""

    text: str
    known: bool
    """Whether all variables in it have a value here, or a default; otherwise they are left out."""
    word: Word
    """The word as it is written."""


class Step(NamedTuple):
    """An instruction of a stage. `values` are its words, or the values of its variables."""

    instruction: Instruction
    values: tuple[Value, ...]
    shell: tuple[str, ...]
    """What runs commands in shell form at this point."""


class Stage:
    """One `FROM` and what follows it."""

    __slots__ = ("base", "index", "instruction", "name", "parent", "ran", "steps", "uses")

    def __init__(self, index: int, instruction: Instruction, base: Value, parent: int) -> None:
        self.index = index
        self.instruction = instruction
        words = instruction.words
        self.name = words[2].text.lower() if len(words) == 3 else ""
        self.base = base
        self.parent = parent
        """The number of the stage that it is built from; -1 where its base is an image."""
        self.steps: list[Step] = []
        self.uses: set[int] = {parent} - {-1}
        """The numbers of the stages without which it cannot be built."""
        self.ran: tuple[Any, ...] | None = None
        """What `commands.runs` found, which many ask for."""

    @property
    def called(self) -> str:
        """Its name, or `stage` and its number."""
        return self.name or f"stage {self.index}"


class Image(NamedTuple):
    """An image that a build takes something from, other than the base of a stage."""

    value: Value
    instruction: Instruction


class Dockerfile:
    """A Dockerfile as BuildKit would build it.

    `paths` tells instructions apart: the stage (its name, or `stage` and its number; `global`
    before the first), the keyword, and which of that keyword it is there.
    """

    __slots__ = ("_numbers", "paths", "source", "stages")

    def __init__(self, source: Source, stages: tuple[Stage, ...]) -> None:
        self.source = source
        self.stages = stages
        self.paths: dict[InstructionPath, Instruction] = {}
        self._numbers: dict[int, InstructionPath] = {}
        self._count("global", self.before_stages())
        for stage in stages:
            self._count(stage.called, [stage.instruction, *(it.instruction for it in stage.steps)])

    def _count(self, stage: str, instructions: list[Instruction]) -> None:
        counts: dict[str, int] = {}
        for it in instructions:
            number = counts[it.keyword] = counts.get(it.keyword, -1) + 1
            path = (stage, it.keyword, number)
            self.paths[path] = it
            self._numbers[id(it)] = path

    def path(self, instruction: Instruction) -> InstructionPath:
        """The path of one of its instructions."""
        return self._numbers[id(instruction)]

    def before_stages(self) -> list[Instruction]:
        """The instructions before the first stage, which are ARG."""
        return list(takewhile(lambda it: it.keyword == "ARG", self.source.instructions))

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def used(self) -> list[Stage]:
        """The last stage and those that it is built with, in their order."""
        found: set[int] = set()
        pending = [len(self.stages) - 1]
        while pending:
            index = pending.pop()
            if index not in found:
                found.add(index)
                pending.extend(self.stages[index].uses)
        return [self.stages[index] for index in sorted(found)]

    def lineage(self, stage: Stage) -> Iterator[Stage]:
        """The stage, the one that it is built from, and so on down to the one with an image."""
        yield stage
        while stage.parent >= 0:
            stage = self.stages[stage.parent]
            yield stage

    def other_images(self, stage: Stage) -> list[Image]:
        """The images named by COPY --from and RUN --mount=from=."""
        earlier = self.stages[: stage.index]
        return [
            Image(Value(word.text, "$" not in word.text, word), step.instruction)
            for step in stage.steps
            for word in _sources(step.instruction)
            if _stage_of(word.text, earlier) < 0
        ]


def resolved(source: Source) -> Dockerfile:
    """The stages of the file. It has one at least, unless it is a fragment with ARG alone."""
    resolver = _Resolver(source.escape)
    for instruction in source.instructions:
        resolver.take(instruction)
    return Dockerfile(source, tuple(resolver.stages))


class _Scope:
    """The variables of a stage: those of ENV go before those of ARG."""

    def __init__(self, parent: _Scope | None = None) -> None:
        self.args: dict[str, str] = dict(parent.args) if parent else {}
        self.env: dict[str, str] = dict(parent.env) if parent else {}
        self.shell: tuple[str, ...] = parent.shell if parent else _DEFAULT_SHELL

    def values(self) -> Mapping[str, str]:
        return ChainMap(self.env, self.args)


class _Resolver:
    def __init__(self, escape: str) -> None:
        self.escape = escape
        self.globals: dict[str, str] = {}
        self.stages: list[Stage] = []
        self.scopes: list[_Scope] = []

    def take(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._stage(instruction)
        elif not self.stages and instruction.keyword != "ARG":
            self._stage(_nothing_before(instruction))
            self.stages[0].base = self.stages[0].base._replace(known=False)
            self._step(instruction, self.stages[-1], self.scopes[-1])
        elif not self.stages:
            for pair in instruction.pairs:
                if pair.value is not None:
                    self._set(self.globals, pair.name, pair.value, self.globals)
        else:
            self._step(instruction, self.stages[-1], self.scopes[-1])

    def _stage(self, instruction: Instruction) -> None:
        base = self._value(instruction.words[0], self.globals)
        parent = _stage_named(base.text, self.stages)
        self.stages.append(Stage(len(self.stages), instruction, base, parent))
        self.scopes.append(_Scope(self.scopes[parent] if parent >= 0 else None))

    def _step(self, instruction: Instruction, stage: Stage, scope: _Scope) -> None:
        values = self._values(instruction, scope)
        stage.steps.append(Step(instruction, values, scope.shell))
        trigger = instruction.trigger
        if trigger is not None and trigger.keyword in _TRIGGERED:
            stage.steps.append(Step(trigger, self._values(trigger, scope), scope.shell))
        if instruction.keyword == "ENV":
            # All of one instruction see the variables as they were before it.
            for pair, value in zip(instruction.pairs, values, strict=True):
                self._keep(scope.env, pair.name, value)
        elif instruction.keyword == "ARG":
            self._arg(instruction, scope)
        elif instruction.keyword == "SHELL":
            scope.shell = tuple(it.text for it in instruction.words)
        for word in _sources(instruction):
            index = _stage_of(word.text, self.stages[:-1])
            if index >= 0:
                stage.uses.add(index)

    def _arg(self, instruction: Instruction, scope: _Scope) -> None:
        for pair in instruction.pairs:
            if pair.value is not None:
                self._set(scope.args, pair.name, pair.value, scope.values())
            elif pair.name in self.globals:
                scope.args[pair.name] = self.globals[pair.name]

    def _set(self, into: dict[str, str], name: str, value: str, known: Mapping[str, str]) -> None:
        word = Word(value, 0, 0)
        self._keep(into, name, self._value(word, known))

    def _keep(self, into: dict[str, str], name: str, value: Value) -> None:
        if value.known:
            into[name] = value.text
        else:
            into.pop(name, None)

    def _values(self, instruction: Instruction, scope: _Scope) -> tuple[Value, ...]:
        if instruction.keyword in ("ARG", "ENV", "LABEL"):
            words = tuple(
                Word(pair.value or "", pair.value_index, pair.end) for pair in instruction.pairs
            )
        else:
            words = instruction.words
        if instruction.keyword != "ARG" and instruction.keyword not in _EXPANDED:
            return tuple(Value(word.text, True, word) for word in words)
        known = scope.values()
        return tuple(self._value(word, known) for word in words)

    def _value(self, word: Word, known: Mapping[str, str]) -> Value:
        try:
            done = expand(word.text, known, self.escape)
        except ExpansionError:
            return Value(word.text, False, word)
        return Value(done.text, not done.blank, word)


def _nothing_before(instruction: Instruction) -> Instruction:
    """The FROM that a fragment of a Dockerfile lacks; nobody knows its image."""
    at = instruction.at
    line = Placed("FROM", (0,), (at,))
    word = Word("", 4, 4)
    return Instruction("FROM", line, 0, 0, (), (word,), "", (), (), ())


def _sources(instruction: Instruction) -> list[Word]:
    """What an instruction takes files from, besides the context: names of stages and images."""
    found = []
    for name, value, word in instruction.options():
        if instruction.keyword == "COPY" and name == "from":
            found.append(word._replace(text=value))
        elif instruction.keyword == "RUN" and name == "mount":
            for field in mount_fields(value):
                key, _, source = field.partition("=")
                if key.lower() == "from":
                    found.append(word._replace(text=source))
    return found


def _stage_of(name: str, stages: list[Stage] | tuple[Stage, ...]) -> int:
    """The number of the stage called so, or of that number; -1 for an image."""
    found = _stage_named(name, stages)
    if found < 0 and name.isascii() and name.isdigit() and int(name[:6]) < len(stages):
        return int(name[:6])
    return found


def _stage_named(name: str, stages: list[Stage] | tuple[Stage, ...]) -> int:
    for stage in reversed(stages):
        if stage.name and stage.name == name.lower():
            return stage.index
    return -1
