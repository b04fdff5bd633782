"""Generates the tables of `portside.judged.types` by asking Kubernetes' own code (D12).

`python -m tools.judged_tables` writes them, `--check` says whether they are what the oracle says.
Types come from the oracle's `types`; constant defaults from what its `default` adds to an object
of each kind in which only one struct is written, and that empty. What depends on other fields is
the code of `portside.judged.dependent`; `HOOKS` says which struct it completes and which of the
answers are therefore not constant.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle import Oracle

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "src/portside/judged/types"


class Hook(NamedTuple):
    """A function for a struct, the fields it decides and the lists whose emptiness it looks at."""

    function: str
    owns: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    shape: str = ""
    """The class of the struct, where it is one of its own."""


_ROLLOUT = ("rollingUpdate",)
_NUMBERS = Hook("", ("maxSurge", "maxUnavailable"))
_PARTITION = Hook("", ("partition", "maxUnavailable"))
_COUNT = Hook("others.device_count", ("count",))
_JOB = (
    *("backoffLimit", "completionMode", "completions", "manualSelector", "parallelism"),
    *("podReplacementPolicy", "suspend"),
)
_LABELLED = Hook("workloads.labelled_by_template", shape="workloads.LabelledByTemplate")
_CLOCK = Hook("", ("timeAdded",))
"""The server takes the time of its clock; the judged form has no clock, and leaves it absent."""

HOOKS: dict[str, Hook] = {
    "core/v1.Container": Hook("pods.container", ("imagePullPolicy",)),
    "core/v1.EphemeralContainer": Hook("pods.container", ("imagePullPolicy",)),
    "core/v1.Volume": Hook("pods.volume", ("emptyDir",)),
    "core/v1.ImageVolumeSource": Hook("", ("pullPolicy",)),
    "core/v1.PodSpec": Hook("pods.pod_spec", ("enableServiceLinks",)),
    "core/v1.Pod": Hook("pods.pod"),
    "core/v1.Service": Hook("core.service"),
    "core/v1.ServiceSpec": Hook("", ("internalTrafficPolicy",)),
    "core/v1.ServicePort": Hook("", ("targetPort",)),
    "core/v1.ReplicationController": Hook("core.replication_controller"),
    "core/v1.Namespace": Hook("core.namespace"),
    "core/v1.NodeStatus": Hook("core.node_status", (), ("allocatable",)),
    "core/v1.PersistentVolume": Hook("core.persistent_volume"),
    "core/v1.PersistentVolumeSpec": Hook("", ("persistentVolumeReclaimPolicy", "volumeMode")),
    "core/v1.LimitRangeItem": Hook("core.limit_range_item"),
    "apps/v1.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1.RollingUpdateDeployment": _NUMBERS,
    "apps/v1.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy", _ROLLOUT),
    "apps/v1.RollingUpdateDaemonSet": _NUMBERS,
    "apps/v1.StatefulSetUpdateStrategy": Hook(
        "workloads.stateful_set_strategy", ("type", "rollingUpdate")
    ),
    "apps/v1.RollingUpdateStatefulSetStrategy": _PARTITION,
    "apps/v1beta2.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1beta2.RollingUpdateDeployment": _NUMBERS,
    "apps/v1beta2.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy", _ROLLOUT),
    "apps/v1beta2.RollingUpdateDaemonSet": _NUMBERS,
    "apps/v1beta2.StatefulSetUpdateStrategy": Hook(
        "workloads.stateful_set_strategy", ("type", "rollingUpdate")
    ),
    "apps/v1beta2.RollingUpdateStatefulSetStrategy": _PARTITION,
    "apps/v1beta1.Deployment": _LABELLED,
    "apps/v1beta1.DeploymentStrategy": Hook("workloads.deployment_strategy", _ROLLOUT),
    "apps/v1beta1.RollingUpdateDeployment": _NUMBERS,
    "apps/v1beta1.StatefulSet": _LABELLED,
    "apps/v1beta1.StatefulSetUpdateStrategy": Hook("workloads.old_stateful_set_strategy"),
    "apps/v1beta1.RollingUpdateStatefulSetStrategy": _PARTITION,
    "extensions/v1beta1.DaemonSet": _LABELLED,
    "extensions/v1beta1.DaemonSetUpdateStrategy": Hook("workloads.daemon_set_strategy"),
    "extensions/v1beta1.RollingUpdateDaemonSet": _NUMBERS,
    "extensions/v1beta1.Deployment": _LABELLED,
    "extensions/v1beta1.DeploymentStrategy": Hook("workloads.old_deployment_strategy", _ROLLOUT),
    "extensions/v1beta1.RollingUpdateDeployment": _NUMBERS,
    "extensions/v1beta1.ReplicaSet": _LABELLED,
    "extensions/v1beta1.NetworkPolicy": Hook("others.network_policy"),
    "extensions/v1beta1.NetworkPolicySpec": Hook("", ("policyTypes",)),
    "networking/v1.NetworkPolicy": Hook("others.network_policy"),
    "networking/v1.NetworkPolicySpec": Hook("", ("policyTypes",)),
    "batch/v1.Job": Hook("workloads.job"),
    "batch/v1.JobSpec": Hook("", _JOB),
    "autoscaling/v2.HorizontalPodAutoscaler": Hook("workloads.autoscaler"),
    "autoscaling/v2.HorizontalPodAutoscalerBehavior": Hook("", ("scaleDown", "scaleUp")),
    "autoscaling/v2.HPAScalingRules": Hook(
        "", ("policies", "selectPolicy", "stabilizationWindowSeconds"), ("policies",)
    ),
    "rbac/v1.Subject": Hook("others.subject"),
    "rbac/v1beta1.Subject": Hook("others.subject"),
    "rbac/v1alpha1.Subject": Hook("others.old_subject"),
    "resource/v1.ExactDeviceRequest": _COUNT,
    "resource/v1.DeviceSubRequest": _COUNT,
    "resource/v1.DeviceTaint": _CLOCK,
    "resource/v1beta2.ExactDeviceRequest": _COUNT,
    "resource/v1beta2.DeviceSubRequest": _COUNT,
    "resource/v1beta2.DeviceTaint": _CLOCK,
    "resource/v1beta1.DeviceRequest": Hook("others.device_request"),
    "resource/v1beta1.DeviceSubRequest": _COUNT,
    "resource/v1beta1.DeviceTaint": _CLOCK,
    "resource/v1alpha3.DeviceTaint": _CLOCK,
    "apiextensions/v1.CustomResourceDefinition": Hook("others.custom_resource_definition"),
    "apiextensions/v1beta1.CustomResourceDefinition": Hook(
        "others.old_custom_resource_definition"
    ),
    "flowcontrol/v1beta3.PriorityLevelConfiguration": Hook("others.priority_level"),
    "flowcontrol/v1beta3.LimitedPriorityLevelConfiguration": Hook(
        "", ("nominalConcurrencyShares",)
    ),
    "certificates/v1beta1.CertificateSigningRequestSpec": Hook(
        "others.signing_request", ("signerName", "usages"), ("usages",)
    ),
}

_ZEROES: dict[str, object] = {"string": "", "bool": False, "int32": 0, "int64": 0}
_ITEMS = {
    **{"string": "TEXT", "bool": "BOOL", "int32": "INT32_KEPT", "int64": "INT64_KEPT"},
    **{"bytes": "BYTES_KEPT", "quantity": "QUANTITY", "time": "TIME", "any": "ANY"},
    "rawExtension": "ANY",
}
_FIELDS = {
    **{"float64": "FLOAT64", "intOrString": "INT_OR_STRING", "microTime": "MICRO_TIME"},
    **{"quantity": "QUANTITY", "time": "TIME", "any": "ANY", "rawExtension": "ANY"},
}
_SCHEMAS = {
    "schemaOrBool": "SchemaOrBool({0})",
    "schemaOrList": "SchemaOr({0}, Items({1}))",
    "schemaOrStringList": "SchemaOr({0}, TEXTS)",
}
_HEAD = '"""{about}. Generated by tools/judged_tables.py from Kubernetes {version}: do not edit."""\n'


class Context(NamedTuple):
    """A struct at one place in one kind."""

    kind: str
    ref: str
    path: tuple[str | int, ...]


class Facts(NamedTuple):
    """What the oracle says of a struct: its defaults, and which of its quantities it rounds."""

    absent: dict[str, Any]
    rounded: tuple[str, ...]


def short(ref: str) -> str:
    """`core/v1.Pod` for `k8s.io/api/core/v1.Pod`."""
    package, _, name = ref.rpartition(".")
    return "/".join(package.split("/")[-2:]) + "." + name


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
            for ref in self.structs
            if short(ref) in ("core/v1.PodTemplateSpec", "core/v1.PersistentVolumeClaim")
            for it in self.closure(ref)
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
        if described["type"] in _SCHEMAS:
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
    hook = HOOKS.get(short(context.ref), Hook(""))
    absent = {}
    for field in catalogue.structs[context.ref]:
        name, described = field["name"], field["type"]
        is_struct = described["type"] == "struct" and not described.get("pointer")
        if value.get(name) is None or is_struct or name in hook.owns:
            continue
        absent[name] = value[name]
    rounded = []
    for name in catalogue.quantities(context.ref):
        if absent.pop(name, {}).get("key") == "1m":
            rounded.append(name)
    if not context.path:
        absent.pop("apiVersion"), absent.pop("kind")
    return Facts(absent, tuple(rounded))


class Tables:
    """The text of the modules."""

    def __init__(self, catalogue: Catalogue, found: dict[str, dict[str, Facts]]) -> None:
        self.catalogue = catalogue
        self.facts: dict[str, Facts] = {}
        self.variants: dict[str, dict[str, Facts]] = defaultdict(dict)
        for ref in catalogue.structs:
            # Where the server takes a struct away again, nothing is known to be added to it.
            self._decide(ref, found.get(ref) or {"": Facts({}, ())})
        self.pointed = self._pointed()

    def _decide(self, ref: str, by_kind: dict[str, Facts]) -> None:
        """What most kinds say is said of the struct; a package that says otherwise has its own."""
        counted = Counter(json.dumps(it) for it in by_kind.values())
        usual = Facts(*json.loads(counted.most_common(1)[0][0]))
        self.facts[ref] = usual
        for kind, facts in by_kind.items():
            if json.loads(json.dumps(facts)) != list(usual):
                module = self.catalogue.module(self.catalogue.kinds[kind]["ref"])
                self.variants[module][ref] = facts

    def _pointed(self) -> set[str]:
        refs = set()
        for ref in self.facts:
            for field in self.catalogue.structs[ref]:
                described = field["type"]
                if described["type"] == "struct" and described.get("pointer"):
                    refs.add(described["ref"])
                elif described["type"] in _SCHEMAS:
                    refs.add(self.catalogue.struct_in(ref, described)[1])
        return refs | {it for it in self.facts if it.endswith(".JSONSchemaProps")}

    def modules(self) -> Iterator[tuple[str, str]]:
        """The path and the text of each module."""
        members: dict[str, list[str]] = defaultdict(list)
        for ref in self.facts:
            members[self.catalogue.module(ref)].append(ref)
        for module in sorted(members):
            yield f"{module}.py", Module(self, module, sorted(members[module])).text()
        yield "__init__.py", self._index()

    def _index(self) -> str:
        """Which module has the kinds of which API version."""
        versions = {}
        for name, kind in sorted(self.catalogue.kinds.items()):
            versions[name.rpartition("/")[0]] = self.catalogue.module(kind["ref"])
        # The kinds of the core group that bear no pods, and those that do, are asked of one module.
        versions["v1"] = "core_v1"
        head = _head("The types of all kinds of Kubernetes", self.catalogue.version)
        return f"{head}\nMODULES = {versions!r}\n"


def _head(about: str, version: str) -> str:
    return _HEAD.format(about=about, version=version)


class Module:
    """One module: the structs of a package, each after those it holds."""

    def __init__(self, tables: Tables, name: str, refs: list[str]) -> None:
        self.tables = tables
        self.catalogue = tables.catalogue
        self.name = name
        self.variants = self._affected(refs)
        self.refs = refs
        self.imports: set[str] = set()
        self.hooks: set[str] = set()
        self.scalars: set[str] = set()
        self.shapes: set[str] = set()

    def _affected(self, refs: list[str]) -> set[str]:
        """Structs of other packages that this one needs copies of, for defaults of their own."""
        own = self.tables.variants.get(self.name, {})
        reached = set().union(*(self.catalogue.closure(ref) for ref in refs)) if own else set()
        return {it for it in reached if it not in refs and own.keys() & self.catalogue.closure(it)}

    def text(self) -> str:
        lines = []
        for ref in self._ordered():
            lines += self._struct(ref)
        lines.append(self._kinds())
        about = f"The types of {self.name.replace('_', '/')}"
        return "".join([_head(about, self.catalogue.version), "\n", *self._imports(), "\n", *lines])

    def _ordered(self) -> Iterator[str]:
        here = {*self.refs, *self.variants}
        done: set[str] = set()

        def visit(ref: str) -> Iterator[str]:
            if ref in done or ref not in here:
                return
            done.add(ref)
            for _, inner in self.catalogue.below(ref):
                yield from visit(inner)
            yield ref

        for ref in sorted(here):
            yield from visit(ref)

    def _imports(self) -> Iterator[str]:
        if self.hooks:
            names = ", ".join(f"{it} as on_{it}" for it in sorted(self.hooks))
            yield f"from portside.judged.dependent import {names}\n"
        if self.shapes:
            yield f"from portside.judged.reading import {', '.join(sorted(self.shapes))}\n"
        if self.scalars:
            yield f"from portside.judged.scalar import {', '.join(sorted(self.scalars))}\n"
        if self.imports:
            yield f"from portside.judged.types import {', '.join(sorted(self.imports))}\n"

    def _name(self, ref: str, *, pointed: bool = False) -> str:
        name = ref.rpartition(".")[2] + ("_" if pointed else "")
        module = self.catalogue.module(ref)
        if module == self.name or ref in self.variants:
            return name
        self.imports.add(module)
        return f"{module}.{name}"

    def _struct(self, ref: str) -> Iterator[str]:
        name = ref.rpartition(".")[2]
        holds_itself = any(ref in self.catalogue.closure(it) for _, it in self.catalogue.below(ref))
        shape = "DeepStruct" if holds_itself else HOOKS.get(short(ref), Hook("")).shape or "Struct"
        if "." in shape:
            self.hooks.add(shape.partition(".")[0])
            shape = f"on_{shape}"
        else:
            self.shapes.add(shape)
        fields = ", ".join(f"{it['name']!r}: {self._field(ref, it)}" for it in self._fields(ref))
        if holds_itself:
            rest = "".join(f", {it}" for it in self._rest(ref))
            yield f"{name} = {shape}({{}}{rest})\n{name}_ = {name}.pointed()\n"
            yield f"{name}.fields.update({{{fields}}})\n"
            return
        parts = [f"{{{fields}}}", *self._rest(ref)]
        yield f"{name} = {shape}({', '.join(parts)})\n"
        if ref in self.tables.pointed:
            yield f"{name}_ = {name}.pointed()\n"

    def _fields(self, ref: str) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = self.catalogue.structs[ref]
        return fields

    def _facts(self, ref: str) -> Facts:
        own = self.tables.variants.get(self.name, {})
        return own.get(ref) or self.tables.facts[ref]

    def _rest(self, ref: str) -> Iterator[str]:
        """The arguments beside the fields, as far as they are not empty."""
        absent, made = self._defaults(ref)
        kept = sorted(it["name"] for it in self._fields(ref) if self._is_kept(ref, it))
        if kept:
            yield f"kept=frozenset({kept!r})"
        if absent:
            yield f"absent=({''.join(f'({key!r}, {value!r}), ' for key, value in absent)})"
        if made:
            yield f"made=({''.join(f'({key!r}, {value}), ' for key, value in made)})"
        hook = HOOKS.get(short(ref), Hook(""))
        if hook.function:
            self.hooks.add(hook.function.partition(".")[0])
            yield f"after=on_{hook.function}"

    def _is_kept(self, ref: str, field: dict[str, Any]) -> bool:
        """Whether the zero of a text, bool or number is encoded."""
        if field["type"]["type"] not in _ZEROES:
            return False
        if field["type"].get("pointer"):
            return True
        zero = _ZEROES[field["type"]["type"]]
        return not field["omitempty"] and self._facts(ref).absent.get(field["name"], 1) == zero

    def _defaults(self, ref: str) -> tuple[list[tuple[str, Any]], list[tuple[str, str]]]:
        absent, made = [], []
        for key, value in self._facts(ref).absent.items():
            if isinstance(value, dict | list):
                made.append((key, repr(value)))
            else:
                absent.append((key, value))
        for field in self._fields(ref):
            described = field["type"]
            if described["type"] == "struct" and not described.get("pointer"):
                if not self.is_empty(described["ref"]):
                    made.append((field["name"], self._name(described["ref"])))
        return absent, made

    def is_empty(self, ref: str) -> bool:
        """Whether nothing is added to a struct that is not written."""
        if self._facts(ref).absent or HOOKS.get(short(ref), Hook("")).function:
            return False
        return all(
            self.is_empty(it["type"]["ref"])
            for it in self._fields(ref)
            if it["type"]["type"] == "struct" and not it["type"].get("pointer")
        )

    def _field(self, ref: str, field: dict[str, Any]) -> str:
        described = field["type"]
        kind = described["type"]
        if kind in ("string", "bool"):
            return {"string": "str", "bool": "bool"}[kind]
        if kind in ("int32", "int64"):
            return self._scalar(kind.upper() + ("_KEPT" if self._is_kept(ref, field) else ""))
        if kind == "bytes":
            return self._scalar("BYTES" if field["omitempty"] else "BYTES_KEPT")
        if kind == "struct":
            return self._name(described["ref"], pointed=bool(described.get("pointer")))
        if kind in ("list", "map"):
            return self._container(ref, field)
        if kind in _SCHEMAS:
            return self._schema(ref, kind)
        return self._scalar(_FIELDS[kind])

    def _container(self, ref: str, field: dict[str, Any]) -> str:
        described, name = field["type"], field["name"]
        inner = described["items" if described["type"] == "list" else "values"]
        hook = HOOKS.get(short(ref), Hook(""))
        kept = not field["omitempty"] or bool(described.get("pointer")) or name in hook.empties
        if inner["type"] == "string":
            plain = "TEXTS" if described["type"] == "list" else "TEXT_MAP"
            return self._scalar(plain + ("_KEPT" if kept else ""))
        item = self._item(ref, inner)
        if name in self._facts(ref).rounded:
            item = self._scalar("ROUNDED_QUANTITY")
        shape = "Items" if described["type"] == "list" else "Entries"
        self.shapes.add(shape)
        return f"{shape}({item}{', True' if kept else ''})"

    def _item(self, ref: str, described: dict[str, Any]) -> str:
        kind = described["type"]
        if described.get("pointer"):
            raise SystemExit(f"{ref} holds pointers in a list or map: say how they are read")
        if kind == "struct":
            return self._name(described["ref"])
        if kind == "list":
            if described["items"]["type"] != "string":
                raise SystemExit(f"{ref} holds lists of {described['items']}: say how to read them")
            return self._scalar("TEXTS_KEPT")
        if kind in _SCHEMAS:
            return self._schema(ref, kind)
        return self._scalar(_ITEMS[kind])

    def _schema(self, ref: str, kind: str) -> str:
        schema = self.catalogue.struct_in(ref, {"type": kind})[1]
        text = _SCHEMAS[kind].format(self._name(schema, pointed=True), self._name(schema))
        self.scalars.update(it for it in ("SchemaOrBool", "SchemaOr") if text.startswith(f"{it}("))
        self.scalars.update({"TEXTS"} if "TEXTS" in text else ())
        self.shapes.update({"Items"} if "Items" in text else ())
        return text

    def _scalar(self, name: str) -> str:
        self.scalars.add(name)
        return name

    def _kinds(self) -> str:
        """The kinds of this package, by name."""
        kinds = {
            kind["kind"]: kind["ref"]
            for name, kind in sorted(self.catalogue.kinds.items())
            if self._serves(name, kind["ref"])
        }
        if not kinds:
            return ""
        listed = "".join(f"    {kind!r}: {self._name(ref)},\n" for kind, ref in kinds.items())
        return f"KINDS = {{\n{listed}}}\n"

    def _serves(self, name: str, ref: str) -> bool:
        """Whether the kind is found in this module by its API version."""
        version = name.rpartition("/")[0]
        return self.name == ("core_v1" if version == "v1" else self.catalogue.module(ref))


def generated() -> dict[str, str]:
    """The text of every generated file, by its path in the repository."""
    with Oracle() as oracle:
        catalogue = Catalogue(oracle)
        tables = Tables(catalogue, ask(oracle, catalogue))
    texts = {f"{FOLDER}/{name}": text for name, text in tables.modules()}
    return dict(zip(texts, _formatted(texts.values()), strict=True))


def _formatted(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        yield done.stdout


def main(argv: list[str]) -> int:
    """Write the files, or compare them with `--check`; 1 where one is stale."""
    texts = generated()
    folder = ROOT / FOLDER
    stale = [it for it in sorted(texts) if _written(ROOT / it) != texts[it]]
    gone = [it for it in folder.glob("*.py") if f"{FOLDER}/{it.name}" not in texts]
    if "--check" in argv:
        for path in [*stale, *gone]:
            print(f"stale: {path}; run python -m tools.judged_tables")
        return 1 if stale or gone else 0
    folder.mkdir(parents=True, exist_ok=True)
    for path in stale:
        (ROOT / path).write_text(texts[path], encoding="utf-8")
    for file in gone:
        file.unlink()
    return 0


def _written(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
