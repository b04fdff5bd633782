"""Expressions in scripts, and who decides what each of them comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.severity import HIGH, INFO, LOW, MEDIUM
from portside.workflows import matrix
from portside.workflows.contexts import FIXED, FREE, SHAPED, control
from portside.workflows.expression import Node, Reference
from portside.workflows.expression.flow import flowing, is_under
from portside.workflows.github import Action, Step, file_of
from portside.workflows.part import Spoken

if TYPE_CHECKING:
    from portside.model.resource import Resource

Risk = tuple[Node, int, str]
"""What flows into the script, how much that weighs, and why."""

SINKS = {
    "8398a7/action-slack": ("custom_payload",),
    "actions/github-script": ("script",),
    "addnab/docker-run-action": ("options", "run"),
    "amadevus/pwsh-script": ("script",),
    "appleboy/ssh-action": ("script",),
    "azure/cli": ("inlinescript",),
    "azure/powershell": ("inlinescript",),
    "cardinalby/js-eval-action": ("expression",),
    "devorbitus/yq-action-output": ("cmd",),
    "gautamkrishnar/blog-post-workflow": ("item_exec",),
    "imjohnbo/issue-bot": (
        *("body", "linked-comments-previous-issue-text", "linked-comments-new-issue-text"),
    ),
    "jannekem/run-python-script-action": ("script",),
    "lucasbento/auto-close-issues": ("issue-close-message",),
    "mikefarah/yq": ("cmd",),
    "roots/issue-closer-action": ("issue-close-message", "pr-close-message"),
    "sergeysova/jq-action": ("cmd",),
    "skitionek/notify-microsoft-teams": ("overwrite",),
    "tibdex/backport": ("body_template", "head_template", "labels_template", "title_template"),
}
"""Actions that run the text of an input as code, or expand it as a template."""
_FROM_OUTSIDE = "is somebody else's text, and becomes a part of the script"
_PARTLY = "is partly somebody else's text, and becomes a part of the script"
_AT_RUN_TIME = "is decided at run time, and becomes a part of the script"
_DEFAULTS = frozenset(("ci", "github_action", "github_actor", "github_base_ref", "github_head_ref"))
Found = tuple[Step, Spoken, list[Risk]]


def flows(it: Resource, *, harmless: bool = False) -> Iterator[Found]:
    """Each expression in a script of the file, with what of it somebody else decides.

    With `harmless`, instead with what looks like that and is not: chosen from a list, or fixed.
    An expression of which nothing is said has no risks.
    """
    whole = file_of(it)
    for step in whole.steps:
        for keys in _scripts(step):
            for spoken in step.spoken(*keys):
                found = [_risk(step, reference) for reference in flowing(spoken.tree)]
                loud = [risk for risk in found if risk[1] is not None]
                quiet = [risk for risk in found if risk[1] is None and risk[2]]
                if not harmless:
                    yield step, spoken, [(a, b or INFO, c) for a, b, c in loud]
                elif quiet or not loud:
                    yield step, spoken, [(a, LOW, c) for a, _, c in quiet]


def _scripts(step: Step) -> Iterator[tuple[str | int, ...]]:
    """The keys of the texts of a step that are run as code."""
    if step.run:
        yield ("run",)
    elif step.uses and step.given:
        for name in SINKS.get(step.uses.slug, ()) if step.uses.path is None else ():
            key = step.input_key(name)
            if type(step.at("with", key)) is str:
                yield "with", key


def _risk(step: Step, reference: Reference) -> tuple[Node, int | None, str]:
    """(reference, severity, why); no severity where it is harmless, no words where nobody asks."""
    level = control(reference)
    if level == FIXED:
        return reference, None, ""
    if level == FREE:
        return reference, HIGH, _FROM_OUTSIDE
    if level == SHAPED:
        return reference, MEDIUM, _PARTLY
    for context, asked in (("inputs", _input), ("env", _variable), ("matrix", _matrix)):
        if is_under(reference, context):
            return asked(step, reference)
    return reference, INFO, _AT_RUN_TIME


def _input(step: Step, reference: Reference) -> tuple[Node, int | None, str]:
    kind = _input_type(step, reference.key)
    if kind == "any":
        return reference, HIGH, "is what the caller writes, and becomes a part of the script"
    if kind == "choice":
        return reference, None, "is chosen from a list"
    return reference, LOW, "is an input that is declared nowhere, and becomes a part of the script"


def _input_type(step: Step, name: str) -> str:
    if step.job is not None:
        return step.job.workflow.input_type(name)
    return Action(step.source, (), step.source.value).input_type(name)


def _variable(step: Step, reference: Reference) -> tuple[Node, int | None, str]:
    if is_fixed_variable(step, reference.key):
        return reference, None, "is fixed here"
    return reference, LOW, "is a variable that is set elsewhere, and becomes a part of the script"


def is_fixed_variable(step: Step, name: str) -> bool:
    """Whether the variable `name` of `env.…` holds what is written in this file."""
    if name.lower() in _DEFAULTS or name.upper().startswith(("GITHUB_", "RUNNER_")):
        return True
    for part in step.variables():
        if type(part.at("env")) is not dict:
            return False
        if name in part.part("env").value:
            return "${{" not in part.text("env", name)
    return False


def _matrix(step: Step, reference: Reference) -> tuple[Node, int | None, str]:
    if step.job is None or not matrix.has_matrix(step.job):
        return reference, None, ""
    if matrix.may_be_dynamic(step.job, reference):
        return (
            reference,
            MEDIUM,
            "is a matrix that is made at run time, and becomes a part of the script",
        )
    return reference, None, ""
