"""What the versions of Kubernetes differ in: fields, required fields, and the kinds they serve.

`python -m tools.kubernetes_fields` condenses the OpenAPI schemas of all known minor versions, as
PyPI's `kubernetes-validate` carries them (22 MB), into `tools/kubernetes_fields.json` (differences
against the newest) and `src/portside/judged/served.py`; `--check` says whether the two are what the
schemas say. `judged_tables` writes the former into its tables.

Which fields are required is said by the newest version for all: what it says otherwise than its
predecessors are corrections of the document, not of the server.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools.judged_tables import ROOT as ROOT
from tools.judged_tables import formatted

FIELDS = "tools/kubernetes_fields.json"
SERVED = "src/portside/judged/served.py"
OLDEST, NEWEST = 25, 37
_OF_EVERY_GROUP = ("DeleteOptions", "WatchEvent", "Status")
_BEFORE: dict[str, str] = {
    "admissionregistration.k8s.io/v1beta1": "MutatingWebhookConfiguration"
    " ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1beta1": "APIService",
    "apps/v1beta1": "ControllerRevision Deployment DeploymentRollback Scale StatefulSet",
    "apps/v1beta2": "ControllerRevision DaemonSet Deployment ReplicaSet Scale StatefulSet",
    "auditregistration.k8s.io/v1alpha1": "AuditSink",
    "authentication.k8s.io/v1beta1": "TokenReview",
    "authorization.k8s.io/v1beta1": "LocalSubjectAccessReview SelfSubjectAccessReview"
    " SelfSubjectRulesReview SubjectAccessReview",
    "autoscaling/v2alpha1": "HorizontalPodAutoscaler",
    "autoscaling/v2beta1": "HorizontalPodAutoscaler",
    "batch/v1beta1": "CronJob",
    "batch/v2alpha1": "CronJob ScheduledJob",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
    "coordination.k8s.io/v1beta1": "Lease",
    "discovery.k8s.io/v1alpha1": "EndpointSlice",
    "discovery.k8s.io/v1beta1": "EndpointSlice",
    "events.k8s.io/v1beta1": "Event",
    "extensions/v1beta1": "DaemonSet Deployment DeploymentRollback HorizontalPodAutoscaler Ingress"
    " Job NetworkPolicy PodSecurityPolicy ReplicaSet Scale"
    " ThirdPartyResource",
    "flowcontrol.apiserver.k8s.io/v1alpha1": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io/v1beta1": "Ingress IngressClass",
    "node.k8s.io/v1alpha1": "RuntimeClass",
    "node.k8s.io/v1beta1": "RuntimeClass",
    "policy/v1alpha1": "PodDisruptionBudget",
    "policy/v1beta1": "Eviction PodDisruptionBudget PodSecurityPolicy",
    "rbac.authorization.k8s.io/v1alpha1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1alpha1": "PriorityClass",
    "scheduling.k8s.io/v1beta1": "PriorityClass",
    "settings.k8s.io/v1alpha1": "PodPreset",
    "storage.k8s.io/v1alpha1": "CSIStorageCapacity VolumeAttachment",
    "storage.k8s.io/v1beta1": "CSIDriver CSINode StorageClass VolumeAttachment",
}
"""Kinds that only versions before the oldest of the schemas served, from the API's changelogs."""

Definitions = dict[str, dict[str, Any]]


def definitions() -> dict[int, Definitions]:
    """The schemas of each minor version by the OpenAPI name of their type."""
    found = find_spec("kubernetes_validate")
    if found is None or found.origin is None:
        raise SystemExit("kubernetes-validate is not installed: pip install kubernetes-validate")
    folder = Path(found.origin).parent / "kubernetes-json-schema"
    made = {}
    for minor in range(OLDEST, NEWEST + 1):
        text = (folder / f"v1.{minor}.0-local" / "_definitions.json").read_text(encoding="utf-8")
        made[minor] = json.loads(text)["$defs"]
    return made


def generated(schemas: dict[int, Definitions]) -> dict[str, str]:
    """The text of both files by their path."""
    facts = {_short(name): it for name in schemas[NEWEST] if (it := _facts(name, schemas))}
    lines = (f"{json.dumps(key)}: {json.dumps(it)}" for key, it in sorted(facts.items()))
    fields = "{\n" + ",\n".join(lines) + "\n}\n"
    (served,) = formatted([_served(schemas)])
    return {FIELDS: fields, SERVED: served}


def _short(name: str) -> str:
    """`io.k8s.api.core.v1.Pod` as the oracle's tools call it: `core/v1.Pod`."""
    package, _, kind = name.rpartition(".")
    group, version = package.split(".")[-2:]
    return f"{group}/{version}.{kind}"


def _facts(name: str, schemas: dict[int, Definitions]) -> dict[str, Any]:
    """What is to be said of a type: `required` fields, `since` when others are there, `gone`."""
    known = {minor: it[name].get("properties", {}) for minor, it in schemas.items() if name in it}
    first = min(known)
    versions: dict[str, list[int]] = defaultdict(list)
    for minor, fields in known.items():
        for field in fields:
            versions[field].append(minor)
    since = {it: min(seen) for it, seen in versions.items() if NEWEST in seen and min(seen) > first}
    gone = {it: [min(seen), max(seen)] for it, seen in versions.items() if NEWEST not in seen}
    required = schemas[NEWEST][name].get("required", [])
    facts = {"required": sorted(required), "since": since, "gone": gone}
    return {key: it for key, it in facts.items() if it}


def _served(schemas: dict[int, Definitions]) -> str:
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for minor, found in schemas.items():
        for version, kind in _kinds(found):
            seen[version, kind].append(minor)
    served: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for version, kinds in _BEFORE.items():
        served[version] = dict.fromkeys(kinds.split(), (0, OLDEST - 1))
    for (version, kind), minors in seen.items():
        since = min(minors) if min(minors) > OLDEST else 0
        served[version][kind] = (since, max(minors))
    lines = "".join(f"{version!r}: {_listed(served[version])},\n" for version in sorted(served))
    return f"{_HEAD}\nNEWEST = {NEWEST}\nSERVED: Served = {{\n{lines}}}\n"


def _listed(kinds: dict[str, tuple[int, int]]) -> str:
    by_range: dict[tuple[int, int], list[str]] = defaultdict(list)
    for kind, span in sorted(kinds.items()):
        by_range[span].append(kind)
    entries = (f"{span}: {tuple(names)!r}" for span, names in sorted(by_range.items()))
    return f"{{{', '.join(entries)}}}"


def _kinds(found: Definitions) -> Iterator[tuple[str, str]]:
    for name, schema in found.items():
        for it in schema.get("x-kubernetes-group-version-kind", ()):
            kind = it["kind"]
            is_shared = kind in _OF_EVERY_GROUP and not name.endswith(f"api.core.v1.{kind}")
            if not is_shared and not kind.endswith("List"):
                yield "/".join(filter(None, (it["group"], it["version"]))), kind


_HEAD = '''"""Which versions of Kubernetes serve which kinds: (first, last minor version) → names.

A first minor of 0 is older than what is known. Alpha versions are served where they are switched
on. Generated by tools/kubernetes_fields.py from the OpenAPI schemas of 1.25 to 1.37: do not edit.
"""

Served = dict[str, dict[tuple[int, int], tuple[str, ...]]]
'''


def main(argv: list[str]) -> int:
    """Write the files, or compare them with `--check`; 1 where one is stale."""
    texts = generated(definitions())
    stale = [it for it, text in texts.items() if _written(ROOT / it) != text]
    for path in stale:
        if "--check" in argv:
            print(f"stale: {path}; run python -m tools.kubernetes_fields")
        else:
            (ROOT / path).write_text(texts[path], encoding="utf-8")
    return 1 if stale and "--check" in argv else 0


def _written(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
