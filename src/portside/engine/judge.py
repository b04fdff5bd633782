"""One object asked by every check that concerns it. Pure: no clock, no disk, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.cel.runtime import ERRORS, evaluation_error
from portside.engine.identity import identity
from portside.engine.place import existing
from portside.model.finding import Finding, Undecided, Unread

if TYPE_CHECKING:
    from portside.engine.plan import Bound, BoundPython, Group, KindPlan, Plan
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
        checks = self.plan.of(resource.group, resource.kind, bool(pods), form)
        self.rules += checks.rules
        scope = _Scope(self, resource.value)
        scope.ask_group(checks.objects, resource.value)
        for pod in pods:
            self._ask_pod(checks, pod)
        if resource.mistyped:
            self._doubt_unasked(pods, form)

    def _doubt_unasked(self, pods: tuple[Pod, ...], form: str) -> None:
        """A field of a wrong type may hide a pod: what is asked of pods is undecided then."""
        from portside.engine.mistrust import unasked

        resource = self.resource
        checks = self.plan.of(resource.group, resource.kind, True, form)
        # Admission never sees what is not decoded: Pod Security has no verdict on it.
        hidden = unasked(checks, resource, pods, everything=bool(self.plan.target["level"]))
        lost = tuple(hidden)
        for check, missing in lost:
            self.doubt(check, missing)
        if lost and not pods:
            self.rules += len({check.rule for check, _ in lost})

    def _ask_pod(self, checks: KindPlan, pod: Pod) -> None:
        scope = _Scope(self, self.resource.value, pod)
        scope.ask_group(checks.pods, pod.spec)
        for container in pod.containers:
            scope.container = container
            scope.ask_group(checks.containers[container.role], container.body)

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

    def doubt(self, check: Bound | BoundPython, missing: str) -> None:
        resource = self.resource
        doubt = Undecided(check.rule, resource.ref, missing, resource.file, resource.line)
        if doubt not in self.undecided:
            self.undecided.append(doubt)

    def crash(self, check: Bound | BoundPython, error: Exception) -> None:
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
        if self.judgement.resource.mistyped:
            self._ask_warily(group)
            return
        self._ask_each(group.always, body)
        for key, checks in group.by_key:
            if key in body:
                self._ask_each(checks, body)

    def _ask_each(self, checks: tuple[Bound, ...], body: dict[str, Any]) -> None:
        """The inner loop of every scan: nothing is looked up here that the plan could know."""
        pod, container, value, target = self.pod, self.container, self.object, self.target
        spec = pod.spec if pod else _NO_MAP
        metadata = pod.metadata if pod else _NO_MAP
        within = container.body if container else _NO_MAP
        walked: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
        for check in checks:
            root = metadata if check.root == "podMetadata" else body
            quick, params = check.quick, check.params
            try:
                if check.each:
                    where = check.root, check.each
                    listed = walked.get(where)
                    if listed is None:
                        listed = walked[where] = [it for it, _ in items(root, check.each, ())]
                    for it in listed:
                        if quick(value, spec, metadata, within, it, params, target) is not True:
                            break
                    else:
                        continue
                elif quick(value, spec, metadata, within, root, params, target) is True:
                    continue
            except Exception:  # noqa: BLE001, S110 - asked again, where every answer has its fate
                pass
            self.ask(check)

    def _ask_warily(self, group: Group) -> None:
        """Ask what needs no field of a wrong type; the rest is undecided."""
        from portside.engine.mistrust import missing

        pod, container = self.pod, self.container
        around = (pod.path, pod.metadata_path) if pod else ()
        within = (container.path,) if container else ()
        for check in group.all():
            bases = (self.root(check.root)[1], *within, *around, ())
            lacks = missing(check, bases, self.judgement.resource.mistyped)
            for it in lacks:
                self.judgement.doubt(check, it)
            if not lacks:
                self.ask(check)

    def ask(self, check: Bound) -> None:
        """Ask `check` about each thing that it is about."""
        value, path = self.root(check.root)
        for it, subject in items(value, check.each, path):
            self.ask_item(check, it, subject)

    def ask_item(self, check: Bound, it: Any, subject: FieldPath) -> None:
        try:
            answer = self._answer(check, it)
        except ERRORS as error:
            self.judgement.doubt(check, str(evaluation_error(error)))
            return
        except Exception as error:  # noqa: BLE001 - a rule may be the user's: its crash is an answer
            self.judgement.crash(check, error)
            return
        if answer is False:
            self.blame(check, it, subject)
        elif type(answer) is str:
            self.judgement.doubt(check, answer)
        elif answer is not True:
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

    def blame(self, check: Bound, it: Any, subject: FieldPath) -> None:
        judgement = self.judgement
        says = check.says
        try:
            said = says if type(says) is str else self.call(says, it, check.params)
        except ERRORS as error:
            said = f"fails, and its message cannot be made: {evaluation_error(error)}"
        container = self.container
        if container is not None:
            said = f"container {container.body.get('name') or 'without a name'} {said}"
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
