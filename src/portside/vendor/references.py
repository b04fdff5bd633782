"""What a tree refers to outside itself: each with the file and line that say so.

Known from the files alone: nothing is rendered, and nothing is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any, TypeGuard

from portside.charts.dependencies import dependencies, lock_name, lock_of
from portside.model.place import FieldPath
from portside.model.resource import FileResource, Resource
from portside.records import NamedTuple
from portside.render.gitops.sources import Sources
from portside.render.kustomizations import is_remote, kustomizations
from portside.render.kustomize_fields import Named, named_in
from portside.render.tree import Tree
from portside.sources.files import HELM_CHART, KUSTOMIZATION
from portside.sources.folders import Chart
from portside.sources.ignores import Globs, Ignores
from portside.sources.known import UNKNOWN
from portside.sources.patterns import exactly
from portside.sources.read import read_file
from portside.sources.walk import Found, find
from portside.syntax import Broken, Document, read
from portside.vendor import semver
from portside.vendor.address import CHART, FILE, Wanted, located, trouble_of
from portside.vendor.deployed import deployed
from portside.vendor.pin import Place, Reference
from portside.vendor.vendored import chart

CONFIGURATION = "portside.yaml"
_LARGEST = 1 << 20
_OF_CHARTS = ("Chart.yaml", "requirements.yaml")
_OF_HELM = ("helmCharts", "helmChartInflationGenerator")


class Outside(NamedTuple):
    """A folder of vendored content to be looked through: `name` is what people call it."""

    name: str
    folder: str
    path: str = ""


def references(root: str, left_out: str = "", configuration: str = "") -> list[Reference]:
    """What the files below `root` refer to, those that are ignored and `left_out` apart.

    `configuration` is the `portside.yaml` in force, if it is not below the root.
    """
    globs = Globs(root, (exactly(left_out),) if left_out else ())
    objects: list[Resource] = []
    for it in find([root], lambda at: Ignores(at, (), (globs,))):
        if isinstance(it, Found):
            objects += _below(read_file(it).resources, root)
    tree = Tree(root)
    found = [*_of_files(tree, objects), *deployed(_objects(objects), Sources(tree))]
    for file in _configurations(tree, left_out):
        found += _extended(tree.data(file) or b"", file)
    if configuration and tree.below(configuration) is None:
        found += _extended(_bytes(configuration), configuration)
    return [_checked(it) for it in dict.fromkeys(found)]


def inside(outside: Outside) -> list[Reference]:
    """What vendored content refers to in turn: its kustomization at `path` with all that it builds
    on, the chart or the configuration there.
    """
    tree = Tree(outside.folder)
    path = normpath(outside.path or ".")
    found: list[Reference] = []
    for it in kustomizations(tree, [path]).by_folder.values():
        document = _document(tree.data(it.file) or b"")
        if document is not None:
            found += of_kustomization(tree, it.file, document)
    if tree.is_folder(path):
        found += (
            it._replace(place=it.place._replace(file=normpath(join(path, it.place.file))))
            for it in dependencies_below(tree.path(path))
        )
    file = normpath(join(path, CONFIGURATION))
    found += _extended(tree.data(file) or b"", file)
    return [
        _checked(it._replace(place=Place(f"{outside.name}//{it.place.file}", it.place.line)))
        for it in dict.fromkeys(found)
    ]


def dependencies_below(chart: str) -> list[Reference]:
    """The charts that the chart in the folder `chart` depends on and that are not in it."""
    found: list[Reference] = []
    for name in _OF_CHARTS:
        path = os.path.join(chart, name)
        if os.path.isfile(path):
            known = Chart(chart).known(path) or UNKNOWN
            read = read_file(Found(path, name, given=True, known=known))
            found += (one for it in read.resources if _is_chart(it) for one in _of_chart(it))
    return [_checked(it) for it in found]


def _is_chart(it: Resource) -> TypeGuard[FileResource]:
    return isinstance(it, FileResource) and it.kind == HELM_CHART


def _below(resources: tuple[Resource, ...], root: str) -> Iterator[Resource]:
    """The objects, which call their file by its path below the root."""
    for it in resources:
        it.file = os.path.relpath(it.file, root).replace(os.sep, "/")
        yield it


def _objects(resources: list[Resource]) -> list[Resource]:
    return [it for it in resources if not isinstance(it, FileResource)]


def _of_files(tree: Tree, resources: list[Resource]) -> Iterator[Reference]:
    for it in resources:
        if _is_chart(it):
            yield from _of_chart(it)
        elif isinstance(it, FileResource) and it.kind == KUSTOMIZATION:
            yield from of_kustomization(tree, it.file, it)


def _of_chart(it: FileResource) -> Iterator[Reference]:
    """The dependencies that are neither in `charts/` nor in the tree."""
    locked = _locked(it)
    for one in dependencies(it):
        if one.vendored or one.is_local or not one.name:
            continue
        at = "repository" if "repository" in it.value["dependencies"][one.path[1]] else "name"
        place = Place(it.file, it.place((*one.path, at))[0])
        if one.repository.startswith(("@", "alias:")):
            trouble = (
                f"{one.repository} is a name that only `helm repo` of some machine knows: write "
                "the address of the repository in its place"
            )
            yield Reference(Wanted(CHART, "", one.name, one.version), place, trouble=trouble)
            continue
        version = locked.get(one.name, "")
        # Helm installs what Chart.lock says: that is what is asked for, where it fits.
        asked = version if _fits(one.version, version) else one.version
        yield Reference(chart(one.repository, one.name, asked), place)


def _locked(it: FileResource) -> dict[str, str]:
    """The versions that Chart.lock names."""
    data = (it.source or {}).get(lock_name(it))
    lock = lock_of(data) if data else None
    return {str(one.get("name")): str(one.get("version")) for one in (lock.entries if lock else ())}


def _fits(wanted: str, version: str) -> bool:
    try:
        return bool(version) and semver.takes_in(wanted, version)
    except semver.BadRangeError:
        return False


def of_kustomization(
    tree: Tree, file: str, document: Document | FileResource | Broken
) -> Iterator[Reference]:
    """What the kustomization in `file` of `tree` refers to outside of it."""
    if isinstance(document, Broken) or type(document.value) is not dict:
        return
    value, folder = document.value, dirname(file)
    place_of = document.place if isinstance(document, FileResource) else document.nearest
    for it in named_in(value):
        place = Place(file, place_of(it.at)[0])
        if it.chart:
            if not any(tree.is_file(join(folder, home, "Chart.yaml")) for home in it.chart):
                yield from _inflated(value, it, place)
        elif is_remote(it.text):
            found = located(it.text)
            if found is None:
                trouble = "this is no address that can be fetched"
                yield Reference(Wanted(FILE, it.text), place, trouble=trouble)
            else:
                yield Reference(found.wanted, place, found.path)


def _inflated(value: Mapping[str, Any], it: Named, place: Place) -> Iterator[Reference]:
    """A chart of helmCharts that Kustomize would pull."""
    item = value[str(it.at[0])][it.at[1]]
    repository = item.get("repo") or item.get("chartRepoUrl")
    name = item.get("name") or item.get("chartName")
    version = item.get("version") or item.get("chartVersion") or ""
    if isinstance(repository, str) and repository:
        yield Reference(chart(repository, str(name), str(version)), place)


def _configurations(tree: Tree, left_out: str) -> Iterator[str]:
    """The configurations in the tree: each is in force for what stands below it."""
    ignores = Ignores(tree.root)
    for folder in tree.folders():
        below = "" if folder == "." else folder
        if left_out and (below == left_out or below.startswith(f"{left_out}/")):
            continue
        if CONFIGURATION in tree.names(folder) and not ignores(
            normpath(join(below, CONFIGURATION)), False
        ):
            yield normpath(join(folder, CONFIGURATION))


def _extended(data: bytes, file: str) -> Iterator[Reference]:
    document = _document(data)
    if document is None:
        return
    value = document.value.get("extends")
    steps: list[FieldPath] = [("extends",)]
    if type(value) is list:
        steps = [("extends", at) for at in range(len(value))]
    for at, text in zip(steps, value if type(value) is list else [value], strict=True):
        if type(text) is str and is_elsewhere(text):
            place = Place(file, document.nearest(at)[0])
            found = located(text)
            if found is not None:
                yield Reference(found.wanted, place, found.path)
            else:
                trouble = "this is no address that can be fetched"
                yield Reference(Wanted(FILE, text), place, trouble=trouble)


def is_elsewhere(text: str) -> bool:
    """Whether a text of `extends` is an address and no path."""
    return text.startswith("oci://") or is_remote(text)


def _checked(it: Reference) -> Reference:
    """The reference, with what is wrong with its address, of which no credential is told."""
    if it.trouble:
        return it
    url = it.wanted.url
    trouble = trouble_of(url)
    if "credentials" in trouble:
        head, _, rest = url.partition("://")
        hidden = f"{head}://…@{rest.partition('@')[2]}"
        return it._replace(wanted=it.wanted._replace(url=hidden), trouble=trouble)
    return it._replace(trouble=trouble)


def _document(data: bytes) -> Document | None:
    if not data or len(data) > _LARGEST:
        return None
    for it in read(data):
        if isinstance(it, Broken) or type(it.value) is not dict:
            return None
        return it
    return None


def _bytes(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read(_LARGEST + 1)
    except OSError:
        return b""
