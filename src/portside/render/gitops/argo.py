"""What an Application of Argo CD installs: its sources as the repo server takes them.

Source: reposerver/repository/repository.go and util/{helm,kustomize} of Argo CD 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from typing import Any

from portside.model.place import FieldPath
from portside.render.environment import DIRECTORY, HELM, KUSTOMIZE, Environment
from portside.render.gitops.applicationsets import as_yaml, merge_patch
from portside.render.gitops.argo_kustomize import edited
from portside.render.gitops.directories import manifests
from portside.render.gitops.inline import setting_at, values_at
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import (
    VENDOR,
    Told,
    UnresolvedError,
    list_of,
    map_of,
    maps_of,
    text_of,
)
from portside.render.tree import Tree, leaves
from portside.render.wire import Setting, Values, ValuesFile

_OVERRIDES = (".argocd-source.yaml", ".argocd-source-{}.yaml")


def installed_by(
    told: Told, sources: Sources, unresolved: list[UnresolvedError]
) -> Iterator[Environment]:
    """What the Application `told` installs; what cannot be told of a source is `unresolved`."""
    for at, source in _sources(told):
        if _is_reference(source):
            continue
        try:
            yield _Source(told, source, at, sources).environment()
        except UnresolvedError as error:
            unresolved.append(UnresolvedError(error.reason, error.at or at))


def _sources(told: Told) -> Iterator[tuple[FieldPath, Mapping[str, Any]]]:
    spec = told.spec
    # Of what an ApplicationSet makes, the place is that of its template.
    head: FieldPath = (
        ("spec",) if told.value is told.resource.value else ("spec", "template", "spec")
    )
    several = maps_of(spec.get("sources"))
    for index, it in enumerate(several):
        yield (*head, "sources", index), it
    dry = map_of(map_of(spec.get("sourceHydrator")).get("drySource"))
    if dry and not several:
        yield (*head, "sourceHydrator", "drySource"), dry
    elif spec.get("source") is not None and not several:
        yield (*head, "source"), map_of(spec["source"])


def _is_reference(source: Mapping[str, Any]) -> bool:
    """Whether the source only gives other sources files of values."""
    return bool(source.get("ref")) and not source.get("path") and not source.get("chart")


class _Source:
    """One source of an Application, on its way to an environment."""

    def __init__(
        self, told: Told, source: Mapping[str, Any], at: FieldPath, sources: Sources
    ) -> None:
        self.told = told
        self.at = at
        self.sources = sources
        self.tree, self.path = _found(source, sources)
        self.source = _overridden(source, self.tree, self.path, told.name)
        self.namespace = text_of(map_of(told.spec.get("destination")).get("namespace"))

    def environment(self) -> Environment:
        """How it is installed. Raises UnresolvedError."""
        if self.source.get("plugin") is not None:
            raise UnresolvedError("a config management plugin makes it, which is not run")
        kind = self._kind()
        made = Environment(
            name=self.told.name,
            kind=kind,
            path=self.tree.path(self.path),
            within=self.tree.root,
            said=self.told.said(self.at),
            namespace=self.namespace,
        )
        if kind == HELM:
            return self._of_helm(made)
        if kind == KUSTOMIZE:
            return self._of_kustomize(made)
        found = manifests(self.tree, self.path, map_of(self.source.get("directory")))
        return made._replace(manifests=tuple(map(self.tree.path, found)))

    def _kind(self) -> str:
        """What the source is: as it says itself, else as its folder looks."""
        if self.tree.is_file(self.path):
            return HELM
        for key, kind in (("helm", HELM), ("kustomize", KUSTOMIZE), ("directory", DIRECTORY)):
            if any(map_of(self.source.get(key)).values()):
                return self._checked(kind)
        if self.tree.is_file(join(self.path, "Chart.yaml")):
            return HELM
        return KUSTOMIZE if self.tree.kustomization(self.path) else DIRECTORY

    def _checked(self, kind: str) -> str:
        if kind == HELM and not self.tree.is_file(join(self.path, "Chart.yaml")):
            raise UnresolvedError(f"{self.path} is no chart, and it is to be installed as one")
        if kind == KUSTOMIZE and not self.tree.kustomization(self.path):
            raise UnresolvedError(f"{self.path} is no kustomization, and it is to be built as one")
        return kind

    def _of_helm(self, made: Environment) -> Environment:
        helm = map_of(self.source.get("helm"))
        values: list[Values] = list(self._values_files(helm))
        at: FieldPath = (*self.at, "helm")
        inline = map_of(helm.get("valuesObject"))
        if inline:
            values.append(values_at(self.told, (*at, "valuesObject"), as_yaml(inline)))
        elif text_of(helm.get("values")).strip():
            values.append(values_at(self.told, (*at, "values"), helm["values"]))
        versions = tuple(map(text_of, list_of(helm.get("apiVersions"))))
        return made._replace(
            values=tuple(values),
            sets=tuple(self._settings(helm)),
            release=text_of(helm.get("releaseName")) or self.told.name,
            namespace=text_of(helm.get("namespace")) or self.namespace,
            kubernetes_version=text_of(helm.get("kubeVersion")),
            api_versions=versions or None,
            include_crds=helm.get("skipCrds") is not True,
            skip_tests=helm.get("skipTests") is True,
        )

    def _values_files(self, helm: Mapping[str, Any]) -> Iterator[ValuesFile]:
        for text in map(text_of, list_of(helm.get("valueFiles"))):
            tree, path = self._values_file(self._with_variables(text))
            if tree.is_file(path):
                yield ValuesFile(tree.path(path))
            elif helm.get("ignoreMissingValueFiles") is not True:
                raise UnresolvedError(f"there is no file of values {text}")

    def _values_file(self, text: str) -> tuple[Tree, str]:
        """Where a file of values is: by the chart, in the repository, or in another source."""
        if "://" in text:
            raise UnresolvedError(f"the values at {text} are not here: put them into a file")
        if text.startswith("$"):
            name, _, rest = text[1:].partition("/")
            return self._referred(name), normpath(rest)
        path = text.lstrip("/") if text.startswith("/") else join(self._folder(), text)
        if leaves(path):
            raise UnresolvedError(f"the file of values {text} leads out of its repository")
        return self.tree, normpath(path)

    def _folder(self) -> str:
        return "." if self.tree.is_file(self.path) else self.path

    def _referred(self, name: str) -> Tree:
        for it in maps_of(self.told.spec.get("sources")):
            if it.get("ref") == name:
                address = text_of(it.get("repoURL"))
                tree = self.sources.find(address, "", name)
                if tree is None:
                    reason = f"the values of ${name} at {address} are not in this tree"
                    raise UnresolvedError(f"{reason}: {VENDOR.format(address)}")
                return tree
        raise UnresolvedError(f"no source is called ${name}")

    def _settings(self, helm: Mapping[str, Any]) -> Iterator[Setting]:
        for number, it in enumerate(maps_of(helm.get("parameters"))):
            how = "set-string" if it.get("forceString") is True else "set"
            value = _escaped(self._with_variables(text_of(it.get("value"))))
            said = Setting(f"{text_of(it.get('name'))}={value}", how)
            yield setting_at(self.told, (*self.at, "helm", "parameters", number, "value"), said)
        for it in maps_of(helm.get("fileParameters")):
            tree, path = self._values_file(self._with_variables(text_of(it.get("path"))))
            if not tree.is_file(path):
                raise UnresolvedError(f"there is no file {text_of(it.get('path'))}")
            yield Setting(f"{text_of(it.get('name'))}={tree.path(path)}", "set-file")

    def _with_variables(self, text: str) -> str:
        """`text` with the variables that Argo CD fills in; a `$` that names none stays."""
        if "$ARGOCD_" not in text and "${ARGOCD_" not in text:
            return text
        revision = text_of(self.source.get("targetRevision"))
        for name, value in (
            ("ARGOCD_APP_SOURCE_TARGET_REVISION", revision),
            ("ARGOCD_APP_SOURCE_REPO_URL", text_of(self.source.get("repoURL"))),
            ("ARGOCD_APP_SOURCE_PATH", text_of(self.source.get("path"))),
            ("ARGOCD_APP_PROJECT_NAME", text_of(self.told.spec.get("project"))),
            ("ARGOCD_APP_NAMESPACE", self.namespace),
            ("ARGOCD_APP_NAME", self.told.name),
        ):
            text = text.replace(f"${{{name}}}", value).replace(f"${name}", value)
        return text

    def _of_kustomize(self, made: Environment) -> Environment:
        kustomize = map_of(self.source.get("kustomize"))
        file = self.tree.kustomization(self.path)
        value = self.tree.map_in(file)
        if value is None:
            raise UnresolvedError(f"{file} cannot be read")
        versions = tuple(map(text_of, list_of(kustomize.get("apiVersions"))))
        new = edited(value, kustomize, self.namespace)
        return made._replace(
            files={} if new == value else {file: as_yaml(new)},
            kubernetes_version=text_of(kustomize.get("kubeVersion")),
            api_versions=versions or None,
        )


def _found(source: Mapping[str, Any], sources: Sources) -> tuple[Tree, str]:
    """The tree and the folder of a source. Raises UnresolvedError."""
    address, chart = text_of(source.get("repoURL")), text_of(source.get("chart"))
    if chart:
        version = text_of(source.get("targetRevision"))
        found = sources.chart(address, chart, version)
        if found is None:
            reason = f"the chart {chart} {version} of {address} is not in this tree"
            raise UnresolvedError(f"{reason}: {VENDOR.format(chart)}")
        return found
    path = text_of(source.get("path")) or "."
    tree = sources.find(address, path, text_of(source.get("ref")), text_of(source.get("name")))
    if tree is None:
        raise UnresolvedError(f"{address} is not in this tree: {VENDOR.format(address)}")
    below = normpath(path.lstrip("/") or ".")
    if leaves(below) or not tree.is_folder(below):
        raise UnresolvedError(f"there is no folder {path} in {address}", ())
    return tree, below


def _overridden(source: Mapping[str, Any], tree: Tree, path: str, name: str) -> Mapping[str, Any]:
    """The source with the parameters that files in its folder override."""
    if tree.is_file(path):
        return source
    for file in _OVERRIDES:
        value = tree.map_in(join(path, file.format(name)))
        if value:
            kept = {key: it for key, it in value.items() if key not in ("repoURL", "path", "chart")}
            source = merge_patch(source, kept)
    return source


def _escaped(value: str) -> str:
    """A value for `--set`, in which a comma is none of a list."""
    if value.startswith("{") and value.endswith("}"):
        return value
    made = ""
    for at, letter in enumerate(value):
        made += "\\," if letter == "," and value[at - 1 : at] != "\\" else letter
    return made
