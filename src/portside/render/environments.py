"""In which environments charts and overlays are installed: configured, deployed, or discovered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.model.finding import Unread
from portside.policy.section import Section
from portside.render.configured import Configured
from portside.render.environment import (
    BY_CI,
    BY_DEFAULT,
    BY_FILE,
    CONFIGURED,
    DEFAULT,
    DIRECTORY,
    HELM,
    KUSTOMIZE,
    Environment,
    Environments,
    Said,
)
from portside.render.overlay_names import overlay_at
from portside.render.tree import Tree
from portside.render.values_files import ci_files, environment_of, is_encrypted, values_files
from portside.render.wire import ValuesFile
from portside.sources.templates import ARCHIVES

if TYPE_CHECKING:
    from portside.render.kustomizations import Kustomizations

BY_OVERLAY = "overlay"


def environments(
    tree: Tree,
    charts: Sequence[str],
    overlays: Kustomizations | None,
    configured: Sequence[Configured] = (),
    roots: Sequence[str] = (),
    deployed: Sequence[Environment] = (),
) -> Environments:
    """Every environment of every chart and overlay, in the order of paths and names.

    `charts` are the folders of charts that make something by themselves, without those that stand
    in another, and packed charts; `overlays` what `kustomizations` found, if any. Both are below
    the root of `tree`, which is the folder out of which nothing is read (`Tree.below` tells where a
    path is below it). `configured` and `roots` are `Config.environments` and
    `Config.kustomize_roots`; `deployed` are those that Argo CD's and Flux' objects make
    (`gitops.deployments`), which are among the answer.

    What is configured for a chart or an overlay comes in place of all that would be discovered for
    it. A chart that an object deploys has no environment `default`, since it is known how it is
    installed. A chart that a kustomization inflates has none of its own. Raises ConfigError, with
    the place in portside.yaml, where that names what is not there.
    """
    made = list(_configured(tree, configured))
    held = {(it.kind, it.path) for it in made}
    made += (it for it in deployed if (it.kind, it.path) not in held)
    unread: list[Unread] = []
    inflated = overlays.inflated() if overlays else ()
    for chart in sorted(charts):
        if (HELM, tree.path(chart)) not in held and chart not in inflated:
            made += _of_chart(tree, chart, charts, deployed, unread)
    known = {(it.kind, it.path) for it in made}
    globs = [it for it in map(tree.below, roots) if it is not None]
    for folder in overlays.roots(globs) if overlays and (globs or not roots) else ():
        if (KUSTOMIZE, tree.path(folder)) not in known:
            made.append(_of_overlay(tree, folder))
    general = [it for it in configured if not it.chart and not it.overlay]
    named = _named_apart(_with_general(it, general) for it in made)
    return Environments(tuple(sorted(named, key=_order)), tuple(unread))


def _configured(tree: Tree, configured: Iterable[Configured]) -> Iterator[Environment]:
    for it in configured:
        if not it.chart and not it.overlay:
            continue
        kind, key, path = (
            (HELM, "chart", it.chart) if it.chart else (KUSTOMIZE, "overlay", it.overlay)
        )
        _check(it.section, key, path)
        _check_values(it)
        below = tree.below(path)
        if below is None or any(tree.below(one) is None for one in it.values):
            continue  # another part of the repository than what is looked at
        section = it.section
        yield Environment(
            name=it.name,
            kind=kind,
            path=tree.path(below),
            within=tree.root,
            said=Said(CONFIGURED, section.file, section.line(key)),
            values=tuple(ValuesFile(os.path.normpath(one)) for one in it.values),
            sets=it.sets,
            namespace=it.namespace,
            release=it.release,
            kubernetes_version=it.kubernetes_version,
        )


def _check(section: Section, key: str, path: str) -> None:
    if key == "chart":
        packed = path.endswith(ARCHIVES) and os.path.isfile(path)
        if not packed and not os.path.isfile(os.path.join(path, "Chart.yaml")):
            section.reject(f"there is no chart at {path}", key, hint="no Chart.yaml stands in it")
    elif not Tree(path).kustomization("."):
        hint = "no kustomization.yaml stands in it"
        section.reject(f"there is no overlay at {path}", key, hint=hint)


def _check_values(it: Configured) -> None:
    listed = type(it.section.value.get("values")) is list
    for index, path in enumerate(it.values):
        steps = ("values", index) if listed else ("values",)
        if not os.path.isfile(path):
            it.section.reject(f"there is no file {path}", *steps)
        tree = Tree(os.path.dirname(path) or ".")
        if is_encrypted(tree.map_in(os.path.basename(path))):
            hint = "name a file with values in place of what is secret"
            it.section.reject(f"{path} is encrypted with SOPS", *steps, hint=hint)


def _of_chart(
    tree: Tree,
    chart: str,
    charts: Sequence[str],
    deployed: Sequence[Environment],
    unread: list[Unread],
) -> Iterator[Environment]:
    """What the files by the chart make, and `default` where no object deploys it."""
    path = tree.path(chart)
    by_objects = [it for it in deployed if it.kind == HELM and it.path == path]
    taken = {one.path for it in by_objects for one in it.values if isinstance(one, ValuesFile)}
    if tree.is_folder(chart):
        unread += _encrypted(tree, chart, taken)
        for by, files in (
            (BY_FILE, values_files(tree, chart, charts)),
            (BY_CI, ci_files(tree, chart)),
        ):
            for name, file in files:
                if tree.path(file) not in taken:
                    said = Said(by, tree.path(file), 1)
                    values = (ValuesFile(tree.path(file)),)
                    yield Environment(name, HELM, path, tree.root, said, values)
    if not by_objects:
        yield Environment(DEFAULT, HELM, path, tree.root, Said(BY_DEFAULT))


def _encrypted(tree: Tree, chart: str, taken: set[str]) -> Iterator[Unread]:
    """The files of values beside the chart that only their owner can read."""
    for file in tree.files_in(chart):
        name = environment_of(file)
        if name and tree.path(file) not in taken and is_encrypted(tree.map_in(file)):
            reason = (
                f"the values of {name} are encrypted with SOPS: name a file with other values for "
                "it under environments in portside.yaml"
            )
            yield Unread(f"environment {name} of {chart}", reason, tree.path(file))


def _of_overlay(tree: Tree, folder: str) -> Environment:
    file = tree.path(tree.kustomization(folder))
    name = overlay_at(folder).environment
    return Environment(name, KUSTOMIZE, tree.path(folder), tree.root, Said(BY_OVERLAY, file, 1))


def _with_general(it: Environment, general: Iterable[Configured]) -> Environment:
    """`it` with what is said of all environments of its name, where it says nothing itself."""
    for said in general:
        if said.name == it.name:
            it = it._replace(
                namespace=it.namespace or said.namespace,
                kubernetes_version=it.kubernetes_version or said.kubernetes_version,
            )
    return it


def _named_apart(found: Iterable[Environment]) -> Iterator[Environment]:
    """Each with a name that no other of its chart or overlay has."""
    names: dict[tuple[str, str], set[str]] = {}
    for it in found:
        taken = names.setdefault((it.kind, it.path), set())
        name, number = it.name, 1
        while name in taken:
            number += 1
            name = f"{it.name}-{number}"
        taken.add(name)
        yield it._replace(name=name)


def _order(it: Environment) -> tuple[str, str, str]:
    return it.path, it.kind, it.name


def select(found: Sequence[Environment], names: Sequence[str]) -> list[Environment]:
    """Those that `-e` names; all where it names none.

    A chart or overlay that has only `default`, or a manifest folder, is the same in every one.
    """
    if not names:
        return list(found)
    many = {(it.kind, it.path) for it in found if it.name != DEFAULT}
    return [
        it
        for it in found
        if it.name in names
        or it.kind == DIRECTORY
        or (it.name == DEFAULT and (it.kind, it.path) not in many)
    ]
