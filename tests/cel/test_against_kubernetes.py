"""Random expressions in every version's dialect mean what they mean to Kubernetes' own code."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
import yaml

from portside.cel import CelEvaluationError, CelSyntaxError, CelTypeError, compile  # noqa: A004 - the word of the trade
from portside.cel.values import CelMap, Duration, Optional, Timestamp
from portside.cel.values import Uint as Unsigned
from tests.cel.expressions import Expressions
from tests.cel.values import alike, read, tagged
from tests.oracle import Answer, Oracle
from tests.shared import SHARED

COUNT = 2_000
FACTOR = int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20260728"))
TYPES = {
    **{"object": "dyn", "x": "dyn", "i": "int", "u": "uint", "d": "double", "s": "string"},
    **{"b": "bytes", "t": "bool", "ts": "timestamp", "du": "duration", "o": "optional(int)"},
    **{"li": "list(int)", "ls": "list(string)", "m": "map(string, int)"},
    **{"mi": "map(int, string)"},
}
VALUES: dict[str, Any] = {
    **{"i": 42, "u": Unsigned(7), "d": 1.5, "s": "héllo wörld", "b": b"ab\xff", "t": True},
    **{"ts": Timestamp(1709210096789000000), "du": Duration(5400000000001), "o": Optional(5)},
    **{"li": [3, 1, 2, 2], "ls": ["b", "a", "c"], "m": {"a": 1, "b": 2}},
    **{"mi": CelMap({1: "one", 2: "two"})},
}
SMALL: tuple[Any, ...] = (None, True, 5, -1.5, "text", [1, "a", None], {"a": {"b": [1, 2]}}, [], {})
VERSIONS = (*([None] * 8), *(f"1.{minor}" for minor in range(25, 38)))
_RESERVED = ("in", "as", "if", "for", "true", "null", "false", "import", "function")
_POD = """
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app.kubernetes.io/name: a, tier: web}}
spec:
  hostNetwork: false
  containers:
    - name: a
      image: registry.example/a:1.2.3@sha256:abc
      ports: [{containerPort: 80, protocol: TCP}, {containerPort: 443}]
      resources: {limits: {cpu: 500m, memory: 1Gi}, requests: {cpu: 0.1}}
      securityContext: {runAsUser: 1000, capabilities: {drop: [ALL]}}
    - {name: b, image: b, args: [], env: [{name: A, value: "1"}, {name: B}]}
"""


class Question(NamedTuple):
    """An expression, its dyn variables, and the version whose dialect it is asked in."""

    expression: str
    object: Any
    x: Any
    version: str | None

    def asked(self) -> dict[str, Any]:
        values = {name: _sent(value) for name, value in VALUES.items()}
        question: dict[str, Any] = {
            **{"op": "cel", "expression": self.expression, "types": TYPES, "values": values},
            **{"variables": {"object": self.object, "x": self.x}},
        }
        return question if self.version is None else {**question, "version": self.version}


def _sent(value: Any) -> Any:
    if type(value) is Timestamp:
        return {"timestamp": "2024-02-29T12:34:56.789Z"}
    return tagged(value)


class Outcome(NamedTuple):
    """What became of a question: `refused`, `error` or `value`."""

    kind: str
    value: Any = None
    type: str = ""


def objects() -> list[Any]:
    """Real objects where they lie beside the project, and one of ours."""
    found = [yaml.safe_load(_POD)]
    folder = SHARED / "corpora" / "realworld"
    for path in sorted(folder.rglob("*.yaml"))[:400] if folder.exists() else ():
        try:
            documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        found += [it for it in documents if isinstance(it, dict) and "kind" in it]
    plain = [json.loads(json.dumps(it, default=str)) for it in found]
    return [it for it in plain if len(json.dumps(it)) < 6000][:40]


def paths(value: Any, at: str, depth: int = 0) -> Iterator[str]:
    """Selections that lead somewhere in `value`."""
    yield at
    if depth > 6:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            named = key.isidentifier() and key not in _RESERVED
            yield from paths(
                part, f"{at}.{key}" if named else f"{at}[{json.dumps(key)}]", depth + 1
            )
    elif isinstance(value, list):
        for number, part in enumerate(value[:2]):
            yield from paths(part, f"{at}[{number}]", depth + 1)


def questions(seed: int, count: int) -> Iterator[Question]:
    chance = random.Random(seed)
    known = objects()
    sources = []
    for number, value in enumerate(known):
        there = list(paths(value, "object"))
        there += [f"{it}.nope" for it in chance.sample(there, min(8, len(there)))]
        sources.append(
            Expressions(seed * 1000 + number, TYPES, [*there, "x", "x.a", "x[0]", "x.a.b"])
        )
    for _ in range(count):
        number = chance.randrange(len(known))
        expression = sources[number].expression()
        yield Question(expression, known[number], chance.choice(SMALL), chance.choice(VERSIONS))


def theirs(answer: Answer) -> Outcome:
    if "panic" in answer:
        return Outcome("crash")
    if "compile_error" in answer:
        return Outcome("refused")
    if "error" in answer:
        return Outcome("error", None, answer["static_type"])
    return Outcome("value", read(answer["value"]), answer["static_type"])


def ours(question: Question) -> Outcome:
    try:
        program = compile(question.expression, TYPES, version=question.version)
    except (CelSyntaxError, CelTypeError):
        return Outcome("refused")
    kind = program.result_type.replace("timestamp", "google.protobuf.Timestamp")
    kind = kind.replace("duration", "google.protobuf.Duration")
    try:
        value = program(object=question.object, x=question.x, **VALUES)
    except CelEvaluationError:
        return Outcome("error", None, kind)
    return Outcome("value", tagged(value), kind)


def agree(mine: Outcome, other: Outcome) -> bool:
    if other.kind == "crash":
        # Kubernetes' own code panicked: there is nothing to agree with.
        return True
    return (mine.kind, mine.type) == (other.kind, other.type) and alike(mine.value, other.value)


def differences(
    oracle: Oracle, asked: Sequence[Question], batch: int = 500
) -> list[tuple[Question, Outcome, Outcome]]:
    found = []
    for start in range(0, len(asked), batch):
        part = asked[start : start + batch]
        answers = oracle.ask_many(it.asked() for it in part)
        for question, answer in zip(part, answers, strict=True):
            mine, other = ours(question), theirs(answer)
            if not agree(mine, other):
                found.append((question, mine, other))
    return found


@pytest.mark.needs_oracle
def test_random_expressions_mean_what_they_mean_to_kubernetes(oracle: Oracle) -> None:
    asked = list(questions(SEED, COUNT * FACTOR))
    # What is known to differ is in `test_known_differences`; it is rarer than one in a thousand.
    assert differences(oracle, asked)[:5] == []
