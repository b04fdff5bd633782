"""`portside eval`: a CEL expression asked of each object, pod or container."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cel.errors import CelError, CelEvaluationError, CelTypeError
from portside.cli.as_installed import EACH, AsInstalled, InstalledResource, placed
from portside.cli.cel_value import as_json
from portside.cli.options import (
    add_environment,
    add_format,
    add_paths,
    add_selection,
    add_version,
    parser,
    word_of,
)
from portside.cli.sources import INCOMPLETE, Sources, add_allow_unread
from portside.errors import UsageError
from portside.policy.profile import NEWEST, parse_version
from portside.records import NamedTuple
from portside.report.context import shown
from portside.secrets.veil import unquoted

if TYPE_CHECKING:
    from portside.cel.program import Program
    from portside.model.place import FieldPath
    from portside.model.resource import Resource
    from portside.model.workload import Pod

DIALECTS = ("kubernetes", "cel")
_OBJECT = ("object", "target")
_POD = (*_OBJECT, "pod", "podMetadata")
_CONTAINER = (*_POD, "container")
SCOPES = (_OBJECT, _POD, _CONTAINER)
"""What an expression may name, from the narrowest: it is asked of no more than it names."""
ENDS = """\
An expression may name object and target (the Kubernetes version: target.minor); one that names
pod or podMetadata is asked of each pod template, one that names container of each container.
Values are written as JSON. Charts and overlays are asked as what they make, in each of their
environments; -e names one.

exit codes: 0 all have a value, 2 the expression is wrong, 3 something could not be read or has
no value"""


class Answer(NamedTuple):
    """What the expression is worth for one subject, or why it has no value."""

    resource: Resource
    path: FieldPath
    """Of the pod or container it was asked about; empty for the object."""
    label: str
    value: Any = None
    error: CelEvaluationError | None = None


class Question:
    """A compiled expression, and how far it looks."""

    __slots__ = ("_minor", "_program", "_scope", "asked_of")

    def __init__(self, source: str, dialect: str, minor: int) -> None:
        self._minor = minor
        self.asked_of = 0
        """How many answers there were."""
        self._program, self._scope = _compiled(source, dialect, minor)

    def asked(self, resource: Resource) -> Iterator[Answer]:
        """An answer for each thing in `resource` that the expression is about."""
        values: dict[str, Any] = {
            "object": resource.value,
            "target": {"major": 1, "minor": self._minor},
        }
        if self._scope == _OBJECT:
            yield self._answer(Answer(resource, (), ""), values)
            return
        for pod in resource.pods():
            yield from self._of_pod(resource, pod, values)

    def _of_pod(self, resource: Resource, pod: Pod, values: dict[str, Any]) -> Iterator[Answer]:
        values = {**values, "pod": pod.spec, "podMetadata": pod.metadata}
        if self._scope == _POD:
            yield self._answer(Answer(resource, pod.path, ""), values)
            return
        for container in pod.containers:
            label = f" container {container.body.get('name', '?')}"
            asked = Answer(resource, container.path, label)
            yield self._answer(asked, {**values, "container": container.body})

    def _answer(self, asked: Answer, values: dict[str, Any]) -> Answer:
        self.asked_of += 1
        try:
            return asked._replace(value=as_json(self._program(**values)))
        except CelEvaluationError as error:
            return asked._replace(error=error)
        except RecursionError:
            return asked._replace(error=CelEvaluationError("its value is nested too deep"))


def run(argv: Sequence[str]) -> int:
    """Ask, and say the answers; 3 where something could not be read or has no value."""
    options = arguments().parse_args(argv)
    minor = parse_version(options.kubernetes_version) if options.kubernetes_version else NEWEST
    question = Question(options.expression, options.dialect, minor)
    sources = AsInstalled(options, options.environment or EACH)
    answers = _answers(question, sources, judged=options.judged)
    failed = _say_json(answers) if options.output == "json" else _say_lines(answers)
    code = sources.exit_code()
    if sources.objects and not question.asked_of:
        sys.stderr.write("no object that was read has a pod to ask about\n")
    if failed:
        sys.stderr.write(
            f"{failed} without a value: the answer is incomplete (exit {INCOMPLETE})\n"
        )
        return INCOMPLETE
    return code


def arguments() -> argparse.ArgumentParser:
    """The options of `portside eval`."""
    made = parser(
        "eval",
        "Ask each object, pod or container a question in CEL, Kubernetes' expression language.",
        usage="EXPRESSION [PATH ...] [options]",
        examples=(
            ("portside eval 'object.kind' shop/", "of each object"),
            ("portside eval 'pod.?hostNetwork' shop/", "of each pod template, in whatever kind"),
            ("portside eval 'container.image' shop/", "of each container, init containers too"),
            ("portside eval 'has(object.spec.paused)' -", "of objects on standard input"),
        ),
        ends=ENDS,
    )
    made.add_argument("expression", metavar="EXPRESSION", help="in CEL")
    add_paths(made)
    add_format(made, ("text", "json"))
    made.add_argument(
        "--dialect",
        choices=DIALECTS,
        type=word_of("dialect", DIALECTS),
        default=DIALECTS[0],
        metavar="NAME",
        help="kubernetes (default: what the API server takes) or cel (the whole language)",
    )
    made.add_argument(
        "--judged", action="store_true", help="nulls read and defaults applied, as rules see it"
    )
    add_version(made)
    reading = add_selection(made)
    add_allow_unread(reading)
    add_environment(reading)
    return made


def _compiled(source: str, dialect: str, minor: int) -> tuple[Program, tuple[str, ...]]:
    """The program in the narrowest scope that has all its names. Raises UsageError."""
    from portside.cel.program import compile as compile_cel

    refused: CelError | None = None
    for scope in SCOPES:
        try:
            return compile_cel(source, scope, dialect=dialect, version=f"1.{minor}"), scope
        except CelTypeError as error:
            refused = error
        except CelError as error:
            raise _wrong(source, error) from error
        except (RecursionError, MemoryError):
            refused = CelError("the expression is nested too deep")
    assert refused is not None  # noqa: S101 - there are scopes
    raise _wrong(source, refused)


def _wrong(source: str, error: CelError) -> UsageError:
    undone = "nothing was evaluated"
    if not error.line:
        return UsageError(error.message, where="expression", undone=undone)
    line = source.split("\n")[error.line - 1]
    before = "".join(it if it == "\t" else " " for it in line[: error.column - 1])
    return UsageError(
        error.message,
        where=f"expression:{error.line}:{error.column}",
        hint=f"{line}\n  {before}^",
        undone=undone,
    )


def _answers(question: Question, sources: Sources, *, judged: bool) -> Iterator[Answer]:
    for resource in sources.resources():
        if judged:
            from portside.judged import admit

            resource.admitted(admit(resource.value))
        yield from question.asked(resource)


def _environments(it: Resource) -> tuple[str, ...]:
    return it.environments if isinstance(it, InstalledResource) else ()


def _say_lines(answers: Iterator[Answer]) -> int:
    failed = 0
    for it in answers:
        file, line, _ = placed(it.resource, it.path)
        names = _environments(it.resource)
        where = f" in {', '.join(names)}" if names else ""
        subject = f"{file}:{line}: {it.resource.ref}{it.label}{where}"
        if it.error is None:
            value = json.dumps(it.value, ensure_ascii=False)
            sys.stdout.write(f"{shown(subject)}: {shown(value)}\n")
            continue
        failed += 1
        sys.stdout.flush()
        place = f" (at {it.error.line}:{it.error.column} of the expression)"
        said = f"{unquoted(it.error.message)}{place if it.error.line else ''}"
        sys.stderr.write(f"{shown(subject)}: no value: {shown(said)}\n")
    return failed


def _say_json(answers: Iterator[Answer]) -> int:
    from portside.report.json_v1 import resource

    failed = 0
    mark = "["
    for it in answers:
        file, line, column = placed(it.resource, it.path)
        row: dict[str, Any] = {"file": file, "line": line, "column": column}
        row |= {"resource": resource(it.resource.ref), "path": list(it.path)}
        row["environments"] = list(_environments(it.resource))
        if it.error is None:
            row["value"] = it.value
        else:
            failed += 1
            at = {"line": it.error.line or None, "column": it.error.column or None}
            row["error"] = {"message": unquoted(it.error.message), **at}
        sys.stdout.write(f"{mark}\n  {json.dumps(row)}")
        mark = ","
    sys.stdout.write("[]\n" if mark == "[" else "\n]\n")
    return failed
