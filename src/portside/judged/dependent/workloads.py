"""Workloads: rollouts, and labels in the groups that are served no more.

Source: pkg/apis/{apps,extensions,batch,autoscaling}/*/defaults.go.
"""

from __future__ import annotations

from typing import Any

from portside.judged.dependent.filling import Box, fill, label_as, take
from portside.judged.reading import Notes, Problems, Struct

_LARGEST = (1 << 31) - 1
_ROLLING = "RollingUpdate"


def deployment_strategy(box: Box, notes: Notes) -> None:
    if box["type"] == _ROLLING:
        _roll(box, ("25%", "25%"), notes)


def old_deployment_strategy(box: Box, notes: Notes) -> None:
    """In extensions/v1beta1 also where another type is named beside the numbers."""
    if box["type"] == _ROLLING or "rollingUpdate" in box:
        _roll(box, (1, 1), notes)


def daemon_set_strategy(box: Box, notes: Notes) -> None:
    if box["type"] == _ROLLING:
        _roll(box, (1, 0), notes)


def _roll(box: Box, numbers: tuple[str | int, str | int], notes: Notes) -> None:
    fill(box, "rollingUpdate", {}, notes)
    fill(box["rollingUpdate"], "maxUnavailable", numbers[0], notes)
    fill(box["rollingUpdate"], "maxSurge", numbers[1], notes)


def stateful_set_strategy(box: Box, notes: Notes) -> None:
    if "type" not in box:
        fill(box, "type", _ROLLING, notes)
        fill(box, "rollingUpdate", {}, notes)
    old_stateful_set_strategy(box, notes)


def old_stateful_set_strategy(box: Box, notes: Notes) -> None:
    """In apps/v1beta1 pods are replaced when deleted, unless it is written otherwise."""
    if box["type"] == _ROLLING and "rollingUpdate" in box:
        fill(box["rollingUpdate"], "partition", 0, notes)
        fill(box["rollingUpdate"], "maxUnavailable", 1, notes)


class LabelledByTemplate(Struct):
    """A workload whose selector is its template's labels, and empty where they are written so."""

    __slots__ = ()

    def read(self, item: Any, box: Any, key: Any, notes: Notes) -> Problems | None:
        labels = item
        for step in ("spec", "template", "metadata", "labels"):
            labels = labels.get(step) if type(labels) is dict else None
        # Looked at before it is read: empty labels are left out then, as if not written.
        is_empty = labels == {}
        said = super().read(item, box, key, notes)
        if is_empty:
            fill(item["spec"], "selector", {}, notes)
        return said


def labelled_by_template(box: Box, notes: Notes) -> None:
    """Selector and labels are those of the template where none are written."""
    labels = box["spec"]["template"].get("metadata", {}).get("labels")
    if labels:
        fill(box["spec"], "selector", {"matchLabels": dict(labels)}, notes)
        label_as(box, labels, notes)


def job(box: Box, notes: Notes) -> None:
    """What holds for a Job and not for the template of one."""
    spec = box["spec"]
    if "parallelism" not in spec:
        fill(spec, "completions", 1, notes)
        fill(spec, "parallelism", 1, notes)
    by_index, by_policy = "backoffLimitPerIndex" in spec, "podFailurePolicy" in spec
    fill(spec, "backoffLimit", _LARGEST if by_index else 6, notes)
    fill(spec, "completionMode", "NonIndexed", notes)
    fill(spec, "suspend", False, notes)
    fill(spec, "podReplacementPolicy", "Failed" if by_policy else "TerminatingOrFailed", notes)
    fill(spec, "manualSelector", False, notes)
    labels = spec["template"].get("metadata", {}).get("labels")
    if labels:
        label_as(box, labels, notes)


def autoscaler(box: Box, notes: Notes) -> None:
    behavior = box["spec"].get("behavior")
    if behavior is not None:
        fast = [_policy("Pods", 4), _policy("Percent", 100)]
        _scale(behavior, "scaleUp", fast, notes)
        fill(behavior["scaleUp"], "stabilizationWindowSeconds", 0, notes)
        _scale(behavior, "scaleDown", [_policy("Percent", 100)], notes)


def _scale(behavior: Box, key: str, policies: list[Box], notes: Notes) -> None:
    fill(behavior, key, {}, notes)
    fill(behavior[key], "selectPolicy", "Max", notes)
    fill(behavior[key], "policies", policies, notes)
    if not behavior[key]["policies"]:
        take(behavior[key], "policies", notes)


def _policy(kind: str, value: int) -> Box:
    return {"type": kind, "value": value, "periodSeconds": 15}
