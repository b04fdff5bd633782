"""A repository of charts and overlays, made of the shared corpora."""

from __future__ import annotations

import shutil
from pathlib import Path

CORPORA = Path(__file__).resolve().parent.parent.parent / "shared" / "corpora" / "helm-golden"
OVERLAYS = CORPORA.parent / "kustomize-golden" / "inputs" / "GoogleCloudPlatform+microservices-demo"
CHARTS = (
    "GoogleCloudPlatform-microservices-demo__helm-chart",
    "kubernetes-ingress-nginx__charts__ingress-nginx",
    "bitnami-charts__bitnami__nginx",
    "bitnami-charts__bitnami__cert-manager",
    "argoproj-argo-cd__util__helm__testdata__redis",
)
_BASES = 10
_OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: team-{number}
resources:
  - ../../bases/base-{base}
labels:
  - pairs:
      team: team-{number}
replicas:
  - name: frontend
    count: {replicas}
patches:
  - target: {{kind: Deployment, name: cartservice}}
    patch: |-
      - op: add
        path: /spec/template/metadata/labels/tier
        value: tier-{number}
"""


def repository(root: Path, charts: int = 50, overlays: int = 200) -> tuple[list[Path], list[Path]]:
    """The folders of the charts and of the overlays; each chart has its own values only."""
    there = [CORPORA / name / "chart" for name in CHARTS if (CORPORA / name / "chart").is_dir()]
    ignored = shutil.ignore_patterns("ci", "values-*", "*-values.yaml")
    made = [root / "charts" / f"chart-{number:02}" for number in range(charts)]
    for number, chart in enumerate(made):
        shutil.copytree(there[number % len(there)], chart, ignore=ignored)
    for number in range(_BASES):
        shutil.copytree(OVERLAYS / "kustomize" / "base", root / "bases" / f"base-{number}")
    built = [root / "overlays" / f"team-{number:03}" for number in range(overlays)]
    for number, overlay in enumerate(built):
        overlay.mkdir(parents=True)
        text = _OVERLAY.format(number=number, base=number % _BASES, replicas=2 + number % 5)
        (overlay / "kustomization.yaml").write_text(text)
    return made, built
