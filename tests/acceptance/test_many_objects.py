"""Thousands of objects in one file that all have to do with each other: no scan takes forever."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.patience import within
from tests.rules.asking import judged, profile_plan

MANY = 1_000
SECONDS = 20
"""Each takes two seconds; comparing each with each would take a minute or more."""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
    - host: a.example.org
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
"""


@pytest.mark.parametrize("other", [SERVICE, INGRESS, BUDGET, DEPLOYMENT])
def test_objects_that_all_have_to_do_with_each_other_are_judged_in_time(other: str) -> None:
    with within(SECONDS):
        result = judged("---\n".join([DEPLOYMENT, other] * MANY), profile_plan("auditor"))

    assert len(result.objects) == 2 * MANY
    assert not result.undecided


def test_what_would_take_forever_is_undecided_and_says_so() -> None:
    policies = [POLICY.replace("web,", f"web{at},") for at in range(MANY)]
    texts = [DEPLOYMENT, SERVICE] * MANY + policies
    with within(3 * SECONDS):
        result = judged("---\n".join(texts), profile_plan("auditor"))

    # Every policy against every pod against every policy.
    missing = Counter(it.missing for it in result.undecided if it.rule == "egress-without-dns")
    assert missing["time: too many objects have to do with too many others"] > 100
    assert not result.unread
