"""What is known of some actions: their advisories, and which nobody looks after.

Facts of October 2026, from GitHub's advisory database and from the repositories' own notices.
Neither list is whole, and a newer product has newer ones; parameters of the rules add to them.
"""

from __future__ import annotations

ADVISORIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "actions/download-artifact": (("GHSA-cxww-7g56-2vh6", "4.0.0", "4.1.3"),),
    "check-spelling/check-spelling": (("GHSA-g86g-chm8-7r2p", "0.0.0", "0.0.19"),),
    "dawidd6/action-download-artifact": (("GHSA-5xr6-xhww-33m4", "0.0.0", "6.0.0"),),
    "gradle/gradle-build-action": (("GHSA-h3qr-39j9-4r5v", "0.0.0", "2.4.2"),),
    "hashicorp/vault-action": (("GHSA-4mgv-m5cm-f9h7", "0.0.0", "2.2.0"),),
    "lycheeverse/lychee-action": (("GHSA-65rg-554r-9j5x", "0.0.0", "2.0.2"),),
    "reviewdog/action-setup": (("GHSA-qmg3-hpqr-gqvc", "1.0.0", "1.3.1"),),
    "shivammathur/setup-php": (
        ("GHSA-5wxr-w449-57cm", "0.0.0", "2.37.1"),
        ("GHSA-pqwm-q9pv-ph8r", "0.0.0", "2.37.1"),
    ),
    "tj-actions/branch-names": (("GHSA-8v8w-v8xg-79rf", "0.0.0", "7.0.7"),),
    "tj-actions/changed-files": (
        ("GHSA-mcph-m25j-8j63", "0.0.0", "41.0.0"),
        ("GHSA-mw4p-6x4p-x5m5", "0.0.0", "46.0.1"),
    ),
}
"""By repository: (advisory, first version with the hole, version that mends it)."""

ARCHIVED = frozenset(
    (
        *("8398a7/action-slack", "actions-rs/audit-check", "actions-rs/cargo"),
        *("actions-rs/clippy-check", "actions-rs/components-nightly", "actions-rs/grcov"),
        *("actions-rs/install", "actions-rs/tarpaulin", "actions-rs/toolchain"),
        *("actions/create-release", "actions/setup-elixir", "actions/setup-haskell"),
        *("actions/setup-ruby", "actions/upload-release-asset", "aquasecurity/cfsec"),
        *("azure/appservice-actions", "azure/container-actions", "azure/container-scan"),
        *("azure/get-keyvault-secrets", "azure/k8s-actions", "azure/webapps-container-deploy"),
        *(
            "cedrickring/golang-action",
            "cirrus-actions/rebase",
            "contributor-assistant/github-action",
        ),
        *("convictional/trigger-workflow-and-wait", "crazy-max/ghaction-docker-buildx"),
        *("crazy-max/ghaction-hugo", "decathlon/pull-request-labeler-action"),
        *("delaguardo/setup-graalvm", "dulvui/godot-android-export", "expo/expo-preview-action"),
        *("grafana/k6-action", "gradle/gradle-build-action", "hashicorp/terraform-cdk-action"),
        *("helaili/jekyll-action", "ilshidur/action-slack", "jakejarvis/s3-sync-action"),
        *("marvinpinto/action-automatic-releases", "marvinpinto/actions", "maxheld83/ghpages"),
        *(
            "repo-sync/pull-request",
            "semgrep/semgrep-action",
            "sonarsource/sonarcloud-github-action",
        ),
        *("stefanprodan/kube-tools", "svenstaro/upx-action", "tibdex/github-app-token"),
        *("technote-space/auto-cancel-redundant-workflow", "technote-space/get-diff-action"),
        *("tenable/terrascan", "youyo/aws-cdk-github-actions"),
    )
)
"""Repositories, in lower case, that their owners have archived."""

POPULAR = frozenset(
    (
        *("actions/cache", "actions/checkout", "actions/configure-pages", "actions/deploy-pages"),
        *("actions/download-artifact", "actions/github-script", "actions/labeler"),
        *("actions/setup-dotnet", "actions/setup-go", "actions/setup-java", "actions/setup-node"),
        *("actions/setup-python", "actions/stale", "actions/upload-artifact"),
        *("actions/upload-pages-artifact", "actions/attest-build-provenance"),
        *("actions/create-github-app-token", "aquasecurity/trivy-action", "astral-sh/setup-uv"),
        *("astral-sh/ruff-action", "aws-actions/amazon-ecr-login", "azure/login"),
        *("aws-actions/configure-aws-credentials", "azure/setup-helm", "azure/setup-kubectl"),
        *("codecov/codecov-action", "dependabot/fetch-metadata", "docker/build-push-action"),
        *("docker/login-action", "docker/metadata-action", "docker/setup-buildx-action"),
        *("docker/setup-qemu-action", "dorny/paths-filter", "dtolnay/rust-toolchain"),
        *("github/codeql-action", "golangci/golangci-lint-action", "gradle/actions"),
        *(
            "goreleaser/goreleaser-action",
            "google-github-actions/auth",
            "hashicorp/setup-terraform",
        ),
        *("google-github-actions/setup-gcloud", "helm/kind-action", "ossf/scorecard-action"),
        *("peaceiris/actions-gh-pages", "peter-evans/create-pull-request", "pnpm/action-setup"),
        *("pypa/cibuildwheel", "pypa/gh-action-pypi-publish", "ruby/setup-ruby"),
        *("shivammathur/setup-php", "sigstore/cosign-installer", "softprops/action-gh-release"),
        *("step-security/harden-runner", "swatinem/rust-cache", "taiki-e/install-action"),
        *("tj-actions/changed-files", "zizmorcore/zizmor-action", "denoland/setup-deno"),
        *("oven-sh/setup-bun", "jdx/mise-action", "mikepenz/action-junit-report"),
    )
)
"""Repositories of actions, in lower case, that many workflows use."""


def slip_of(slug: str) -> str:
    """The well-known action of which `slug` is a misspelling; empty where it is none.

    A misspelling is one letter more, less or other, or two neighbours that changed places. Another
    repository of the same owner is none: nobody but the owner can make it.
    """
    owner = slug.partition("/")[0]
    for popular in sorted(POPULAR):
        is_foreign = popular.partition("/")[0] != owner
        if is_foreign and abs(len(popular) - len(slug)) <= 1 and _is_one_slip(slug, popular):
            return popular
    return ""


def _is_one_slip(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    rest, of_other = one[at + 1 :], other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return rest == of_other or swapped
