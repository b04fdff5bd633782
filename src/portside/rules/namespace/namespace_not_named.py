"""An object that names no namespace and goes wherever it is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.violation import Violation

RULE = """
id: namespace-not-named
title: Object names no namespace
severity: low
severity-reason: applied as it is, it goes into the default namespace
why: >-
  Without `metadata.namespace` an object goes where the one who applies it happens to be. A chart, an
  overlay or a delivery tool names the namespace later: then this is how it should be.
fix: "Name the namespace in the object, or in the overlay or release that applies it."
profile: auditor
form: facts
kinds: [Pod, apps/Deployment, apps/DaemonSet, apps/StatefulSet, apps/ReplicaSet, ReplicationController, batch/Job, batch/CronJob, apps.openshift.io/DeploymentConfig, Service, Secret, ServiceAccount, rbac.authorization.k8s.io/Role, rbac.authorization.k8s.io/RoleBinding, ConfigMap, networking.k8s.io/Ingress, PersistentVolumeClaim, LimitRange, ResourceQuota, policy/PodDisruptionBudget, autoscaling/HorizontalPodAutoscaler, networking.k8s.io/NetworkPolicy, storage.k8s.io/CSIStorageCapacity]
needs: the namespace that it is applied to
fix-class: none
controls: [Q001]
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.3.4
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-K8s-1.12:5.6.4
  - CIS-EKS-1.8:4.5.2
  - CIS-GKE-1.9:4.6.4
  - CIS-AKS-1.8:4.6.3
  - NSA-CISA-1.2:net/namespaces
aliases:
  - checkov:CKV_K8S_21
  - trivy:KSV-0110
  - kubescape:C-0061
  - kubescape:C-0212
  - kube-linter:use-namespace
  - kics:Using Default Namespace
  - kyverno:disallow-default-namespace
examples:
  - bad: none
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
  - good: its own, and default, which another rule says
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop, namespace: shop}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: web, namespace: default}
  - good: what is there by itself
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: default}
  - good: what applies it may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
"""
_BUILT_IN = (("ServiceAccount", "default"), ("Service", "kubernetes"))


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    if not it.namespace and (it.ref.kind, it.name) not in _BUILT_IN:
        yield Violation("names no namespace", ("metadata", "name"))
