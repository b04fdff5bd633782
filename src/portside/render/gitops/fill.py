"""What ApplicationSets fill into their templates: `{{name}}`, or Go templates.

Source: applicationset/utils/utils.go of Argo CD 3.2 (`Render.Replace`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portside.render.gitops.told import UnresolvedError
from portside.render.process import renderer
from portside.render.wire import TemplateRequest

_TEMPLATED = re.compile(r"\{\{[^\n]*\}\}")
_DEEPEST = 100
_REMEDY = "pip install portside-render, or name what it makes under environments in portside.yaml"

Fill = Callable[[Sequence[str]], list[str]]


def filler(params: Mapping[str, Any], go: bool, options: tuple[str, ...] = ()) -> Fill:
    """What fills `params` into texts. It raises UnresolvedError for what cannot be filled in."""
    if go:
        return lambda texts: go_filled(texts, params, options)
    return lambda texts: [filled(it, params) for it in texts]


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


def go_filled(
    texts: Sequence[str], params: Mapping[str, Any], options: tuple[str, ...]
) -> list[str]:
    """`texts` as Go templates, filled in by the renderer. Raises UnresolvedError."""
    wanted = [it for it in texts if "{{" in it]
    if not wanted:
        return list(texts)
    program = renderer()
    if program is None:
        raise UnresolvedError(f"its Go templates are filled in by the renderer: {_REMEDY}")
    answer = program.template(TemplateRequest(tuple(wanted), params, options))
    if answer.error is not None:
        raise UnresolvedError(f"its Go template cannot be filled in: {answer.error.message}")
    if answer.generated:
        names = ", ".join(sorted({it.function for it in answer.generated}))
        raise UnresolvedError(f"its Go template makes another text each time: {names}")
    made = iter(answer.texts)
    return [next(made) if "{{" in it else it for it in texts]


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


def deep(value: Any, fill: Fill) -> Any:
    """`value` with all its texts filled in, those of keys too."""
    texts = list(dict.fromkeys(_texts(value)))
    return _with(value, dict(zip(texts, fill(texts), strict=True)))


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise UnresolvedError(f"nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, it in value.items():
            yield str(key)
            yield from _texts(it, depth + 1)
    elif isinstance(value, list):
        for it in value:
            yield from _texts(it, depth + 1)


def _with(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return texts[value]
    if isinstance(value, dict):
        return {texts[str(key)]: _with(it, texts) for key, it in value.items()}
    return [_with(it, texts) for it in value] if isinstance(value, list) else value


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
