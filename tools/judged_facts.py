"""What Kubernetes' own code says of the types of its kinds and of their constant defaults.

Asked through the oracle: the types in one question, the defaults with an object of each kind in
which only one struct is written, and that empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.oracle import Oracle
from tools.judged_hooks import hook_of, short

SCHEMAS = ("schemaOrBool", "schemaOrList", "schemaOrStringList")


class Context(NamedTuple):
    """A struct at one place in one kind."""

    kind: str
    ref: str
    path: tuple[str | int, ...]


class Facts(NamedTuple):
    """What the oracle says of a struct: its defaults, and which of its quantities it rounds."""

    absent: dict[str, Any]
    rounded: tuple[str, ...]


class Catalogue:
    """The types of all kinds, and how they hang together."""

    def __init__(self, oracle: Oracle) -> None:
        types = oracle.ask(op="types")
        self.kinds: dict[str, Any] = types["kinds"]
        self.structs: dict[str, Any] = types["structs"]
        self.version: str = oracle.ask(op="version")["kubernetes"]
        self._schema = {
            ref.rpartition(".")[0]: ref for ref in self.structs if ref.endswith(".JSONSchemaProps")
        }
        self.pods = {
            it
            for name, kind in self.kinds.items()
            if name.startswith(("apps/v1/", "batch/v1/"))
            for it in self.closure(kind["ref"])
            if short(it).startswith("core/v1.")
        }
        """What workloads hold of the core group: a module of its own, that most scans load."""

    def struct_in(self, ref: str, described: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
        """The steps from a field to the struct it holds, and that struct; empty where none."""
        steps: tuple[str | int, ...] = ()
        while described["type"] in ("list", "map"):
            is_list = described["type"] == "list"
            steps = (*steps, 0 if is_list else "key")
            described = described["items" if is_list else "values"]
        if described["type"] == "struct":
            return steps, described["ref"]
        if described["type"] in SCHEMAS:
            return steps, self._schema[ref.rpartition(".")[0]]
        return (), ""

    def below(self, ref: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Each struct directly in `ref`, and where."""
        for field in self.structs[ref]:
            steps, inner = self.struct_in(ref, field["type"])
            if inner:
                yield (field["name"], *steps), inner

    def closure(self, ref: str) -> set[str]:
        found, pending = {ref}, [ref]
        while pending:
            for _, inner in self.below(pending.pop()):
                if inner not in found:
                    found.add(inner)
                    pending.append(inner)
        return found

    def contexts(self, kind: str) -> Iterator[Context]:
        """Each way into each struct of a kind, by the shortest path to the struct around it."""
        root = self.kinds[kind]["ref"]
        yield Context(kind, root, ())
        seen = {root}
        pending: list[tuple[str, tuple[str | int, ...]]] = [(root, ())]
        for ref, path in pending:
            for steps, inner in self.below(ref):
                yield Context(kind, inner, path + steps)
                if inner not in seen:
                    seen.add(inner)
                    pending.append((inner, path + steps))

    def module(self, ref: str) -> str:
        """The module in which a struct stands."""
        if ref in self.pods:
            return "pods"
        return short(ref).rpartition(".")[0].replace("/", "_")

    def quantities(self, ref: str) -> list[str]:
        """The fields that are maps of quantities."""
        return [
            field["name"]
            for field in self.structs[ref]
            if field["type"]["type"] == "map" and field["type"]["values"]["type"] == "quantity"
        ]


def ask(oracle: Oracle, catalogue: Catalogue) -> dict[str, dict[str, Facts]]:
    """For each struct, by kind, what the oracle says of it: the same at every place in a kind."""
    contexts = [it for kind in sorted(catalogue.kinds) for it in catalogue.contexts(kind)]
    questions = [_question(catalogue, it) for it in contexts]
    found: dict[str, dict[str, Facts]] = defaultdict(dict)
    for context, answer in zip(contexts, oracle.ask_many(questions), strict=True):
        value = _at(answer["object"], context.path)
        if value is None:
            # The server takes the struct away again, as it does sessionAffinityConfig.
            continue
        facts = _facts(catalogue, context, value)
        known = found[context.ref].setdefault(context.kind, facts)
        if known != facts:
            raise SystemExit(f"{context} has {facts}, elsewhere in the kind {known}: add a hook")
    return found


def _question(catalogue: Catalogue, context: Context) -> dict[str, Any]:
    value: Any = {name: {"key": "1n"} for name in catalogue.quantities(context.ref)}
    for step in reversed(context.path):
        value = [value] if step == 0 else {step: value}
    kind = catalogue.kinds[context.kind]
    value.update(apiVersion=context.kind.rpartition("/")[0], kind=kind["kind"])
    return {"op": "default", "object": value}


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if value is None or (type(value) is dict and step not in value):
            return None
        value = value[step]
    return value


def _facts(catalogue: Catalogue, context: Context, value: dict[str, Any]) -> Facts:
    hook = hook_of(context.ref)
    absent = {}
    for field in catalogue.structs[context.ref]:
        name, described = field["name"], field["type"]
        is_struct = described["type"] == "struct" and not described.get("pointer")
        if value.get(name) is None or is_struct or name in hook.owns:
            continue
        absent[name] = value[name]
    quantities = {name: absent.pop(name, {}) for name in catalogue.quantities(context.ref)}
    rounded = tuple(name for name, it in quantities.items() if it.get("key") == "1m")
    if not context.path:
        del absent["apiVersion"], absent["kind"]
    return Facts(absent, rounded)
