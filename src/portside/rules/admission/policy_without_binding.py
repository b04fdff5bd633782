"""An admission policy that no binding names, or a binding of none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import text
from portside.model.violation import Violation

RULE = """
id: policy-without-binding
title: Admission policy is not in force
severity: medium
severity-reason: the guardrail exists on paper
why: >-
  A ValidatingAdmissionPolicy or MutatingAdmissionPolicy does nothing until a binding names it,
  and a binding of a policy that is not there does nothing either.
fix: >-
  Add the binding, or correct the name that it gives.
profile: recommended
form: facts
kinds:
  - admissionregistration.k8s.io/ValidatingAdmissionPolicy
  - admissionregistration.k8s.io/MutatingAdmissionPolicy
  - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
  - admissionregistration.k8s.io/MutatingAdmissionPolicyBinding
controls: [M007]
needs: the policies and bindings of the cluster
fix-class: none
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.4.5
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - CIS-K8s-1.12:5.2.1
  - MS-ThreatMatrix:MS-TA9017
examples:
  - bad: no binding
    lines: [3]
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: shop}
      spec:
        matchConstraints:
          resourceRules:
            - apiGroups: [""]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [pods, pods/ephemeralcontainers]
        validations:
          - expression: >-
              !has(object.spec.hostNetwork) || !object.spec.hostNetwork
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: shop}
      spec:
        policyName: store
        validationActions: [Deny]
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: store}
      spec:
        matchConstraints:
          resourceRules:
            - apiGroups: [""]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [pods, pods/ephemeralcontainers]
        validations:
          - expression: >-
              !has(object.spec.hostNetwork) || !object.spec.hostNetwork
  - bad: no policy
    lines: [5]
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: shop}
      spec:
        policyName: shop
        validationActions: [Deny]
  - good: both
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: shop}
      spec:
        matchConstraints:
          resourceRules:
            - apiGroups: [""]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [pods, pods/ephemeralcontainers]
        validations:
          - expression: >-
              !has(object.spec.hostNetwork) || !object.spec.hostNetwork
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: shop}
      spec:
        policyName: shop
        validationActions: [Deny]
  - good: the other may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: shop}
      spec:
        matchConstraints:
          resourceRules:
            - apiGroups: [""]
              apiVersions: [v1]
              operations: [CREATE, UPDATE]
              resources: [pods, pods/ephemeralcontainers]
        validations:
          - expression: >-
              !has(object.spec.hostNetwork) || !object.spec.hostNetwork
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    kind = it.ref.kind.removesuffix("Binding")
    if kind == it.ref.kind:
        if (kind, it.name) not in facts.once(_bound):
            yield Violation("is bound by nothing, and so judges nothing", ("metadata", "name"))
        return
    name = text(it.value, "spec", "policyName")
    if facts.named(f"admissionregistration.k8s.io/{kind}", "", name) is None:
        yield Violation(f"binds the policy {name}, which is nowhere", ("spec", "policyName"))


def _bound(facts: Facts) -> set[tuple[str, str]]:
    """Kind and name of the policies that a binding names."""
    return {
        (kind, text(binding.value, "spec", "policyName"))
        for kind in ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
        for binding in facts.of(f"admissionregistration.k8s.io/{kind}Binding")
    }
