"""Generates the built-in rules' modules: from a checkout on first use, and for a wheel."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from portside.policy.listing import SOURCES, forget, keep, listed

if TYPE_CHECKING:
    from portside.policy.rule import Rule


RULES = Path(__file__).resolve().parent.parent / "rules"
GENERATED = RULES / "generated"
_PACKAGE = str(RULES.parent)


def builtin_rules() -> tuple[Rule, ...]:
    """The built-in rules in full, from their files. Raises PolicyError."""
    from portside.policy.load import load_folder

    return load_folder(RULES)


def file_of(rule: str) -> Path:
    """The file of the built-in rule called `rule`. Raises KeyError."""
    stem = rule.replace("-", "_")
    for name in (f"*/{stem}.yaml", f"*/{stem}.py"):
        found = next(RULES.glob(name), None)
        if found is not None and found.parent != GENERATED:
            return found
    raise KeyError(rule)


def ensure_generated(*, force: bool = False) -> None:
    """Write the generated modules where they are missing or older than what they are made from.

    `force` also leaves nothing beside them that is of use in this checkout alone.
    """
    before = listed(_PACKAGE)
    stamp = _stamp()
    if force or _written_stamp() != stamp:
        # The compiler is imported only where there is something to compile.
        from portside.policy.generate import write

        write(builtin_rules(), GENERATED, stamp)
        import importlib

        importlib.invalidate_caches()
    if force:
        forget(_PACKAGE)
    elif before is not None:
        keep(before, _PACKAGE)


def sources() -> list[Path]:
    """The rule files and the code that compiles them."""
    package = RULES.parent
    paths = [*RULES.rglob("*.yaml"), *_python_rules(), *(package / "cel").rglob("*.py")]
    return sorted([*paths, *(package / name for name in SOURCES)])


def _stamp() -> str:
    """A digest of all that the generated modules are made from."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sources():
        digest.update(str(path.relative_to(RULES.parent)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _python_rules() -> list[Path]:
    return [it for it in RULES.glob("*/*.py") if it.parent != GENERATED]


def _written_stamp() -> str:
    try:
        text = (GENERATED / "catalogue.py").read_text(encoding="utf-8")
    except OSError:
        return ""
    return next((line[9:-1] for line in text.splitlines() if line.startswith("STAMP = ")), "")
