"""Macros step by step: each is the loop that cel-go makes of it, accumulator and all.

Source: cel-go, parser/macro.go, ext/comprehensions.go, cel/library.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portside.cel.arithmetic import add
from portside.cel.costs import LIST, price
from portside.cel.errors import CelEvaluationError
from portside.cel.metered import (
    Attribute,
    Constant,
    Later,
    Run,
    Step,
    call,
    either,
    implementation,
    is_error,
    located,
)
from portside.cel.runtime import entries, eq, iterate, key, pairs, typed_map
from portside.cel.tree import ListLiteral, Macro, Node, Place
from portside.cel.values import NONE, Optional

if TYPE_CHECKING:
    from portside.cel.metered import Plan

_TRUE = Constant(True)


@dataclass(frozen=True, slots=True)
class Fold:
    """A loop: from `start`, while `condition`, the accumulator becomes what `step` gives."""

    slots: tuple[int, ...]
    accumulator: int
    items: Step
    start: Any
    condition: Step
    step: Step
    result: Step
    place: Place

    def __call__(self, run: Run) -> Any:
        found = self.items(run)
        if is_error(found):
            return found
        try:
            items = pairs(found) if len(self.slots) == 2 else iterate(found)
        except CelEvaluationError as error:
            return located(error, self.place)
        values, slots = run.values, self.slots
        values[self.accumulator] = self.start
        for item in items:
            if len(slots) == 2:
                values[slots[0]], values[slots[1]] = item
            else:
                values[slots[0]] = item
            if self.condition(run) is False:
                break
            values[self.accumulator] = self.step(run)
        return self.result(run)


def macro(plan: Plan, node: Macro) -> Step:
    """The steps of the macro `node`."""
    if node.macro in ("optMap", "optFlatMap"):
        return _optional(plan, node)
    if node.macro == "sortBy":
        return _sorted(plan, node)
    if node.macro == "bind":
        return _bound(plan, node.names[0], plan.of(node.range), node.args[0])
    if node.macro == "block":
        return _block(plan, node)
    return _fold(plan, node, plan.of(node.range))


def _fold(plan: Plan, node: Macro, items: Step) -> Step:
    slots = tuple(plan.slot() for _ in node.names)
    accumulator = Attribute(node.place, slot=plan.slot())
    outer = plan.local
    plan.local = {**outer, **dict(zip(node.names, slots, strict=True))}
    start, condition, step, result = _SHAPES[node.macro](plan, node, accumulator)
    plan.local = outer
    return Fold(slots, accumulator.slot, items, start, condition, step, result, node.place)


Shape = tuple[Any, Step, Step, Step]


def _one(function: Callable[..., Any], place: Place, *steps: Step) -> Step:
    return call(function, steps, price("", ()), place)


def _all(plan: Plan, node: Macro, accumulator: Attribute) -> Shape:
    step = either([accumulator, plan.of(node.args[-1])], False, "_&&_", node.place)
    return True, _not_strictly_false(accumulator), step, accumulator


def _exists(plan: Plan, node: Macro, accumulator: Attribute) -> Shape:
    step = either([accumulator, plan.of(node.args[-1])], True, "_||_", node.place)
    condition = _not_strictly_false(_one(implementation("runtime.not_"), node.place, accumulator))
    return False, condition, step, accumulator


def _not_strictly_false(value: Step) -> Step:
    def step(run: Run) -> bool:
        found = value(run)
        run.pay(1)
        return found is not False

    return step


def _exactly_one(plan: Plan, node: Macro, accumulator: Attribute) -> Shape:
    more = Attribute(node.place, operand=_one(add, node.place, accumulator, Constant(1)))
    step = _chosen(plan, node.args[0], more, accumulator, node.place)
    result = call(eq, (accumulator, Constant(1)), price("_==_", ()), node.place)
    return 0, _TRUE, step, result


def _chosen(
    plan: Plan, test: Node, then: Attribute, otherwise: Attribute, place: Place
) -> Attribute:
    return Attribute(place, branches=(plan.of(test), then, otherwise))


def _listed(plan: Plan, node: Macro, accumulator: Attribute) -> Shape:
    """`map`, `filter` and `transformList`."""
    *tests, value = node.args
    item = plan.of(value)
    if node.macro == "filter":
        tests, item = [value], Attribute(node.place, slot=plan.local[node.names[0]])
    appended = _appended(accumulator, item, node.place)
    if not tests:
        return [], _TRUE, appended, accumulator
    then = Attribute(node.place, operand=appended)
    return [], _TRUE, _chosen(plan, tests[0], then, accumulator, node.place), accumulator


def _appended(accumulator: Attribute, item: Step, place: Place) -> Step:
    """`accumulator + [item]`."""
    if isinstance(item, Constant):
        made: Step = Constant([item.value])
    else:

        def made(run: Run) -> Any:
            value = item(run)
            run.pay(LIST)
            return value if is_error(value) else [value]

    return _one(add, place, accumulator, made)


def _mapped(plan: Plan, node: Macro, accumulator: Attribute) -> Shape:
    """`transformMap` and `transformMapEntry`."""
    *tests, value = node.args
    made = plan.of(value)
    if node.macro == "transformMap":
        name = Attribute(node.place, slot=plan.local[node.names[0]])
        step = _one(_inserted, node.place, accumulator, name, made)
    else:
        step = _one(_merged, node.place, accumulator, made)
    if not tests:
        return {}, _TRUE, step, accumulator
    then = Attribute(node.place, operand=step)
    return {}, _TRUE, _chosen(plan, tests[0], then, accumulator, node.place), accumulator


def _inserted(made: Any, name: Any, value: Any) -> Any:
    at = key(name)
    if at in made:
        raise CelEvaluationError(f"insert failed: key {name} already exists")
    return typed_map({**made, at: value})


def _merged(made: Any, more: Any) -> Any:
    for name, value in entries(more):
        made = _inserted(made, name, value)
    return made


def _optional(plan: Plan, node: Macro) -> Step:
    """`target.hasValue() ? optional.of(body) : optional.none()`, the target evaluated twice."""
    target = plan.of(node.range)
    there = _one(implementation("library.optionals.has_value"), node.place, target)
    value = _one(implementation("library.optionals.value_of"), node.place, target)
    body = _bound(plan, node.names[0], value, node.args[0])
    if node.macro == "optMap":
        body = _one(Optional, node.place, body)
    branches = (
        there,
        body if isinstance(body, Attribute) else Attribute(node.place, operand=body),
        Attribute(node.place, operand=_none),
    )
    return Attribute(node.place, branches=branches)


def _none(run: Run) -> Any:
    run.pay(1)
    return NONE


def _bound(plan: Plan, name: str, value: Step, body: Node) -> Step:
    """`body` in which `name` is `value`, computed when it is first asked for."""
    slot = plan.slot()
    outer = plan.local
    plan.local = {**outer, name: slot}
    inner = plan.of(body)
    plan.local = outer

    def step(run: Run) -> Any:
        run.values[slot] = Later(value)
        return inner(run)

    return step


def _block(plan: Plan, node: Macro) -> Step:
    elements = node.range.elements if isinstance(node.range, ListLiteral) else ()
    outer = plan.local
    slots: list[tuple[int, Step]] = []
    for name, (element, _) in zip(node.names, elements, strict=True):
        value = plan.of(element)
        slots.append((plan.slot(), value))
        plan.local = {**plan.local, name: slots[-1][0]}
    inner = plan.of(node.args[0])
    plan.local = outer

    def step(run: Run) -> Any:
        for slot, value in slots:
            run.values[slot] = Later(value)
        return inner(run)

    return step


def _sorted(plan: Plan, node: Macro) -> Step:
    slot = plan.slot()
    items = plan.of(node.range)
    named = Attribute(node.place, slot=slot)
    keys = _fold(plan, node._replace(macro="map"), Attribute(node.place, slot=slot))
    overloads = plan.resolution.matched.get(id(node), ())
    function = implementation("library.lists.sort_by_keys")
    inner = call(function, (named, keys), price("@sortByKeys", overloads), node.place)

    def step(run: Run) -> Any:
        run.values[slot] = Later(items)
        return inner(run)

    return step


_SHAPES: dict[str, Callable[[Plan, Macro, Attribute], Shape]] = {
    "all": _all,
    "exists": _exists,
    "exists_one": _exactly_one,
    "existsOne": _exactly_one,
    "map": _listed,
    "filter": _listed,
    "transformList": _listed,
    "transformMap": _mapped,
    "transformMapEntry": _mapped,
}
