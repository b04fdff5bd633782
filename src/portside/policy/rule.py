"""What a rule is, as its file says it. Not loaded by a scan: that runs generated modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portside.model.rule_text import RuleText
from portside.model.workload import CONTAINER_LISTS
from portside.policy.says import quoted

OBJECT, POD, POD_METADATA, CONTAINER, ITEM = "object", "pod", "podMetadata", "container", "it"
ROOTS = (OBJECT, POD, POD_METADATA, CONTAINER)
FINDING = "finding"
"""In a patch: the field that the finding names."""
PROFILES = ("recommended", "strict", "auditor")
FIX_CLASSES = ("safe", "conditional", "unsafe", "none")
TEXT = "text"
EXCUSE = "excuse"
PYTHON = ("object", "facts")
"""The forms of rules whose condition is a Python function: of one object or file, or of many."""
FORMS = ("judged", "written", TEXT, EXCUSE, *PYTHON)
FILES = {
    "Dockerfile": "Dockerfile",
    "GitHubWorkflow": ".github/workflows/ci.yaml",
    "GitHubAction": "action.yaml",
    "GitLabPipeline": ".gitlab-ci.yml",
    "Dependabot": ".github/dependabot.yml",
    "Renovate": "renovate.json",
    "HelmChart": "Chart.yaml",
    "HelmValues": "values.yaml",
    "HelmTemplate": "templates/shop.yaml",
    "Kustomization": "kustomization.yaml",
    "KustomizePatch": "patch.yaml",
}
"""What is judged and no object, and how the file of an example is called."""


USUAL_FILE = "shop.yaml"


@dataclass(frozen=True, slots=True)
class Target:
    """A place a rule names: a path from one of the variables (`it`, `container`, `pod`…)."""

    root: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, and what it is asked about."""

    root: str
    """`object`, `pod`, `podMetadata` or `container`: what `each` starts from."""
    each: tuple[str, ...]
    """The list below the root whose items are asked about; empty for the root itself."""
    require: str
    says: str
    at: tuple[Target, ...]
    when: str = ""
    containers: tuple[str, ...] = CONTAINER_LISTS
    since: int = 0
    """The first Kubernetes minor version (1.N) it holds for."""
    until: int = 1000
    """The first minor version it no longer holds for."""
    line: int = 0
    """Where it stands in its rule's file."""
    severity: int | None = None
    """Where it differs from its rule's."""
    unknown_when: str = ""
    """A CEL condition under which a condition that does not hold says nothing yet."""
    unknown: str = ""
    """The fact that is then missing, as words."""

    @property
    def condition(self) -> str:
        """`require` under `when`, as one expression."""
        return f"!({self.when}) || ({self.require})" if self.when else self.require

    @property
    def answer(self) -> str:
        """The condition as it is asked here: its value is a bool, or the fact that is missing."""
        if not self.unknown_when:
            return self.condition
        failed = f"({self.unknown_when}) ? dyn({quoted(self.unknown)}) : dyn(false)"
        return f"({self.condition}) ? dyn(true) : ({failed})"


@dataclass(frozen=True, slots=True)
class Param:
    """A value that an organisation may set; `type` is a CEL type such as `list(string)`."""

    type: str
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of a fix: `set` the field at `target`, `add` to the list there, or `remove` it."""

    what: str
    target: Target
    value: Any = None
    expression: str = ""
    """CEL that gives the value, in place of `value`."""
    when: str = ""
    """A CEL condition without which the step has nothing to do."""


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest a rule speaks about. It is the rule's test, and a part of its page."""

    title: str
    manifest: str
    lines: tuple[int, ...]
    """The lines of the findings, in order; empty for a good example."""
    good: bool
    api: str = ""
    """`refused`, `subresource` or `needs-crd` where the API server cannot be shown it."""
    params: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    undecided: bool = False
    """Whether the rule must be undecided about it."""
    file: str = USUAL_FILE
    """What its file is called."""
    part: bool = False
    """Whether it is only a part of what there is, so that absence says nothing."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """The files that belong to it, by their paths below its folder."""
    fixed: str = ""
    """What `--fix` makes of it; empty where the example says nothing of that."""


@dataclass(frozen=True, slots=True)
class Rule:
    text: RuleText
    checks: tuple[Check, ...]
    variables: Mapping[str, str]
    """Named expressions, each already free of the others."""
    params: Mapping[str, Param]
    form: str
    covered_by: tuple[str, ...]
    fix_when: str
    patch: tuple[Edit, ...]
    examples: tuple[Example, ...]
    file: str
    """Its file, as it was given."""
    controls: tuple[str, ...] = ()
    """The rows of the catalogue of controls that it is."""
    needs: str = ""
    """For rules across objects: what they lack where only a part is known, as words."""
    module: str = ""
    """The Python module that holds its `check`; empty for conditions in CEL."""
    has_mend: bool = False
    """Whether that module has a function `mend`."""

    @property
    def id(self) -> str:
        return self.text.id

    @property
    def mends(self) -> str:
        """The class of its fix, where it has one that can be made: else empty."""
        return self.text.fix_class if self.patch or self.has_mend else ""

    def bears_pods(self) -> bool:
        """Whether it is asked about pods, so that it is for every kind that bears one."""
        return any(check.root != OBJECT for check in self.checks)
