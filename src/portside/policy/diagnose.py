"""Which key of which rule file holds an expression that does not compile, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from portside.cel.dialect import walk
from portside.cel.errors import CelError
from portside.cel.parser import parse
from portside.cel.program import generated
from portside.cel.tree import Ident, Select
from portside.errors import did_you_mean
from portside.policy.generated import VARIABLES
from portside.policy.rule import Check, Rule
from portside.policy.says import pieces
from portside.policy.section import Section

TOO_DEEP = "the expression is nested too deep"


def diagnose(rule: Rule, section: Section) -> None:
    """Raise the PolicyError of the first expression of `rule` that does not compile.

    Returns where each compiles by itself; `section` is what the rule was read from.
    """
    for index, check in enumerate(rule.checks):
        steps = ("checks", index) if "checks" in section.value else ()
        for key, source in _expressions(check):
            problem = _problem(source)
            if problem:
                section.fail(problem, *steps, key, hint=f"in the expression: {source[:200]}")


def refuse_unknown_params(rule: Rule, section: Callable[[], Section]) -> None:
    """Raise PolicyError where an expression reads a parameter that the rule does not declare.

    It would be undecided for every object, for ever. `section` gives what the rule was read from.
    """
    for index, check in enumerate(rule.checks):
        for key, source in _expressions(check):
            for name in _params_read(source):
                if name not in rule.params:
                    _refuse(rule, section(), ("checks", index, key), name)


def _params_read(source: str) -> Iterator[str]:
    for node in walk(parse(source)):
        operand = node.operand if isinstance(node, Select) else None
        if isinstance(node, Select) and isinstance(operand, Ident) and operand.name == "params":
            yield node.field


def _refuse(rule: Rule, section: Section, steps: tuple[str | int, ...], name: str) -> None:
    known = f"params: {', '.join(rule.params)}" if rule.params else "the rule declares none"
    hint = did_you_mean(name, rule.params).strip() or known
    steps = steps if "checks" in section.value else steps[2:]
    section.fail(f"there is no parameter {name}", *steps, hint=hint)


def _expressions(check: Check) -> Iterator[tuple[str, str]]:
    if check.when:
        yield "when", check.when
    yield "require", check.require
    for text, code in pieces(check.says):
        if code:
            yield "says", text


def _problem(source: str) -> str:
    try:
        generated(source, VARIABLES, "tried")
    except CelError as error:
        return error.message
    except (RecursionError, MemoryError):
        return TOO_DEEP
    return ""
