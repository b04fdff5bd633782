"""Rules → Python modules that a scan imports: no YAML, no CEL and no `ast` at start (D4).

`write` makes a package of these modules: `catalogue` (what a plan needs to choose rules),
`pods` and `kind_<kind>` (checks with their shortcuts), `exact_…` beside each (the conditions in
full, loaded where a shortcut does not tell), `texts` (the words), `fixes` and `fix_conditions`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from portside.cel.codegen import Generated
from portside.cel.dialect import walk
from portside.cel.errors import CelError
from portside.cel.parser import parse
from portside.cel.program import generated, generated_shortcut
from portside.cel.shortcut import without_key
from portside.cel.tree import Select
from portside.errors import PolicyError
from portside.policy.compiled import TAILS
from portside.policy.generate_fixes import fix_modules
from portside.policy.generated import GENERATED, HEAD, VARIABLES, python_module
from portside.policy.rule import CONTAINER, ITEM, POD, Check, Rule
from portside.policy.says import message_expression
from portside.records import NamedTuple

_ALWAYS_MAPS = {name: name != ITEM for name in VARIABLES}
_EXACT = "exact_"
WORDS = "RULE"
"""The text in a rule in Python that holds its YAML."""
_LAST = "catalogue"


class Module(NamedTuple):
    """The functions and the table of one generated module."""

    functions: list[ast.stmt]
    rows: list[str]
    imports: set[tuple[str, str]]


def write(rules: Sequence[Rule], folder: Path, stamp: str) -> None:
    """Write the modules for `rules` into `folder`; `stamp` names the texts they come from.

    Others may write and read there meanwhile: each file is whole at any time, and the catalogue,
    which has the stamp, comes last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(modules(rules, stamp).items(), key=lambda it: it[0] == _LAST):
        target = folder / f"{name}.py"
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            fresh = folder / f".{name}.{os.getpid()}.tmp"
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(target)


def modules(rules: Sequence[Rule], stamp: str) -> dict[str, str]:
    """The texts of the generated modules, by name. Raises PolicyError for a bad condition.

    A module imports its exact half as a sibling of its own package.
    """
    by_module: dict[str, Module] = {}
    for rule in rules:
        for number, check in enumerate(rule.checks):
            for name in _homes(rule):
                quick = by_module.setdefault(name, Module([], [], set()))
                exact = by_module.setdefault(_EXACT + name, Module([], [], set()))
                _add(quick, exact, rule, check, number)
    texts = {name: _module_text(name, module) for name, module in by_module.items()}
    texts |= {python_module(rule): _program(rule) for rule in rules if rule.module}
    homes = sorted(name for name in by_module if not name.startswith(_EXACT))
    texts["catalogue"] = _catalogue(rules, homes, stamp)
    texts["texts"] = _texts(rules)
    texts |= fix_modules(rules)
    texts["__init__"] = HEAD
    return texts


def _homes(rule: Rule) -> list[str]:
    """The modules in which the checks of `rule` stand: by what a scan knows before it asks."""
    tail = TAILS[rule.text.profile]
    if not rule.text.kinds:
        return [f"pods{tail}"]
    return sorted({module_of(kind.rpartition("/")[2]) + tail for kind in rule.text.kinds})


def module_of(kind: str) -> str:
    """The module of the checks for objects of `kind` alone."""
    return f"kind_{kind.lower()}"


def _program(rule: Rule) -> str:
    """The program of a rule in Python without its words, which no scan needs."""
    tree = ast.parse(Path(rule.file).read_text(encoding="utf-8"))
    kept = [it for it in tree.body if not _is_text(it)]
    return HEAD + ast.unparse(ast.Module(kept, [])) + "\n"


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a text by itself, or the words of the rule."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == WORDS


def _add(quick: Module, exact: Module, rule: Rule, check: Check, number: int) -> None:
    stem = f"{rule.id.replace('-', '_')}_{number}"
    _put(exact, _function(check.answer, f"holds_{stem}", rule, check))
    _put(quick, generated_shortcut(check.answer, _ALWAYS_MAPS, f"quick_{stem}"))
    expression = message_expression(check.says)
    says = repr(check.says)
    if expression is not None:
        says = f"says_{stem}"
        _put(quick, _function(expression, says, rule, check))
    quick.rows.append(_row(rule, check, stem, says))


def _put(module: Module, made: Generated) -> None:
    module.functions.append(made.definition)
    module.imports.update(made.imports)


def _function(source: str, name: str, rule: Rule, check: Check) -> Generated:
    try:
        return generated(source, VARIABLES, name)
    except CelError as error:
        raise PolicyError(
            f"{rule.id}: {error.message}",
            where=f"{rule.file}:{check.line}",
            hint=f"in the expression: {source}",
        ) from error


def _row(rule: Rule, check: Check, stem: str, says: str) -> str:
    at = tuple((it.root, it.path) for it in check.at)
    reads = sorted(_reads(check))
    fields = (
        *(repr(rule.id), repr(check.root), repr(check.each), repr(check.containers)),
        *(repr(check.since), repr(check.until), f"quick_{stem}", f'exact("holds_{stem}")'),
        *(says, repr(at), f"frozenset({reads!r})", repr(_required(check))),
        *((repr(check.severity),) if check.severity is not None else ()),
    )
    return f"    CompiledCheck({', '.join(fields)}),\n"


def _required(check: Check) -> str:
    """A key of the container or pod it is asked about without which the check cannot fail."""
    if check.root not in (CONTAINER, POD):
        return ""
    if check.each:
        return check.each[0]
    tree = parse(check.condition)
    asked = [it.field for it in walk(tree) if isinstance(it, Select) and it.test]
    return next((it for it in asked if without_key(tree, check.root, it)), "")


def _reads(check: Check) -> set[str]:
    """The names of the fields that the condition reads, or that lead to what it is asked about.

    A name with a star says that the field is read with all that is in it, not only for one part.
    """
    names = set(check.each)
    selects = [node for node in walk(parse(check.answer)) if isinstance(node, Select)]
    steps = {id(node.operand) for node in selects}
    names.update(node.field for node in selects)
    names.update(f"{it.field}*" for it in selects if id(it) not in steps and not it.test)
    return names


_LOADER = """

def exact(function):
    def load():
        from importlib import import_module
        return getattr(import_module(".{name}", __package__), function)
    return load
"""


def _module_text(name: str, module: Module) -> str:
    lines = [HEAD]
    if module.rows:
        lines += ["from portside.policy.compiled import CompiledCheck\n"]
    lines += [
        f"from portside.cel.{place} import {name}\n" for place, name in sorted(module.imports)
    ]
    for function in module.functions:
        lines += ["\n\n", ast.unparse(function), "\n"]
    if module.rows:
        lines += [_LOADER.format(name=_EXACT + name), "\n\nCHECKS = (\n", *module.rows, ")\n"]
    return "".join(lines)


def _catalogue(rules: Sequence[Rule], names: Iterable[str], stamp: str) -> str:
    lines = [HEAD, "from portside.policy.compiled import CompiledRule\n\n"]
    lines += [f"STAMP = {stamp!r}\n", f"MODULES = frozenset({sorted(names)!r})\n", "RULES = {\n"]
    for rule in rules:
        lines.append(f"    {rule.id!r}: CompiledRule(\n        {_catalogue_row(rule)},\n    ),\n")
    return "".join([*lines, "}\n"])


def _catalogue_row(rule: Rule) -> str:
    params = {name: it.default for name, it in rule.params.items()}
    fields = (
        *(rule.id, rule.text.severity, rule.text.profile, pod_security_level(rule)),
        *(rule.text.kinds, rule.form, rule.covered_by, params),
        *((f"{GENERATED}.{python_module(rule)}", rule.needs) if rule.module else ()),
    )
    row = ", ".join(repr(field) for field in fields)
    return f"{row}, fix={rule.mends!r}" if rule.mends else row


def pod_security_level(rule: Rule) -> str:
    """The Pod Security level that `rule` is part of: `baseline`, `restricted` or none."""
    for level in ("baseline", "restricted"):
        if any(it.startswith(f"PSS:{level}/") for it in rule.text.frameworks):
            return level
    return ""


def _texts(rules: Sequence[Rule]) -> str:
    lines = [HEAD, "from portside.model.rule_text import RuleText\n\nTEXTS = {\n"]
    for rule in rules:
        fields = ", ".join(f"{name}={value!r}" for name, value in rule.text._asdict().items())
        lines.append(f"    {rule.id!r}: RuleText({fields}),\n")
    return "".join([*lines, "}\n"])
