"""Patches of rules → two generated modules: `fix_conditions`, which scans may need, and `fixes`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from portside.cel.codegen import Generated
from portside.cel.errors import CelError
from portside.cel.program import generated
from portside.errors import PolicyError
from portside.policy.generated import GENERATED, HEAD, VARIABLES, python_module
from portside.policy.rule import ITEM, OBJECT, Edit, Rule


def fix_modules(rules: Sequence[Rule]) -> dict[str, str]:
    """The texts of the two modules. Raises PolicyError for an expression that does not compile."""
    conditions, fixes = _Written(), _Written()
    listed = [rule for rule in rules if rule.mends]
    when = [
        f"    {rule.id!r}: {conditions.function(rule, rule.fix_when, 'fix-when')},\n"
        for rule in listed
        if rule.fix_when
    ]
    rows = [f"    {rule.id!r}: {_row(rule, fixes)},\n" for rule in listed]
    imported = "from portside.policy.fix import Fix, Step\n"
    return {
        "fix_conditions": conditions.text("", "CONDITIONS", when),
        "fixes": fixes.text(imported, "FIXES", rows),
    }


class _Written:
    """The functions of one module, as they are made."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: list[Generated] = []

    def function(self, rule: Rule, source: str, key: str) -> str:
        """The name of the function that evaluates `source`."""
        name = f"{rule.id.replace('-', '_')}_{len(self._made)}"
        try:
            self._made.append(generated(source, VARIABLES, name))
        except CelError as error:
            hint = f"in the expression: {source}"
            said = f"{rule.id}: {key}: {error.message}"
            raise PolicyError(said, where=rule.file, hint=hint) from error
        return name

    def text(self, imported: str, table: str, rows: Sequence[str]) -> str:
        """The module: imports, functions and the table of the rules."""
        imports = sorted({it for made in self._made for it in made.imports})
        lines = [HEAD, *(f"from portside.cel.{place} import {name}\n" for place, name in imports)]
        lines.append(imported)
        for made in self._made:
            lines += ["\n\n", ast.unparse(made.definition), "\n"]
        return "".join([*lines, f"\n\n{table} = {{\n", *rows, "}\n"])


def _row(rule: Rule, module: _Written) -> str:
    if not rule.patch:
        return f"Fix((), {f'{GENERATED}.{python_module(rule)}'!r})"
    steps = ", ".join(_step(rule, it, module) for it in rule.patch)
    return f"Fix(({steps},))"


def _step(rule: Rule, edit: Edit, module: _Written) -> str:
    root = edit.target.root
    if root == ITEM and rule.module:
        root = OBJECT  # a rule in Python is asked about the whole object
    fields = [repr(edit.what), repr(root), repr(edit.target.path), repr(edit.value)]
    fields += list(_conditions(rule, edit, module))
    return f"Step({', '.join(fields)})"


def _conditions(rule: Rule, edit: Edit, module: _Written) -> Iterator[str]:
    if edit.expression:
        name = module.function(rule, edit.expression, "value-expression")
        yield f"expression={name}"
    if edit.when:
        yield f"when={module.function(rule, edit.when, 'when')}"
