"""One object asked by every check that concerns it. Pure: no clock, no disk, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.cel.runtime import ERRORS, evaluation_error
from portside.engine.identity import identity
from portside.engine.place import existing
from portside.model.finding import Finding, Undecided, Unread
from portside.model.workload import CONTAINER_LISTS, bears_pods

if TYPE_CHECKING:
    from portside.engine.plan import Bound, Group, KindPlan, Plan
    from portside.model.place import FieldPath
    from portside.model.resource import Resource
    from portside.model.workload import Container, Pod

_NO_MAP: dict[str, Any] = {}
BY_SHAPE = "judged by its shape: nobody described where this kind holds its pods"


class Judgement:
    """What the checks say of one object; filled while it is asked."""

    __slots__ = ("findings", "plan", "resource", "rules", "undecided", "unread")

    def __init__(self, resource: Resource, plan: Plan) -> None:
        self.resource = resource
        self.plan = plan
        self.findings: list[Finding] = []
        self.undecided: list[Undecided] = []
        self.unread: list[Unread] = []
        self.rules = 0

    def ask(self, form: str) -> None:
        """Ask all checks of `form` (`judged` or `written`) about the object as it now is."""
        resource = self.resource
        pods = resource.pods()
        unreadable = bool(resource.mistyped) and self._hides_pods()
        checks = self.plan.of(resource.group, resource.kind, bool(pods) or unreadable, form)
        self.rules += checks.rules
        scope = _Scope(self, resource.value)
        scope.ask_group(checks.objects, resource.value)
        if unreadable:
            self._doubt_pods(checks)
        for pod in pods:
            self._ask_pod(checks, pod)

    def _ask_pod(self, checks: KindPlan, pod: Pod) -> None:
        scope = _Scope(self, self.resource.value, pod)
        scope.ask_group(checks.pods, pod.spec)
        for container in pod.containers:
            scope.container = container
            scope.ask_group(checks.containers[container.role], container.body)

    def _hides_pods(self) -> bool:
        """Whether a field of a wrong type stands where a pod of a kind that bears one would be.

        Admission never sees an object that is not decoded: Pod Security has no verdict on it.
        """
        resource = self.resource
        return bears_pods(resource.group, resource.kind) and any(
            self.plan.target["level"]
            or all(type(step) is int or step in _WAY_TO_PODS for step in path)
            for path, _, _ in resource.mistyped
        )

    def _doubt_pods(self, checks: KindPlan) -> None:
        """What hides a pod for its wrong type leaves all that is asked about pods undecided."""
        missing = _wrong(*self.resource.mistyped[0])
        for group in (checks.pods, *checks.containers.values()):
            for check in group.all():
                self.doubt(check, missing)

    def say(
        self, check: Bound, subject: FieldPath, path: FieldPath, message: str, note: str
    ) -> None:
        resource = self.resource
        line, column = resource.place(path)
        self.findings.append(
            Finding(
                rule=check.rule,
                severity=check.severity,
                message=message,
                resource=resource.ref,
                path=path,
                subject=subject,
                file=resource.file,
                line=line,
                column=column,
                width=resource.text.width(resource.prefix + path),
                identity=identity(check.rule, resource, path),
                note=note,
            )
        )

    def doubt(self, check: Bound, missing: str) -> None:
        resource = self.resource
        doubt = Undecided(check.rule, resource.ref, missing, resource.file, resource.line)
        if doubt not in self.undecided:
            self.undecided.append(doubt)

    def crash(self, check: Bound, error: Exception) -> None:
        resource = self.resource
        self.unread.append(
            Unread(
                what=f"{resource.ref}, by rule {check.rule}",
                reason=f"the rule crashed: {type(error).__name__}: {error}",
                file=resource.file,
                line=resource.line,
            )
        )


class _Scope:
    """The variables of a call: which object, pod and container it is about."""

    __slots__ = ("container", "judgement", "object", "pod", "target")

    def __init__(self, judgement: Judgement, value: dict[str, Any], pod: Pod | None = None) -> None:
        self.judgement = judgement
        self.object = value
        self.pod = pod
        self.container: Container | None = None
        self.target = judgement.plan.target

    def root(self, name: str) -> tuple[Any, FieldPath]:
        """The value and the path of the variable called `name`."""
        if name == "container" and self.container is not None:
            return self.container.body, self.container.path
        if name == "pod" and self.pod is not None:
            return self.pod.spec, self.pod.path
        if name == "podMetadata" and self.pod is not None:
            return self.pod.metadata, self.pod.metadata_path
        return self.object, ()

    def ask_group(self, group: Group, body: dict[str, Any]) -> None:
        """Ask every check of `group` that `body`, which it is about, has the key for."""
        self._ask_each(group.always, body)
        mistyped = self.judgement.resource.mistyped
        for key, checks in group.by_key:
            if key in body or mistyped:
                self._ask_each(checks, body)

    def _ask_each(self, checks: tuple[Bound, ...], body: dict[str, Any]) -> None:
        """The inner loop of every scan: nothing is looked up here that the plan could know."""
        pod, container, value, target = self.pod, self.container, self.object, self.target
        spec = pod.spec if pod else _NO_MAP
        metadata = pod.metadata if pod else _NO_MAP
        within = container.body if container else _NO_MAP
        trusted = not self.judgement.resource.mistyped
        for check in checks:
            if trusted and not check.each:
                it = metadata if check.root == "podMetadata" else body
                try:
                    if check.quick(value, spec, metadata, within, it, check.params, target):
                        continue
                except Exception:  # noqa: BLE001, S110 - asked again, where every answer has its fate
                    pass
            self.ask(check)

    def ask(self, check: Bound) -> None:
        """Ask `check` about each thing that it is about."""
        value, path = self.root(check.root)
        asked = False
        for it, subject in items(value, check.each, path):
            asked = True
            self.ask_item(check, it, subject)
        if not asked and self.judgement.resource.mistyped:
            self.mistrust(check)

    def ask_item(self, check: Bound, it: Any, subject: FieldPath) -> None:
        try:
            answer = self._answer(check, it)
        except ERRORS as error:
            self.judgement.doubt(check, str(evaluation_error(error)))
            return
        except Exception as error:  # noqa: BLE001 - a rule may be the user's: its crash is an answer
            self.judgement.crash(check, error)
            return
        if answer is True:
            self.mistrust(check)
        elif answer is False:
            self.blame(check, it, subject)
        elif type(answer) is str:
            self.judgement.doubt(check, answer)
        else:
            self.judgement.doubt(check, f"its condition gave {type(answer).__name__}, not a bool")

    def _answer(self, check: Bound, it: Any) -> Any:
        try:
            answer = self.call(check.quick, it, check.params)
        except Exception:  # noqa: BLE001 - whatever it is, the condition itself tells it
            answer = None
        return self.call(check.holds, it, check.params) if answer is None else answer

    def call(self, function: Any, it: Any, params: Any) -> Any:
        pod, container = self.pod, self.container
        return function(
            self.object,
            pod.spec if pod else _NO_MAP,
            pod.metadata if pod else _NO_MAP,
            container.body if container else _NO_MAP,
            it,
            params,
            self.target,
        )

    def mistrust(self, check: Bound) -> None:
        """A pass that read a field of the wrong type is no pass."""
        for path, expected, got in self.judgement.resource.mistyped:
            if not check.reads.isdisjoint(step for step in path if type(step) is str):
                self.judgement.doubt(check, _wrong(path, expected, got))

    def blame(self, check: Bound, it: Any, subject: FieldPath) -> None:
        judgement = self.judgement
        says = check.says
        try:
            said = says if type(says) is str else self.call(says, it, check.params)
        except ERRORS as error:
            said = f"fails, and its message cannot be made: {evaluation_error(error)}"
        container = self.container
        if container is not None:
            said = f"container {container.body.get('name', '?')} {said}"
        targets = [(*self._base(root, subject), path) for root, path in check.at]
        note = BY_SHAPE if self.pod is not None and self.pod.by_shape else ""
        judgement.say(check, subject, existing(self.object, targets), str(said), note)

    def _base(self, root: str, subject: FieldPath) -> tuple[FieldPath]:
        return (subject if root == "it" else self.root(root)[1],)


def items(value: Any, steps: tuple[str, ...], path: FieldPath) -> Iterator[tuple[Any, FieldPath]]:
    """What stands at `steps` below `value`: each item of a list, also of the lists on the way."""
    for position, step in enumerate(steps):
        if type(value) is list:
            for index, item in enumerate(value):
                yield from items(item, steps[position:], (*path, index))
            return
        if type(value) is not dict or step not in value:
            return
        value = value[step]
        path = (*path, step)
    if steps and type(value) is list:
        for index, item in enumerate(value):
            yield item, (*path, index)
    else:
        yield value, path


_WAY_TO_PODS = frozenset(("metadata", "spec", "template", "jobTemplate", *CONTAINER_LISTS))


def _wrong(path: FieldPath, expected: str, got: str) -> str:
    return f"{_last(path)} is {got}, expected {expected}"


def _last(path: FieldPath) -> str:
    return str(next((step for step in reversed(path) if type(step) is str), "the object"))
