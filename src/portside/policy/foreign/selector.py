"""Label selectors, asked also of labels that are known in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portside.policy.section import Section
from portside.records import NamedTuple

_KEYS = ("matchLabels", "matchExpressions")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class Labels(NamedTuple):
    """Labels; where they are not `complete`, those that are not here are unknown."""

    known: Mapping[str, str]
    complete: bool = True


class Requirement(NamedTuple):
    key: str
    operator: str
    values: tuple[str, ...]

    def holds(self, labels: Labels) -> bool | None:
        """None where the label is not known."""
        if self.key not in labels.known and not labels.complete:
            return None
        value = labels.known.get(self.key)
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        return (value in self.values) is (self.operator == "In")


Selector = tuple[Requirement, ...]
"""All must hold; the empty one selects everything."""


def selects(selector: Selector, labels: Labels) -> bool | None:
    """Whether `selector` selects what has these labels; None where it hangs on unknown ones."""
    answers = [it.holds(labels) for it in selector]
    if False in answers:
        return False
    return None if None in answers else True


def read_selector(section: Section) -> Selector:
    """The selector that `section` writes. Raises the section's error."""
    section.only(_KEYS)
    return tuple(_requirements(section))


def _requirements(section: Section) -> Iterator[Requirement]:
    labels = section.section("matchLabels")
    for key, value in labels.value.items():
        labels.check(value, str, key)
        yield Requirement(key, "In", (value,))
    for it in section.sections("matchExpressions"):
        it.only(("key", "operator", "values"))
        operator = it.word("operator", _OPERATORS)
        values = it.texts("values")
        if bool(values) is not operator.endswith("In"):
            wanted = "a list of values" if operator.endswith("In") else "no values"
            it.fail(f"{operator} takes {wanted}", "values")
        yield Requirement(it.required("key"), operator, values)
