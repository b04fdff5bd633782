"""Whether what a change touches can have to do with connections and rights at all.

Most changes cannot: an image gets a new tag, a Deployment more replicas. Then no map is made, nor
any graph. What is left out here is read by neither, nor by the rules that steps are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.model.facts import Fact
    from portside.model.finding import FileResult
    from portside.model.workload import Pod

_OF_CONTAINERS = frozenset(
    (
        *("imagePullPolicy", "resources", "resizePolicy", "terminationMessagePath"),
        *("terminationMessagePolicy", "livenessProbe", "readinessProbe", "startupProbe"),
        *("workingDir", "stdin", "tty"),
    )
)
_OF_PODS = frozenset(("containers", "initContainers", "terminationGracePeriodSeconds"))
_OF_WORKLOADS = frozenset(
    ("replicas", "strategy", "updateStrategy", "revisionHistoryLimit", "minReadySeconds")
)


def may_differ(before: Sequence[FileResult], after: Sequence[FileResult]) -> bool:
    """Whether maps or graphs may; these are the files that differ, as `graph_plan` judges them."""
    return _parts(before) != _parts(after)


def _parts(results: Iterable[FileResult]) -> list[tuple[Any, ...]]:
    """What is compared of the files, in an order that does not depend on theirs."""
    listed = [part for it in results for part in _of_file(it)]
    return sorted(listed, key=lambda it: (it[0], repr(it)))


def _of_file(result: FileResult) -> Iterable[tuple[Any, ...]]:
    yield from ((it.object_key(), _value(it)) for it in result.facts)
    yield from ((it.identity, it.rule, it.message) for it in result.findings)


def _value(fact: Fact) -> dict[str, Any]:
    value = fact.value
    metadata = value.get("metadata")
    if type(metadata) is dict:
        value = {**value, "metadata": _without(metadata, ("annotations",))}
    pods = fact.pods()
    if not pods:
        return value
    spec = value.get("spec")
    rest: dict[str, Any] = {}
    if type(spec) is dict and len(pods[0].path) > 1:
        rest = _without(spec, (*_OF_WORKLOADS, str(pods[0].path[1])))
    return {**value, "spec": rest, "pods": [_pod(it) for it in pods]}


def _pod(pod: Pod) -> tuple[Any, ...]:
    containers = [(it.role, _container(it.body)) for it in pod.containers]
    return pod.path, pod.metadata, _without(pod.spec, _OF_PODS), containers


def _container(body: dict[str, Any]) -> dict[str, Any]:
    """The container, its image without its tag and digest: what runs is known by its name."""
    kept = _without(body, _OF_CONTAINERS)
    image = body.get("image")
    if type(image) is str:
        name = image.partition("@")[0]
        folder, slash, last = name.rpartition("/")
        kept["image"] = f"{folder}{slash}{last.partition(':')[0]}"
    return kept


def _without(value: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    left_out = frozenset(keys)
    return {key: it for key, it in value.items() if key not in left_out}
