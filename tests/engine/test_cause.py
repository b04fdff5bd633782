"""A cause hides its consequences from the eye, on the same subject, around it, or by its volume."""

from __future__ import annotations

from tests.patience import within
from tests.rules.asking import judged, plan_of, profile_plan, rules

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      volumeMounts:
        - {name: conf, mountPath: /conf}
        - {name: cache, mountPath: /cache}
  volumes:
    - {name: other, hostPath: {path: /srv/other}}
    - {name: cache, hostPath: {path: /srv/cache}}
    - {name: conf, hostPath: {path: /etc}}
"""
PATHS = ("writable-host-path", "sensitive-host-path", "host-path-volume")


def test_a_writable_mount_and_its_volume_are_one_thing() -> None:
    found = {(it.line, it.rule): it.covered_by for it in judged(POD, plan_of(PATHS)).findings}
    assert found == {
        (9, "writable-host-path"): "sensitive-host-path",
        (10, "writable-host-path"): "",
        (12, "host-path-volume"): "",
        (13, "host-path-volume"): "writable-host-path",
        (14, "sensitive-host-path"): "",
        (14, "host-path-volume"): "sensitive-host-path",
    }


def test_the_pod_covers_what_its_container_inherits() -> None:
    manifest = POD.replace(
        "spec:", "spec:\n  securityContext: {seccompProfile: {type: Unconfined}}"
    )
    result = judged(manifest, plan_of(["seccomp-unconfined", "seccomp-profile-missing"]))
    assert {(it.rule, it.covered_by) for it in result.findings} == {
        ("seccomp-unconfined", ""),
        ("seccomp-profile-missing", "seccomp-unconfined"),
    }


def test_another_container_is_no_cause() -> None:
    manifest = POD.replace(
        "  volumes:",
        "    - name: log\n      image: registry.example.org/log:1.0\n"
        "      securityContext: {privileged: true}\n  volumes:",
    )
    rule = "privilege-escalation-allowed"
    result = judged(manifest, plan_of([rule, "privileged-container"]))
    assert {it.line: it.covered_by for it in result.findings if it.rule == rule} == {
        6: "",
        13: "privileged-container",
    }


def test_what_is_covered_always_has_a_cause_that_is_shown() -> None:
    known = {rule.id: rule.covered_by for rule in rules()}

    def causes(name: str, seen: tuple[str, ...] = ()) -> None:
        assert name not in seen, (*seen, name)
        for cause in known[name]:
            causes(cause, (*seen, name))

    for name in known:
        causes(name)
    findings = judged(POD, profile_plan("auditor")).findings
    shown = {it.rule for it in findings if not it.covered_by}
    for it in findings:
        assert not it.covered_by or it.covered_by in shown or known[it.covered_by]


def test_tens_of_thousands_of_findings_about_one_object_are_marked_at_once() -> None:
    containers = "".join(
        f"    - name: c{at}\n      image: registry.example.org/web:2.1\n"
        "      securityContext: {privileged: true, allowPrivilegeEscalation: true}\n"
        for at in range(5_000)
    )
    plan = plan_of(["privilege-escalation-allowed", "privileged-container"])
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
    with within(10):
        result = judged(manifest + containers, plan)

    assert sum(it.covered_by == "privileged-container" for it in result.findings) == 5_000
