"""YAML and JSON that is something else than Kubernetes objects, and what it is instead."""

from __future__ import annotations

from typing import Any

from portside.sources.files import kind_by_name, may_be_judged

_CLIENT_SIDE = {
    "skaffold": "a Skaffold configuration",
    "kustomize.config.k8s.io": "a kustomization",
    "kind.x-k8s.io": "a configuration of kind",
    "k3d.io": "a configuration of k3d",
    "ctlptl.dev": "a configuration of ctlptl",
    "eksctl.io": "a configuration of eksctl",
    "kubeadm.k8s.io": "a configuration of kubeadm",
    "audit.k8s.io": "an audit policy of the API server",
    "apiserver.config.k8s.io": "a configuration of the API server",
    "kubelet.config.k8s.io": "a configuration of the kubelet",
    "kubeproxy.config.k8s.io": "a configuration of kube-proxy",
    "kubescheduler.config.k8s.io": "a configuration of the scheduler",
}
_BY_KEYS = (
    (("services",), "a compose file"),
    (("stages",), "a CI pipeline"),
    (("openapi",), "an OpenAPI document"),
    (("swagger",), "an OpenAPI document"),
    (("$schema",), "a JSON schema or a document with one"),
    (("dependencies", "name"), "a package description"),
)

_NEITHER = "no apiVersion and no kind in it"


def foreign_by_bytes(data: bytes, name: str) -> str:
    """Why `data` cannot hold a Kubernetes object, told without parsing it; empty if it may.

    Only a text in which neither key is spelt and none can be spelt otherwise (by an escape, another
    encoding or a tag) is told apart so.
    """
    if b"apiVersion" in data or b"kind" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    if b"\0" in data[:4096] and not kind_by_name(name):
        return "binary data"
    if b"\\" in data or b"!!" in data or b"!<" in data or b"%TAG" in data:
        return ""
    if not data.strip():
        return "no content"
    if may_be_judged(data, name):
        return ""
    base = name.rpartition("/")[2].lower()
    if base.startswith(("compose.", "docker-compose", "compose-")):
        return "a compose file"
    return _NEITHER


def has_object_keys(data: bytes) -> bool:
    """Whether `data`, which is no sound YAML, spells a key that only objects are likely to have."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"apiVersion" not in data and b"kind" not in data:
        return False
    import re

    keys = rb"(?<![^\s{,\"'])(?:apiVersion|kind)[\"']?[ \t]*:"
    return re.search(keys, data) is not None


def foreign(value: dict[str, Any], name: str) -> str:
    """What the map `value` is instead of a Kubernetes object; empty where it is one."""
    version = value.get("apiVersion")
    if type(version) is str and type(value.get("kind")) is str:
        group = version.partition("/")[0]
        if group in _CLIENT_SIDE:
            return f"{_CLIENT_SIDE[group]}: it is not applied to a cluster"
        if version == "v1" and value["kind"] == "Config" and "clusters" in value:
            return "a kubeconfig: it is not applied to a cluster"
        return ""
    for keys, what in _BY_KEYS:
        if all(key in value for key in keys):
            return what
    if name.rpartition("/")[2].startswith("values"):
        return "values of a Helm chart"
    return _lack(value)


def _lack(value: dict[str, Any]) -> str:
    """What the map has not that an object has."""
    if "apiVersion" in value and "kind" in value:
        return "no text for its apiVersion and its kind"
    if "apiVersion" in value:
        return "no kind in it"
    return "no apiVersion in it" if "kind" in value else _NEITHER
