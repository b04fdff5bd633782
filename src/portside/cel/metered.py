"""An expression evaluated step by step, counting in Kubernetes' units what it costs.

The steps are those of cel-go (interpreter/planner.go), since they are what is counted: constants
are computed beforehand, a chain of fields is one attribute, both operands of a call are evaluated
even where the first has no value, macros count their accumulator. Errors are values here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from portside.cel.checker import UNGUARDED, Resolution, is_type, qualified, resolve_call
from portside.cel.codegen import BINARY
from portside.cel.costs import LIST, MAP, STRUCT, Price, price
from portside.cel.declarations import Functions, Overload, fitting
from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.runtime import (
    ERRORS,
    evaluation_error,
    fail,
    first_fitting,
    has,
    index,
    make_any_map,
    make_list,
    optional_index,
)
from portside.cel.tree import (
    Call,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Macro,
    MapLiteral,
    Node,
    Place,
    Select,
    Struct,
)
from portside.cel.types import DYN, is_parameter, name_of
from portside.cel.values import NONE, Optional, TypeValue, Uint
from portside.records import NamedTuple


class Run:
    """One evaluation: the variables' values, and what it has cost."""

    __slots__ = ("cost", "limit", "values")

    def __init__(self, values: list[Any], limit: int) -> None:
        self.values = values
        self.cost = 0
        self.limit = limit

    def pay(self, amount: int) -> None:
        self.cost += amount
        if self.cost > self.limit:
            raise LimitReachedError


class LimitReachedError(Exception):
    """The evaluation costs more than it may."""


Step = Callable[[Run], Any]
"""Gives a value, or an error as a value."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known beforehand, which costs nothing."""

    value: Any

    def __call__(self, _: Run) -> Any:
        return self.value


class Later(NamedTuple):
    """The value of a variable that is computed when it is first asked for."""

    step: Step


class Qualifier(NamedTuple):
    """A field or an index: `at` gives its value."""

    at: Step
    optional: bool
    test: bool
    place: Place


class Attribute:
    """A variable, a value or a choice between two attributes, and the fields selected from it."""

    __slots__ = ("branches", "operand", "place", "qualifiers", "slot", "test")

    def __init__(
        self,
        place: Place,
        *,
        slot: int = -1,
        operand: Step | None = None,
        branches: tuple[Step, Attribute, Attribute] | None = None,
    ) -> None:
        self.place = place
        self.slot = slot
        self.operand = operand
        self.branches = branches
        self.qualifiers: list[Qualifier] = []
        self.test = False

    def qualify(self, qualifier: Qualifier) -> Attribute:
        if self.branches is None:
            self.qualifiers.append(qualifier)
        else:
            self.branches[1].qualify(qualifier)
            self.branches[2].qualify(qualifier)
        self.test = self.test or qualifier.test
        return self

    def __call__(self, run: Run) -> Any:
        value = located(self.resolve(run), self.place)
        run.pay((self.branches is None) - self.test)
        return value

    def resolve(self, run: Run) -> Any:
        """The value, counted only inside."""
        if self.branches is not None:
            condition, then, otherwise = self.branches
            chosen = condition(run)
            if chosen is True or chosen is False:
                return (then if chosen else otherwise).resolve(run)
            return chosen if is_error(chosen) else located(no_overload("_?_:_"), self.place)
        value = run.values[self.slot] if self.operand is None else self.operand(run)
        if type(value) is Later:
            value = run.values[self.slot] = value.step(run)
        return value if is_error(value) or not self.qualifiers else self._selected(run, value)

    def _selected(self, run: Run, value: Any) -> Any:
        optional = type(value) is Optional
        if optional:
            if not value.present:
                return False if self.test else value
            value = value.value
        for qualifier in self.qualifiers:
            optional = optional or qualifier.optional
            value = _qualified(value, qualifier.at(run), qualifier, optional)
            value = located(value, qualifier.place)
            if not optional:
                run.pay(1)
            if is_error(value):
                return value
            if optional and value is NONE:
                return False if self.test else NONE
            if optional:
                run.pay(1)
                value = value.value
        return Optional(value) if optional and not self.test else value


def _qualified(value: Any, at: Any, qualifier: Qualifier, optional: bool) -> Any:
    """What is at `at` in `value`; with `optional` as an optional."""
    if is_error(at):
        return at
    try:
        if qualifier.test:
            found = has(value, at)
            return found if not optional else Optional(True) if found else NONE
        if optional:
            return NONE if type(value) is Optional else optional_index(value, at)
        return index(value, at)
    except ERRORS as error:
        return evaluation_error(error)


def is_error(value: Any) -> bool:
    return isinstance(value, CelEvaluationError)


def located(value: Any, place: Place) -> Any:
    """`value`, an error with the place where it was made."""
    if isinstance(value, CelEvaluationError) and not value.line:
        value.line, value.column = place
    return value


class Plan:
    """Makes the steps of one expression; `size` is how many variables a run needs."""

    def __init__(self, names: Sequence[str], functions: Functions, resolution: Resolution) -> None:
        self.globals = {name: slot for slot, name in enumerate(names)}
        self.local: dict[str, int] = {}
        self.size = len(names)
        self.functions = functions
        self.resolution = resolution

    def slot(self) -> int:
        self.size += 1
        return self.size - 1

    def of(self, node: Node) -> Step:
        method = getattr(self, f"of_{type(node).__name__.lower()}")
        made: Step = method(node)
        return made

    def of_literal(self, node: Literal) -> Step:
        return Constant(Uint(str(node.value)) if node.kind == "uint" else node.value)

    def of_ident(self, node: Ident) -> Step:
        if node.name in self.local:
            return Attribute(node.place, slot=self.local[node.name])
        made = self.named(node.name, node.place)
        return made or Constant(CelEvaluationError(f"no such attribute: {node.name}", *node.place))

    def named(self, name: str, place: Place) -> Step | None:
        name = name.lstrip(".")
        if name in self.globals:
            return Attribute(place, slot=self.globals[name])
        return Constant(TypeValue(name)) if is_type(name, self.functions) else None

    def of_select(self, node: Select) -> Step:
        dotted = qualified(node)
        if dotted is not None and dotted.partition(".")[0] not in self.local:
            made = self.named(dotted, node.place)
            if made is not None:
                return made
        qualifier = Qualifier(Constant(node.field), node.optional, node.test, node.place)
        return self.attribute(node.operand, node.place).qualify(qualifier)

    def of_index(self, node: Index) -> Step:
        attribute = self.attribute(node.operand, node.place)
        at = self.of(node.at)
        if isinstance(at, Attribute):
            at = at.resolve
        return attribute.qualify(Qualifier(at, node.optional, False, node.place))

    def attribute(self, node: Node, place: Place) -> Attribute:
        made = self.of(node)
        return made if isinstance(made, Attribute) else Attribute(place, operand=made)

    def of_listliteral(self, node: ListLiteral) -> Step:
        optional = tuple(at for at, (_, maybe) in enumerate(node.elements) if maybe)
        make = partial(make_list, optional=optional)
        return self._made([it for it, _ in node.elements], make, LIST, node.place)

    def of_mapliteral(self, node: MapLiteral) -> Step:
        optional = tuple(at for at, entry in enumerate(node.entries) if entry[2])

        def make(parts: list[Any]) -> Any:
            return make_any_map(list(zip(parts[::2], parts[1::2], strict=True)), optional)

        return self._made([it for entry in node.entries for it in entry[:2]], make, MAP, node.place)

    def of_struct(self, node: Struct) -> Step:
        from portside.cel.messages import construct

        names = [name for name, _, _ in node.fields]
        optional = tuple(at for at, (_, _, maybe) in enumerate(node.fields) if maybe)

        def make(parts: list[Any]) -> Any:
            fields = make_any_map(list(zip(names, parts, strict=True)), optional)
            return construct(node.name, fields)

        steps = [value for _, value, _ in node.fields]
        return self._made(steps, make, STRUCT, node.place, foldable=False)

    def _made(
        self,
        nodes: Sequence[Node],
        make: Callable[[list[Any]], Any],
        cost: int,
        place: Place,
        *,
        foldable: bool = True,
    ) -> Step:
        steps = [self.of(it) for it in nodes]

        def step(run: Run) -> Any:
            values = []
            for part in steps:
                value = part(run)
                if is_error(value):
                    run.pay(cost)
                    return value
                values.append(value)
            made = located(attempt(make, values), place)
            run.pay(cost)
            return made

        if foldable and all(isinstance(it, Constant) for it in steps):
            return Constant(step(Run([], cost)))
        return step

    def of_call(self, node: Call) -> Step:
        name, target = resolve_call(node, self.functions)
        args = (target, *node.args) if target is not None else node.args
        if name in ("_&&_", "_||_"):
            return either([self.of(it) for it in args], name == "_||_", name, node.place)
        if name == "_?_:_":
            return self.choice(self.of(args[0]), args[1:], node.place)
        if target is not None and len(args) == 2 and name in ("or", "orValue"):
            return _alternative(self.of(args[0]), self.of(args[1]), name, node.place)
        return self._called(node, name, [self.of(it) for it in args], target is not None)

    def choice(self, condition: Step, branches: Sequence[Node], place: Place) -> Attribute:
        then, otherwise = (self.attribute(it, it.place) for it in branches)
        return Attribute(place, branches=(condition, then, otherwise))

    def _called(self, node: Call, name: str, steps: list[Step], member: bool) -> Step:
        overloads = self.resolution.matched.get(id(node), ())
        if name == "_in_" and isinstance(steps[1], Constant) and _in_list(overloads):
            if steps[1].value == []:
                return Constant(False)
            if type(steps[1].value) is list and _is_set(steps[1].value):
                return _member(steps[0], steps[1].value, node.place)
        function = self._function(node, name, len(steps), member)
        stops = name == "format" or (len(overloads) > 1 and name not in UNGUARDED)
        made = call(function, steps, price(name, overloads), node.place, stops=stops)
        if name in _CONVERSIONS and len(steps) == 1 and isinstance(steps[0], Constant):
            return Constant(made(Run([], 1 << 62)))
        return made

    def _function(self, node: Call, name: str, size: int, member: bool) -> Callable[..., Any]:
        if name in BINARY:
            return implementation(f"runtime.{BINARY[name]}")
        chosen = self.resolution.chosen.get(id(node)) or fitting(self.functions, name, size, member)
        if not chosen:
            return partial(fail, f"no such overload: {name}")
        found = tuple(implementation(it) for it in chosen)
        function = found[0] if len(found) == 1 else partial(first_fitting, found)
        guards = self.resolution.guards.get(id(node), ())
        return partial(_guarded, function, _kinds(guards)) if guards else function

    def of_macro(self, node: Macro) -> Step:
        from portside.cel.metered_macros import macro

        return macro(self, node)


_CONVERSIONS = (
    *("bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"),
)


def implementation(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"portside.cel.{module}"), function)
    return found


def _kinds(guards: Sequence[Any]) -> tuple[str, ...]:
    return tuple("" if it == DYN or is_parameter(it) else name_of(it) for it in guards)


def _guarded(function: Callable[..., Any], kinds: Sequence[str], *values: Any) -> Any:
    from portside.cel.runtime import of_type

    for value, kind in zip(values, kinds, strict=False):
        if kind:
            of_type(value, kind)
    return function(*values)


def attempt(function: Callable[..., Any], *values: Any) -> Any:
    """What `function` gives, an error as a value."""
    try:
        return function(*values)
    except ERRORS as error:
        return evaluation_error(error)


def call(
    function: Callable[..., Any],
    steps: Sequence[Step],
    cost: Price,
    place: Place,
    *,
    stops: bool = False,
) -> Step:
    """A call. With `stops`, or of more than two, no operand behind one without value is evaluated.

    A call whose operands were not all evaluated costs nothing of its own.
    """
    last = len(steps) - 1
    stops = stops or last > 1

    def step(run: Run) -> Any:
        values = []
        failed = None
        for at, part in enumerate(steps):
            value = part(run)
            if is_error(value):
                if stops and at < last:
                    return value
                failed = failed or value
            values.append(value)
        made = failed or located(attempt(function, *values), place)
        run.pay(cost(values, made))
        return made

    return step


def either(steps: Sequence[Step], stop: bool, name: str, place: Place) -> Step:
    """`||` (which stops at true) or `&&` (at false)."""

    def step(run: Run) -> Any:
        failed = None
        for part in steps:
            value = part(run)
            if value is stop:
                return stop
            if value is not (not stop) and failed is None:
                failed = value if is_error(value) else no_overload(name)
        return (not stop) if failed is None else located(failed, place)

    return step


def _alternative(value: Step, other: Step, name: str, place: Place) -> Step:
    def step(run: Run) -> Any:
        found = value(run)
        if is_error(found):
            return found
        if type(found) is not Optional:
            return located(no_overload(name), place)
        if found.present:
            return found.value if name == "orValue" else found
        return other(run)

    return step


def _in_list(overloads: Sequence[Overload]) -> bool:
    return len(overloads) == 1 and overloads[0].arguments[-1][0] == "list"


def _is_set(items: list[Any]) -> bool:
    return all(it is None or type(it) in (bool, int, Uint, float, str) for it in items)


def _member(value: Step, items: list[Any], place: Place) -> Step:
    """`in` of a list of constants, which Kubernetes looks up for nothing."""
    from portside.cel.runtime import in_

    def step(run: Run) -> Any:
        found = value(run)
        return found if is_error(found) else located(attempt(in_, found, items), place)

    return step


class Metered:
    """An expression ready to run with a limit; stateless."""

    def __init__(
        self, tree: Node, names: Mapping[str, Any], functions: Functions, resolution: Resolution
    ) -> None:
        plan = Plan(tuple(names), functions, resolution)
        self._step = plan.of(tree)
        self._more = [None] * (plan.size - len(names))

    def __call__(self, values: Sequence[Any], limit: int) -> tuple[Any, int]:
        """The value, or an error as a value, and what it cost. Ends at `limit`."""
        run = Run([*values, *self._more], limit)
        try:
            value = self._step(run)
        except LimitReachedError:
            said = "operation cancelled: actual cost limit exceeded"
            return CelEvaluationError(said, 1, 1), run.cost
        return value, run.cost
