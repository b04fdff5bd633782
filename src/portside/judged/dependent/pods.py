"""Pod templates and what is in them. Source: pkg/apis/core/v1/defaults.go."""

from __future__ import annotations

from portside.judged.dependent.filling import Box, fill, put
from portside.judged.reading import Notes


def container(box: Box, notes: Notes) -> None:
    """Always pull the tag `latest`, which is also what no tag means."""
    if "imagePullPolicy" not in box:
        box["imagePullPolicy"] = _pull_policy(box.get("image", ""))
        notes.append((box, "imagePullPolicy"))


def _pull_policy(image: str) -> str:
    # Whatever has another tag is pulled once, also where it is no reference at all.
    name = image.rpartition("/")[2]
    _, colon, tag = name.rpartition(":")
    if colon and tag != "latest":
        return "IfNotPresent" if "@" not in name else _policy_by_reference(image)
    return _policy_by_reference(image)


def _policy_by_reference(image: str) -> str:
    from portside.judged.reference import is_latest

    return "Always" if is_latest(image) else "IfNotPresent"


def volume(box: Box, notes: Notes) -> None:
    """A volume of no type is an empty folder."""
    if len(box) == 1 and "name" in box:
        fill(box, "emptyDir", {}, notes)
    image = box.get("image")
    if image is not None and "pullPolicy" not in image:
        fill(image, "pullPolicy", _pull_policy(image.get("reference", "")), notes)


def pod_spec(box: Box, notes: Notes) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`."""
    name = box.get("serviceAccountName")
    if name is None:
        name = box.get("serviceAccount")
        if name is None:
            return
        fill(box, "serviceAccountName", name, notes)
    if box.get("serviceAccount") != name:
        put(box, "serviceAccount", name, notes)


def pod(box: Box, notes: Notes) -> None:
    """What holds for a Pod and not for the template of one."""
    spec = box.get("spec")
    if spec is None:
        return
    fill(spec, "enableServiceLinks", True, notes)
    if spec["terminationGracePeriodSeconds"] < 0:
        put(spec, "terminationGracePeriodSeconds", 1, notes)
    for listed in ("containers", "initContainers"):
        for it in spec.get(listed, ()):
            resources = it.get("resources")
            if resources is not None and "limits" in resources:
                _request_limits(resources, notes)
            if spec.get("hostNetwork") and "ports" in it:
                _use_host_ports(it, notes)
    if "status" in box:
        _agree_on_address(box["status"], notes)


def _request_limits(resources: Box, notes: Notes) -> None:
    """Who limits a resource and requests none of it requests the limit."""
    fill(resources, "requests", {}, notes)
    requests = resources["requests"]
    for name, limit in resources["limits"].items():
        fill(requests, name, limit, notes)


def _use_host_ports(box: Box, notes: Notes) -> None:
    for port in box["ports"]:
        if port["containerPort"]:
            fill(port, "hostPort", port["containerPort"], notes)


def _agree_on_address(status: Box, notes: Notes) -> None:
    """`podIP` is the first of `podIPs`, and wins over it."""
    address, addresses = status.get("podIP"), status.get("podIPs")
    if address is None and addresses:
        if addresses[0]["ip"]:
            fill(status, "podIP", addresses[0]["ip"], notes)
    elif address is not None and (not addresses or addresses[0]["ip"] != address):
        put(status, "podIPs", [{"ip": address}], notes)
