"""docs/reference/cel.md: the dialects, the libraries, the functions, what conformance tests say."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from portside.cel.declarations import NEWEST, Overload, overloads
from portside.cel.libraries import LIBRARIES, NEVER
from portside.cel.types import name_of
from tests.cel import spec
from tests.cel.test_conformance import quantity_tests
from tests.shared import SHARED

PAGE = "docs/reference/cel.md"
_HEAD = f"""# The expression language

Conditions of rules, the expressions of foreign admission policies and `portside eval` are written
in [CEL](https://cel.dev), the Common Expression Language, as Kubernetes speaks it. Portside
compiles an expression to Python and evaluates it over plain dicts and lists.

```python
from portside.cel import compile

program = compile("object.spec.replicas >= minimum", {{"object": "dyn", "minimum": "int"}})
program(object={{"spec": {{"replicas": 3}}}}, minimum=2)  # True
```

`compile(source, variables, *, dialect="kubernetes", version=None, cost_limit=None)`: `variables`
are names, which are then `dyn`, or names with types such as `list(string)`. A `dyn` variable holds
what JSON can say. What is wrong with an expression is a `CelSyntaxError` or a `CelTypeError`, what
goes wrong in an evaluation a `CelEvaluationError`, each with `line` and `column` from 1.
`CelUndecidedError` is an evaluation error that says that the answer is not to be had here: an
authorizer outside a cluster, a pattern where `google-re2` is not installed. A program has no state
and may be shared between threads.

## Dialects

- `kubernetes` (the default) is the language of Kubernetes 1.{NEWEST}, or of an
  older version with `version="1.30"`: functions and syntax that came later are refused, and so is
  all that Kubernetes refuses before it evaluates (constants that can have no value, lists of mixed
  types). Where Kubernetes differs from the specification, this dialect does what Kubernetes does.
- `cel` is the full language as cel-spec has it.

With `cost_limit` an evaluation ends in an error once it has cost more, counted step by step in
Kubernetes' units (its limit for one expression is 1,000,000); `program.cost(...)` tells the cost.
Without a limit nothing is counted.

## Bounds

An expression has at most 100,000 characters and 250 levels of nesting, as in Kubernetes. Patterns
run in RE2, in time linear in the text, or in Python where they are so simple that they mean and
cost the same there. Lists from `lists.range` have at most 1,000,000 items.
"""


def pages() -> Iterator[tuple[str, str]]:
    """The page; nothing, and a note, where the conformance tests are not there to be run."""
    if not (SHARED / spec.FOLDER).exists():
        print(f"{PAGE}: not checked: ../shared/{spec.FOLDER} is not there", file=sys.stderr)
        return
    yield PAGE, "\n".join([_HEAD, *_libraries(), *_functions(), *_conformance()]) + "\n"


def _libraries() -> Iterator[str]:
    yield "## Libraries\n"
    yield "| library | functions | full CEL | Kubernetes |"
    yield "|---|---|---|---|"
    for library in sorted(LIBRARIES, key=lambda it: (it.since, it.name)):
        names = {
            it.name for it in overloads(library) if not it.name.startswith(("_", "@", "-", "!"))
        }
        shown = ", ".join(f"`{it}`" for it in sorted(names)) or "operators"
        yield f"| {library.name} | {shown} | {'yes' if library.cel else ''} | {_when(library)} |"
    yield ""


def _when(library: object) -> str:
    since, until = getattr(library, "since", 0), getattr(library, "until", NEVER)
    if since >= NEVER:
        return ""
    first = f"since 1.{since}" if since else "always"
    return f"{first}, until 1.{until - 1}" if until < NEVER else first


def _functions() -> Iterator[str]:
    yield "## Functions\n"
    yield "Capital letters stand for any type; `...` repeats the argument before it.\n"
    yield "| function | arguments | result |"
    yield "|---|---|---|"
    rows = {_row(it) for library in LIBRARIES for it in overloads(library)}
    yield from sorted(it for it in rows if it)
    yield ""


def _row(overload: Overload) -> str:
    if overload.name.startswith(("_", "@", "-", "!")):
        return ""
    arguments = [name_of(it) for it in overload.arguments]
    if overload.repeats:
        arguments[-1] += "..."
    name = overload.name
    if overload.member:
        name = f"{arguments[0]}.{name}"
        arguments = arguments[1:]
    return f"| `{name}` | {', '.join(arguments)} | {name_of(overload.result)} |"


def _conformance() -> Iterator[str]:
    yield "## Conformance\n"
    yield "cel-spec's tests in full CEL: protobuf messages of one's own, and what is specific to"
    yield "proto2 and proto3, are no part of this language; the well-known messages are.\n"
    yield "| file | tests | passed | failed | does not apply |"
    yield "|---|---|---|---|---|"
    total: Counter[str] = Counter()
    for file, found in sorted(_counted().items()):
        total.update(found)
        yield _counts(file, found)
    yield _counts("**all**", total)
    yield ""
    yield f"Kubernetes' own tests of quantities (`quantity.json`): {_quantities()}."


def _counted() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for case in spec.cases(SHARED / spec.FOLDER):
        result = spec.run(case)
        key = result.reason if result.outcome == "apart" else result.outcome
        found.setdefault(case.file, Counter())[key] += 1
    return found


def _counts(file: str, found: Counter[str]) -> str:
    apart = {key: count for key, count in found.items() if key not in ("passed", "failed")}
    reasons = ", ".join(f"{count} {key}" for key, count in sorted(apart.items()))
    passed, failed = found["passed"], found["failed"]
    return f"| {file} | {found.total()} | {passed} | {failed} | {reasons} |"


def _quantities() -> str:
    from tests.cel.test_conformance import holds

    tests = quantity_tests()
    return f"{sum(map(holds, tests))} of {len(tests)} pass, their costs included"
