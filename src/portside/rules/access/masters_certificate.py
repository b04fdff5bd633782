"""A request for a client certificate of the group system:masters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.fields import text
from portside.model.resource import Resource
from portside.model.violation import Violation

RULE = """
id: masters-certificate
title: Certificate is asked for system:masters
severity: high
severity-reason: no one can take back what it may do
why: >-
  Whoever shows a certificate of this group passes every authorizer and webhook until it
  expires; neither RBAC nor a revocation list stops them.
fix: >-
  Ask for a certificate of a group of your own and bind a role to it; keep what kubeadm made
  (super-admin.conf) in a safe.
profile: recommended
form: object
kinds:
  - certificates.k8s.io/CertificateSigningRequest
controls: [A019]
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.1
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - CIS-K8s-1.12:5.1.7
  - CIS-GKE-1.9:4.1.6
  - ATT&CK:T1098
examples:
  - bad: a request
    lines: [5]
    api: refused
    manifest: |
      apiVersion: certificates.k8s.io/v1
      kind: CertificateSigningRequest
      metadata: {name: jane}
      spec:
        request: "\\
          LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIak1JR0tBZ0VBTUNneEZ6\\
          QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVEwd0N3WURWUVFEREFScQpZVzVsTUZr\\
          d0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFdHkyYVk5dUFobVZWc3ovSktITm5G\\
          UEhVCm1sSUorbzZneW81WFo1bXQzblJJSFcweExFQytQVTNXekpiNVZ1TmpjMU53MnZxSVQv\\
          ckZQdWxHN2lyeXk2QUEKTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSUY0OGROamRacUNkNWRm\\
          cnArVXNKZWExRXZNZW5TN3A0SWk5YmxhcQo3VDEzQWlFQThxN014bnQxRmR3Z1pqMVIzMmNw\\
          ZW1WTzRBeHpBdi9RMzFEdzc1eDFFWk09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1Qt\\
          LS0tLQo="
        signerName: kubernetes.io/kube-apiserver-client
        usages: [client auth]
  - good: a group of one's own
    manifest: |
      apiVersion: certificates.k8s.io/v1
      kind: CertificateSigningRequest
      metadata: {name: jane}
      spec:
        request: "\\
          LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIZE1JR0ZBZ0VBTUNNeEVq\\
          QVFCZ05WQkFvTUNYTm9iM0F0ZEdWaGJURU5NQXNHQTFVRUF3d0VhbUZ1WlRCWgpNQk1HQnlx\\
          R1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQUJMY3RtbVBiZ0labFZiTS95U2h6WnhUeDFKcFND\\
          ZnFPCm9NcU9WMmVacmQ1MFNCMXRNU3hBdmoxTjFzeVcrVmJqWTNOVGNOcjZpRS82eFQ3cFJ1\\
          NHE4c3VnQURBS0JnZ3EKaGtqT1BRUURBZ05IQURCRUFpQjhHSVByZEw2ZEFWWm1lZzY3bUJh\\
          WkZjMXltZ0VkRzNGZngva2hjOWxHNEFJZwpINVF5Ky9OTW5kbmI4WnhhUTBkRTNMbWZjYzJM\\
          VHhidGhkZm1hMERDZ3Q4PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"
        signerName: kubernetes.io/kube-apiserver-client
        usages: [client auth]
"""

GROUP = b"system:masters"
_LONGEST = 1_000_000


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if _names_group(text(it.value, "spec", "request")):
        yield Violation("asks for a certificate of system:masters", ("spec", "request"))


def _names_group(encoded: str) -> bool:
    # The name stands in the DER form as it is: PEM in base64, and DER in base64 within it.
    if not encoded or len(encoded) > _LONGEST:
        return False
    from base64 import b64decode
    from binascii import Error

    try:
        pem = b64decode(encoded)
        body = b"".join(line for line in pem.splitlines() if line and not line.startswith(b"-----"))
        return any(GROUP in b64decode(part) for part in (body, body.rstrip(b"=") + b"=="))
    except (Error, ValueError):
        return False
