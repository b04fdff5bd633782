"""An object of an API version that the target Kubernetes no longer serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portside.model.resource import Resource
from portside.model.violation import Violation

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.model.mending import FieldEdit

RULE = """
id: removed-api
controls: [U001]
title: API version is gone in this Kubernetes
severity: high
severity-reason: the object cannot be applied, and the release that holds it fails
why: >-
  The API server does not know the version any more and refuses the object. An upgrade of the
  cluster turns manifests that worked yesterday into ones that cannot be applied.
fix: >-
  Write the version that the finding names; some fields changed with it (the backends of an Ingress,
  the metrics of an autoscaler), which the migration guide of Kubernetes lists.
profile: recommended
form: object
kinds:
  [admissionregistration.k8s.io/MutatingAdmissionPolicy,
   admissionregistration.k8s.io/MutatingAdmissionPolicyBinding,
   admissionregistration.k8s.io/MutatingWebhookConfiguration,
   admissionregistration.k8s.io/ValidatingAdmissionPolicy,
   admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding,
   admissionregistration.k8s.io/ValidatingWebhookConfiguration,
   apiextensions.k8s.io/CustomResourceDefinition, apiregistration.k8s.io/APIService,
   apps/ControllerRevision, apps/DaemonSet, apps/Deployment, apps/DeploymentRollback,
   apps/ReplicaSet, apps/Scale, apps/StatefulSet, audit.k8s.io/Policy,
   auditregistration.k8s.io/AuditSink, autoscaling/HorizontalPodAutoscaler, batch/CronJob,
   batch/JobTemplate, certificates.k8s.io/CertificateSigningRequest,
   certificates.k8s.io/ClusterTrustBundle, certificates.k8s.io/PodCertificateRequest,
   coordination.k8s.io/Lease, coordination.k8s.io/LeaseCandidate,
   discovery.k8s.io/EndpointSlice, events.k8s.io/Event, extensions/DaemonSet,
   extensions/Deployment, extensions/DeploymentRollback, extensions/Ingress,
   extensions/NetworkPolicy, extensions/PodSecurityPolicy, extensions/ReplicaSet,
   extensions/ReplicationControllerDummy, extensions/Scale,
   flowcontrol.apiserver.k8s.io/FlowSchema,
   flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration, networking.k8s.io/ClusterCIDR,
   networking.k8s.io/IPAddress, networking.k8s.io/Ingress, networking.k8s.io/IngressClass,
   networking.k8s.io/ServiceCIDR, node.k8s.io/RuntimeClass, policy/Eviction,
   policy/PodDisruptionBudget, policy/PodSecurityPolicy, rbac.authorization.k8s.io/ClusterRole,
   rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/Role,
   rbac.authorization.k8s.io/RoleBinding, resource.k8s.io/DeviceClass,
   resource.k8s.io/DeviceTaintRule, resource.k8s.io/PodScheduling,
   resource.k8s.io/PodSchedulingContext, resource.k8s.io/ResourceClaim,
   resource.k8s.io/ResourceClaimParameters, resource.k8s.io/ResourceClaimTemplate,
   resource.k8s.io/ResourceClass, resource.k8s.io/ResourceClassParameters,
   resource.k8s.io/ResourceSlice, scheduling.k8s.io/PodGroup, scheduling.k8s.io/PriorityClass,
   scheduling.k8s.io/Workload, settings.k8s.io/PodPreset, storage.k8s.io/CSIDriver,
   storage.k8s.io/CSINode, storage.k8s.io/CSIStorageCapacity, storage.k8s.io/StorageClass,
   storage.k8s.io/VolumeAttachment, storage.k8s.io/VolumeAttributesClass,
   storagemigration.k8s.io/StorageVersionMigration]
fix-class: conditional
frameworks:
  - OWASP-K8s-2022:K10
  - OWASP-K8s-2025:K07
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - PCI-DSS-4.0.1:6.3.3
aliases:
  - datree:K8S_DEPRECATED_APIVERSION_1.16
  - datree:K8S_DEPRECATED_APIVERSION_1.17
  - datree:K8S_DEPRECATED_APIVERSION_1.19
  - datree:K8S_DEPRECATED_APIVERSION_1.21
  - datree:K8S_DEPRECATED_APIVERSION_1.22
  - datree:K8S_DEPRECATED_APIVERSION_1.23
  - datree:K8S_DEPRECATED_APIVERSION_1.24
  - datree:K8S_REMOVED_APIVERSION_1.22
  - datree:K8S_REMOVED_APIVERSION_1.23
  - datree:K8S_REMOVED_APIVERSION_1.24
  - datree:K8S_REMOVED_APIVERSION_1.25
  - datree:K8S_REMOVED_APIVERSION_1.27
  - trivy:KSV-0107
  - kube-linter:no-extensions-v1beta
  - kics:Object Is Using A Deprecated API Version
  - kyverno:check-deprecated-apis
  - kube-score:stable-version
examples:
  - bad: gone long ago
    lines: [1, 11, 18]
    api: needs-crd
    manifest: |
      apiVersion: extensions/v1beta1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1beta1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: flowcontrol.apiserver.k8s.io/v1beta2
      kind: FlowSchema
      metadata: {name: shop}
      spec:
        priorityLevelConfiguration: {name: workload-low}
    fixed: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: flowcontrol.apiserver.k8s.io/v1
      kind: FlowSchema
      metadata: {name: shop}
      spec:
        priorityLevelConfiguration: {name: workload-low}
  - bad: nothing took its place
    lines: [1]
    api: needs-crd
    version: "1.25"
    manifest: |
      apiVersion: policy/v1beta1
      kind: PodSecurityPolicy
      metadata: {name: shop}
      spec:
        seLinux: {rule: RunAsAny}
        runAsUser: {rule: RunAsAny}
        fsGroup: {rule: RunAsAny}
        supplementalGroups: {rule: RunAsAny}
  - good: an older Kubernetes still has it
    api: needs-crd
    version: "1.24"
    manifest: |
      apiVersion: policy/v1beta1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - good: the version of today
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - good: somebody else's API of a like name
    api: needs-crd
    manifest: |
      apiVersion: example.org/v1beta1
      kind: Deployment
      metadata: {name: shop}
"""


def check(it: Resource, params: Mapping[str, Any], target: int) -> Iterable[Violation]:
    version = it.ref.api_version
    return _judged(it, version, target) if "beta" in version or "alpha" in version else ()


def _judged(it: Resource, version: str, target: int) -> Iterator[Violation]:
    from portside.model.api_lifecycle import LIVES, replacement

    life = LIVES.get(version, {}).get(it.kind)
    if life is not None and 0 < life[1] <= target:
        instead = replacement(version, it.kind, target)
        advice = f"use {instead}" if instead else "nothing took its place"
        message = f"is of {version}, which is gone since Kubernetes 1.{life[1]}; {advice}"
        yield Violation(message, ("apiVersion",), mends=_mends(it, instead))


def _mends(it: Resource, instead: str) -> str:
    from portside.model.api_changes import mends

    return mends(it, instead)


def mend(it: Resource, found: Finding, params: Mapping[str, Any]) -> Iterator[FieldEdit]:
    from portside.model.api_changes import NAMED, default_selector
    from portside.model.mending import FieldEdit, UnmendableError

    version = NAMED.search(found.message)
    if version is None:
        raise UnmendableError("another kind takes its place, or none")
    yield FieldEdit("set", ("apiVersion",), version[1])
    selector = default_selector(it)
    if selector:
        yield FieldEdit("set", ("spec", "selector"), selector)
