"""An object of an API version that the target Kubernetes still serves, and later ones will not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portside.model.resource import Resource
from portside.model.violation import Violation

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.model.mending import FieldEdit

RULE = """
id: deprecated-api
controls: [U002]
title: API version is deprecated
severity: low
severity-reason: it works until the upgrade that removes it
why: >-
  The API server still takes the version and warns of it. One of the next minors removes it, and
  then the object cannot be applied any more.
fix: Write the version that the finding names, before the upgrade.
profile: strict
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
aliases:
  - trivy:KSV-0107
  - kyverno:check-deprecated-apis
  - kube-score:stable-version
examples:
  - bad: one minor before it is removed
    lines: [1]
    api: needs-crd
    version: "1.24"
    manifest: |
      apiVersion: policy/v1beta1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
    fixed: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - good: it is removed already, which is another finding
    api: needs-crd
    version: "1.25"
    manifest: |
      apiVersion: policy/v1beta1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - good: at that time there was no other
    api: needs-crd
    version: "1.20"
    manifest: |
      apiVersion: policy/v1beta1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - good: the version of today
    manifest: |
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report}
      spec:
        schedule: "0 3 * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
"""


def check(it: Resource, params: Mapping[str, Any], target: int) -> Iterable[Violation]:
    version = it.ref.api_version
    return _judged(it, version, target) if "beta" in version or "alpha" in version else ()


def _judged(it: Resource, version: str, target: int) -> Iterator[Violation]:
    from portside.model.api_lifecycle import LIVES, replacement

    life = LIVES.get(version, {}).get(it.kind)
    if life is None or not life[0] <= target or 0 < life[1] <= target:
        return
    instead = replacement(version, it.kind, target)
    end = f" and gone from 1.{life[1]}" if life[1] else ""
    advice = f"; use {instead}" if instead else ""
    message = f"is of {version}, which is deprecated since Kubernetes 1.{life[0]}{end}{advice}"
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
