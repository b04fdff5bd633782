"""The renderers that people have anyway: helm, kubectl and kustomize on PATH.

They answer as our own program does, as far as they can; what they cannot tell stands in
`Rendered.unknown`. They get no network (an address where no proxy is), no configuration of the
user's and no programs to run, and what leads out of the root is refused before they see it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from portside.render import commands, confinement, wire
from portside.render.kustomizations import kustomizations
from portside.render.pipes import OverLimitError
from portside.render.process import Limits, identity_of
from portside.render.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portside.render.wire import (
        HelmRequest,
        KustomizeRequest,
        Rendered,
        RenderError,
        Request,
        TemplateRequest,
    )

_REMEDY = "pip install portside-render renders without it"


def found(path: str) -> Commands | None:
    """What of them is on the PATH; None where nothing is."""
    helm, kubectl, kustomize = (
        shutil.which(name, path=path) or "" for name in ("helm", "kubectl", "kustomize")
    )
    if not (helm or kubectl or kustomize):
        return None
    return Commands(helm, [kustomize, "build"] if kustomize else [kubectl, "kustomize"])


class Commands:
    """helm for charts, and kustomize or kubectl for kustomizations; either may be missing."""

    def __init__(self, helm: str, kustomize: Sequence[str], limits: Limits = Limits()) -> None:  # noqa: B008 - immutable
        self._helm = helm
        self._kustomize = list(kustomize) if kustomize[0] else []
        self._limits = limits
        used = [program for program in (helm, kustomize[0]) if program]
        self.name = " and ".join(os.path.basename(program) for program in used)
        self.identity = ", ".join(map(identity_of, used))

    def helm(self, request: HelmRequest) -> Rendered:
        """The objects of a chart, as `helm template` has them."""
        refusal = self._refusal(request)
        if refusal:
            return wire.Rendered(error=refusal)
        with tempfile.TemporaryDirectory(prefix="portside-helm-") as folder:
            try:
                chart = _with_replaced(request, folder)
                said = self._run(_helm_arguments(self._helm, request, chart, folder), folder)
            except commands.RefusedError as refused:
                return wire.Rendered(error=refused.error)
            except OverLimitError as over:
                return wire.failed(str(over), wire.LIMIT)
            except OSError as error:
                return wire.failed(f"helm cannot be run: {error}", wire.MISSING)
        if said.code:
            return wire.Rendered(error=commands.helm_error(said.err, request.chart))
        unknown: tuple[str, ...] = ("lookups", "generated", "reads", "path")
        if request.api_versions is not None:
            unknown = (*unknown, "api_versions")
        return wire.Rendered(
            commands.helm_files(said.out), commands.helm_warnings(said.err), unknown=unknown
        )

    def start(self) -> None:
        """Nothing runs between requests."""

    def begin(self, request: Request) -> None:
        """Nothing is done ahead."""

    def is_busy(self) -> bool:
        return False

    def _refusal(self, request: HelmRequest) -> RenderError | None:
        if not self._helm:
            return wire.RenderError(f"no helm on PATH: {_REMEDY}", kind=wire.MISSING)
        if request.release.startswith("-"):
            return wire.RenderError(f"{request.release} is no name of a release")
        return confinement.of_chart(request)

    def kustomize(self, request: KustomizeRequest) -> Rendered:
        """The objects of a kustomization, as `kustomize build` has them."""
        if not self._kustomize:
            return wire.failed(f"no kubectl or kustomize on PATH: {_REMEDY}", wire.MISSING)
        if request.files or request.origins or request.remotes:
            what = "vendored content" if request.remotes else "replaced files or origins"
            return wire.failed(f"{self.name} cannot build with {what}: {_REMEDY}", wire.REFUSED)
        refusal = confinement.of_kustomization(request.path, request.root)
        if refusal is not None:
            return wire.Rendered(error=refusal)
        reads = _reads(request)
        with tempfile.TemporaryDirectory(prefix="portside-kustomize-") as folder:
            try:
                said = self._run([*self._kustomize, os.path.abspath(request.path)], folder)
            except OverLimitError as over:
                return wire.failed(str(over), wire.LIMIT)
            except OSError as error:
                return wire.failed(f"{self.name} cannot be run: {error}", wire.MISSING)
        if said.code:
            return wire.Rendered(error=commands.kustomize_error(said.err, request), reads=reads)
        name = os.path.relpath(os.path.abspath(request.path), os.path.abspath(request.root))
        file = wire.RenderedFile(name.replace(os.sep, "/"), said.out)
        return wire.Rendered((file,), reads=reads, unknown=("lookups", "generated"))

    def template(self, request: TemplateRequest) -> Rendered:
        """Go templates as Argo CD fills them in, which none of them can."""
        said = f"{self.name} cannot fill in Go templates: pip install portside-render can"
        return wire.failed(said, wire.MISSING)

    def _run(self, command: Sequence[str], home: str) -> commands.Said:
        return commands.run(command, home, self._limits)


def _reads(request: KustomizeRequest) -> tuple[str, ...]:
    """The files of the build, as its kustomizations name them: the commands do not tell."""
    tree = Tree(request.root)
    folder = tree.below(request.path)
    if folder is None:
        return ()
    return tuple(sorted(kustomizations(tree, [folder]).inputs(folder)))


def _with_replaced(request: HelmRequest, folder: str) -> str:
    """The chart, or a copy of it with the texts of the request."""
    chart = os.path.abspath(request.chart)
    texts = dict(request.files)
    for name, text in request.templates.items():
        texts[name.split("/", 1)[-1]] = text
    if not texts and not request.dependencies:
        return chart
    copy = os.path.join(folder, "chart", os.path.basename(chart))
    if not os.path.isdir(chart):
        raise commands.RefusedError("helm cannot replace files in an archive", wire.REFUSED)
    shutil.copytree(chart, copy)
    for name, text in texts.items():
        path = os.path.normpath(os.path.join(copy, name))
        if not path.startswith(copy + os.sep):
            raise commands.RefusedError(f"{name} leads out of the chart", wire.ESCAPE)
        if name not in request.files and not os.path.isfile(path):
            said = f"the chart has no file {name} to replace that helm alone could find"
            raise commands.RefusedError(said, wire.MISSING)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    for it in request.dependencies:
        os.makedirs(os.path.join(copy, "charts"), exist_ok=True)
        shutil.copyfile(it.path, os.path.join(copy, "charts", os.path.basename(it.name)))
    return copy


def _helm_arguments(helm: str, request: HelmRequest, chart: str, folder: str) -> list[str]:
    command = [helm, "template", request.release, chart, "--namespace", request.namespace]
    if request.kubernetes_version:
        command += ["--kube-version", request.kubernetes_version]
    for one in request.api_versions or ():
        command += ["--api-versions", one]
    for number, values in enumerate(request.values):
        command += ["--values", _values_file(values, folder, number)]
    for setting in request.sets:
        alone = wire.Setting(setting) if isinstance(setting, str) else setting
        command += [f"--{alone.how}", alone.text]
    if request.include_crds:
        command.append("--include-crds")
    if request.skip_tests:
        command.append("--skip-tests")
    return command


def _values_file(values: wire.Values, folder: str, number: int) -> str:
    text = values if isinstance(values, str) else values.text
    if isinstance(values, wire.ValuesFile) and text is None:
        return os.path.abspath(values.path)
    path = os.path.join(folder, f"values-{number}.yaml")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text or "")
    return path
