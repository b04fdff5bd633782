"""A stored key of a cloud, a registry or a cluster, where the job could prove who it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import Action, Step, file_of
from portside.workflows.gitlab import pipeline
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: long-lived-credential
title: Stored key of a cloud or a cluster
severity: medium
severity-reason: stolen once, it is good for years
why: >-
  A key that is stored as a secret is good until somebody changes it, wherever it is used from. Clouds
  take the identity token of the job instead, for minutes, and only from the repository and branch that
  they were told.
fix: "Use the cloud's OIDC login with `permissions: {id-token: write}` (GitLab: `id_tokens:`), and delete the key."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: none
controls: [B006]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-2
  - "ATT&CK:T1078.004"
  - MS-ThreatMatrix:MS-TA9001
  - PCI-DSS-4.0.1:8.6.3
examples:
  - bad: keys of clouds and of a cluster
    lines: [9, 12, 15, 16]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502
              with:
                aws-access-key-id: ${{ secrets.AWS_KEY }}
                aws-secret-access-key: ${{ secrets.AWS_SECRET }}
            - uses: google-github-actions/auth@6fc4af4b145ae7821d527454aa9bd537d1f2dc5f
              with: {credentials_json: "${{ secrets.GCP }}"}
            - run: make deploy
              env:
                AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET }}
                KUBECONFIG_DATA: ${{ secrets.KUBECONFIG }}
  - bad: GitLab, where it is even written down
    file: .gitlab-ci.yml
    lines: [3]
    manifest: |
      deploy:
        variables:
          AWS_ACCESS_KEY_ID: AKIAEXAMPLEEXAMPLEEX
        script: make deploy
  - good: the job's identity
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502
              with: {role-to-assume: "arn:aws:iam::123456789012:role/deploy", aws-region: eu-central-1}
            - uses: docker/login-action@9780b0c442fbb1117ed29e0efdff1e18412f7567
              with: {registry: ghcr.io, username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"}
"""

_INPUTS = {
    "aws-actions/configure-aws-credentials": ("aws-access-key-id", "aws-secret-access-key"),
    "google-github-actions/auth": ("credentials_json",),
    "google-github-actions/setup-gcloud": ("service_account_key",),
    "azure/login": ("creds",),
    "azure/k8s-set-context": ("kubeconfig",),
    "azure/docker-login": ("password",),
}
_VARIABLES = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET"),
    *("GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS_JSON", "GCP_SA_KEY"),
    *("KUBECONFIG", "KUBE_CONFIG", "KUBECONFIG_DATA", "KUBE_CONFIG_DATA", "KUBECONFIG_BASE64"),
)


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if it.kind == "GitLabPipeline":
        for part in pipeline(it).with_settings:
            yield from _of_variables(part, "variables", written=True)
        return
    whole = file_of(it)
    jobs = () if isinstance(whole, Action) else whole.jobs
    for part in (whole, *jobs, *whole.steps):
        yield from _of_variables(part, "env", written=False)
    for step in whole.steps:
        yield from _of_inputs(step)


def _of_inputs(step: Step) -> Iterator[Violation]:
    for name in _INPUTS.get(step.uses.slug, ()) if step.uses else ():
        key = step.input_key(name)
        if "secrets." in (step.given or {}).get(name, ""):
            yield step.fault(f"{name} is a stored key", "with", key)
            return


def _of_variables(part: Part, key: str, *, written: bool) -> Iterator[Violation]:
    """Of GitLab's file a variable is itself the value; of GitHub's one that names a secret counts."""
    for name, value in part.texts(key).items():
        if name.upper() in _VARIABLES and (
            "secrets." in value if not written else bool(value) and not value.startswith("$")
        ):
            what = "is written here" if written else "is a stored key"
            yield part.fault(f"{name} {what}", key, name)
