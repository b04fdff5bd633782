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
EXAMPLES = (
    # Fields and indices
    *("has(x.a)", "has(object.a.b.c)", "has(object.a.b[0].c)", "dyn(1).?a", "dyn([1]).?a"),
    *("object.?a.b.?c", "dyn('x')[?0]", "dyn([1])[?1.0]", "dyn({'a': 1})[null]", "{}[net.IP]"),
    *("dyn(optional.of({'a': 1})).a", "dyn({1: 2})[1.0]", "1.5 in {1.5: 2}", "x in []"),
    # Literals
    *("{'a': 1, 'a': 2}", "{s: 1, ?s: optional.none(), 'b': 2}", "{1.5: 2}", "[1, 'a']"),
    *("['%s', 1]", "'%s %d'.format([dyn('a'), 1])", "[dyn(1), 1]", "rb'a'", "br'\\x'", "1e400"),
    *("google.protobuf.Struct{fields: {'a': 1}}", "google.protobuf.Int32Value{value: 4294967296}"),
    *("du in {du: 1}", "ts in {ts: 1}", "x in {x: 1}", "int in {int: 1}", "{du: 1}[du]"),
    *("has({m: 'value'}.a)", "{[1]: 2}", "[].all(__result__, true)", "m.map(v, __result__, v)"),
    # Constants
    *("duration('x')", "int('x')", "timestamp('2021-13-01T00:00:00Z')", "'a'.matches('(')"),
    *("'a'.find('(')", "duration(1)", "dyn({'a': 1})[[]]", "bool('x') || true", "string(b'\\xff')"),
    # Numbers
    *("-dyn(du)", "[].flatten().unwrapOpt().filter(v, d > v)", "[].filter(v, v < 2u)"),
    *(
        "uint(-(0.1))",
        "uint(-0.0)",
        "int(-0.9)",
        "int(9223372036854774784.0)",
        "uint(1.8446744e19)",
    ),
    *(
        "double('NaN') < 1.0",
        "[1.0, double('NaN')].max()",
        "dyn(9223372036854775807) == 2.0 * 4611686018427387904.0",
    ),
    *(
        "string(1000000.0)",
        "string(0.00001)",
        "string(123456.5)",
        "9007199254740993 == dyn(9007199254740992.0)",
    ),
    # Texts
    *(
        "'tacocat'.indexOf('none', 30)",
        "s.lastIndexOf('', 42)",
        "'%e %.3f'.format([1234.5, 1234567.5])",
    ),
    *(
        "'%s'.format([{'a': [1.0, null, b'x'], 'b': duration('1h')}])",
        "'%.2e'.format([0.0])",
        "dyn(s).reverse()",
    ),
    # Times
    *("timestamp('9999-12-31T23:59:59Z').getFullYear('+02:00')", "ts.getMilliseconds('999999:00')"),
    *(
        f"timestamp('{year}-07-01T12:34:56Z').getHours('{zone}')"
        for year in ("0001", "1850", "1916", "1945", "1969", "2024", "2100", "2400", "9999")
        for zone in ("America/New_York", "Europe/Berlin", "Asia/Kathmandu")
    ),
    *("timestamp('0001-01-01T00:00:00Z').getHours('-02:00')", "[-0.0].sum()"),
    *("duration('123.321s').getMilliseconds()", "string(timestamp('2024-02-29T12:00:00.5+02:30'))"),
    *("ts.getHours('-25:30')", "ts.getHours('Local')", "timestamp('2024-02-29T1:00:00,5Z')"),
    *(
        "timestamp('2024-02-29t12:00:00z')",
        "optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z'))",
    ),
    # Lists
    *("[].sum()", "[duration('1h')].filter(v, false).sum()", "dyn([1u]).sum()", "lists.range(-1)"),
    *(
        "[1].existsOne(v, v == 1)",
        "[1].existsOne(i, v, v == 1)",
        "[[]].flatten(4)",
        "[3, 1].sortBy(v, -v)",
    ),
    # What is evaluated, and what it is checked as
    *("optional.of(1).orValue([][0])", "optional.of(1).or(optional.of([][0]))", "[][i] - dyn(1)"),
    *("timestamp(dyn(optional.of(5)).value())", "dyn(optional.of('a')).value() + dyn('b')"),
    *(
        "[optional.of(1), optional.of(dyn(1))]",
        "[[], [[]], [[[]]]]",
        "true ? optional.of(dyn(1)) : optional.of(1)",
    ),
    *(
        "optional.unwrap(dyn({}))",
        "dyn([optional.of(du)]).unwrapOpt().isSorted()",
        "[1].all(s, s == 1)",
    ),
    # Equality of Kubernetes' own values
    *(
        "dyn(url('http://a')) == 'x'",
        "dyn('x') == dyn(url('http://a'))",
        "dyn(url('http://a')) == null",
    ),
    *(
        "dyn(ip('::1')) in ['a']",
        "quantity('1') in [dyn('a')]",
        "quantity('1').add(1) == quantity('2')",
    ),
)
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
    failed = answer.get("error", "")
    if "panic" in answer or "internal error" in failed or "cost limit exceeded" in failed:
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
        # Kubernetes' own code panicked, or reached its limit: there is nothing to agree with.
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
    assert differences(oracle, asked)[:5] == []


@pytest.mark.needs_oracle
def test_evaluations_cost_what_they_cost_kubernetes(oracle: Oracle) -> None:
    asked = list(questions(SEED + 1, COUNT * FACTOR // 2))
    compared = 0
    for question, answer in zip(asked, oracle.ask_many(it.asked() for it in asked), strict=True):
        if "cost" not in answer or theirs(answer).kind == "crash":
            continue
        program = compile(question.expression, TYPES, version=question.version)
        cost = program.cost(object=question.object, x=question.x, **VALUES)
        assert cost == answer["cost"], question
        compared += 1
    assert compared > len(asked) // 2


@pytest.mark.needs_oracle
def test_what_is_counted_gives_what_is_not_counted_gives(oracle: Oracle) -> None:
    for question in questions(SEED + 2, COUNT * FACTOR // 4):
        plain = ours(question)
        if plain.kind == "refused":
            continue
        assert _limited(question, 10**9) == plain, question


def _limited(question: Question, limit: int) -> Outcome:
    program = compile(question.expression, TYPES, version=question.version, cost_limit=limit)
    try:
        value = program(object=question.object, x=question.x, **VALUES)
    except CelEvaluationError:
        return Outcome("error", None, ours(question).type)
    return Outcome("value", tagged(value), ours(question).type)


@pytest.mark.needs_oracle
@pytest.mark.parametrize(
    ("expression", "version"),
    [
        *((it, None) for it in EXAMPLES),
        ("1.0 < 2", "1.27"),
        ("[1].all(x, x < 2.0) && 1 < 2.0", "1.27"),
        ("[1, 2].first()", "1.27"),
        ("[1, 2].first()", "1.28"),
        ("matches('(', 'a')", "1.28"),
        ("matches('(', 'a')", "1.29"),
        ("'%d'.format(['a'])", "1.29"),
        ("net.IP", "1.29"),
        ("net.IP", "1.30"),
        ("[1, 2].map(k, v, v)", "1.31"),
        ("[1, 2].transformList(k, v, v)", "1.31"),
        ("[1, 2].transformList(k, v, v)", "1.32"),
        ("dyn('a').includes('a')", "1.36"),
        ("dyn('a').includes('a')", "1.37"),
    ],
)
def test_what_once_differed_no_longer_does(
    oracle: Oracle, expression: str, version: str | None
) -> None:
    question = Question(expression, {"a": {"b": [1, "x", None]}}, None, version)
    assert differences(oracle, [question]) == []
