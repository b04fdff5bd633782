"""The baseline: findings that were there when a team began, which do not count (D8)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from portside.cli.output import written
from portside.errors import ConfigError

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation

VERSION = 1
_LARGEST = 256 << 20
_KEYS = ("rule", "identity", "count")


def write_baseline(path: str, evaluation: Evaluation) -> None:
    """Write what counts today to the file at `path`, and what an older baseline excuses.

    What is waived otherwise is left out: its own end would be lost in here. The file holds no
    times and has one order, so that a change of it can be reviewed.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for finding, excuse in evaluation.findings():
        if excuse is None or excuse.kind == "baseline":
            counted[finding.rule, finding.identity] += 1
    written(path, _text(counted))
    number = counted.total()
    sys.stderr.write(f"{path}: {number} finding{'' if number == 1 else 's'} written\n")


def _text(counted: Counter[tuple[str, str]]) -> Iterator[str]:
    yield f'{{\n"version": {VERSION},\n"findings": ['
    mark = "\n"
    for (rule, identity), count in sorted(counted.items()):
        yield f"{mark}  {json.dumps(dict(zip(_KEYS, (rule, identity, count), strict=True)))}"
        mark = ",\n"
    yield f"{'' if mark == chr(10) else chr(10)}]\n}}\n"


def read_baseline(path: str) -> Counter[tuple[str, str]]:
    """How often each (rule, identity) of the baseline at `path` may occur. Raises ConfigError."""
    value = _parsed(path)
    if type(value) is not dict or value.get("version") != VERSION:
        _refuse(path, f"not a baseline of version {VERSION}")
    listed = value.get("findings")
    if type(listed) is not list:
        _refuse(path, "findings: expected a list")
    found: Counter[tuple[str, str]] = Counter()
    for index, it in enumerate(listed):
        if type(it) is not dict or tuple(type(it.get(key)) for key in _KEYS) != (str, str, int):
            _refuse(path, f"findings[{index}]: expected rule and identity as texts, and a count")
        if it["count"] < 1:
            _refuse(path, f"findings[{index}].count: expected a number above 0")
        found[it["rule"], it["identity"]] += it["count"]
    return found


def _parsed(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot be opened: {error.strerror or error}",
            where=path,
            hint=f"portside scan --write-baseline {path} writes it",
        ) from error
    if len(data) > _LARGEST:
        _refuse(path, f"larger than {_LARGEST:,} bytes")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"not JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}", hint=_WAY_OUT
        ) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"not JSON: {error}", where=path, hint=_WAY_OUT) from error


_WAY_OUT = "--write-baseline writes one that is well formed"


def _refuse(path: str, problem: str) -> NoReturn:
    raise ConfigError(problem, where=path, hint=_WAY_OUT)
