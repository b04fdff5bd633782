"""A target as it would be if some of the files that it is made of held other texts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.render.wire import HelmRequest, Values, ValuesFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portside.model.finding import Rendering
    from portside.model.reading import Target
    from portside.render.wire import Request


def replaced(request: Request, texts: Mapping[str, str]) -> Request:
    """`request` with `texts` in place of files, by their real paths; those of others are left out.

    What is made for Argo CD and Flux (see `generates`) stays, and what Kustomize inflates
    (`helmCharts`) is read from the disk in any case: see `inflates`.
    """
    if isinstance(request, HelmRequest):
        values = tuple(_values(it, texts) for it in request.values)
        files = {**_below(request.chart, texts), **request.files}
        return request._replace(values=values, files=files)
    return request._replace(files={**_below(request.root, texts), **request.files})


def generates(target: Target, path: str) -> bool:
    """Whether something else than the file at `path` is rendered in its place."""
    request = target.request
    folder = request.chart if isinstance(request, HelmRequest) else request.root
    return any(it in request.files for it in _below(folder, {path: ""}))


def made_of(target: Target, rendering: Rendering | None) -> frozenset[str]:
    """The real paths of the files that `target` is made of; of a chart that of its folder.

    `rendering` is what a kustomization is rendered into, which tells what was read for it.
    """
    if isinstance(target.request, HelmRequest):
        names = (os.path.realpath(target.request.chart), *map(os.path.realpath, target.values))
        return frozenset(names)
    return frozenset(map(os.path.realpath, rendering.inputs if rendering else ()))


def is_part(path: str, parts: frozenset[str]) -> bool:
    """Whether the real path is one of `parts`, or of a chart that is one."""
    while path not in parts:
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
    return True


def inflates(target: Target, path: str) -> bool:
    """Whether `path` stands in a chart that the kustomization `target` inflates."""
    if isinstance(target.request, HelmRequest):
        return False
    root = os.path.realpath(target.request.root)
    folder = os.path.dirname(path)
    while folder.startswith(root):
        if os.path.isfile(os.path.join(folder, "Chart.yaml")):
            return True
        if folder == os.path.dirname(folder):
            return False
        folder = os.path.dirname(folder)
    return False


def _values(it: Values, texts: Mapping[str, str]) -> Values:
    if not isinstance(it, ValuesFile):
        return it
    text = texts.get(os.path.realpath(it.path))
    return it if text is None else it._replace(text=text)


def _below(folder: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of files below `folder`, by their paths there; of an archive there are none."""
    real = os.path.realpath(folder)
    if not os.path.isdir(real):
        return {}
    start = real.rstrip(os.sep) + os.sep
    return {
        path[len(start) :].replace(os.sep, "/"): text
        for path, text in texts.items()
        if path.startswith(start)
    }
