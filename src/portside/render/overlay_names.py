"""What the environment of an overlay is called: what its path says."""

from __future__ import annotations

from collections.abc import Iterable

from portside.render.environment import DEFAULT

MARKS = ("overlays", "overlay", "environments", "envs", "env", "clusters", "stages")
_STAGES = frozenset((
    *("dev", "develop", "development", "test", "testing", "qa", "uat", "int", "integration"),
    *("staging", "stage", "preprod", "pre-prod", "preview", "sandbox", "demo", "local", "ci"),
    *("prod", "production", "prd", "live", "canary"),
))  # fmt: skip
_TAIL = ("kustomize", "kustomization", "base", "manifests", "k8s", "deploy")


def environment_of_overlay(folder: str) -> str:
    """The environment of the overlay at `folder`, a path with `/`.

    What stands behind `overlays`, `environments`, `envs`, `clusters` or `stages` (`prod-eu` of
    `overlays/prod/eu`), else the last step that is a common name of a stage, else `default`.
    """
    steps = [it for it in folder.split("/") if it not in ("", ".")]
    for at in range(len(steps) - 2, -1, -1):
        if steps[at].lower() in MARKS:
            behind = [it for it in steps[at + 1 :] if it.lower() not in _TAIL]
            if behind:
                return "-".join(behind).lower()
    return next((it.lower() for it in reversed(steps) if it.lower() in _STAGES), DEFAULT)


def names_of_overlays(folders: Iterable[str]) -> dict[str, str]:
    """The environment of each overlay."""
    return {it: environment_of_overlay(it) for it in folders}
