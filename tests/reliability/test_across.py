"""Rules about availability where objects meet that no single example can show."""

from __future__ import annotations

import pytest

from portside.sources.manifest import parse
from tests.rules.asking import judged, plan_of, told

WORKLOAD = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: shop, namespace: shop}}
spec:
  {more}
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec:
      containers:
        - name: web
          image: registry.example.org/web:2.1
          {container}
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop, namespace: shop}
spec:
  maxReplicas: 10
  minReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
"""
VERTICAL = """\
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: shop, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  updatePolicy: {updateMode: "MODE"}
"""
USER = "env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]"


def workload(kind: str = "Deployment", more: str = "replicas: 2", container: str = "") -> str:
    return WORKLOAD.format(kind=kind, more=more, container=container)


def said(rule: str, *objects: str, whole: bool = True) -> list[str]:
    """What a rule says of these objects together, in one file."""
    result = judged("---\n".join(objects), plan_of([rule]), whole=whole)
    assert not result.unread, told(result)
    return [it.message for it in result.findings] + [it.missing for it in result.undecided]


@pytest.mark.parametrize(("mode", "clash"), [("Auto", True), ("Off", False)])
def test_an_autoscaler_of_requests_beside_one_of_replicas(mode: str, clash: bool) -> None:
    found = said("overlapping-autoscalers", SCALER, VERTICAL.replace("MODE", mode))
    assert (found == ["scales shop, of which shop changes the requests"]) == clash
    assert bool(found) == clash


@pytest.mark.parametrize(
    "maker",
    [
        "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: database, "
        "namespace: shop}}",
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: login, "
        "namespace: shop}, spec: {target: {name: database}}}",
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: login, namespace: "
        "shop}, spec: {secretName: database}}",
    ],
)
def test_a_secret_that_a_custom_resource_makes_is_not_missing(maker: str) -> None:
    user = workload(container=USER)
    wanted = "needs the Secret database, which does not exist"
    assert said("missing-config", user) == [wanted]
    assert said("missing-config", user, f"{maker}\n") == []
    elsewhere = maker.replace("namespace: shop", "namespace: store")
    assert said("missing-config", user, f"{elsewhere}\n") == [wanted]


@pytest.mark.parametrize(
    ("data", "faulty"),
    [("stringData: {password: x}", False), ("data: {user: eA==}", True), ("type: Opaque", False)],
)
def test_a_key_is_missing_from_a_secret_that_has_others(data: str, faulty: bool) -> None:
    secret = (
        f"{{apiVersion: v1, kind: Secret, metadata: {{name: database, namespace: shop}}, {data}}}\n"
    )
    found = said("missing-config", workload(container=USER), secret, whole=False)
    assert found == ["needs the key password, which the Secret database lacks"] * faulty


def test_what_is_seen_of_a_part_speaks_and_what_is_absent_does_not() -> None:
    found = said("missing-config", workload(container=USER), whole=False)
    assert found == ["the ConfigMaps, Secrets and claims of its namespace"]


SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: NS}, "
SERVICE += "spec: {selector: {app: shop}, ports: [{port: 80}]}}\n"


@pytest.mark.parametrize(
    ("objects", "whole", "severity"),
    [
        ((SERVICE.replace("NS", "shop"),), True, 2),
        ((SERVICE.replace("NS", "store"),), True, 0),
        ((), True, 0),
        ((), False, 2),
    ],
)
def test_a_missing_readiness_probe_weighs_what_a_service_makes_of_it(
    objects: tuple[str, ...], whole: bool, severity: int
) -> None:
    user = workload(container="ports: [{containerPort: 8080}]")
    text = "---\n".join([user, *objects])
    result = judged(text, plan_of(["readiness-probe-missing"]), whole=whole)
    assert [it.severity for it in result.findings] == [severity]


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_probes_are_not_asked_of_what_runs_to_its_end(kind: str) -> None:
    job = parse(workload("Job", "backoffLimit: 1").encode(), "shop.yaml").resources[0].value
    assert job["kind"] == "Job"
    text = workload("Job", "backoffLimit: 1")
    if kind == "CronJob":
        text = (
            "{apiVersion: batch/v1, kind: CronJob, metadata: {name: shop}, spec: "
            "{schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, "
            "containers: [{name: web, image: 'a:1'}]}}}}}}"
        )
    for rule in ("readiness-probe-missing", "liveness-probe-missing", "probes-identical"):
        assert said(rule, text) == []


@pytest.mark.parametrize(
    ("least", "replicas", "blocks"),
    [("1", 1, True), ("1", 2, False), ("67%", 3, True), ("66%", 3, False), ("0", 1, False)],
)
def test_a_share_of_the_pods_is_rounded_up(least: str, replicas: int, blocks: bool) -> None:
    budget = (
        "{apiVersion: policy/v1, kind: PodDisruptionBudget, "
        "metadata: {name: shop, namespace: shop}, "
        f"spec: {{minAvailable: {least}, selector: {{matchLabels: {{app: shop}}}}}}}}\n"
    )
    found = said("disruption-budget-blocks", budget, workload(more=f"replicas: {replicas}"))
    assert bool(found) == blocks
