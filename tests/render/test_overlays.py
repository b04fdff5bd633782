"""Overlays of one app: environments of it, which are named, said together, and never meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.render.test_scan import of, scan, write
from tests.scanning import portside

pytestmark = pytest.mark.usefixtures("on_path")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: web, image: nginx:latest}}]}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: none, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
ALL = "--profile", "auditor"
BASE = {
    "app/base/kustomization.yaml": "resources: [web.yaml]\n",
    "app/base/web.yaml": DEPLOYMENT.format(name="web"),
}
PRIVILEGED = """\
resources: [../../base]
patches:
- patch: |-
    - op: add
      path: /spec/template/spec/containers/0/securityContext
      value: {privileged: true}
  target: {kind: Deployment}
"""


def overlay(text: str = "resources: [../../base]\n", **files: str) -> dict[str, str]:
    return {"kustomization.yaml": text, **{f"{name}.yaml": it for name, it in files.items()}}


def app(root: Path, **overlays: dict[str, str]) -> Path:
    files = dict(BASE)
    for name, own in overlays.items():
        files |= {f"app/overlays/{name}/{file}": text for file, text in own.items()}
    return write(root, files)


def test_what_the_base_writes_is_one_finding_that_names_the_environments(tmp_path: Path) -> None:
    answer = scan(app(tmp_path, dev=overlay(), prod=overlay(PRIVILEGED)))

    assert of(answer, "latest-tag")["environments"] == ["dev", "prod"]
    assert of(answer, "latest-tag")["file"] == "app/base/web.yaml"
    assert of(answer, "privileged-container")["environments"] == ["prod"]


def test_an_overlay_that_is_the_only_one_has_no_name(tmp_path: Path) -> None:
    found = of(scan(app(tmp_path, prod=overlay())), "latest-tag")

    assert not found.get("environments")


def test_no_policy_of_one_environment_covers_the_pods_of_another(tmp_path: Path) -> None:
    guarded = overlay("resources: [../../base, policy.yaml]\n", policy=POLICY)
    answer = scan(app(tmp_path, dev=overlay(), prod=guarded), *ALL)

    assert of(answer, "pod-without-network-policy")["environments"] == ["dev"]


def test_overlays_that_share_no_object_run_beside_each_other(tmp_path: Path) -> None:
    front = overlay("resources: [a.yaml]\n", a=DEPLOYMENT.format(name="front"))
    guard = overlay("resources: [b.yaml]\n", b=POLICY)

    assert not scan(app(tmp_path, front=front, guard=guard), *ALL).of("pod-without-network-policy")


def test_environments_of_one_app_do_not_hide_what_another_app_has(tmp_path: Path) -> None:
    app(tmp_path, dev=overlay(), prod=overlay())
    write(tmp_path, {"guard/kustomization.yaml": "resources: [b.yaml]\n", "guard/b.yaml": POLICY})

    assert not scan(tmp_path, *ALL).of("pod-without-network-policy")


def test_several_objects_of_one_place_are_one_line_of_text(tmp_path: Path) -> None:
    renamed = overlay("namePrefix: prod-\nresources: [../../base]\n")
    app(tmp_path, dev=overlay(), prod=renamed)
    lines = portside(tmp_path, "scan", "--no-cache", ".").out.splitlines()

    (line,) = (it for it in lines if " latest-tag " in it)
    assert line.endswith("[holds in dev, prod; in 2 objects]")


def test_objects_of_one_name_in_several_apps_are_counted_in_the_line(tmp_path: Path) -> None:
    whole = {f"{it}/kustomization.yaml": "resources: [../app/base]\n" for it in ("one", "two")}
    lines = portside(write(tmp_path, BASE | whole), "scan", "--no-cache", ".").out.splitlines()

    (line,) = (it for it in lines if " latest-tag " in it)
    assert line.endswith("[in 2 objects]")
