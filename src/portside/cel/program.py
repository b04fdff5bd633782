"""An expression ready to run, and how one is made: parse, check, generate, compile."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from itertools import islice
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from portside.cel.checker import Checker, Resolution
from portside.cel.codegen import Generated, generate
from portside.cel.constants import Constants
from portside.cel.declarations import NEWEST, Functions, functions
from portside.cel.deep import room
from portside.cel.dialect import refuse_what_kubernetes_lacks
from portside.cel.errors import CelError, CelEvaluationError, CelTypeError
from portside.cel.parser import parse
from portside.cel.quick import Variable, quick
from portside.cel.runtime import ERRORS, evaluation_error
from portside.cel.tree import Node
from portside.cel.types import DYN, Type, is_plain, name_of, parse_type
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.cel.metered import Metered

_FILE = "<cel>"
DIALECTS = ("kubernetes", "cel")
Variables = Iterable[str] | Mapping[str, str]


class Program:
    """A compiled expression: stateless, and safe to share between threads.

    It has two functions. The quick one is asked first; where it gives no value the exact one,
    compiled when it is first needed, decides: it alone absorbs and tells errors.
    """

    __slots__ = (
        *("_exact", "_made", "_metered", "_names", "_quick"),
        *("cost_limit", "result_type", "source"),
    )

    def __init__(
        self,
        source: str,
        made: Made,
        result_type: str,
        cost_limit: int | None,
    ) -> None:
        self.source = source
        self.result_type = result_type
        """The type that the checker found, `dyn` where only the values tell."""
        self.cost_limit = cost_limit
        self._names = tuple(made.variables)
        self._made = made
        self._quick = made.quick() if cost_limit is None else None
        self._exact: Callable[..., Any] | None = None
        self._metered: Metered | None = None

    def __call__(self, **bindings: Any) -> Any:
        """The value for `bindings`, one for each variable: plain Python values.

        Raises CelEvaluationError with line and column.
        """
        return self.evaluate(self._values(bindings))

    def cost(self, **bindings: Any) -> int:
        """What the evaluation for `bindings` costs in Kubernetes' units, also where it fails.

        Nothing is counted beyond `MOST_COUNTED`.
        """
        return self._measured(self._values(bindings), MOST_COUNTED)[1]

    def evaluate(self, values: Sequence[Any]) -> Any:
        """The value for `values`, in the order of the variables. Raises CelEvaluationError."""
        if self._quick is not None:
            try:
                return self._quick(*values)
            except Exception:  # noqa: BLE001, S110 - whatever it is, the exact function tells it
                pass
        try:
            if self.cost_limit is None:
                return self._evaluate_exactly(values)
            return self._evaluate_within(values, self.cost_limit)
        except RecursionError:
            raise CelEvaluationError("values nested too deep", 1, 1) from None
        except MemoryError:
            raise CelEvaluationError("a value is too large", 1, 1) from None

    def _values(self, bindings: Mapping[str, Any]) -> list[Any]:
        try:
            return [bindings[name] for name in self._names]
        except KeyError as error:
            raise CelEvaluationError(f"no such attribute: {error.args[0]}", 1, 1) from None

    def _evaluate_exactly(self, values: Sequence[Any]) -> Any:
        if self._exact is None:
            self._exact = self._made.exact()
        try:
            return self._exact(*values)
        except ERRORS as error:
            made = evaluation_error(error)
            if not made.line:
                made.line, made.column = _where(error.__traceback__)
            raise made from None

    def _evaluate_within(self, values: Sequence[Any], limit: int) -> Any:
        value, cost = self._measured(values, limit)
        if cost <= limit and not self._made.kubernetes:
            # The steps that are counted are Kubernetes', whose dialect is more lenient.
            return self._evaluate_exactly(values)
        if isinstance(value, CelEvaluationError):
            raise value.copy()
        return value

    def _measured(self, values: Sequence[Any], limit: int) -> tuple[Any, int]:
        if self._metered is None:
            self._metered = self._made.metered()
        with room():
            return self._metered(values, limit)


MOST_COUNTED = 100_000_000
"""A hundred times what Kubernetes allows an expression."""


class Made(NamedTuple):
    """What the functions of a program are made from."""

    tree: Node
    variables: Mapping[str, Type]
    functions: Functions
    resolution: Resolution
    kubernetes: bool

    def quick(self) -> Callable[..., Any] | None:
        """The quick function; None where Python has no room for it."""
        variables = [Variable(name, is_plain(kind)) for name, kind in self.variables.items()]
        made = quick(self.tree, variables, "quick", self.functions, self.resolution)
        try:
            return _function(made)
        except CelError:
            return None

    def exact(self) -> Callable[..., Any]:
        """The function that follows the language to the letter."""
        names = tuple(self.variables)
        with room():
            return _function(generate(self.tree, names, "exact", self.functions, self.resolution))

    def metered(self) -> Metered:
        """The steps that are counted."""
        from portside.cel.metered import Metered

        with room():
            return Metered(self.tree, self.variables, self.functions, self.resolution)


def compile(  # noqa: A001 - the word of the trade
    source: str,
    variables: Variables,
    *,
    dialect: str = "kubernetes",
    version: str | None = None,
    cost_limit: int | None = None,
    checked: bool = True,
) -> Program:
    """The program of `source`.

    `variables` are names, which are dyn, or names with types (`list(string)`). `dialect` is
    `kubernetes` (of `version`, such as "1.34"; default the newest known) or `cel`, the full
    language. With `cost_limit` evaluation ends in an error once it has cost more, counted in
    Kubernetes' units. Without `checked` names, functions and types are looked at only where the
    evaluation comes to them, as cel-spec has it for unchecked expressions.

    Raises CelSyntaxError and CelTypeError with line and column.
    """
    if dialect not in DIALECTS:
        raise CelTypeError(f"no such dialect: {dialect}")
    kubernetes = dialect == "kubernetes"
    minor = minor_version(version)
    types = _types(variables)
    with room():
        tree = parse(source)
        if kubernetes:
            refuse_what_kubernetes_lacks(tree, minor)
        checker = Checker(types, environment(dialect, minor))
        result = checker.check(tree) if checked else DYN
        if checked and kubernetes:
            _constants(checker, minor).refuse(tree)
        made = Made(tree, types, checker.functions, checker.resolution(), kubernetes)
        return Program(source, made, name_of(result), cost_limit)


def generated(source: str, variables: Iterable[str], name: str, minor: int = NEWEST) -> Generated:
    """`source`, in Kubernetes' dialect over dyn variables, as a Python function called `name`.

    What rules are generated with: the function's parameters are the variables in their order.
    """
    with room():
        tree, checker = _checked(source, _types(variables), minor)
        names = tuple(checker.variables)
        return generate(tree, names, name, checker.functions, checker.resolution())


def generated_shortcut(
    source: str, variables: Mapping[str, bool], name: str, minor: int = NEWEST
) -> Generated:
    """What gives what `generated`'s function of `source` gives, or raises: see `cel.quick`.

    `variables` are its parameters, each with whether it is always a plain map.
    """
    with room():
        tree, checker = _checked(source, dict.fromkeys(variables, DYN), minor)
        named = [Variable(name, a_map=a_map) for name, a_map in variables.items()]
        return quick(tree, named, name, checker.functions, checker.resolution())


def _checked(source: str, variables: dict[str, Type], minor: int) -> tuple[Node, Checker]:
    tree = parse(source)
    refuse_what_kubernetes_lacks(tree, minor)
    checker = Checker(variables, environment("kubernetes", minor))
    checker.check(tree)
    _constants(checker, minor).refuse(tree)
    return tree, checker


def _constants(checker: Checker, minor: int) -> Constants:
    evaluate = partial(_constant, checker.functions)
    return Constants(checker.final(), checker.is_type, evaluate, minor)


def _constant(known: Functions, node: Node) -> Any:
    return _function(generate(node, (), "constant", known))()


def minor_version(version: str | None) -> int:
    """The N of "1.N". Raises CelTypeError for anything else."""
    if version is None:
        return NEWEST
    major, _, minor = version.removeprefix("v").partition(".")
    if major != "1" or not minor.isdecimal():
        raise CelTypeError(f"{version!r} is not a Kubernetes version such as 1.34")
    return int(minor)


@cache
def environment(dialect: str, minor: int) -> Functions:
    """The functions of a dialect, made once."""
    return functions(dialect, minor)


def _types(variables: Variables) -> dict[str, Type]:
    if isinstance(variables, Mapping):
        return {
            name: parse_type(kind) if isinstance(kind, str) else kind
            for name, kind in variables.items()
        }
    return dict.fromkeys(variables, DYN)


def _function(made: Generated) -> Callable[..., Any]:
    module = ast.Module([made.definition], [])
    try:
        code: CodeType = _python_compile(module)
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise CelError("nested too deep") from error
    scope: dict[str, Any] = {}
    for place, name in made.imports:
        scope[name] = getattr(import_module(f"portside.cel.{place}"), name)
    exec(code, scope)  # noqa: S102 - the code was built from our own nodes
    function: Callable[..., Any] = scope[made.definition.name]
    return function


def _python_compile(module: ast.Module) -> CodeType:
    import builtins

    code: CodeType = builtins.compile(module, _FILE, "exec")
    return code


def _where(trace: TracebackType | None) -> tuple[int, int]:
    """Line and column of the part of the expression in which an error was raised."""
    found = (0, 0)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            positions = trace.tb_frame.f_code.co_positions()
            line, _, column, _ = next(islice(positions, trace.tb_lasti // 2, None))
            found = (line or 0, (column or 0) + 1)
        trace = trace.tb_next
    return found
