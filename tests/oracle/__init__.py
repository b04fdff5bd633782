"""Kubernetes' own Go packages, asked from Python.

`Oracle` builds and starts a small Go program (the `*.go` files beside this one) that answers with
the packages that kube-apiserver 1.37 and kubectl are made of. A question is a JSON object on one
line, its answer is one too, in the same order; a question's `id`, if any, comes back. Whole
numbers, strings and so on are JSON's own; where `text` is *bytes* it is base64 (`encoded`).

The answer to a malformed question is `{"bad_question": why}`, and `Oracle` raises it as
`BadQuestionError`. `{"error": why}` is Kubernetes' refusal, and an answer like any other; a key
`panic` beside it says that Kubernetes' code crashed.

`{"op": "yaml", "text": bytes}`
    The documents of a text, split by apimachinery's YAMLReader, each read by sigs.k8s.io/yaml:
    `{"documents": [{"json": value} | {"error": why}, ...]}`. With `"strict": true` duplicate keys
    are errors. With `"stream": "kubectl"` it is read as kubectl's builder reads a file: JSON or
    YAML by its look, empty documents and nulls left out, nothing after the first error.

`{"op": "pss", "pod": {...} | "object": {...}, "level": "baseline", "version": "v1.31"}`
    The verdict of Pod Security on a pod (apiVersion and kind may be left out) or on any of the
    kinds whose template its admission plugin looks at, decoded and defaulted first:
    `{"allowed": bool, "checks": [{"id", "reason", "detail"}, ...]}`, of which `checks` holds the
    refusals. With `"policies": [[level, version], ...]` in place of level and version, all in one:
    `{"results": [...]}`. What does not decode is `{"error"}`; a kind without a judged pod is
    `{"error", "no_pod": true}`.

`{"op": "cel", "expression": text, "version": "1.37", "variables": {name: json}}`
    What an expression yields in the environment of new expressions of that version (default 1.37;
    `"environment": "stored"` takes the one of stored expressions):
    `{"value", "type", "static_type", "cost"}`, or `{"error", "static_type", "cost"?}`, or
    `{"compile_error", "issues": [{"line", "column", "message"}]}` with lines and columns from 1.
    `variables` are read as the API server reads objects: whole numbers int, others double, and
    their static type is dyn unless `"types": {name: "map(string, int)"}` says otherwise (a type
    as CEL prints it). `values` are variables in the tagged form below, for what JSON cannot say.
    `cost_limit` replaces the API server's limit for one expression.
    Values: null, bool, int, string and list as in JSON; the rest is an object with one key:
    `{"uint": 1}`, `{"double": "1.5"}` (also NaN, inf, -inf), `{"bytes": base64}`,
    `{"timestamp": RFC 3339 in UTC}`, `{"duration": nanoseconds}`, `{"optional": [] | [value]}`,
    `{"map": [[key, value], ...]}` (in no order), `{"type": name}`, `{"opaque": type, "text": ...}`
    without `text` being more than its canonical spelling (quantities, URLs, addresses...).

`{"op": "default", "object": {...} | "text": bytes}`
    The object as the decoder reads it and the server's defaults complete it: `{"object": {...}}`
    or `{"error", "unknown_kind"?: true}`. All built-in groups, CustomResourceDefinition and
    APIService included. `object` reaches the decoder as written, duplicate keys too: see `ask_raw`.

`{"op": "strict", "object": {...} | "text": bytes}`
    What strict decoding (`fieldValidation=Strict`) finds: `{"errors": [...]}` for unknown and
    duplicate fields, `{"error", "unknown_kind"?}` where the object does not decode at all.

`{"op": "quantity", "text": "1.5Gi"}`
    `{"canonical", "decimal", "value", "milli", "sign"}` or `{"error"}`.

`{"op": "valid", "as": format, "text": "..."}`
    `{"errors": [...]}` of a name, where format is one of qualified-name, label-value,
    dns1123-label, dns1123-subdomain, dns1035-label, wildcard-subdomain, port-name, env-var-name,
    config-map-key, percent.

`{"op": "types"}`
    The Go structs of every built-in kind: `{"kinds": {"apps/v1/Deployment": {"group", "version",
    "kind", "list", "ref"}}, "structs": {ref: [{"name", "type", "omitempty", "omitzero"}, ...]}}`,
    fields in Go's order with the inlined ones in their place. A type is an object whose `type` is
    string, bool, int32, int64, float64 and so on (with the Go `name` where it has its own), bytes,
    list (`items`), map (`keys`, `values`), struct (`ref`), quantity, intOrString, time, microTime,
    duration, rawExtension, any, schemaOrList, schemaOrBool, schemaOrStringList, or custom (`name`:
    a type that reads its JSON in a way this list does not know); `"pointer": true` where it is one.

`{"op": "version"}`
    `{"kubernetes": "1.37"}`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.oracle import toolchain
from tests.oracle.toolchain import BuildError, UnavailableError

__all__ = [
    "Answer",
    "BadQuestionError",
    "BuildError",
    "Oracle",
    "OracleError",
    "UnavailableError",
    "encoded",
]

Answer = dict[str, Any]


class BadQuestionError(Exception):
    """The question itself was wrong: an unknown op, a missing part, an unknown level."""


class OracleError(Exception):
    """The program ended or fell silent; the text holds the end of what it said."""


def encoded(text: str | bytes) -> str:
    """A text as questions carry bytes: base64."""
    raw = text.encode() if isinstance(text, str) else text
    return base64.b64encode(raw).decode()


def built() -> Path:
    """The program's path, built on first use; raises `UnavailableError` or `BuildError`."""
    key = "oracle-" + toolchain.fingerprint(toolchain.sources())
    return toolchain.build(".", "oracle", key=key)


class Oracle:
    """The running program, for use in `with`; safe to share between threads.

    `patience` is how many seconds a question, or a batch of them, may take before the program is
    ended and `OracleError` raised.
    """

    def __init__(self, program: Path | None = None, patience: float = 300) -> None:
        self._program = program
        self._patience = patience
        self._turn = threading.Lock()
        self._said: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = self._program or built()
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process, said = self._process, self._said
        self._process = self._said = None
        if process is not None:
            _end(process)
        if said is not None:
            said.close()

    def ask(self, **question: Any) -> Answer:
        """The answer to one question, given by its parts: `ask(op="quantity", text="1Gi")`."""
        return self.ask_many([question])[0]

    def ask_raw(self, question: str) -> Answer:
        """The answer to a question whose JSON is given as text, for what a dict cannot hold.

        Duplicate keys and the spelling of numbers stay as they are; the text has no line breaks.
        """
        return self._exchange([question.encode()])[0]

    def ask_many(self, questions: Iterable[Mapping[str, Any]]) -> list[Answer]:
        """The answers to many questions in their order, asked without waiting for each."""
        return self._exchange([json.dumps(question).encode() for question in questions])

    def _exchange(self, lines: list[bytes]) -> list[Answer]:
        with self._turn:
            answers = self._converse(lines)
        for answer in answers:
            if "bad_question" in answer:
                raise BadQuestionError(answer["bad_question"])
        return answers

    def _converse(self, lines: list[bytes]) -> list[Answer]:
        process = self._process
        assert process is not None, "an Oracle is used inside `with`"
        assert process.stdin is not None
        assert process.stdout is not None
        # Written beside the reading: with both pipes full each side would wait for the other.
        writer = threading.Thread(target=_write, args=(process, lines), daemon=True)
        watch = threading.Timer(self._patience, process.kill)
        watch.start()
        writer.start()
        try:
            return [self._next_answer(process) for _ in lines]
        except BaseException:
            # Else the writer would wait for a reader that has gone.
            process.kill()
            raise
        finally:
            watch.cancel()
            writer.join()

    def _next_answer(self, process: subprocess.Popen[bytes]) -> Answer:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            status = process.wait()
            assert self._said is not None
            self._said.seek(0)
            said = self._said.read()[-4000:].decode(errors="replace")
            raise OracleError(f"the oracle ended with status {status}: {said}")
        answer: Answer = json.loads(line)
        return answer


def _write(process: subprocess.Popen[bytes], lines: list[bytes]) -> None:
    assert process.stdin is not None
    try:
        for line in lines:
            process.stdin.write(line + b"\n")
        process.stdin.flush()
    except (BrokenPipeError, ValueError):
        # The program has ended: the reader finds it out and says why.
        return


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
