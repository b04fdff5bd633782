"""All other groups. Source: pkg/apis/*/defaults.go, and those of apiextensions."""

from __future__ import annotations

from portside.judged.dependent.filling import Box, fill, take
from portside.judged.reading import Notes

_RBAC = "rbac.authorization.k8s.io"
_PRESERVE_ZERO = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"
_USAGES = ["digital signature", "key encipherment"]
_REQUEST = "-----BEGIN CERTIFICATE REQUEST-----"


def subject(box: Box, notes: Notes) -> None:
    if box["kind"] in ("User", "Group"):
        fill(box, "apiGroup", _RBAC, notes)


def old_subject(box: Box, notes: Notes) -> None:
    if box["kind"] in ("User", "Group"):
        fill(box, "apiVersion", f"{_RBAC}/v1alpha1", notes)
    elif box["kind"] == "ServiceAccount":
        fill(box, "apiVersion", "v1", notes)


def network_policy(box: Box, notes: Notes) -> None:
    """A policy is about ingress, and about egress where it has rules for it."""
    spec = box.get("spec", {})
    if "policyTypes" not in spec:
        types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
        fill(box, "spec", {}, notes)
        fill(box["spec"], "policyTypes", types, notes)


def device_count(box: Box, notes: Notes) -> None:
    if box["allocationMode"] == "ExactCount":
        fill(box, "count", 1, notes)


def device_request(box: Box, notes: Notes) -> None:
    """In v1beta1 a request with a class is one for devices, else one with alternatives."""
    if box["deviceClassName"]:
        fill(box, "allocationMode", "ExactCount", notes)
        device_count(box, notes)


def custom_resource_definition(box: Box, notes: Notes) -> None:
    spec = box["spec"]
    _name(spec, notes)
    stored = [it["name"] for it in spec.get("versions", ()) if it["storage"]]
    if not box["status"].get("storedVersions") and stored:
        take(box["status"], "storedVersions", notes)
        fill(box["status"], "storedVersions", stored[:1], notes)


def _name(spec: Box, notes: Notes) -> None:
    names = spec["names"]
    if names["kind"]:
        fill(names, "singular", names["kind"].lower(), notes)
        fill(names, "listKind", f"{names['kind']}List", notes)


def old_custom_resource_definition(box: Box, notes: Notes) -> None:
    spec = box["spec"]
    if spec.get("version"):
        version = {"name": spec["version"], "storage": True, "served": True}
        fill(spec, "versions", [version], notes)
    elif spec.get("versions") and spec["versions"][0]["name"]:
        fill(spec, "version", spec["versions"][0]["name"], notes)
    if spec["conversion"]["strategy"] == "Webhook":
        fill(spec["conversion"], "conversionReviewVersions", ["v1beta1"], notes)
    custom_resource_definition(box, notes)


def priority_level(box: Box, notes: Notes) -> None:
    """In v1beta3 a zero is a default too, unless an annotation says that it is meant."""
    limited = box["spec"].get("limited")
    if limited is not None:
        annotations = box.get("metadata", {}).get("annotations", {})
        if _PRESERVE_ZERO not in annotations:
            fill(limited, "nominalConcurrencyShares", 30, notes)


def signing_request(box: Box, notes: Notes) -> None:
    """The signer of a true request depends on what is signed, and is left open."""
    fill(box, "usages", list(_USAGES), notes)
    if not box["usages"]:
        take(box, "usages", notes)
    from binascii import a2b_base64

    if _REQUEST.encode() not in a2b_base64(box.get("request", "")):
        fill(box, "signerName", "kubernetes.io/legacy-unknown", notes)
