"""What objects of Argo CD and Flux refer to outside the tree.

Source: the types of argoproj.io/v1alpha1 and source.toolkit.fluxcd.io/v1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.render.gitops.applicationsets import applications
from portside.render.gitops.flux import chart_name
from portside.render.gitops.index import HELM_TOOLKIT, KUSTOMIZE_TOOLKIT, SOURCE_TOOLKIT, Index
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import Told, UnresolvedError, map_of, maps_of, text_of
from portside.vendor.address import CHART, GIT, Wanted, artifact
from portside.vendor.pin import Place, Reference
from portside.vendor.vendored import chart

_FILLED_IN = "{{"
_PARTS = ("matrix", "merge")


def deployed(objects: Iterable[Resource], sources: Sources) -> Iterator[Reference]:
    """What the objects refer to, in their order, each with its place; this repository is left out.

    Of an ApplicationSet these are the sources of the Applications that it makes here, and the
    repositories that its generators read.
    """
    index = Index(objects)
    found = _Deployed(index, sources)
    for it in index.objects:
        read = found.readers.get((it.group, it.kind))
        if read is not None:
            yield from read(Told(it, it.value))


class _Deployed:
    def __init__(self, index: Index, sources: Sources) -> None:
        self.index = index
        self.sources = sources
        self.charts = _used_as_charts(index)
        self.paths = _paths(index)
        self.readers = {
            ("argoproj.io", "Application"): self._application,
            ("argoproj.io", "ApplicationSet"): self._set,
            (SOURCE_TOOLKIT, "GitRepository"): self._git,
            (SOURCE_TOOLKIT, "OCIRepository"): self._oci,
            (SOURCE_TOOLKIT, "Bucket"): self._bucket,
            (SOURCE_TOOLKIT, "HelmChart"): lambda told: self._helm(told, told.spec, ("spec",)),
            (HELM_TOOLKIT, "HelmRelease"): self._release,
        }

    def _application(self, told: Told) -> Iterator[Reference]:
        written = told.value is told.resource.value
        head: FieldPath = ("spec",) if written else ("spec", "template", "spec")
        spec = told.spec
        several = maps_of(spec.get("sources"))
        listed = [((*head, "sources", at), it) for at, it in enumerate(several)]
        if not several:
            listed = [((*head, "source"), map_of(spec.get("source")))]
            dry = map_of(map_of(spec.get("sourceHydrator")).get("drySource"))
            listed.append(((*head, "sourceHydrator", "drySource"), dry))
        for at, source in listed:
            yield from self._source(told, source, at)

    def _source(self, told: Told, source: Mapping[str, Any], at: FieldPath) -> Iterator[Reference]:
        url, path = text_of(source.get("repoURL")), text_of(source.get("path"))
        name, version = text_of(source.get("chart")), text_of(source.get("targetRevision"))
        if not url:
            return
        at = (*at, "repoURL")
        if _FILLED_IN in f"{url}{name}{version}":
            yield self._not(told, Wanted(GIT, url), at, "it is filled in by a generator")
        elif name:
            yield self._of(told, chart(url, name, version), at)
        elif url.startswith("oci://"):
            yield self._of(told, artifact(url, version), at, path)
        elif self.sources.find(url, path, text_of(source.get("ref"))) is None:
            yield self._of(told, _git(url, version), at, path)

    def _set(self, told: Told) -> Iterator[Reference]:
        for at, it in _generators(told.spec, ("spec",)):
            url, revision = text_of(it.get("repoURL")), text_of(it.get("revision"))
            if url and _FILLED_IN not in f"{url}{revision}" and not self.sources.find(url):
                yield self._of(told, _git(url, revision), (*at, "repoURL"))
        unresolved: list[UnresolvedError] = []
        for one in applications(told, self.sources, {}, unresolved):
            yield from self._application(one)

    def _git(self, told: Told) -> Iterator[Reference]:
        url = text_of(told.spec.get("url"))
        paths = self.paths.get(told.name, ("",))
        at: FieldPath = ("spec", "url")
        for path in paths:
            if url and self.sources.find(url, path, told.name) is None:
                yield self._of(told, Wanted(GIT, url, version=_flux_ref(told.spec)), at, path)

    def _oci(self, told: Told) -> Iterator[Reference]:
        url = text_of(told.spec.get("url"))
        reference = map_of(told.spec.get("ref"))
        version = next(
            (v for v in map(text_of, map(reference.get, ("digest", "semver", "tag"))) if v), ""
        )
        at: FieldPath = ("spec", "url")
        if not url:
            return
        if told.name in self.charts or "helm.chart" in str(told.spec.get("layerSelector")):
            repository, name = chart_name(url)
            yield self._of(told, chart(repository, name, version), at)
            return
        if text_of(reference.get("semver")) and not text_of(reference.get("digest")):
            version = f"semver:{version}"
        for path in self.paths.get(told.name, ("",)):
            yield self._of(told, artifact(url, version), at, path)

    def _bucket(self, told: Told) -> Iterator[Reference]:
        url = text_of(told.spec.get("endpoint"))
        reason = "a Bucket is not fetched: name a checkout with --source"
        yield self._not(told, Wanted(GIT, url), ("spec", "endpoint"), reason)

    def _release(self, told: Told) -> Iterator[Reference]:
        spec = map_of(map_of(told.spec.get("chart")).get("spec"))
        if spec:
            yield from self._helm(told, spec, ("spec", "chart", "spec"))

    def _helm(self, told: Told, spec: Mapping[str, Any], at: FieldPath) -> Iterator[Reference]:
        """A chart of a HelmRepository; those in other sources come with them."""
        reference, name = map_of(spec.get("sourceRef")), text_of(spec.get("chart"))
        if reference.get("kind") != "HelmRepository" or not name:
            return
        at = (*at, "chart")
        namespace = text_of(reference.get("namespace")) or told.namespace
        called = text_of(reference.get("name"))
        found = self.index.find(SOURCE_TOOLKIT, "HelmRepository", called, namespace, told.resource)
        url = text_of(map_of(found.value.get("spec")).get("url")) if found else ""
        if url:
            yield self._of(told, chart(url, name, text_of(spec.get("version"))), at)
        else:
            reason = f"its HelmRepository {called} is not in the tree"
            yield self._not(told, Wanted(CHART, "", name), at, reason)

    def _of(self, told: Told, wanted: Wanted, at: FieldPath, path: str = "") -> Reference:
        resource = told.resource
        return Reference(wanted, Place(resource.file, resource.place(at)[0]), path.strip("/"))

    def _not(self, told: Told, wanted: Wanted, at: FieldPath, trouble: str) -> Reference:
        return self._of(told, wanted, at)._replace(trouble=trouble)


def _git(url: str, revision: str) -> Wanted:
    return Wanted(GIT, url, version="" if revision == "HEAD" else revision)


def _generators(
    spec: Mapping[str, Any], at: FieldPath
) -> Iterator[tuple[FieldPath, Mapping[str, Any]]]:
    """The git generators, those within others among them (two deep, as Argo CD has it)."""
    for index, it in enumerate(maps_of(spec.get("generators"))):
        here = (*at, "generators", index)
        if isinstance(it.get("git"), dict):
            yield (*here, "git"), it["git"]
        for part in _PARTS:
            if isinstance(it.get(part), dict) and len(at) < 8:
                yield from _generators(it[part], (*here, part))


def _flux_ref(spec: Mapping[str, Any]) -> str:
    """What the reference of a GitRepository names, in the order in which Flux looks."""
    reference = map_of(spec.get("ref"))
    for key in ("commit", "name"):
        if text_of(reference.get(key)):
            return text_of(reference[key])
    if text_of(reference.get("semver")):
        return f"semver:{reference['semver']}"
    return text_of(reference.get("tag")) or text_of(reference.get("branch")) or "master"


def _used_as_charts(index: Index) -> frozenset[str]:
    """The OCIRepositories that HelmReleases take for charts."""
    references = (
        map_of(map_of(it.value.get("spec")).get("chartRef"))
        for it in index.of(HELM_TOOLKIT, "HelmRelease")
    )
    return frozenset(text_of(it.get("name")) for it in references if it)


def _paths(index: Index) -> dict[str, tuple[str, ...]]:
    """The folders that Kustomizations build of each source, by its name."""
    found: dict[str, dict[str, None]] = {}
    for it in index.of(KUSTOMIZE_TOOLKIT, "Kustomization"):
        spec = map_of(it.value.get("spec"))
        name = text_of(map_of(spec.get("sourceRef")).get("name"))
        path = text_of(spec.get("path")).removeprefix("./").strip("/")
        found.setdefault(name, {})[path] = None
    return {name: tuple(paths) for name, paths in found.items()}
