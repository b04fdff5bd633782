"""Values of a chart that switch protections off unless somebody changes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.values import maps
from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: insecure-chart-defaults
title: Defaults of a chart switch protections off
severity: medium
severity-reason: most people install a chart with the values that it comes with
why: >-
  What values.yaml says is what runs wherever nobody has thought about it. A chart that starts out
  privileged, as root or in the node's network is so in most of its installations.
fix: Turn the default round, and let whoever needs the right ask for it in values of their own.
profile: recommended
form: object
kinds: [HelmValues]
fix-class: unsafe
controls: [H004]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-K8s-2022:K01
  - OWASP-K8s-2025:K01
examples:
  - bad: rights of containers, namespaces of the node, an image that moves
    lines: [3, 5, 6, 8, 9, 11, 12]
    manifest: |
      image:
        repository: registry.example.org/shop
        tag: latest
      securityContext:
        privileged: true
        allowPrivilegeEscalation: true
        capabilities:
          add: [SYS_ADMIN]
        runAsUser: 0
      worker:
        hostNetwork: true
        podSecurityContext: {seccompProfile: {type: Unconfined}}
  - bad: an image in one text
    lines: [1]
    manifest: |
      image: registry.example.org/shop:latest
  - good: guarded, or said to be off
    manifest: |
      image: {repository: registry.example.org/shop, tag: ""}
      sidecar: {image: "registry.example.org/proxy:1.2.3"}
      hostNetwork: false
      securityContext:
        privileged: false
        allowPrivilegeEscalation: false
        runAsUser: 1000
        capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
  - good: what is switched off as a whole, and words that mean something else
    manifest: |
      debug:
        enabled: false
        hostNetwork: true
        securityContext: {privileged: true}
      volumePermissions:
        containerSecurityContext: {enabled: false, runAsUser: 0}
      console: {privileged: true}
      channel: {tag: latest}
  - good: the values of one environment are no defaults
    file: values-lab.yaml
    manifest: |
      hostNetwork: true
"""

_SHARED = {
    "hostNetwork": "the network of the node",
    "hostPID": "the processes of the node",
    "hostIPC": "the shared memory of the node",
}
_WRONG: tuple[tuple[str, Any, str], ...] = (
    ("privileged", True, "containers are privileged by default"),
    ("allowPrivilegeEscalation", True, "programs may gain rights by default"),
    ("runAsNonRoot", False, "containers may run as root by default"),
    ("runAsUser", 0, "containers run as root by default"),
    ("procMount", "Unmasked", "containers see the whole of /proc by default"),
)
_MIGHTY = frozenset(
    (
        *("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "NET_ADMIN", "NET_RAW"),
        *("DAC_READ_SEARCH", "BPF", "SYS_BOOT", "DAC_OVERRIDE", "PERFMON", "SYSLOG"),
    )
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if it.file.rpartition("/")[2] not in ("values.yaml", "values.yml"):
        return
    for path, value in maps(it.value):
        yield from _of_host(path, value)
        yield from _of_image(path, value)
        if path and str(path[-1]).lower().endswith("securitycontext"):
            yield from _of_context(path, value)


def _of_host(path: FieldPath, value: Mapping[str, Any]) -> Iterator[Violation]:
    for key, what in _SHARED.items():
        if value.get(key) is True:
            yield Violation(f"pods share {what} by default", (*path, key))


def _of_image(path: FieldPath, value: Mapping[str, Any]) -> Iterator[Violation]:
    names_image = "repository" in value or "image" in value
    if value.get("tag") == "latest" and names_image and not value.get("digest"):
        yield Violation("the image is the newest one by default", (*path, "tag"))
    image = value.get("image")
    if type(image) is str and image.endswith(":latest"):
        yield Violation("the image is the newest one by default", (*path, "image"))


def _of_context(path: FieldPath, value: Mapping[str, Any]) -> Iterator[Violation]:
    for key, wrong, said in _WRONG:
        found = value.get(key)
        if type(found) is type(wrong) and found == wrong:
            yield Violation(said, (*path, key))
    profile = value.get("seccompProfile")
    if type(profile) is dict and profile.get("type") == "Unconfined":
        yield Violation("system calls are not filtered by default", (*path, "seccompProfile"))
    capabilities = value.get("capabilities")
    added = capabilities.get("add") if type(capabilities) is dict else None
    for index, name in enumerate(added if type(added) is list else ()):
        if type(name) is str and name.upper().removeprefix("CAP_") in _MIGHTY:
            below = (*path, "capabilities", "add", index)
            yield Violation(f"containers have the capability {name} by default", below)
