"""Selectors of labels over the parameters of generators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portside.render.gitops.told import UnresolvedError, list_of, map_of, maps_of, text_of


def selects(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector takes these labels in; none takes all in. Raises UnresolvedError."""
    it = map_of(selector)
    wanted = map_of(it.get("matchLabels"))
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_fits(one, labels) for one in maps_of(it.get("matchExpressions")))


def _fits(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = text_of(one.get("key")), one.get("operator"), list_of(one.get("values"))
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    raise UnresolvedError(f"{operator!r} is no operator of a selector")
