"""Unknown, duplicate and mistyped fields are those that Kubernetes' own strict decoder finds.

Real objects of the shared corpora, each with mistakes in it. `PORTSIDE_FUZZ` multiplies their
number, `PORTSIDE_SEED` chooses others.

Two differences are meant, and left out of the comparison: a key that is written twice in what the
decoder does not look into (below an unknown field, or in a value of any type) is told here too,
since one of its values is lost; and what stands in the lost value of such a key is not looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest

from portside.judged import Admitted, admit
from portside.model.resource import Resource
from portside.sources.manifest import parse
from tests.judged.mutations import mutated
from tests.judged.normal import Types
from tests.judged.objects import real_objects
from tests.oracle import Answer, Oracle, encoded
from tests.shared import shared

pytestmark = pytest.mark.needs_oracle

COUNT = 2000 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20261124"))
_SHOWN = 5
_FIELD = re.compile(r"Go struct field \w+\.(\S+) of type")
_EMBEDDED = re.compile(r"\.[A-Z]\w+(?=\.)")
"""Go structs inlined in others, which the decoder names as if they were fields."""
Path = tuple[str | int, ...]


class Case:
    """A text, what is found in it here, and what the decoder says."""

    def __init__(self, text: str, answer: Answer, types: Types) -> None:
        self.text = text
        self.answer = answer
        read = parse(text.encode(), "shop.json")
        self.resource: Resource | None = read.resources[0] if read.resources else None
        self.root = types.root(self.resource.value) if self.resource else None
        self.types = types
        self.admitted: Admitted | None = admit(self.resource.value) if self.resource else None

    @property
    def is_comparable(self) -> bool:
        """Whether it is an object of a kind that the decoder knows, and nothing is lost in it."""
        if self.root is None or self.resource is None or "unknown_kind" in self.answer:
            return False
        twice = self.resource.duplicates
        if twice and "error" in self.answer:
            return False
        return not any(self._holds_more(path) for path, _, _ in twice)

    def _holds_more(self, path: Path) -> bool:
        """Whether a lost value was a box: the decoder looks into it.

        So it was where the key that is written twice stands in a value that was itself lost.
        """
        try:
            value = _at(json.loads(self.text), path)
        except (KeyError, IndexError, TypeError):
            return True
        return type(value) in (dict, list, type(None))

    @property
    def found(self) -> set[tuple[str, str]]:
        """(what, path) of what is found here, as the decoder writes it."""
        assert self.admitted is not None
        assert self.resource is not None
        unknown = {("unknown", _written(path)) for path in self.admitted.unknown}
        twice = [path for path, _, _ in self.resource.duplicates if self._is_decoded(path)]
        return unknown | {("duplicate", _written(path)) for path in twice}

    @property
    def told(self) -> set[tuple[str, str]]:
        """(what, path) of what the decoder says."""
        said = (it.partition(" field ") for it in self.answer.get("errors", ()))
        return {(what, json.loads(path)) for what, _, path in said}

    @property
    def agrees(self) -> bool:
        assert self.admitted is not None
        if "error" in self.answer:
            return _names_one_of(self.answer["error"], [it[0] for it in self.admitted.mistyped])
        return not self.admitted.mistyped and self.found == self.told

    def _is_decoded(self, path: Path) -> bool:
        described = self.root
        around = ""
        for step in path:
            if described is None:
                return False
            kind = described["type"]
            around = described.get("ref") or around
            if kind in ("list", "map"):
                described = described["items" if kind == "list" else "values"]
            elif kind.startswith("schemaOr") and type(step) is int:
                described = {"type": "struct", "ref": around}
            else:
                is_struct = kind == "struct" or kind.startswith("schemaOr")
                fields = self.types.fields(described, around) if is_struct else {}
                described = fields.get(str(step))
        return described is not None


def _names_one_of(error: str, paths: Iterable[Path]) -> bool:
    """Whether the decoder's error names one of these; it leaves out indices and keys of maps."""
    named = _FIELD.search(error)
    plain = [".".join(it for it in path if type(it) is str) for path in paths]
    if named is None:
        return bool(plain)
    field = _EMBEDDED.sub("", named[1])
    return any(it == field or it.startswith(f"{field}.") for it in plain)


def _written(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if type(step) is int else f".{step}" if text else str(step)
    return text


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _cases(oracle: Oracle, types: Types) -> Iterator[Case]:
    chance = Random(SEED)
    real = [it for it in real_objects() if types.root(it) is not None]
    texts = [mutated(chance.choice(real), chance) for _ in range(COUNT)]
    answers = oracle.ask_many({"op": "strict", "text": encoded(it)} for it in texts)
    for text, answer in zip(texts, answers, strict=True):
        case = Case(text, answer, types)
        if case.is_comparable:
            yield case


def test_what_is_wrong_with_a_mistaken_object_is_what_the_strict_decoder_says(
    oracle: Oracle,
) -> None:
    shared("corpora")
    cases = list(_cases(oracle, Types(oracle.ask(op="types"))))
    differing = [
        (it.text, it.found, it.admitted and it.admitted.mistyped, it.answer)
        for it in cases
        if not it.agrees
    ]
    assert len(cases) > COUNT * 0.8
    assert sum(bool(it.told) for it in cases) > COUNT / 5
    assert sum("error" in it.answer for it in cases) > COUNT / 20
    assert differing[:_SHOWN] == []
