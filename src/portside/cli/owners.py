"""Who is to mend a finding: one owner for each, found in this order.

CODEOWNERS (the last line that matches, its first owner), a label or annotation of the object, the
namespaces of `owners` in `portside.yaml`, and its `default`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portside.model.finding import FileResult, Finding, ResourceRef
    from portside.sources.codeowners import CodeOwners

LABELS = ("app.kubernetes.io/owner", "owner", "team", "portside.dev/owner", "a8r.io/owner")
"""Labels and annotations whose value names an owner, unless `owners.labels` names others."""


PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_MOST_FOLDERS = 64


class Owners:
    """`owners` of `portside.yaml`: labels that name one, owners by namespace, and everybody's."""

    __slots__ = ("default", "labels", "namespaces")

    def __init__(
        self,
        labels: tuple[str, ...] = LABELS,
        namespaces: Mapping[str, str] = MappingProxyType({}),
        default: str = "",
    ) -> None:
        self.labels = labels
        self.namespaces = namespaces
        self.default = default


def with_owners(
    results: Sequence[FileResult], owners: Owners, paths: Sequence[str]
) -> list[FileResult]:
    """`results`, each finding with its owner where it has one."""
    first = next((it for it in paths if it != "-"), ".")
    file, root = code_owners_file(first)
    found = None
    if file:
        from portside.sources.codeowners import code_owners

        found = code_owners(file, root)
    asked = _Asked(found, owners)
    return [asked.answer(it) if it.findings else it for it in results]


def code_owners_file(path: str) -> tuple[str, str]:
    """The CODEOWNERS of the repository that `path` is in, and its root; empty texts for none."""
    root = _repository(path)
    files = (os.path.join(root, *place.split("/")) for place in PLACES if root)
    return next((it for it in files if os.path.isfile(it)), ""), root


def _repository(path: str) -> str:
    """The nearest folder at or above `path` that is a repository; empty where there is none."""
    folder = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path) or ".")
    for _ in range(_MOST_FOLDERS):
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return ""


class _Asked:
    __slots__ = ("files", "owners")

    def __init__(self, files: CodeOwners | None, owners: Owners) -> None:
        self.files = files
        self.owners = owners

    def answer(self, result: FileResult) -> FileResult:
        file = result.fate.file
        listed = self.files.owners(file) if self.files is not None and file[:1] != "<" else ()
        if listed:
            findings = [it._replace(owner=listed[0]) for it in result.findings]
            return result._replace(findings=tuple(findings))
        named = {it.resource: it.owner for it in result.objects if it.owner}
        if not named and not self.owners.namespaces and not self.owners.default:
            return result
        return result._replace(findings=tuple(self._owned(it, named) for it in result.findings))

    def _owned(self, finding: Finding, named: Mapping[ResourceRef, str]) -> Finding:
        owner = named.get(finding.resource) or self.owners.namespaces.get(
            finding.resource.namespace, self.owners.default
        )
        return finding._replace(owner=owner) if owner else finding
