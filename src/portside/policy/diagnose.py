"""Which key of which rule file holds an expression that does not compile, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from portside.cel.errors import CelError
from portside.cel.program import generated
from portside.policy.generate import VARIABLES
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
