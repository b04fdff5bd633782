"""Files that are judged and hold no object: CI workflows, Dockerfiles, update bots, charts.

They are known by their name, or by the keys of their map where they stand in another folder. What
only the folder around tells (a template of a chart, a patch) `sources.folders` knows.
"""

from __future__ import annotations

from typing import Any

GITHUB_WORKFLOW = "GitHubWorkflow"
GITHUB_ACTION = "GitHubAction"
GITLAB_PIPELINE = "GitLabPipeline"
DEPENDABOT = "Dependabot"
RENOVATE = "Renovate"
DOCKERFILE = "Dockerfile"
HELM_CHART = "HelmChart"
HELM_VALUES = "HelmValues"
HELM_TEMPLATE = "HelmTemplate"
KUSTOMIZATION = "Kustomization"
KUSTOMIZE_PATCH = "KustomizePatch"
WITH_OTHERS = (HELM_CHART, KUSTOMIZATION)
"""What is judged together with files that belong to it: locks, what a Secret is made of."""

_RENOVATE = frozenset(("renovate.json", ".renovaterc", ".renovaterc.json", "renovate.json5"))
_ACTIONS = frozenset(("action.yml", "action.yaml"))
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names by which Kustomize finds a kustomization; it needs neither apiVersion nor kind."""
_UPDATES = frozenset(("dependabot.yml", "dependabot.yaml"))
_PIPELINES = (".gitlab-ci.yml", ".gitlab-ci.yaml")
_VALUES_FIRST = ("values.", "values-", "values_")
_VALUES_LAST = (".values", "-values", "_values")
_TEMPLATES = (".yaml", ".yml", ".tpl", ".txt", ".json")
_OF_KUSTOMIZE = "kustomize.config.k8s.io/"


_OTHER_ENDS = (
    *(
        ".md",
        ".rst",
        ".txt",
        ".adoc",
        ".html",
        ".dockerignore",
        ".containerignore",
        ".orig",
        ".rej",
    ),
    *(".yaml", ".yml", ".json", ".toml", ".py", ".go", ".rs", ".js", ".ts", ".sh", ".rb", ".lock"),
    *(".sha256", ".sig", ".patch", ".diff", ".log", "~"),
)
"""What is about a Dockerfile rather than one, by the end of its name."""


def is_dockerfile(name: str) -> bool:
    """Whether the file called `name` is a Dockerfile, or a template of one, by its name."""
    base = name.rpartition("/")[2].lower()
    if "dockerfile" not in base and "containerfile" not in base:
        return False
    if base in ("dockerfile", "containerfile"):
        return True
    starts = base.startswith(("dockerfile.", "dockerfile-", "containerfile.", "containerfile-"))
    ends = base.endswith((".dockerfile", ".containerfile"))
    return (starts or ends) and not base.endswith(_OTHER_ENDS)


def kind_by_name(name: str) -> str:
    """What the YAML or JSON file called `name` must be by its name; empty where that tells nothing.

    `name` is a path with `/` between its parts.
    """
    folder, _, base = name.rpartition("/")
    if folder.endswith(".github/workflows"):
        return GITHUB_WORKFLOW
    if base in _UPDATES:
        return DEPENDABOT
    if base.endswith(_PIPELINES) or folder.endswith((".gitlab/ci", ".gitlab-ci")):
        return GITLAB_PIPELINE
    return RENOVATE if is_renovate(base) else ""


def is_values(name: str) -> bool:
    """Whether the file called `name` holds values: `values-prod.yaml`, `ci/a-values.yaml`."""
    base = name.rpartition("/")[2].lower()
    stem, dot, suffix = base.rpartition(".")
    return (
        bool(dot)
        and suffix in ("yaml", "yml")
        and (stem == "values" or stem.startswith(_VALUES_FIRST) or stem.endswith(_VALUES_LAST))
    )


def kind_in_chart(inside: str) -> str:
    """What the file at `inside`, its path below a chart's folder, is; empty for anything else."""
    if inside in ("Chart.yaml", "requirements.yaml"):
        return HELM_CHART
    if inside.startswith("templates/"):
        return HELM_TEMPLATE if inside.endswith(_TEMPLATES) else ""
    if inside.startswith(("charts/", "crds/")):
        return ""
    return HELM_VALUES if is_values(inside) else ""


def is_renovate(base: str) -> bool:
    """Whether a file of this name, of which some are JSON5, configures Renovate."""
    return base in _RENOVATE


def kind_by_keys(value: dict[str, Any], name: str) -> str:
    """What the map is, which is no object, by its keys and its file's name; empty for nothing."""
    by_name = kind_by_name(name)
    if by_name:
        return by_name
    if "jobs" in value and ("on" in value or "true" in value):
        return GITHUB_WORKFLOW
    if "runs" in value and (name.rpartition("/")[2] in _ACTIONS or "name" in value):
        return GITHUB_ACTION
    base = name.rpartition("/")[2]
    if base == "Chart.yaml" and "name" in value and "version" in value:
        return HELM_CHART
    if is_kustomization(base):
        return KUSTOMIZATION
    return HELM_VALUES if is_values(base) else ""


def kind_by_version(value: dict[str, Any], name: str) -> str:
    """What the map is, that names an apiVersion and yet is applied nowhere; empty for nothing."""
    version, kind = value.get("apiVersion"), value.get("kind")
    if type(version) is str and version.startswith(_OF_KUSTOMIZE):
        return KUSTOMIZATION if kind in ("Kustomization", "Component") else ""
    return ""


def is_kustomization(name: str) -> bool:
    """Whether Kustomize takes the file of this name for a kustomization."""
    return name.rpartition("/")[2] in KUSTOMIZATIONS


def has_place(name: str) -> bool:
    """Whether the name of the file says what its maps may be, whatever they say themselves."""
    return name.rpartition("/")[2].lower() in _ACTIONS or bool(kind_by_name(name))


def kind_by_place(value: dict[str, Any], name: str) -> str:
    """What the map is because of where it stands, though it says that it were an object.

    A key more or less is no way around the rules: who runs the file does not ask for its kind.
    """
    if name.rpartition("/")[2].lower() in _ACTIONS and "runs" in value:
        return GITHUB_ACTION
    kind = kind_by_name(name)
    keys = _PROOF.get(kind, ())
    if kind == GITLAB_PIPELINE:
        return kind if any(_is_job(it) for it in value.values()) else ""
    return kind if any(key in value for key in keys) else ""


_PROOF = {GITHUB_WORKFLOW: ("jobs",), DEPENDABOT: ("updates",)}
"""Keys that a file of this kind must have, and that objects have not."""


def _is_job(value: Any) -> bool:
    return type(value) is dict and ("script" in value or "trigger" in value)


def may_be_judged(data: bytes, name: str) -> bool:
    """Whether a text without any key of an object may still be such a file."""
    if b"jobs" in data or b"runs" in data or bool(kind_by_name(name)):
        return True
    return is_values(name) or is_kustomization(name)
