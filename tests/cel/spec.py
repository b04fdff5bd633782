"""The conformance tests of cel-spec: read, sorted into what applies here, and run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from portside.cel import CelError, CelEvaluationError, compile  # noqa: A004 - the word of the trade
from portside.cel.values import BoolKey, CelMap, Duration, Opaque, Optional, Timestamp, TypeValue
from portside.cel.values import Uint as Unsigned
from tests.cel.textproto import Message, Text, read

FOLDER = "corpora/cel-spec/tests/simple/testdata"
_PRIMITIVES = {
    **{"BOOL": "bool", "INT64": "int", "UINT64": "uint", "DOUBLE": "double"},
    **{"STRING": "string", "BYTES": "bytes"},
}
_WELL_KNOWN = {"ANY": "dyn", "TIMESTAMP": "timestamp", "DURATION": "duration"}


class Case(NamedTuple):
    """One test: `fields` is the message as the file has it."""

    file: str
    section: str
    name: str
    fields: Message

    @property
    def expression(self) -> str:
        return text_of(self.fields["expr"][0])

    @property
    def id(self) -> str:
        return f"{self.file}/{self.section}/{self.name}"


class Result(NamedTuple):
    """What became of a case: `passed`, `failed` or `apart`, and why."""

    outcome: str
    reason: str = ""


class ApartError(Exception):
    """The case needs what is no part of this language; the text says what."""


def cases(folder: Path) -> Iterator[Case]:
    """Every test of every file in `folder`."""
    for path in sorted(folder.glob("*.textproto")):
        for section in read(path.read_text(encoding="utf-8")).get("section", ()):
            for test in section.get("test", ()):
                yield Case(path.stem, text_of(section["name"][0]), text_of(test["name"][0]), test)


def text_of(value: Any) -> str:
    return value.decode() if isinstance(value, Text) else str(value)


def flag(case: Case, name: str) -> bool:
    return bool(case.fields.get(name) == ["true"])


def run(case: Case) -> Result:
    """Run one case in the full dialect."""
    try:
        _refuse_what_is_apart(case)
        variables = _variables(case)
        bindings = {
            text_of(it["key"][0]): _bound(it["value"][0]) for it in case.fields.get("bindings", ())
        }
    except ApartError as reason:
        return Result("apart", str(reason))
    unchecked = flag(case, "disable_check")
    if unchecked:
        variables = dict.fromkeys([*variables, *bindings], "dyn")
    try:
        program = compile(case.expression, variables, dialect="cel", checked=not unchecked)
    except CelError as error:
        fails = unchecked and ("eval_error" in case.fields or "any_eval_errors" in case.fields)
        return Result("passed" if fails else "failed", f"does not compile: {error}")
    return _compared(case, program, bindings)


def _compared(case: Case, program: Any, bindings: Mapping[str, Any]) -> Result:
    wrong = _deduced(case, program)
    if wrong:
        return Result("failed", wrong)
    if flag(case, "check_only"):
        return Result("passed")
    try:
        got = program(**bindings)
    except CelEvaluationError as error:
        if "eval_error" in case.fields or "any_eval_errors" in case.fields:
            return Result("passed")
        return Result("failed", f"error: {error}")
    if "eval_error" in case.fields or "any_eval_errors" in case.fields:
        return Result("failed", f"expected an error, got {got!r}")
    try:
        expected = _expected(case)
    except ApartError as reason:
        return Result("apart", str(reason))
    if same(got, expected):
        return Result("passed")
    return Result("failed", f"expected {expected!r}, got {got!r}")


def _deduced(case: Case, program: Any) -> str:
    for matcher in case.fields.get("typed_result", ()):
        for wanted in matcher.get("deduced_type", ()):
            expected = type_of(wanted)
            if program.result_type != expected:
                return f"expected the type {expected}, got {program.result_type}"
    return ""


def _expected(case: Case) -> Any:
    for value in case.fields.get("value", ()):
        return value_of(value)
    for matcher in case.fields.get("typed_result", ()):
        return value_of(matcher["result"][0])
    return True


def _refuse_what_is_apart(case: Case) -> None:
    text = case.expression
    if "TestAllTypes" in text or "GlobalEnum" in text or "NestedTestAllTypes" in text:
        raise ApartError("protobuf messages")
    if "proto.getExt" in text or "proto.hasExt" in text:
        raise ApartError("protobuf messages")
    if "container" in case.fields and _names_matter(case):
        raise ApartError("names in containers (protobuf packages)")
    if "unknown" in case.fields or "any_unknowns" in case.fields:
        raise ApartError("unknown values")
    if any("function" in it for it in case.fields.get("type_env", ())):
        raise ApartError("functions declared by the caller")
    if flag(case, "disable_macros"):
        raise ApartError("macros switched off")


def _names_matter(case: Case) -> bool:
    return case.file in ("namespace", "enums")


def _variables(case: Case) -> dict[str, str]:
    return {
        text_of(it["name"][0]): type_of(it["ident"][0]["type"][0])
        for it in case.fields.get("type_env", ())
    }


def type_of(message: Message) -> str:
    """A type as `compile` takes it."""
    kind, values = next(iter(message.items()), ("dyn", [""]))
    value = values[0]
    if kind == "primitive":
        return _PRIMITIVES[value]
    if kind == "well_known":
        return _WELL_KNOWN[value]
    if kind == "wrapper":
        return f"wrapper({_PRIMITIVES[value]})"
    if kind in ("dyn", "null"):
        return "dyn" if kind == "dyn" else "null_type"
    return _compound(kind, value)


def _compound(kind: str, value: Any) -> str:
    if kind == "list_type":
        return f"list({type_of(value.get('elem_type', [{}])[0])})"
    if kind == "map_type":
        key, item = (type_of(value.get(it, [{}])[0]) for it in ("key_type", "value_type"))
        return f"map({key}, {item})"
    if kind == "type":
        return f"type({type_of(value)})" if value else "type"
    if kind == "abstract_type":
        parts = ", ".join(type_of(it) for it in value.get("parameter_types", ()))
        name = text_of(value["name"][0])
        return f"{name}({parts})" if parts else name
    if kind == "message_type":
        return _message_type(text_of(value))
    if kind == "type_param":
        return text_of(value)
    raise ApartError(f"types of the form {kind}")


def _message_type(name: str) -> str:
    known = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration"}
    if name in known:
        return known[name]
    if name.startswith(("cel.expr.conformance", "google.protobuf")):
        raise ApartError("protobuf messages")
    return name


def _bound(message: Message) -> Any:
    if "value" not in message:
        raise ApartError("unknown values")
    return value_of(message["value"][0])


def value_of(message: Message) -> Any:
    """A value as programs take and give it. Raises ApartError for protobuf messages."""
    kind, values = next(iter(message.items()))
    value = values[0]
    if kind == "null_value":
        return None
    if kind == "bool_value":
        return value == "true"
    if kind in ("int64_value", "enum_value"):
        return int(value, 0) if kind == "int64_value" else int(value["value"][0])
    if kind == "uint64_value":
        return Unsigned(int(value, 0))
    if kind == "double_value":
        return float(value.lower().replace("infinity", "inf"))
    return _long_value(kind, value)


def _long_value(kind: str, value: Any) -> Any:
    if kind == "string_value":
        return value.decode()
    if kind == "bytes_value":
        return bytes(value)
    if kind == "type_value":
        return TypeValue(text_of(value))
    if kind == "list_value":
        return [value_of(it) for it in value.get("values", ())]
    if kind == "map_value":
        pairs = [
            (value_of(it["key"][0]), value_of(it["value"][0])) for it in value.get("entries", ())
        ]
        if all(type(key) is str for key, _ in pairs):
            return dict(pairs)
        return CelMap((BoolKey(key) if type(key) is bool else key, it) for key, it in pairs)
    if kind == "object_value":
        return _object(value)
    raise ApartError(f"values of the form {kind}")


def _object(value: Message) -> Any:
    name, content = next(iter(value.items()))
    name, fields = name.strip("[]").rpartition("/")[2], content[0]
    if name in ("google.protobuf.Duration", "google.protobuf.Timestamp"):
        nanoseconds = int(fields.get("seconds", ["0"])[0]) * 10**9
        nanoseconds += int(fields.get("nanos", ["0"])[0])
        return (Duration if name.endswith("Duration") else Timestamp)(nanoseconds)
    raise ApartError("protobuf messages")


def same(got: Any, expected: Any) -> bool:
    """Whether two values are alike in type and content, NaN with itself."""
    if type(got) in (dict, CelMap) and type(expected) in (dict, CelMap):
        return len(got) == len(expected) and all(
            key in got and same(got[key], it) for key, it in expected.items()
        )
    if type(got) is not type(expected):
        return False
    if isinstance(got, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    if isinstance(got, float):
        signs = math.copysign(1, got) == math.copysign(1, expected)
        return (math.isnan(got) and math.isnan(expected)) or (got == expected and signs)
    if isinstance(got, Optional):
        return got.present is expected.present and same(got.value, expected.value)
    return bool(got == expected) or isinstance(got, Opaque)
