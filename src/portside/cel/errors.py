"""What can go wrong with an expression. Every start loads this module: it imports nothing."""

from __future__ import annotations


class CelError(Exception):
    """`message` says what; `line` and `column` (from 1; 0 where unknown) say where."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def copy(self) -> CelError:
        """The same error, to be raised anew."""
        return type(self)(self.message, self.line, self.column)

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}" if self.line else self.message


class CelSyntaxError(CelError):
    """The text is not an expression of the language."""


class CelTypeError(CelError):
    """The expression does not fit the declared names, functions and types, or the dialect."""


class CelEvaluationError(CelError):
    """The expression has no value for these bindings."""


class CelUndecidedError(CelEvaluationError):
    """The expression asks for what is not to be had here: an authorizer, an RE2 engine."""


def no_overload(name: str) -> CelEvaluationError:
    return CelEvaluationError(f"no such overload: {name}")
