"""Rule files → `Rule`: decoded, checked, and with errors that name file, line and key."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from portside.errors import PolicyError
from portside.model.rule_text import RuleText
from portside.model.severity import NAMES, severity
from portside.model.workload import CONTAINER_LISTS
from portside.policy.path import parse_path
from portside.policy.rule import (
    EXCUSE,
    FILES,
    FINDING,
    FIX_CLASSES,
    FORMS,
    ITEM,
    OBJECT,
    PROFILES,
    PYTHON,
    ROOTS,
    TEXT,
    USUAL_FILE,
    Check,
    Edit,
    Example,
    Param,
    Rule,
    Target,
)
from portside.policy.section import Section, open_section

ASKED = ("each", "containers", "when", "require", "says", "at", "since", "until", "undecided")
CHECK_KEYS = (*ASKED, "severity")
KEYS = (
    *("id", "title", "severity", "severity-reason", "why", "fix", "profile", "kinds"),
    *ASKED,
    *("checks", "variables", "params", "form", "covered-by", "frameworks", "aliases"),
    *("fix-class", "fix-when", "patch", "examples", "controls", "needs"),
)
EXAMPLE_KEYS = (
    *("bad", "good", "lines", "manifest", "api", "params", "version", "undecided", "file", "part"),
    "beside",
    "fixed",
)
API_NOTES = ("refused", "subresource", "needs-crd")
_VALUES = ("value", "value-expression")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ALIAS = re.compile(r"[a-z-]+:\S.*")
_VARIABLE = re.compile(r"\bvariables\.([A-Za-z_]\w*)")
_VERSION = re.compile(r"1\.(\d{1,3})")


def load_folder(folder: Path) -> tuple[Rule, ...]:
    """Every rule of the YAML files below `folder`, in the order of their ids.

    Raises PolicyError where a file is not a rule, or two have the same id.
    """
    paths = sorted(path for path in folder.rglob("*.y*ml") if path.suffix in (".yaml", ".yml"))
    listed = [load_file(path) for path in paths]
    listed += [load_file(path) for path in python_rules(folder)]
    rules = sorted(listed, key=lambda rule: rule.id)
    for one, other in pairwise(rules):
        if one.id == other.id:
            section = open_section(words(Path(other.file)), other.file)
            section.fail(f"another rule has this id: {one.file}", "id")
    return tuple(rules)


def python_rules(folder: Path) -> list[Path]:
    """The files below `folder` that hold a rule in Python."""
    mark = "RULE = "
    paths = sorted(folder.glob("*/*.py"))
    return [it for it in paths if mark in it.read_text("utf-8") and it.parent.name != "generated"]


def load_file(path: Path) -> Rule:
    """The rule that the file at `path` holds. Raises PolicyError."""
    rule = load(words(path), str(path), name=path.stem)
    if path.suffix != ".py":
        return rule
    module = f"portside.rules.{path.parent.name}.{path.stem}"
    return replace(rule, module=module, has_mend=_defines(path, "mend"))


def _defines(path: Path, name: str) -> bool:
    """Whether the Python file has a function of this name."""
    body = ast.parse(path.read_text("utf-8")).body
    return any(isinstance(it, ast.FunctionDef) and it.name == name for it in body)


def words(path: Path) -> bytes:
    """The YAML of the rule at `path`: the file, or the text `RULE` of a Python module.

    Nothing of a module is run. Raises PolicyError.
    """
    if path.suffix != ".py":
        return path.read_bytes()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "RULE":
                return ("\n" * (node.value.lineno - 1) + str(node.value.value)).encode()
    raise PolicyError("it holds no text called RULE", where=str(path))


def load(data: bytes, file: str, *, name: str = "") -> Rule:
    """The rule in `data`; `name` is the file's name, which its id must be."""
    section = open_section(data, file)
    section.only(KEYS)
    variables = _variables(section)
    form = section.word("form", FORMS, "judged")
    checks = () if form in (TEXT, EXCUSE, *PYTHON) else tuple(_checks(section, variables))
    rule = Rule(
        text=_text(section, name),
        checks=checks,
        variables=variables,
        params=_params(section),
        form=form,
        covered_by=section.texts("covered-by"),
        fix_when=_inlined(section.text("fix-when"), variables, section, "fix-when"),
        patch=tuple(_patch(section, variables)),
        examples=tuple(_example(it) for it in section.sections("examples")),
        file=file,
        controls=section.texts("controls"),
        needs=section.text("needs"),
    )
    if form in PYTHON:
        return _of_python(rule, section)
    if not rule.text.kinds and checks and not rule.bears_pods():
        section.fail("is required unless each starts with pod or container", "kinds")
    return rule


def _of_python(rule: Rule, section: Section) -> Rule:
    """`rule`, whose condition is no CEL; its examples have the names that its files have."""
    for key in ASKED:
        if key in section.value:
            section.fail("has no place in a rule in Python", key)
    usual = next((FILES[it] for it in rule.text.kinds if it in FILES), "")
    examples = (
        replace(it, file=usual) if usual and it.file == USUAL_FILE else it for it in rule.examples
    )
    return replace(rule, examples=tuple(examples))


def _text(section: Section, name: str) -> RuleText:
    identity = section.required("id")
    if not _ID.fullmatch(identity):
        section.fail(f"{identity!r} is not kebab-case", "id")
    if name and identity.replace("-", "_") != name:
        section.fail(f"the file must be called {identity.replace('-', '_')}.yaml", "id")
    for index, alias in enumerate(section.texts("aliases")):
        if not _ALIAS.fullmatch(alias):
            section.fail(f"{alias!r} is not tool:id", "aliases", index)
    return RuleText(
        id=identity,
        title=section.required("title"),
        severity=severity(section.word("severity", NAMES)),
        severity_reason=section.text("severity-reason"),
        why=section.required("why"),
        fix=section.required("fix"),
        fix_class=section.word("fix-class", FIX_CLASSES, "none"),
        profile=section.word("profile", PROFILES, "recommended"),
        kinds=section.texts("kinds"),
        params=tuple(
            (key, it.type, it.default, it.description) for key, it in _params(section).items()
        ),
        frameworks=section.texts("frameworks"),
        aliases=section.texts("aliases"),
    )


def _checks(section: Section, variables: Mapping[str, str]) -> Iterable[Check]:
    if "checks" not in section.value:
        yield _check(section, variables, None)
        return
    for key in ASKED:
        if key in section.value:
            section.fail("stands either in the rule or in its checks, not in both", key)
    for it in section.sections("checks"):
        it.only(CHECK_KEYS)
        own = severity(it.word("severity", NAMES)) if "severity" in it.value else None
        yield _check(it, variables, own)
    if not section.value["checks"]:
        section.fail("may not be empty", "checks")


def _check(section: Section, variables: Mapping[str, str], own: int | None) -> Check:
    root, each = _each(section)
    undecided = section.section("undecided")
    if undecided.value:
        undecided.only(("when", "missing"))
    containers = section.texts("containers") or CONTAINER_LISTS
    for index, listed in enumerate(containers):
        if listed not in CONTAINER_LISTS:
            section.fail(f"{listed!r} is none of {', '.join(CONTAINER_LISTS)}", "containers", index)
    return Check(
        root=root,
        each=each,
        require=_inlined(section.required("require"), variables, section, "require"),
        says=_inlined(section.required("says"), variables, section, "says"),
        at=tuple(_target(text, section, "at") for text in section.texts("at"))
        or (Target(ITEM, ()),),
        when=_inlined(section.text("when"), variables, section, "when"),
        containers=containers,
        since=_minor(section, "since", 0),
        until=_minor(section, "until", 1000),
        line=section.document.nearest((*section.path, "require"))[0],
        severity=own,
        unknown_when=_inlined(undecided.text("when"), variables, undecided, "when"),
        unknown=undecided.required("missing") if undecided.value else "",
    )


def _each(section: Section) -> tuple[str, tuple[str, ...]]:
    text = section.text("each")
    steps = _path(text, section, "each")
    if any(isinstance(step, int) for step in steps):
        section.fail("an index has no place here: every item of a list is asked about", "each")
    names = tuple(str(step) for step in steps)
    if names and names[0] in ROOTS:
        return names[0], names[1:]
    return OBJECT, names


def _target(text: str, section: Section, key: str) -> Target:
    steps = _path(text, section, key)
    if steps and steps[0] in (*ROOTS, ITEM):
        return Target(str(steps[0]), steps[1:])
    return Target(ITEM, steps)


def _path(text: str, section: Section, key: str) -> tuple[str | int, ...]:
    try:
        return parse_path(text)
    except ValueError as error:
        section.fail(f"{text!r} is not a field path: {error}", key)


def _minor(section: Section, key: str, default: int) -> int:
    text = section.value.get(key)
    if text is None:
        return default
    found = _VERSION.fullmatch(text) if type(text) is str else None
    if not found:
        section.fail('expected a Kubernetes version in quotes, such as "1.31"', key)
    return int(found[1])


def _variables(section: Section) -> dict[str, str]:
    listed = section.section("variables")
    known: dict[str, str] = {}
    for name in listed.value:
        text = listed.required(name)
        known[name] = _inlined(text, known, listed, name)
    return known


def _inlined(text: str, variables: Mapping[str, str], section: Section, key: str) -> str:
    """`text` with every `variables.name` replaced by its expression in parentheses."""

    def expression(found: re.Match[str]) -> str:
        if found[1] not in variables:
            section.fail(f"there is no variable {found[1]} above", key)
        return f"({variables[found[1]]})"

    return _VARIABLE.sub(expression, text)


def _params(section: Section) -> dict[str, Param]:
    listed = section.section("params")
    found = {}
    for name in listed.value:
        it = listed.section(name)
        it.only(("type", "default", "description"))
        if "default" not in it.value:
            it.fail("is required", "default")
        found[name] = Param(it.required("type"), it.value["default"], it.text("description"))
    return found


def _patch(section: Section, variables: Mapping[str, str]) -> Iterable[Edit]:
    for it in section.sections("patch"):
        it.only(("set", "add", "remove", *_VALUES, "when"))
        named = [key for key in ("set", "add", "remove") if key in it.value]
        values = [key for key in _VALUES if key in it.value]
        if len(named) != 1 or len(values) != (named != ["remove"]):
            it.fail("expected set or add and a value or value-expression, or remove")
        key = named[0]
        yield Edit(
            key,
            _patched(it.text(key), it, key),
            it.value.get("value"),
            _inlined(it.text("value-expression"), variables, it, "value-expression"),
            _inlined(it.text("when"), variables, it, "when"),
        )
    if section.text("fix-when") and section.text("fix-class") != "conditional":
        section.fail("is for fix-class: conditional", "fix-when")


def _patched(text: str, section: Section, key: str) -> Target:
    steps = _path(text, section, key)
    if steps and steps[0] == FINDING:
        return Target(FINDING, steps[1:])
    return _target(text, section, key)


def _example(section: Section) -> Example:
    section.only(EXAMPLE_KEYS)
    good = "good" in section.value
    if good == ("bad" in section.value):
        section.fail("expected either bad or good, with its title")
    lines: list[Any] = section.get("lines", list, [])
    for index, line in enumerate(lines):
        section.check(line, int, "lines", index)
    if good == bool(lines):
        section.fail("a bad example says the lines of its findings, a good one has none", "lines")
    return Example(
        title=section.required("good" if good else "bad"),
        manifest=section.required("manifest"),
        lines=tuple(lines),
        good=good,
        api=section.word("api", API_NOTES) if "api" in section.value else "",
        params=section.section("params").value,
        version=section.text("version"),
        undecided=section.get("undecided", bool, False),
        file=section.text("file") or USUAL_FILE,
        part=section.get("part", bool, False),
        beside=section.section("beside").value,
        fixed=section.text("fixed"),
    )
