"""The renderers that people have anyway: helm, kubectl and kustomize on PATH."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portside.render.process import Renderer


def found(path: str) -> Renderer | None:
    """What of them is on the PATH."""
    return None
