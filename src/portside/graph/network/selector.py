"""Label selectors, and which peers they select (apimachinery, LabelSelectorAsSelector)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portside.graph.network.objects import Refused, listing, mapping, texts
from portside.model.place import FieldPath
from portside.records import NamedTuple

Labels = Mapping[str, str]
Bits = int
"""A set of peers: bit N is the peer at N."""


class Requirement(NamedTuple):
    """`key` is there (or not, with `negated`), with one of `values` where there are any."""

    key: str
    values: tuple[str, ...]
    negated: bool


class Selector(NamedTuple):
    """All of its requirements have to hold; without any it selects everything."""

    requirements: tuple[Requirement, ...] = ()


EVERYTHING = Selector()
_OPERATORS = {"In": (True, False), "NotIn": (True, True)} | {
    "Exists": (False, False),
    "DoesNotExist": (False, True),
}
"""By operator: whether it takes values, whether it is negated."""


def selector(value: object, path: FieldPath) -> Selector:
    """The label selector `value`. Raises Refused where the API server refuses it."""
    body = mapping(value, path)
    made = []
    for key, wanted in mapping(body.get("matchLabels"), (*path, "matchLabels")).items():
        if type(wanted) is not str:
            raise Refused((*path, "matchLabels", key), f"the value of {key} is no text")
        made.append(Requirement(key, (wanted,), False))
    where = (*path, "matchExpressions")
    for index, item in enumerate(listing(body.get("matchExpressions"), where)):
        made.append(_expression(item, (*where, index)))
    return Selector(tuple(made))


def _expression(value: object, path: FieldPath) -> Requirement:
    body = mapping(value, path)
    key, operator = body.get("key"), body.get("operator")
    values = texts(body.get("values"), (*path, "values"))
    if type(key) is not str or not key:
        raise Refused(path, "an expression of a selector names no key")
    if type(operator) is not str or operator not in _OPERATORS:
        raise Refused((*path, "operator"), f"a selector has no operator {operator}")
    takes_values, negated = _OPERATORS[operator]
    if takes_values is not bool(values):
        needs = "needs values" if takes_values else "takes no values"
        raise Refused((*path, "operator"), f"the operator {operator} {needs}")
    return Requirement(key, values, negated)


class Index:
    """Who bears which labels, so that a selector is answered for all at once."""

    __slots__ = ("_everyone", "_keys", "_values")

    def __init__(self, labelled: Iterable[tuple[Bits, Labels]]) -> None:
        self._everyone = 0
        self._keys: dict[str, Bits] = {}
        self._values: dict[tuple[str, str], Bits] = {}
        for bits, labels in labelled:
            self._everyone |= bits
            for key, value in labels.items():
                self._keys[key] = self._keys.get(key, 0) | bits
                self._values[key, value] = self._values.get((key, value), 0) | bits

    def selected(self, wanted: Selector) -> Bits:
        found = self._everyone
        for it in wanted.requirements:
            bits = self._keys.get(it.key, 0)
            if it.values:
                bits = 0
                for value in it.values:
                    bits |= self._values.get((it.key, value), 0)
            found &= ~bits if it.negated else bits
        return found
