"""The fixtures that prove mappings: sound.yaml, its faults, and the examples of rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.rules.asking import rules

HERE = Path(__file__).parent
SOUND = "sound"


class Fixture(NamedTuple):
    """A file and what it is called: `sound`, `fault NAME`, or `RULE: TITLE OF AN EXAMPLE`."""

    name: str
    text: str
    file: str = "shop.yaml"
    whole: bool = True


@cache
def fixtures() -> dict[str, Fixture]:
    """Every fixture there is, by its name."""
    return {it.name: it for it in (*_faults(), *_examples())}


def _faults() -> Iterator[Fixture]:
    sound = (HERE / "sound.yaml").read_text()
    yield Fixture(SOUND, sound)
    for name, fault in yaml.safe_load((HERE / "faults.yaml").read_text()).items():
        yield Fixture(f"fault {name}", faulty(sound, fault))


def _examples() -> Iterator[Fixture]:
    for rule in rules():
        for it in rule.examples:
            if not it.params and not it.version and rule.form != "excuse":
                yield Fixture(f"{rule.id}: {it.title}", it.manifest, it.file, not it.part)


def faulty(text: str, fault: dict[str, Any]) -> str:
    """`text` with one fault. A fault that changes nothing is an error."""
    changed = _without_objects(text, fault.get("less_object", ""))
    for line in fault.get("less", ()):
        changed = _without(changed, line)
    if "below" in fault:
        changed = _below(changed, fault["below"], fault["line"])
    if "instead" in fault:
        changed = _replaced(changed, fault["instead"], fault["of"], 1)
    if "everywhere" in fault:
        changed = _replaced(changed, fault["everywhere"], fault["of"], -1)
    if "add" in fault:
        changed = f"{changed}---\n{fault['add']}"
    if "and" in fault:
        changed = faulty(changed, fault["and"])
    assert changed != text, fault
    return changed


def _without_objects(text: str, kind: str) -> str:
    parts = text.split("---\n")
    return "---\n".join(it for it in parts if not kind or f"{kind}\n" not in it)


def _without(text: str, line: str) -> str:
    lines = text.splitlines(keepends=True)
    left = [it for it in lines if it.strip() != line]
    assert len(left) < len(lines), line
    return "".join(left)


def _below(text: str, mark: str, line: str) -> str:
    for at in text.splitlines():
        if at.strip() == f"# {mark}":
            indent = at[: at.index("#")]
            return _replaced(text, f"{at}\n", f"{at}\n{indent}{line}\n", 1)
    raise AssertionError(mark)


def _replaced(text: str, old: str, new: str, count: int) -> str:
    assert old in text, old
    return text.replace(old, new, count)
