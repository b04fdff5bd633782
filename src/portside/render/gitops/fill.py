"""What ApplicationSets fill into their templates: `{{name}}`, and the simple part of Go templates.

Source: applicationset/utils/utils.go of Argo CD 3.2 (`Render.Replace`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from portside.render.gitops.told import UnresolvedError

_TEMPLATED = re.compile(r"\{\{[^\n]*\}\}")
_ACTION = re.compile(r"\{\{(- )?([^{}]*?)( -)?\}\}")
_CHAIN = re.compile(r"(?:\.[A-Za-z_]\w*)+")
_INDEX = re.compile(r'index\s+((?:\.[A-Za-z_]\w*)+)\s+(?:(\d{1,6})|"([^"\\]*)")')
_DEEPEST = 100
_LONGEST = 1 << 20
_NO_VALUE = "<no value>"

Fill = Callable[[str], str]


def filler(params: Mapping[str, Any], go: bool, options: tuple[str, ...] = ()) -> Fill:
    """What fills `params` into a text. It raises UnresolvedError for what cannot be filled in."""
    if go:
        strict = "missingkey=error" in options
        return lambda text: go_filled(text, params, strict)
    return lambda text: filled(text, params)


def filled(text: str, params: Mapping[str, Any]) -> str:
    """`text` with the texts of `params` for `{{name}}`; what names none of them stays as it is."""
    if not _TEMPLATED.search(text):
        return text
    made, rest = [], text
    while True:
        before, opened, rest = rest.partition("{{")
        made.append(before)
        if not opened:
            return "".join(made)
        name, closed, rest = rest.partition("}}")
        if not closed:
            raise UnresolvedError(f"{text!r} opens a brace that it does not close")
        value = params.get(name.strip())
        made.append(value if name.strip() and isinstance(value, str) else f"{{{{{name}}}}}")


def go_filled(text: str, params: Mapping[str, Any], strict: bool) -> str:
    """`text` with the values that its actions name; only fields and `index` are known here."""
    if "{{" not in text:
        return text
    if len(text) > _LONGEST:
        raise UnresolvedError("a template of more than a megabyte")
    made, at, trim = [], 0, False
    for action in _ACTION.finditer(text):
        before = text[at : action.start()]
        before = before.lstrip() if trim else before
        made.append(before.rstrip() if action[1] else before)
        made.append(_printed(_value(action[2].strip(), params, strict), text))
        at, trim = action.end(), bool(action[3])
    rest = text[at:]
    if "{{" in "".join(made[::2]) + rest:
        raise _no_renderer(text)
    return "".join([*made, rest.lstrip() if trim else rest])


def _value(action: str, params: Mapping[str, Any], strict: bool) -> Any:
    if _CHAIN.fullmatch(action):
        return _field(action, params, strict)
    found = _INDEX.fullmatch(action)
    if found is None:
        raise _no_renderer(f"{{{{{action}}}}}")
    value = _field(found[1], params, True)
    if found[2] is not None and isinstance(value, list) and int(found[2]) < len(value):
        return value[int(found[2])]
    if found[3] is not None and isinstance(value, dict):
        return value.get(found[3])
    raise UnresolvedError(f"{{{{{action}}}}}: there is no such item")


def _field(chain: str, params: Mapping[str, Any], strict: bool) -> Any:
    value: Any = params
    for step in chain[1:].split("."):
        if value is None and not strict:
            return None
        if not isinstance(value, Mapping):
            raise UnresolvedError(f"{chain}: there is no field {step}")
        if step not in value and strict:
            raise UnresolvedError(f"{chain}: its generator yields no {step}")
        value = value.get(step)
    return value


def _printed(value: Any, text: str) -> str:
    if value is None:
        return _NO_VALUE
    if isinstance(value, dict | list):
        raise _no_renderer(text)
    return shown(value)


def shown(value: Any) -> str:
    """A scalar as Go prints it with %v, where all numbers of JSON are float64."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "<nil>"
    return _number(float(value)) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    """The shortest form of a number, with an exponent below -4 and from 6 on."""
    if value == 0 or value - value != 0:
        return "0" if value == 0 else str(value)
    sign, digits, _ = Decimal(repr(value)).normalize().as_tuple()
    exponent = Decimal(repr(value)).adjusted()
    if -4 <= exponent < 6:
        return str(int(value)) if value.is_integer() else repr(value)
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:]}" if text[1:] else text
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _no_renderer(text: str) -> UnresolvedError:
    return UnresolvedError(
        f"{text!r} is more of a Go template than is filled in here: name what it makes under "
        "environments in portside.yaml"
    )


def deep(value: Any, fill: Fill, depth: int = 0) -> Any:
    """`value` with all its texts filled in, those of keys too."""
    if depth > _DEEPEST:
        raise UnresolvedError(f"nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {fill(str(key)): deep(it, fill, depth + 1) for key, it in value.items()}
    return [deep(it, fill, depth + 1) for it in value] if isinstance(value, list) else value


def flattened(value: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """The scalars of `value` by their paths with dots, as Go prints them."""
    found: dict[str, str] = {}
    pending = [(f"{before}.{key}" if before else str(key), it) for key, it in value.items()]
    while pending:
        name, item = pending.pop()
        if name.count(".") > _DEEPEST:
            raise UnresolvedError(f"nested deeper than {_DEEPEST} levels")
        if isinstance(item, dict):
            pending += [(f"{name}.{key}", it) for key, it in item.items()]
        elif isinstance(item, list):
            pending += [(f"{name}.{index}", it) for index, it in enumerate(item)]
        else:
            found[name] = shown(item)
    return found
