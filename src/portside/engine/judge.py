"""One object asked by every check that concerns it. Pure: no clock, no disk, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
        if not checks.rules and not resource.mistyped:
            return
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
            group = checks.containers[container.role]
            if not group.is_empty:
                scope.enter(container)
                scope.ask_group(group, container.body)

    def say(
        self,
        check: Bound,
        subject: FieldPath,
        path: FieldPath,
        message: str,
        note: str,
        mends: str,
    ) -> None:
        resource = self.resource
        line, column, width = resource.mark(path)
        named = identity(check.rule, resource, path)
        if "://" in message and "@" in message:
            message = _without_password(message)
        about = (message, resource.ref, path, subject, resource.file)
        self.findings.append(
            Finding(
                *(check.rule, check.severity, *about, line, column, width, named),
                note=note,
                mends=mends,
            )
        )

    def doubt(self, check: Bound | BoundPython, missing: str) -> None:
        resource = self.resource
        doubt = Undecided(check.rule, resource.ref, missing, resource.file, resource.line)
        if doubt not in self.undecided:
            self.undecided.append(doubt)

    def crash(self, check: Bound | BoundPython, error: Exception) -> None:
        from portside.crash import told

        resource = self.resource
        self.unread.append(
            Unread(
                what=f"{resource.ref}, by rule {check.rule}",
                reason=f"the rule crashed: {told(error)}",
                file=resource.file,
                line=resource.line,
            )
        )


class _Scope:
    """The variables of a call: which object, pod and container it is about."""

    __slots__ = ("container", "judgement", "metadata", "object", "pod", "spec", "target", "within")

    def __init__(self, judgement: Judgement, value: dict[str, Any], pod: Pod | None = None) -> None:
        self.judgement = judgement
        self.object = value
        self.pod = pod
        self.spec = pod.spec if pod else _NO_MAP
        self.metadata = pod.metadata if pod else _NO_MAP
        self.container: Container | None = None
        self.within = _NO_MAP
        self.target = judgement.plan.target

    def enter(self, container: Container) -> None:
        """Be about `container` from here on."""
        self.container = container
        self.within = container.body

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
        """Ask every check of `group` that `body`, which it is about, has the key for.

        The inner loop of every scan: nothing is looked up here that the plan could know.
        """
        if self.judgement.resource.mistyped:
            self._ask_warily(group)
            return
        value, spec, metadata = self.object, self.spec, self.metadata
        within, target = self.within, self.target
        walked: dict[int, Sequence[tuple[Any, FieldPath]]] = {}
        for check in group.of(body):
            if check.walk:
                listed = walked.get(check.walk)
                if listed is None:
                    root, path = self.root(check.root)
                    listed = walked[check.walk] = standing_at(root, check.each, path)
                if listed:
                    self._ask_items(check, listed)
                continue
            it = metadata if check.root == "podMetadata" else body
            try:
                answer = check.quick(value, spec, metadata, within, it, check.params, target)
            except Exception:  # noqa: BLE001 - whatever it is, the condition itself tells it
                answer = None
            if answer is not True:
                self.settle(check, it, self.root(check.root)[1], answer)

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
        self._ask_items(check, items(value, check.each, path))

    def _ask_items(self, check: Bound, listed: Iterable[tuple[Any, FieldPath]]) -> None:
        value, spec, metadata = self.object, self.spec, self.metadata
        within, target = self.within, self.target
        quick, params = check.quick, check.params
        for it, path in listed:
            try:
                answer = quick(value, spec, metadata, within, it, params, target)
            except Exception:  # noqa: BLE001 - as above
                answer = None
            if answer is not True:
                self.settle(check, it, path, answer)

    def settle(self, check: Bound, it: Any, subject: FieldPath, answer: Any) -> None:
        """Note what `answer`, which is not True, says of `it`; the condition tells what None is."""
        if answer is False:
            self.blame(check, it, subject)
            return
        if answer is None:
            try:
                answer = self.call(check.holds, it, check.params)
            except ERRORS as error:
                self.judgement.doubt(check, _without_value(error))
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

    def call(self, function: Any, it: Any, params: Any) -> Any:
        return function(self.object, self.spec, self.metadata, self.within, it, params, self.target)

    def blame(self, check: Bound, it: Any, subject: FieldPath) -> None:
        judgement = self.judgement
        says = check.says
        try:
            said = says if type(says) is str else self.call(says, it, check.params)
        except ERRORS as error:
            said = f"fails, and its message cannot be made: {_without_value(error)}"
        container = self.container
        if container is not None:
            said = f"container {container.body.get('name') or 'without a name'} {said}"
        note = BY_SHAPE if self.pod is not None and self.pod.by_shape else ""
        mends = check.fix
        if mends == "conditional":
            about = (self.object, self.spec, self.metadata, self.within, it, check.params)
            mends = judgement.plan.mends(check.rule, mends, (*about, self.target))
        judgement.say(check, subject, self._place(check, it, subject), str(said), note, mends)

    def _place(self, check: Bound, it: Any, subject: FieldPath) -> FieldPath:
        """Which of the check's candidate fields it names: the first that is written.

        A field that is absent keeps its whole path: the place in the text is its nearest
        ancestor's.
        """
        first = None
        for name, path in check.at:
            value, base = (it, subject) if name == "it" else self.root(name)
            if name == "podMetadata":
                # It may be an empty map that is written nowhere.
                value, path, base = self.object, base + path, ()
            found = existing(value, path)
            if found is not None:
                return base + found
            if first is None:
                first = base + path
        return first or ()


def standing_at(
    value: Any, steps: tuple[str, ...], path: FieldPath
) -> Sequence[tuple[Any, FieldPath]]:
    """What `items` gives, at once: most lists stand in no other."""
    found = value
    for step in steps:
        if type(found) is not dict:
            return list(items(value, steps, path)) if type(found) is list else ()
        if step not in found:
            return ()
        found = found[step]
    path = path + steps
    if type(found) is list:
        return [(item, (*path, index)) for index, item in enumerate(found)]
    return ((found, path),)


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


def _without_password(message: str) -> str:
    """A message that quotes a URL: who may connect to it stands in some."""
    from portside.secrets.veil import without_formats

    return without_formats(message)


def _without_value(error: BaseException) -> str:
    """What went wrong with a condition; the value that it went wrong with may be a credential."""
    from portside.secrets.veil import unquoted

    return unquoted(str(evaluation_error(error)))
