"""What is asked of the renderer and what it answers, and both as JSON.

The protocol is docs/reference/render-protocol.md: one JSON object a line, each with `version`.
A path in a request is absolute or relative to the working folder of this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from portside.records import NamedTuple

if TYPE_CHECKING:
    from typing import Final

    from portside.model.place import FieldPath

VERSION: Final = 1

SCHEMA = "schema"
"""The values are refused by a values.schema.json of the chart."""
DEPENDENCY = "dependency"
"""A chart that Chart.yaml or helmCharts names is not vendored."""
SYNTAX = "syntax"
"""A file cannot be read as what it is: Chart.yaml, values, kustomization.yaml, a patch."""
TEMPLATE = "template"
"""A template cannot be parsed or executed, or what it made is no YAML."""
REMOTE = "remote"
"""Something outside the tree is named by an address: nothing is fetched."""
LIMIT = "limit"
"""Time, memory, size or number went over what is allowed."""
ESCAPE = "escape"
"""A path or symlink leads out of the folder that may be read."""
MISSING = "missing"
"""A file or folder is not there, or no renderer is."""
REFUSED = "refused"
"""Helm or Kustomize refuses for another reason: kubeVersion, a plugin, an id that is not there."""


class ValuesFile(NamedTuple):
    """A file of values, as `--values` names one."""

    path: str
    text: str | None = None
    """What it is to hold in place of what the disk has, as an editor that has not saved it."""


class ValuesText(NamedTuple):
    """Values that an object of Argo CD or Flux holds."""

    text: str
    file: str = ""
    """The file of the object, as people call it."""
    places: Mapping[FieldPath, tuple[int, int, int]] = {}
    """Line, column and width of the keys that are known; `()` is where the values begin."""


Values = ValuesFile | ValuesText | str
"""Values in a file, of an object, or as a text that stands nowhere."""


class Setting(NamedTuple):
    """One value set by itself: `how` is set, set-string, set-json, set-literal or set-file."""

    text: str
    how: str = "set"
    file: str = ""
    """The file of the object that sets it, as people call it; empty for the command line."""
    place: tuple[int, int, int] = (0, 0, 0)
    """The line, column and width there."""


class Dependency(NamedTuple):
    """A vendored chart that another depends on."""

    name: str
    """Where it would lie in that chart: `charts/redis-1.0.0.tgz`."""
    path: str
    """Where the archive is."""
    called: str
    """What people call it: its address."""
    file: str
    """The file of the chart that names it, below the chart's folder, and the line."""
    line: int


class Remote(NamedTuple):
    """Vendored content that stands for what a kustomization would fetch."""

    kind: str
    """`git` (a folder), `file`, or `chart` (an archive)."""
    url: str
    name: str
    """Of a chart its name, else empty."""
    version: str
    """As it is asked for: a revision, a version; empty for the default."""
    path: str
    """Where the content is."""
    called: str
    """What people call it: its address."""
    place: str
    """What in the tree leads to it: `FILE:LINE` below the root."""


class HelmRequest(NamedTuple):
    """`helm template` of a chart: a folder or a .tgz."""

    chart: str
    release: str = "release-name"
    namespace: str = "default"
    kubernetes_version: str = ""
    """Helm's own where it is empty."""
    api_versions: tuple[str, ...] | None = None
    """The whole of .Capabilities.APIVersions (`group/version` and `group/version/Kind`)."""
    values: tuple[Values, ...] = ()
    """Files and texts of YAML, the later before the earlier."""
    sets: tuple[Setting | str, ...] = ()
    """A text is as `--set` has it."""
    include_crds: bool = False
    skip_tests: bool = False
    templates: Mapping[str, str] = {}
    """Texts in place of templates, by the name that `RenderedFile.name` and `sources` have."""
    files: Mapping[str, str] = {}
    """Texts in place of files of the chart, or beside them, by their path below its folder."""
    root: str = ""
    """Where it is given, the chart and the files of values must lie in it, symlinks resolved."""
    sources: bool = False
    """Whether the texts of all templates are to come back, with those that archives hold."""
    dependencies: tuple[Dependency, ...] = ()
    """What was vendored of the charts that it depends on."""


class KustomizeRequest(NamedTuple):
    """`kustomize build` of the folder `path`; nothing outside `root` is read."""

    path: str
    root: str
    origins: bool = False
    """Whether every object is to carry the annotations of its origin and its transformers."""
    helm: bool = True
    """Whether helmCharts are inflated: from vendored charts only."""
    kubernetes_version: str = ""
    """For helmCharts that name none."""
    api_versions: tuple[str, ...] | None = None
    files: Mapping[str, str] = {}
    """Texts in place of files, or beside them, by their path below `root`."""
    remotes: tuple[Remote, ...] = ()
    """What was vendored of all that it, and what it builds on, refers to outside of `root`."""


class TemplateRequest(NamedTuple):
    """The texts of an ApplicationSet's Go templates, filled in as Argo CD fills them in."""

    texts: tuple[str, ...]
    params: Mapping[str, Any]
    options: tuple[str, ...] = ()
    """As `goTemplateOptions` has them: `missingkey=error`."""


class RenderedFile(NamedTuple):
    """A document that a template made, or (Kustomize) all documents of a build.

    `name` is the template as Helm names it (`chart/charts/sub/templates/a.yaml`), for Kustomize
    the folder of the kustomization below `root`.
    """

    name: str
    text: str
    hook: str = ""
    """The events of a hook (`pre-install,post-upgrade`), as its annotation has them."""
    kind: str = "template"
    """template, crd, hook or test."""
    path: str = ""
    """The template on disk, below the chart's folder; of an archive: `charts/a.tgz!templates/b`."""


class Lookup(NamedTuple):
    """A `lookup` that a template made, and that was answered with nothing."""

    template: str
    api_version: str
    kind: str
    namespace: str
    name: str


class Generated(NamedTuple):
    """A function whose answer differs each time with Helm (now, rand*, gen*), and is fixed here."""

    template: str
    function: str


class RenderError(NamedTuple):
    """Why nothing was rendered; `file` is below the chart's folder or below `root`."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    kind: str = REFUSED
    names: tuple[str, ...] = ()
    """The missing dependencies, or the addresses that would have been fetched."""


class Rendered(NamedTuple):
    """What the renderer answers: in the order of `helm template` or `kustomize build`."""

    files: tuple[RenderedFile, ...] = ()
    warnings: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    error: RenderError | None = None
    reads: tuple[str, ...] = ()
    """The files that were read, as paths below the chart's folder or below `root`; of vendored
    content, absolute.
    """
    generated: tuple[Generated, ...] = ()
    sources: Mapping[str, str] = {}
    """The texts of all templates by name, where they were asked for."""
    texts: tuple[str, ...] = ()
    """The texts of a TemplateRequest, filled in."""
    unknown: tuple[str, ...] = ()
    """What this renderer cannot tell: lookups, generated, reads (helm and kubectl on PATH)."""
    values: Mapping[str, str] = {}
    """With `sources`: the values.yaml of charts in archives, by path as `RenderedFile.path`."""


Request = HelmRequest | KustomizeRequest


def encode(request: Request | TemplateRequest, number: int = 0) -> dict[str, Any]:
    """The request as the JSON object of a line; `number` comes back with the answer."""
    head = {"version": VERSION, "id": number}
    if isinstance(request, TemplateRequest):
        return {**head, "op": "template", **request._asdict()}
    if isinstance(request, HelmRequest):
        return {**head, "op": "helm", **_helm(request)}
    return {**head, "op": "kustomize", **_kustomize(request)}


def _kustomize(request: KustomizeRequest) -> dict[str, Any]:
    remotes = [
        {"kind": it.kind, "url": it.url, "name": it.name, "version": it.version, "path": it.path}
        for it in request.remotes
    ]
    return {**request._asdict(), "files": dict(request.files), "remotes": remotes}


def _helm(request: HelmRequest) -> dict[str, Any]:
    return {
        **request._asdict(),
        "values": [
            {"text": one} if isinstance(one, str) else _values(one) for one in request.values
        ],
        "sets": [
            {"text": one, "how": "set"}
            if isinstance(one, str)
            else {"text": one.text, "how": one.how}
            for one in request.sets
        ],
        "templates": dict(request.templates),
        "files": dict(request.files),
        "dependencies": {it.name: it.path for it in request.dependencies},
    }


def _values(it: ValuesFile | ValuesText) -> dict[str, str]:
    if isinstance(it, ValuesText):
        return {"text": it.text}
    return {"file": it.path} if it.text is None else {"file": it.path, "text": it.text}


def decode(answer: Mapping[str, Any]) -> Rendered:
    """The answer of a line; KeyError, TypeError or ValueError where it is none of this version."""
    if answer["version"] != VERSION:
        raise ValueError(f"the renderer speaks version {answer['version']} of the protocol")
    error = answer.get("error")
    return Rendered(
        tuple(RenderedFile(**one) for one in _each(answer, "files")),
        tuple(map(str, _each(answer, "warnings"))),
        tuple(Lookup(**one) for one in _each(answer, "lookups")),
        _error(error) if error else None,
        tuple(map(str, _each(answer, "reads"))),
        tuple(Generated(**one) for one in _each(answer, "generated")),
        dict(answer.get("sources") or {}),
        tuple(map(str, _each(answer, "texts"))),
        tuple(map(str, _each(answer, "unknown"))),
        dict(answer.get("values") or {}),
    )


def _each(answer: Mapping[str, Any], key: str) -> Iterable[Any]:
    return answer.get(key) or ()


def _error(error: Mapping[str, Any]) -> RenderError:
    return RenderError(**{**error, "names": tuple(error.get("names") or ())})


def encode_answer(rendered: Rendered, number: int = 0) -> dict[str, Any]:
    """The answer as the JSON object of a line: for caches and tests."""
    return {
        **rendered._asdict(),
        "version": VERSION,
        "id": number,
        "files": [one._asdict() for one in rendered.files],
        "lookups": [one._asdict() for one in rendered.lookups],
        "generated": [one._asdict() for one in rendered.generated],
        "error": rendered.error._asdict() if rendered.error else None,
        "sources": dict(rendered.sources),
        "values": dict(rendered.values),
    }


def failed(message: str, kind: str, file: str = "", names: tuple[str, ...] = ()) -> Rendered:
    """An answer that is only an error."""
    return Rendered(error=RenderError(message, file, kind=kind, names=names))
