"""One way to install a chart or to build an overlay, and what the renderer is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portside.records import NamedTuple
from portside.render.wire import HelmRequest, KustomizeRequest, Setting, Values

if TYPE_CHECKING:
    from portside.model.finding import Unread

HELM, KUSTOMIZE, DIRECTORY = "helm", "kustomize", "directory"
CONFIGURED, BY_FILE, BY_CI, BY_DEFAULT = "portside.yaml", "values file", "ci", "default"
DEFAULT = "default"
"""The name of the environment of what has no other."""
COMBINED, SEPARATE, NO_HOOKS = "combined", "separate", "nohooks"
"""How hooks go through post renderers: with all else, by themselves, or not at all."""


class Said(NamedTuple):
    """Who says that there is the environment."""

    by: str
    """`portside.yaml`, `values file`, `ci` (of chart-testing), `overlay`, `default` (nobody), or
    the kind of an object: `Application`, `ApplicationSet`, `Kustomization`, `HelmRelease`."""
    file: str = ""
    """As people call it; empty for `default`."""
    line: int = 0
    name: str = ""
    """Of an object: `namespace/name`."""


class Substitution(NamedTuple):
    """What Flux fills in after a build: `${name}` by `values`, unless it is undecided."""

    values: Mapping[str, str]
    strict: bool = False
    undecided: tuple[str, ...] = ()
    """What might give further values, or others, and is not in the tree: in words."""


class Post(NamedTuple):
    """What a rendered chart goes through before it is installed, and who says so."""

    kustomizations: tuple[str, ...]
    """As JSON, without resources; one after the other."""
    hooks: str
    """`combined`, `separate` or `nohooks`."""
    file: str
    line: int
    column: int
    what: str
    """The field that says so."""
    metadata_only: bool = False
    """Whether it changes labels and annotations alone."""


class Environment(NamedTuple):
    """A chart with its values, an overlay, or (`directory`) manifests as they are.

    Paths are such that they can be opened. Of two with the same `kind` and `path` names differ.
    """

    name: str
    kind: str
    path: str
    """The folder, or the archive of a packed chart."""
    within: str
    """The folder out of which nothing is read for it."""
    said: Said
    values: tuple[Values, ...] = ()
    """Files and texts of values, the later before the earlier."""
    sets: tuple[Setting | str, ...] = ()
    namespace: str = ""
    release: str = ""
    kubernetes_version: str = ""
    """Empty where none is said, as are namespace and release."""
    api_versions: tuple[str, ...] | None = None
    include_crds: bool = True
    skip_tests: bool = False
    files: Mapping[str, str] = {}
    """Texts in place of files: below the chart, or for Kustomize below `within`."""
    substitution: Substitution | None = None
    manifests: tuple[str, ...] = ()
    """The files of a `directory`."""
    post: Post | None = None
    undecided: tuple[str, ...] = ()
    """What may change the outcome and is not in the tree, in words: values in a Secret."""

    def request(self, kubernetes_version: str = "") -> HelmRequest | KustomizeRequest:
        """What the renderer is asked; `kubernetes_version` is for one that says none itself.

        Raises ValueError for a directory, which needs no renderer.
        """
        version = self.kubernetes_version or kubernetes_version
        if self.kind == HELM:
            return HelmRequest(
                chart=self.path,
                release=self.release or HelmRequest._field_defaults["release"],
                namespace=self.namespace or HelmRequest._field_defaults["namespace"],
                kubernetes_version=version,
                api_versions=self.api_versions,
                values=self.values,
                sets=self.sets,
                include_crds=self.include_crds,
                skip_tests=self.skip_tests,
                files=self.files,
                root=self.within,
            )
        if self.kind == KUSTOMIZE:
            return KustomizeRequest(
                self.path,
                self.within,
                kubernetes_version=version,
                api_versions=self.api_versions,
                files=self.files,
            )
        raise ValueError(f"{self.path} needs no renderer")


class Environments(NamedTuple):
    """All environments that were found, and what could not be resolved, each with its remedy."""

    found: tuple[Environment, ...] = ()
    unread: tuple[Unread, ...] = ()
