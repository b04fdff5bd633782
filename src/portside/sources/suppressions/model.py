"""One suppression of another tool, as it was written, and what it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portside.model.finding import Comment, Finding
from portside.policy.glob import FileGlob, Glob
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.finding import ResourceRef

CHECKOV, TRIVY, KUBE_LINTER = "checkov", "trivy", "kube-linter"
KUBESCAPE, POLARIS, HADOLINT, ZIZMOR = "kubescape", "polaris", "hadolint", "zizmor"
EVERYTHING = "*"
"""Stands for all checks of a tool."""
MOST = 20_000
"""Suppressions of one file: more are not read, and that is said."""


class Objects(NamedTuple):
    """Objects, by patterns over `kind`, `namespace` and `name`: each must match one of its key's.

    Case plays no part. What is absent matches everything. `containers` are beginnings of names.
    """

    patterns: Mapping[str, tuple[Glob, ...]]
    containers: tuple[str, ...] = ()

    def hold(self, finding: Finding) -> bool:
        ref = finding.resource
        for key, globs in self.patterns.items():
            text = _value(ref, key)
            if not any(glob.matches(text) for glob in globs):
                return False
        return not self.containers or _container(finding).startswith(self.containers)


class Wide(NamedTuple):
    """What a suppression in a file of settings reaches: files, and objects in them."""

    files: tuple[FileGlob, ...] = ()
    """Relative to `folder`; none stands for all."""
    objects: tuple[Objects, ...] = ()
    """None stands for all; else one must match."""
    line: int = 0
    """0 stands for any."""

    def reaches(self, finding: Finding, file: str) -> bool:
        """Whether it is about `finding` in `file`, a path relative to the suppression's folder."""
        if self.files and not any(it.matches(file) for it in self.files):
            return False
        if self.objects and not any(it.hold(finding) for it in self.objects):
            return False
        return self.line in (0, finding.line)


class Suppression(NamedTuple):
    """A suppression: `checks` are its tool's own names, perhaps with `*`."""

    tool: str
    checks: tuple[str, ...]
    place: Comment
    """Where it stands; where `wide` is None also what it reaches. `fault` is why it cannot hold."""
    wide: Wide | None = None
    folder: str = ""
    """What the files of `wide` are relative to."""

    @property
    def where(self) -> str:
        return f"{self.place.file}:{self.place.line}"


def _value(ref: ResourceRef, key: str) -> str:
    text: str = getattr(ref, key)
    # Tools that name a namespace mean this one where the manifest names none.
    return (text or ("default" if key == "namespace" else "")).casefold()


def _container(finding: Finding) -> str:
    """The name of the container that `finding` is in; empty where it is in none."""
    path = finding.named_path
    for lead in ("containers[", "initContainers[", "ephemeralContainers["):
        at = path.find(lead)
        if at >= 0 and (at == 0 or path[at - 1] == "."):
            return path[at + len(lead) :].partition("]")[0]
    return ""


def settings_place(file: str, line: int, column: int = 1) -> Comment:
    """The place of a suppression in a file of settings."""
    return Comment(
        kind="imported",
        rules=(),
        reason="",
        until="",
        scope="settings",
        resource=None,
        path=(),
        file=file,
        line=line,
        column=column,
        width=0,
        first=0,
        last=0,
        object_key="",
    )


def day_before(day: str) -> str:
    """The last day on which something holds that ends as `day` begins; `day` is a date."""
    from datetime import date, timedelta

    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def anchored(path: str) -> FileGlob:
    """The pattern of a path that is meant from the folder on, and everything below it."""
    return FileGlob(f"./{path.lstrip('/')}")
