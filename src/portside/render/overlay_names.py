"""Which environment an overlay is, and of what: what its path says."""

from __future__ import annotations

from portside.records import NamedTuple
from portside.render.environment import DEFAULT

MARKS = ("overlays", "overlay", "environments", "envs", "env", "clusters", "stages")
_STAGES = frozenset((
    *("dev", "develop", "development", "test", "testing", "qa", "uat", "int", "integration"),
    *("staging", "stage", "preprod", "pre-prod", "preview", "sandbox", "demo", "local", "ci"),
    *("prod", "production", "prd", "live", "canary"),
))  # fmt: skip
_TAIL = ("kustomize", "kustomization", "base", "manifests", "k8s", "deploy")


class Overlay(NamedTuple):
    """What the path of an overlay says: an environment of the app that stands above it."""

    app: str
    """The path without what names the environment; `.` where nothing is left."""
    environment: str


def overlay_at(folder: str) -> Overlay:
    """What is said by `folder`, a path with `/`.

    The environment is what stands behind `overlays`, `environments`, `envs`, `clusters` or `stages`
    (`prod-eu` of `overlays/prod/eu`), else the last step that is a common name of a stage, else
    `default`.
    """
    steps = [it for it in folder.split("/") if it not in ("", ".")]
    for at in range(len(steps) - 2, -1, -1):
        if steps[at].lower() in MARKS:
            behind = [it for it in steps[at + 1 :] if it.lower() not in _TAIL]
            if behind:
                return Overlay("/".join(steps[:at]) or ".", "-".join(behind).lower())
    for at in range(len(steps) - 1, -1, -1):
        if steps[at].lower() in _STAGES:
            others = (*steps[:at], *steps[at + 1 :])
            return Overlay("/".join(others) or ".", steps[at].lower())
    return Overlay("/".join(steps) or ".", DEFAULT)
