"""The renderer as a process: one for each Python process, started at the first request.

`renderer()` finds it; without any, charts and kustomizations are unread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from portside.render.wire import HelmRequest, KustomizeRequest, Rendered


class Renderer(Protocol):
    """Renders; a chart or kustomization that cannot be rendered is an answer with an error."""

    name: str
    """What does the work, for people: `portside-render`, `helm`, `kubectl`."""

    def helm(self, request: HelmRequest) -> Rendered:
        """The objects of a chart, as `helm template` has them."""

    def kustomize(self, request: KustomizeRequest) -> Rendered:
        """The objects of a kustomization, as `kustomize build` has them."""


def renderer() -> Renderer | None:
    """The renderer that is there: ours, else helm, kubectl and kustomize on PATH, else None.

    It is looked for once. No process is started before the first request.
    """
    return None
