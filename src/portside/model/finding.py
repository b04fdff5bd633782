"""What a scan says. Every start loads this module: plain tuples and classes only (D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.kinds import meant_group
from portside.model.place import FieldPath
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.facts import Fact


class ResourceRef(NamedTuple):
    """The name of an object: what identifies it to people and in every report."""

    api_version: str
    kind: str
    namespace: str
    """Empty where the manifest names none (or the kind has none)."""
    name: str

    @property
    def group(self) -> str:
        """The group that it is judged as one of: see `kinds.meant_group`."""
        return meant_group(self.api_version.rpartition("/")[0], self.kind)

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"


class Step(NamedTuple):
    """One of the places that a rendered field comes from; the nearest to the object first."""

    role: str
    """`template`, `helper`, `values` (a file of values set it), `default` (the chart's values),
    `set` (given by hand), `base`, `patch` or `kustomization`."""
    file: str
    """As people call the file; empty for what stands in none (`--set`)."""
    line: int
    column: int = 0
    what: str = ""
    """The key of the values, or what the patch is for."""


class Finding(NamedTuple):
    """A violation in the light of its rule and of the text it was read from.

    `path` is the field at fault in the object, list steps as indices; `subject` is the path of what
    the rule was asked about (the container, the volume, the object itself: the empty path);
    `line` and `column` count from 1, `width` is how many characters the mark under the line spans
    (0 where the field is absent and the place is its nearest written ancestor's key).
    """

    rule: str
    severity: int
    message: str
    resource: ResourceRef
    path: FieldPath
    subject: FieldPath
    file: str
    line: int
    column: int
    width: int
    identity: str
    """Rule, logical resource and the path with list keys by name; never a line or message (D8)."""
    covered_by: str = ""
    """The rule whose finding on the same subject is the cause of this one; presentation only."""
    note: str = ""
    """A qualification of the judgement: judged by shape, an attribution that is a guess."""
    band: str = ""
    """How soon to mend it, `P0` to `P3`, where an attack path leads over it; else empty."""
    via: str = ""
    """The worst attack path that leads over it, in words."""
    owner: str = ""
    """Who is to mend it, where that is known."""
    chain: tuple[Step, ...] = ()
    """Where the field was made, on an object that was rendered; empty on others."""
    confidence: str = ""
    """How sure its place is, on an object that was rendered: `exact`, `template` or `guess`."""
    environments: tuple[str, ...] = ()
    """In which environments it holds; empty where the object is the same in all, or has none."""
    mends: str = ""
    """`safe` or `unsafe` where `--fix`, or `--fix --unsafe`, knows how to mend it; else empty."""

    @property
    def fixable(self) -> str:
        """`mends`; of what was rendered only where the place to edit is known for sure."""
        return self.mends if self.confidence in ("", "exact") else ""

    @property
    def named_path(self) -> str:
        """Its path with list items by name, `spec.containers[web].image`; part of its identity."""
        path = self.identity.rpartition("|")[2]
        return path.replace("%7C", "|").replace("%25", "%") if "%" in path else path

    @property
    def object_key(self) -> str:
        """What its object is called in identities: the same for all findings of one object."""
        return self.identity[len(self.rule) + 1 : self.identity.rfind("|")]


class ChokePoint:
    """A fault whose mending cuts many attack paths at once.

    `what` is the step that it allows, in words; `paths` is how many paths of bands P0 and P1 lead
    over it, of `all_paths`.
    """

    __slots__ = ("all_paths", "file", "line", "paths", "rule", "what")

    def __init__(
        self, what: str, rule: str, file: str, line: int, paths: int, all_paths: int
    ) -> None:
        self.what = what
        self.rule = rule
        self.file = file
        self.line = line
        self.paths = paths
        self.all_paths = all_paths


class Excuse(NamedTuple):
    """Why a finding does not count: a waiver, a comment, an annotation, a suppression of another
    tool, or the baseline."""

    kind: str
    """`waiver`, `comment`, `annotation`, `imported` or `baseline`."""
    reason: str
    owner: str
    until: str
    """The last day it holds, as YYYY-MM-DD; empty where it has no end."""
    where: str
    """`file:line` of the excuse itself."""
    approver: str = ""
    ticket: str = ""


class Undecided(NamedTuple):
    """A rule lacks a fact about an object. Never a pass."""

    rule: str
    resource: ResourceRef
    missing: str
    """The fact that is missing, as words."""
    file: str
    line: int


class Unread(NamedTuple):
    """Something we were asked to look at and could not. Never a pass: exit 3."""

    what: str
    reason: str
    file: str
    line: int = 0
    """Where in the file the trouble is; 0 where it is the whole of it."""
    column: int = 0


JUDGED, RENDERED, NOT_KUBERNETES, IGNORED, UNREAD, PARTLY_READ = FILE_FATES = (
    "judged",
    "rendered",
    "not-kubernetes",
    "ignored",
    "unread",
    "partly-read",
)
OBJECT_JUDGED, OBJECT_UNDECIDED, OBJECT_UNREAD, NO_RULE_APPLIES = OBJECT_FATES = (
    "judged",
    "undecided",
    "unread",
    "no-rule-applies",
)


class FileFate(NamedTuple):
    """What became of one input file: exactly one entry for each (D7)."""

    file: str
    fate: str
    objects: int
    reason: str
    """Why, where the fate does not say: which rule of whose ignored it, what it is instead."""


class ObjectFate(NamedTuple):
    """What became of one object: exactly one entry for each (D7)."""

    file: str
    line: int
    resource: ResourceRef
    fate: str
    rules: int
    """How many rules judged it."""
    note: str = ""
    owner: str = ""
    """Who owns it, by one of its labels or annotations."""
    bears_pods: bool = False
    """Whether it was asked what pods are asked."""


class RenderedPart(NamedTuple):
    """A piece of rendered text, from `first` on in the text of its rendering."""

    first: int
    """Its first line in that text, from 1."""
    file: str
    """The input that made it: a template, or a kustomization."""
    kind: str
    """`template`, `crd`, `hook`, `test` or `kustomization`."""
    name: str
    """What the renderer calls it."""
    generated: str = ""
    """The functions that it depends on and that answer otherwise at installation: those that
    generate something, and `lookup`.
    """
    line: int = 1
    """The line of `file` that it begins on, as far as that is known."""


class Rendering(NamedTuple):
    """What a chart or kustomization was rendered into; places of objects are those in that text."""

    kind: str
    """`helm` or `kustomize`."""
    folder: str
    """The chart or kustomization, as people call it, with a slash at its end."""
    environments: tuple[str, ...]
    """In which it is so; empty where there is only one way to render it."""
    digest: bytes
    """Of the text; equal texts are judged once."""
    parts: tuple[RenderedPart, ...]
    inputs: tuple[str, ...]
    """The files that it was made of, by their paths."""
    made_in: str = ""
    """What the chart, or the app that an overlay is an environment of, is called in identities."""
    stamp: bytes = b""
    """Of all that those files hold: where it is the same, so is all this."""
    failed: bool = False
    warnings: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    """The API versions that definitions in the text define, as charts are told of them."""


class FileResult(NamedTuple):
    """All that stage A says of one file, in the order of its text. What the cache keeps."""

    fate: FileFate
    objects: tuple[ObjectFate, ...]
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    unread: tuple[Unread, ...]
    comments: tuple[Comment, ...]
    facts: tuple[Fact, ...] = ()
    """What rules across objects may ask about its objects; empty where no such rule is asked."""
    rendering: Rendering | None = None
    """What it is the result of, where no file holds its objects."""


class Comment(NamedTuple):
    """A `portside:ignore` comment or annotation as written, and what it reaches.

    `rules` are names of rules (ids, aliases, globs) that nobody checked yet, nor `until`. `scope`
    is `field`, `subtree`, `object` or `file`, or `settings` for what other tools' files say: a
    field or subtree is both its `path` in its object and the lines `first` to `last` (an anchor's
    lines are many paths); an object is `object_key`.
    """

    kind: str
    """`comment` or `annotation`; `imported` where another tool is meant."""
    rules: tuple[str, ...]
    reason: str
    until: str
    scope: str
    resource: ResourceRef | None
    """None for a whole file, and for the lines of several objects."""
    path: FieldPath
    file: str
    line: int
    column: int
    width: int
    first: int
    last: int
    object_key: str
    """How its object is called in identities (`Finding.object_key`)."""
    fault: str = ""
    """Why it cannot be understood; empty where it can."""
