"""Label selectors, as `metav1.LabelSelector` and the plain maps of Services have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.model.fields import mapping, maps, text


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether the label selector (`matchLabels`, `matchExpressions`) selects `labels`.

    An empty selector selects everything, one that is absent (None) nothing. An operator that does
    not exist selects nothing: the API server refuses it.
    """
    if type(selector) is not dict:
        return False
    if not has_all(mapping(selector, "matchLabels"), labels):
        return False
    return all(_holds(it, labels) for _, it in maps(selector, "matchExpressions"))


def has_all(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether `labels` hold each of `wanted`: the selector of a Service, unless it is empty."""
    return all(key in labels and labels[key] == value for key, value in wanted.items())


def _holds(requirement: dict[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = text(requirement, "key"), requirement.get("values")
    listed = values if type(values) is list else []
    match requirement.get("operator"):
        case "In":
            return key in labels and labels[key] in listed
        case "NotIn":
            return key not in labels or labels[key] not in listed
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
