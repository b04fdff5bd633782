"""Workflows and actions of GitHub: jobs, steps, triggers, permissions, shells.

Source: GitHub's "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from portside.model.place import FieldPath
from portside.workflows.expression import condition, only_fence
from portside.workflows.expression.constant import NotConstantError, evaluate
from portside.workflows.part import Part, Source
from portside.workflows.uses import Uses, uses

if TYPE_CHECKING:
    from portside.model.resource import Resource

HEAVY_TRIGGERS = ("pull_request_target", "workflow_run")
"""They run with the base repository's token and secrets on behalf of anybody."""
_MOST_JOBS = 2_000
"""Jobs of one workflow that are looked at; GitHub itself starts 256."""
_SHELLS = (("ubuntu-", "bash"), ("macos", "bash"), ("windows-", "pwsh"))
_ROUTED = {"linux": "bash", "macos": "bash", "windows": "pwsh"}


class Workflow(Part):
    """A file of `.github/workflows`."""

    @cached_property
    def trigger_key(self) -> str:
        """What `on:` is called: YAML 1.1, and so Kubernetes' reader, makes `true` of a bare one."""
        return "on" if "on" in self.value else "true"

    @cached_property
    def triggers(self) -> dict[str, Any]:
        """The events that start it, each with its settings: `on` is a name, a list or a map."""
        found = self.value.get(self.trigger_key)
        if type(found) is dict:
            return found
        return dict.fromkeys(it for it in self.many(self.trigger_key) if it)

    @property
    def is_called_only(self) -> bool:
        """Whether nothing but another workflow starts it."""
        return list(self.triggers) == ["workflow_call"]

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs, but for those whose condition never holds."""
        found = self.at("jobs")
        names = list(found)[:_MOST_JOBS] if type(found) is dict else []
        jobs = (Job(self, name) for name in names if type(found[name]) is dict)
        return tuple(it for it in jobs if not it.never_runs)

    @property
    def steps(self) -> Iterator[Step]:
        for job in self.jobs:
            yield from job.steps

    def input_type(self, name: str) -> str:
        """How much of an input its caller decides: `any`, `choice` of what is listed, or empty.

        One that two triggers declare counts as the looser of the two.
        """
        found = ""
        for trigger in ("workflow_call", "workflow_dispatch"):
            declared = self.part(self.trigger_key, trigger, "inputs").at(name)
            if declared is not None:
                kind = declared.get("type") if type(declared) is dict else None
                free = kind in (None, "string")
                found = "any" if free or found == "any" else "choice"
        return found


class Job(Part):
    """A job of a workflow: steps on a runner, or the call of another workflow."""

    def __init__(self, workflow: Workflow, name: str) -> None:
        path: FieldPath = (*workflow.path, "jobs", name)
        super().__init__(workflow.source, path, workflow.at("jobs", name))
        self.workflow = workflow
        self.name = name

    @property
    def never_runs(self) -> bool:
        return never_holds(self)

    @cached_property
    def uses(self) -> Uses | None:
        """The workflow of another repository that it calls."""
        return uses(self.text("uses"))

    @property
    def calls_workflow(self) -> bool:
        return "uses" in self.value and "steps" not in self.value

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps, those within `parallel:` too, but for those whose condition never holds."""
        return tuple(_steps(self, ("steps",), self))

    @property
    def labels(self) -> list[str]:
        """The labels of the runner it wants."""
        wanted = self.at("runs-on")
        return self.many("runs-on", "labels") if type(wanted) is dict else self.many("runs-on")

    @property
    def permissions(self) -> Any:
        """What its token may do, if it says so: None, a word or a map."""
        return self.at("permissions")

    @property
    def effective_permissions(self) -> Any:
        """As `permissions`; those of the workflow where it has none of its own."""
        own = self.permissions
        return self.workflow.at("permissions") if own is None else own

    def may(self, scope: str) -> bool:
        """Whether its token is known to have `write` on `scope`."""
        found = self.effective_permissions
        if type(found) is dict:
            return found.get(scope) == "write"
        return bool(found == "write-all")

    @property
    def default_shell(self) -> str:
        """The shell of its runner; empty where that cannot be told."""
        for label in self.labels:
            lower = label.lower()
            if lower in _ROUTED:
                return _ROUTED[lower]
            for sign, shell in _SHELLS:
                if sign in lower and "${{" not in lower:
                    return shell
        return ""


class Action(Part):
    """An `action.yml`."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a composite action."""
        return tuple(_steps(self, ("runs", "steps"), None))

    def input_type(self, name: str) -> str:
        """As Workflow.input_type: inputs of actions are texts."""
        return (
            "any"
            if self.at("inputs", name) is not None or name in self.part("inputs").value
            else ""
        )


class Step(Part):
    """A step of a job or of a composite action."""

    def __init__(self, source: Source, path: FieldPath, value: Any, job: Job | None) -> None:
        super().__init__(source, path, value)
        self.job = job

    @cached_property
    def run(self) -> str:
        """Its script; empty where it uses an action."""
        return self.text("run")

    @cached_property
    def uses(self) -> Uses | None:
        """The action of a repository that it uses."""
        return uses(self.text("uses"))

    @cached_property
    def given(self) -> dict[str, str] | None:
        """Its inputs, `with:`, in lower case; None where an expression makes all of them."""
        if type(self.at("with")) is str:
            return None
        return {key.lower(): it for key, it in self.texts("with").items()}

    def input_key(self, name: str) -> str:
        """An input's name as the step writes it."""
        return next((it for it in self.part("with").value if it.lower() == name), name)

    def names(self, *actions: str) -> bool:
        """Whether it uses one of `actions`."""
        return self.uses is not None and any(map(self.uses.names, actions))

    @property
    def shell_path(self) -> FieldPath:
        """Where its shell is set; empty where nothing sets it."""
        if self.at("shell") is not None:
            return (*self.path, "shell")
        for part in self._above():
            if part.at("defaults", "run", "shell") is not None:
                return (*part.path, "defaults", "run", "shell")
        return ()

    @property
    def written_shell(self) -> str:
        """The shell that is set for it: `bash -e {0}`; empty where none is."""
        if self.at("shell") is not None:
            return self.text("shell")
        return next(
            (
                it.text("defaults", "run", "shell")
                for it in self._above()
                if it.at("defaults", "run", "shell") is not None
            ),
            "",
        )

    @property
    def shell(self) -> str:
        """The name of its shell: `bash`, `pwsh`, `cmd`; `bash` where it cannot be told."""
        shell = self.written_shell or (self.job.default_shell if self.job else "")
        if not shell or "${{" in shell:
            return "bash"
        return shell.split(" ")[0].replace("\\", "/").rpartition("/")[2]

    def variables(self) -> Iterator[Part]:
        """The maps `env:` that it sees, its own first."""
        for part in (self, *self._above()):
            if part.at("env") is not None:
                yield part

    def _above(self) -> tuple[Part, ...]:
        return (self.job, self.job.workflow) if self.job else ()


def workflow(it: Resource) -> Workflow:
    """The workflow that the file `it` (a GitHubWorkflow) is."""
    return Workflow(source(it), (), it.value)


def action(it: Resource) -> Action:
    """The action that the file `it` (a GitHubAction) is."""
    return Action(source(it), (), it.value)


def file_of(it: Resource) -> Workflow | Action:
    """The workflow or the action that `it` is, made once for all rules that ask."""
    return _file_of(it)


@lru_cache(maxsize=2)
def _file_of(it: Resource) -> Workflow | Action:
    return action(it) if it.kind == "GitHubAction" else workflow(it)


def source(it: Resource) -> Source:
    """The text of the file `it`."""
    document: Any = it.text
    return Source(it.value, document)


def steps(it: Resource) -> Iterator[Step]:
    """The steps of a workflow or of a composite action."""
    yield from file_of(it).steps


def callers(it: Resource) -> Iterator[Step | Job]:
    """The steps, and the jobs that call other workflows: whatever has a `uses:`."""
    whole = file_of(it)
    if isinstance(whole, Workflow):
        for job in whole.jobs:
            if job.calls_workflow:
                yield job
            yield from job.steps
    else:
        yield from whole.steps


def never_holds(part: Part) -> bool:
    """Whether its `if:` is always false."""
    found = part.at("if")
    if type(found) is not str:
        return found is not None and not found
    fence = only_fence(found)
    code = fence.code if fence else found
    tree = part.source.tree(code) if fence or "${{" not in found else None
    if tree is None:
        return False
    try:
        return evaluate(tree) is False
    except NotConstantError:
        return False


def conditions(it: Resource) -> Iterator[Part]:
    """The jobs and steps that have an `if:` which is a text."""
    whole = file_of(it)
    for part in (*getattr(whole, "jobs", ()), *whole.steps):
        if type(part.at("if")) is str:
            yield part


def condition_of(part: Part) -> tuple[Any, int]:
    """The tree of its `if:`, None where it is no expression, and where its code begins in it."""
    fence = condition(part.text("if"))
    return part.source.tree(fence.code), fence.code_start


def _steps(part: Part, keys: tuple[str, ...], job: Job | None) -> Iterator[Step]:
    for found in part.parts(*keys):
        step = Step(part.source, found.path, found.value, job)
        if never_holds(step):
            continue
        if type(step.at("parallel")) is list:
            yield from _steps(step, ("parallel",), job)
        else:
            yield step
