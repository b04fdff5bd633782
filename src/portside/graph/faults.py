"""The findings of a scan as the graph asks for them: by object, rule and place in the object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from portside.model.finding import Finding
from portside.model.place import FieldPath


class Faults:
    """Findings by their numbers; a finding that is excused is a fault like any other."""

    __slots__ = ("_by_object", "findings")

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        self._by_object: dict[tuple[str, str], list[int]] = {}
        for number, it in enumerate(findings):
            self._by_object.setdefault((it.object_key, it.rule), []).append(number)

    def of(self, key: str, rules: Iterable[str], within: FieldPath = ()) -> tuple[int, ...]:
        """The findings of `rules` about the object called `key`, at or below the field `within`."""
        size = len(within)
        return tuple(
            number
            for rule in rules
            for number in self._by_object.get((key, rule), ())
            if self.findings[number].path[:size] == within
        )

    def each(self, key: str, rule: str) -> Iterator[tuple[int, Finding]]:
        """The findings of one rule about an object, each with its number."""
        for number in self._by_object.get((key, rule), ()):
            yield number, self.findings[number]
