"""Which keys of the values an action of a template reads: worked out from the text.

An expression stands for what it may hold: the root of a chart, a key of the values, a dict that a
template is given, or several of these. Nothing is executed. What a function makes of its arguments
is `straight` where it is shown as it is (quoted, indented, as YAML), and not where it is part of a
text or decides between others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.functions import call
from portside.render.involved import definitions
from portside.render.layers import chart_of
from portside.render.meaning import NOTHING, ROOT, Meaning, element, field, many
from portside.syntax.gotemplate.lex import FIELD, MARK, TEXT, VARIABLE, WORD, TemplateError
from portside.syntax.gotemplate.parse import Action, Call, Operand, Pipe, calls, parse

_DECLARES = re.compile(
    r"\{\{-?\s*(?:(?:else\s+)?(?:if|with|range)\s+)?(\$\w*)\s*(?:,\s*(\$\w+)\s*)?(:?=)"
)
_ELSE_WITH = re.compile(r"\{\{-?\s*else\s+with\b")
_MOST: Final = 4_000
"""Expressions looked at for one question."""
_DEEPEST: Final = 40
_MOST_CALLERS: Final = 20
_OPENING = frozenset(("if", "range", "with", "define", "block"))


class Declared(NamedTuple):
    """A variable that an action declares or assigns."""

    name: str
    action: Action
    number: int
    """0 for the first name, 1 for the second (`$key, $value`)."""
    names: int
    fresh: bool
    """Whether it is `:=`."""


class Source:
    """A template that was parsed."""

    __slots__ = ("_lines", "_starts", "actions", "by_start", "declared", "elses", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        try:
            self.actions: tuple[Action, ...] = parse(text).actions
        except TemplateError:
            self.actions = ()
        self._starts = [0, *(it.end() for it in re.finditer("\n", text))]
        self._lines: dict[int, list[Action]] = {}
        self.by_start = {it.start: it for it in self.actions}
        self.elses: dict[int, list[Action]] = {}
        """The `else` of each block, by where the block begins."""
        self.declared: dict[str, list[Declared]] = {}
        for action in self.actions:
            self._lines.setdefault(self.line_of(action.start), []).append(action)
            if action.keyword == "else":
                self.elses.setdefault(action.blocks[-1], []).append(action)
            for it in _declared(text, action):
                self.declared.setdefault(it.name, []).append(it)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1."""
        if not 0 < number <= len(self._starts):
            return ""
        return self.text[self._starts[number - 1] :].split("\n", 1)[0].rstrip("\r")

    def start(self, number: int) -> int:
        """The index of the first character of a line."""
        return self._starts[number - 1]

    def line_of(self, index: int) -> int:
        return bisect_right(self._starts, index)

    def blocks(self, number: int) -> tuple[int, ...]:
        """The indices at which the blocks begin that a line begins in."""
        open_: list[int] = []
        start = self.start(number)
        for action in self.actions:
            if action.start >= start:
                break
            if action.keyword == "end":
                open_ = open_[:-1]
            elif action.keyword in _OPENING:
                open_.append(action.start)
        return tuple(open_)

    def shows(self, action: Action) -> bool:
        """Whether an action may write something, and gives no variable its value instead."""
        return action.shows and not _DECLARES.match(self.text, action.start)

    def on_line(self, number: int) -> list[Action]:
        """The actions that begin on a line."""
        return self._lines.get(number, [])


@lru_cache(maxsize=512)
def parsed(name: str, text: str) -> Source:
    """A template, parsed once for all environments."""
    return Source(name, text)


class Scope(NamedTuple):
    """What an action sees: the data of its template, which `$` is."""

    source: Source
    action: Action
    data: Meaning


class Flow:
    """The templates of a chart, and what their actions read."""

    __slots__ = ("_callers", "_defines", "_defining", "_left", "_sources", "_texts")

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._texts = sources
        self._sources: dict[str, Source] = {}
        self._defines: dict[str, tuple[Source, Action] | None] = {}
        self._callers: dict[str, list[tuple[Source, Action, Call]]] = {}
        self._left = 0
        self._defining = definitions(sources)

    def source(self, name: str) -> Source:
        """A template by its name."""
        if name not in self._sources:
            self._sources[name] = parsed(name, self._texts[name])
        return self._sources[name]

    def root(self, name: str) -> Meaning:
        """What a template is given by Helm."""
        return Meaning(ROOT, chart_of(name))

    def value(self, scope: Scope, pipe: Pipe | None = None) -> Meaning:
        """What the action of `scope` shows, or what a pipe of it is."""
        self._left = _MOST
        return self._pipe(scope, scope.action.pipe if pipe is None else pipe, 0)

    def given(self, scope: Scope, define: str) -> Meaning | None:
        """What the action gives the template `define`, which it includes, maybe by others."""
        self._left = _MOST
        return self._given(scope, define, 0)

    def anywhere(self, define: str) -> Meaning:
        """What a template is given by any that includes it."""
        self._left = _MOST
        return self._anywhere(define, 0)

    def conditions(self, scope: Scope) -> list[tuple[Action, Meaning, bool]]:
        """The `if`, `with` and `range` around an action, outermost first, and what each asks.

        With each whether the action stands in the branch for which that must hold.
        """
        self._left = _MOST
        found = []
        for opening, _ in _around(scope):
            outer = scope._replace(action=opening)
            meant = self._pipe(outer, opening.pipe, 0)
            found.append((opening, meant, not _else(scope, opening)))
        return found

    def _given(self, scope: Scope, define: str, depth: int) -> Meaning | None:
        if depth > _DEEPEST or self._left < 0:
            return None
        inner = []
        for it in _included(scope.action):
            given = self._argument(scope, it, depth)
            name = self._called(scope, it)
            if name == define:
                return given
            inner.append((name, given))
        for name, given in inner:
            for below in self._body(name, given):
                found = self._given(below, define, depth + 1)
                if found is not None:
                    return found
        return None

    def _anywhere(self, define: str, depth: int) -> Meaning:
        if not self._callers:
            for name in self._texts:
                source = self.source(name)
                for action in source.actions:
                    for it in _included(action):
                        called = it.arguments[0].constant if it.arguments else None
                        self._callers.setdefault(called or "", []).append((source, action, it))
        found = []
        for source, action, it in self._callers.get(define, ())[:_MOST_CALLERS]:
            if depth > 3 or self._left < 0 or action.defined == define:
                break
            if action.defined:
                data = self._anywhere(action.defined, depth + 1)
            else:
                data = self.root(source.name)
            found.append(self._argument(Scope(source, action, data), it, depth))
        return many(found)

    def _define(self, name: str) -> tuple[Source, Action] | None:
        """Where the template `name` is defined."""
        if name not in self._defines and name in self._defining:
            source = self.source(self._defining[name])
            same = [it for it in source.actions if it.keyword == "define" and _name(it) == name]
            self._defines[name] = (source, same[-1]) if same else None
        return self._defines.get(name)

    def _body(self, name: str, data: Meaning) -> Iterator[Scope]:
        """The actions of the template `name` that may show something."""
        found = self._define(name)
        if found is None:
            return
        source, define = found
        for action in source.actions:
            inside = action.start > define.start and define.start in action.blocks
            if inside and source.shows(action):
                yield Scope(source, action, data)

    def _called(self, scope: Scope, it: Call) -> str:
        if not it.arguments:
            return ""
        if it.arguments[0].constant is not None:
            return it.arguments[0].constant
        meant = self._operand(scope, it.arguments[0], 0)
        return meant.text

    def _argument(self, scope: Scope, it: Call, depth: int) -> Meaning:
        if len(it.arguments) > 1:
            return self._operand(scope, it.arguments[1], depth)
        if it.piped:
            return self._pipe(scope, Pipe(it.piped, it.at), depth)
        return NOTHING

    def _pipe(self, scope: Scope, pipe: Pipe, depth: int) -> Meaning:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return NOTHING
        made: Meaning | None = None
        commands = pipe.commands
        if scope.action.keyword in ("template", "block") and pipe is scope.action.pipe:
            return self._shown(scope, commands[0], depth)
        for command in commands:
            made = self._command(scope, command, made, depth)
        return made or NOTHING

    def _shown(self, scope: Scope, command: Sequence[Operand], depth: int) -> Meaning:
        given = self._operand(scope, command[1], depth) if len(command) > 1 else NOTHING
        return self._include(command[0].constant or "", given, depth)

    def _command(
        self, scope: Scope, command: Sequence[Operand], piped: Meaning | None, depth: int
    ) -> Meaning:
        first = command[0]
        if first.kind != WORD:
            return self._operand(scope, first, depth)
        arguments = [self._operand(scope, it, depth + 1) for it in command[1:]]
        if piped is not None:
            arguments.append(piped)
        if first.text == "include":
            name = arguments[0].text if arguments else ""
            return self._include(name, arguments[1] if len(arguments) > 1 else NOTHING, depth)
        return call(first.text, arguments)

    def _include(self, name: str, data: Meaning, depth: int) -> Meaning:
        """What the template `name` may show; what it shows among other text is not straight."""
        if depth > _DEEPEST:
            return NOTHING
        found = [self._pipe(it, it.action.pipe, depth + 4) for it in self._body(name, data)]
        return many(found)

    def _operand(self, scope: Scope, it: Operand, depth: int) -> Meaning:
        if it.kind == FIELD:
            return field(self._dot(scope, depth), it.fields)
        if it.kind == VARIABLE:
            return field(self._variable(scope, it.text, depth), it.fields)
        if it.kind == MARK and it.inner is not None:
            return field(self._pipe(scope, it.inner, depth + 1), it.fields)
        if it.kind == WORD:
            return call(it.text, [])
        text = it.constant if it.kind == TEXT else it.text
        return Meaning("text", text=text or "")

    def _dot(self, scope: Scope, depth: int) -> Meaning:
        if depth > _DEEPEST:
            return NOTHING
        for opening, branch in reversed(_around(scope)):
            if branch is None:
                continue
            inner = self._pipe(scope._replace(action=opening), branch, depth + 1)
            return element(inner) if opening.keyword == "range" else inner
        return scope.data

    def _variable(self, scope: Scope, name: str, depth: int) -> Meaning:
        if name == "$":
            return scope.data
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return NOTHING
        found = []
        for it in reversed(scope.source.declared.get(name, ())):
            if it.action.start >= scope.action.start or not _sees(scope.action, it):
                continue
            found.append(self._declared(scope, it, depth))
            if it.fresh:
                break
        return many(found)

    def _declared(self, scope: Scope, it: Declared, depth: int) -> Meaning:
        meant = self._pipe(scope._replace(action=it.action), it.action.pipe, depth + 1)
        if it.action.keyword != "range":
            return meant
        return element(meant) if it.number == it.names - 1 else NOTHING


def _declared(text: str, action: Action) -> Iterator[Declared]:
    found = _DECLARES.match(text, action.start)
    if found:
        names = [it for it in found.groups()[:2] if it]
        for number, name in enumerate(names):
            yield Declared(name, action, number, len(names), found[3] == ":=")


def _sees(action: Action, it: Declared) -> bool:
    """Whether the variable can be the one that `action` reads."""
    if it.action.defined != action.defined:
        return False
    if not it.fresh:
        return True
    blocks = it.action.blocks
    if it.action.keyword in ("if", "with", "range"):
        blocks = (*blocks, it.action.start)
    return action.blocks[: len(blocks)] == blocks


def _around(scope: Scope) -> list[tuple[Action, Pipe | None]]:
    """The blocks around an action in its template, outermost first.

    With each the pipe that the dot is set to in the branch that the action stands in, if any.
    """
    found: list[tuple[Action, Pipe | None]] = []
    for start in scope.action.blocks:
        opening = scope.source.by_start[start]
        if opening.keyword in ("define", "block"):
            found = []
            continue
        found.append((opening, _branch(scope, opening)))
    return found


def _branch(scope: Scope, opening: Action) -> Pipe | None:
    last = _else(scope, opening)
    if last is None:
        return opening.pipe if opening.keyword in ("with", "range") else None
    return last.pipe if _ELSE_WITH.match(scope.source.text, last.start) else None


def _else(scope: Scope, opening: Action) -> Action | None:
    """The `else` of a block whose branch the action stands in, if it is not the first."""
    found = None
    for it in scope.source.elses.get(opening.start, ()):
        if it.start < scope.action.start:
            found = it
    return found


def _included(action: Action) -> Iterator[Call]:
    """The templates that an action includes."""
    if action.keyword in ("template", "block"):
        first = action.pipe.commands[0]
        yield Call("template", first, (), action.start)
    for it in calls(action.pipe):
        if it.name == "include":
            yield it


def _name(action: Action) -> str:
    commands = action.pipe.commands
    return (commands[0][0].constant or "") if commands else ""


__all__ = ["FieldPath", "Flow", "Scope", "Source"]
