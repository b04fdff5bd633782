"""`python -m tools.api_lifecycle`: when Kubernetes deprecated and removed which version of its API.

Writes `src/portside/model/api_lifecycle.py` from Kubernetes' own Go modules: each type there tells
its life in generated methods (APILifecycleIntroduced, …Deprecated, …Removed, …Replacement), the
same that the API server takes its warnings and its refusals from. A type is known until the minor
whose modules no longer register it, so one module is read for every minor since 1.16: the methods
exist since 1.19, and of what was gone by then the registrations tell. Needs `go` and its
module proxy.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).resolve().parent.parent / "src/portside/model/api_lifecycle.py"
API = (
    *("v0.16.15", "v0.17.17", "v0.18.18", "v0.19.16", "v0.20.15", "v0.21.14", "v0.22.17"),
    *("v0.23.17", "v0.24.17", "v0.25.16", "v0.26.15", "v0.27.16", "v0.28.15", "v0.29.15"),
    *("v0.30.14", "v0.31.14", "v0.32.9", "v0.33.6", "v0.34.2", "v0.35.4", "v0.36.2", "v0.37.2"),
)
"""Of k8s.io/api, one module for each minor."""
OTHERS = {
    "k8s.io/apiextensions-apiserver": ("v0.37.2", "pkg/apis/apiextensions/v*"),
    "k8s.io/kube-aggregator": ("v0.37.2", "pkg/apis/apiregistration/v*"),
    "k8s.io/apiserver": ("v0.37.2", "pkg/apis/audit/v*"),
}
"""CustomResourceDefinition, APIService and the audit policy, whose versions all are still there."""
_RBAC = "rbac.authorization.k8s.io/v1alpha1"
_UNMARKED = {
    ("node.k8s.io/v1alpha1", "RuntimeClass"): (20, 24),
    ("scheduling.k8s.io/v1alpha1", "PriorityClass"): (14, 23),
    (_RBAC, "ClusterRole"): (17, 23),
    (_RBAC, "ClusterRoleBinding"): (17, 23),
    (_RBAC, "Role"): (17, 23),
    (_RBAC, "RoleBinding"): (17, 23),
    ("audit.k8s.io/v1alpha1", "Policy"): (21, 24),
    ("audit.k8s.io/v1beta1", "Policy"): (21, 24),
}
"""The minors of what no method tells, though the type stayed registered.

Alpha versions of three groups ended where `pkg/registry/*/rest` of k8s.io/kubernetes no longer
serves them (v1.22.17 and v1.23.17 are the last that do), and are deprecated since their successor
is stable. The audit policy is a file of the API server's own: release notes of 1.21 and 1.24.
"""
_METHOD = re.compile(
    r"^func \(in \*(\w+)\) APILifecycle(\w+)\(\)[^{]*\{\s*return (.+)$", re.MULTILINE
)
_RELEASE = re.compile(r"^1, (\d+)$")
_KIND = re.compile(r'Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"')
_GROUP = re.compile(r'^const GroupName = "([^"]*)"', re.MULTILINE)
_REGISTERED = re.compile(r"^\s*&(?:\w+\.)?(\w+)\{\},", re.MULTILINE)
_NO_OBJECTS = frozenset(("admission.k8s.io", "imagepolicy.k8s.io", "apidiscovery.k8s.io"))
"""Groups of what the API server sends: nobody can create one."""

Known = tuple[str, str]
"""apiVersion and kind."""


class UnavailableError(Exception):
    """A Go module cannot be had; the text is what Go says."""


class Life(NamedTuple):
    """Minors of Kubernetes 1, 0 where there is none yet; `replacement` is (apiVersion, kind)."""

    deprecated: int = 0
    removed: int = 0
    replacement: Known | None = None


def lives() -> dict[Known, Life]:
    """The life of every kind that is deprecated or removed anywhere, by apiVersion and kind."""
    read = {int(it.split(".")[1]): dict(_module("k8s.io/api", it, "*/v*")) for it in API}
    newest = max(read)
    for module, (version, pattern) in OTHERS.items():
        others = dict(_module(module, version, pattern))
        for known in read.values():
            known |= others
    told: dict[Known, Life] = {}
    for minor in sorted(read):
        told |= {it: life for it, life in read[minor].items() if life.deprecated or life.removed}
    told |= {known: Life(*minors) for known, minors in _UNMARKED.items()}
    gone = dict(_gone(read))
    found = {known: _life(known, told, gone, read) for known in sorted(told.keys() | gone.keys())}
    return {
        known: life
        for known, life in found.items()
        if known[0] != "v1" and not _is_list(known) and life.deprecated <= newest
    }


def _module(module: str, version: str, pattern: str) -> Iterator[tuple[Known, Life]]:
    """Each kind that a Go module registers, with the life that it tells, if any."""
    root = _downloaded(module, version)
    for folder in sorted(root.glob(pattern)):
        register = folder / "register.go"
        if register.exists():
            yield from _folder(folder, register.read_text(encoding="utf-8"))


def _downloaded(module: str, version: str) -> Path:
    with tempfile.TemporaryDirectory() as elsewhere:
        answer = subprocess.run(
            ["go", "mod", "download", "-json", f"{module}@{version}"],
            cwd=elsewhere,
            check=False,
            capture_output=True,
            text=True,
        )
    if answer.returncode:
        raise UnavailableError(answer.stdout + answer.stderr)
    return Path(json.loads(answer.stdout)["Dir"])


def _folder(folder: Path, register: str) -> Iterator[tuple[Known, Life]]:
    named = _GROUP.search(register)
    group = named[1] if named else _group_beside(folder)
    if group in _NO_OBJECTS:
        return
    version = f"{group}/{folder.name}" if group else folder.name
    told = _told(folder / "zz_generated.prerelease-lifecycle.go")
    for kind in _REGISTERED.findall(register):
        yield (version, kind), told.get(kind, Life())


def _group_beside(folder: Path) -> str:
    """The group's name where its versions take it from the package above them."""
    found = _GROUP.search((folder.parent / "register.go").read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{folder} does not say the name of its group")
    return found[1]


def _told(file: Path) -> dict[str, Life]:
    found: dict[str, Life] = {}
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for kind, what, value in _METHOD.findall(text):
        try:
            found[kind] = _with(found.get(kind, Life()), what, value)
        except LookupError as reason:
            raise LookupError(f"{file}: {kind}: {reason}") from reason
    return found


def _with(life: Life, what: str, value: str) -> Life:
    """`life` with what one method tells; its result stands in `value` as Go code."""
    if what == "Introduced":
        return life
    if what == "Replacement":
        parts = _KIND.search(value)
        if parts is None:
            raise LookupError(f"replaced by what is no kind: {value}")
        return life._replace(replacement=(_version(parts[1], parts[2]), parts[3]))
    release = _RELEASE.match(value)
    if release is None or what not in ("Deprecated", "Removed"):
        raise LookupError(f"{what} in what is no release: {value}")
    minor = int(release[1])
    return life._replace(deprecated=minor) if what == "Deprecated" else life._replace(removed=minor)


def _version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


def _gone(read: Mapping[int, Mapping[Known, Life]]) -> Iterator[tuple[Known, int]]:
    """Each kind that the modules of one minor registered and those of the next do not."""
    minors = sorted(read)
    for minor, after in pairwise(minors):
        for known in read[minor].keys() - read[after].keys():
            yield known, after


def _life(
    known: Known,
    told: Mapping[Known, Life],
    gone: Mapping[Known, int],
    read: Mapping[int, Mapping[Known, Life]],
) -> Life:
    life = told.get(known, Life())
    removed = min((it for it in (life.removed, gone.get(known, 0)) if it), default=0)
    deprecated = min(it for it in (life.deprecated, removed) if it)
    instead = life.replacement
    if instead is None or instead == (instead[0], f"{known[1]}List"):
        # The marker of networking.k8s.io/v1beta1 IngressClass names the list by mistake.
        instead = _successor(known, read[min(removed or max(read), max(read))])
    return Life(deprecated, removed, instead)


def _successor(known: Known, then: Mapping[Known, Life]) -> Known | None:
    """The most mature version of the same group and kind at a time; None where there is none."""
    group = known[0].rpartition("/")[0]
    better = [
        it
        for it in then
        if it[1] == known[1]
        and it[0].rpartition("/")[0] == group
        and _maturity(it[0]) > _maturity(known[0])
    ]
    return max(better, key=lambda it: _maturity(it[0]), default=None)


def _maturity(version: str) -> tuple[int, str]:
    name = version.rpartition("/")[2]
    return (0 if "alpha" in name else 1 if "beta" in name else 2), name


def _is_list(known: Known) -> bool:
    return known[1].endswith(("List", "Review", "Options"))


Table = dict[str, dict[str, tuple[int, int, str]]]


def table(lives: Mapping[Known, Life]) -> Table:
    """`lives()` in the form that is kept: by apiVersion and kind."""
    found: Table = {}
    for (version, kind), life in lives.items():
        kept = (life.deprecated, life.removed, _replacement(kind, life))
        found.setdefault(version, {})[kind] = kept
    return found


def text(table: Table) -> str:
    """The module that the table is kept in."""
    lines = [
        '"""When Kubernetes deprecated and removed which version of its API.\n',
        f"Generated by tools/api_lifecycle.py from Kubernetes 1.16 to {_newest()}: do not edit.",
        '"""\n',
        "LIVES: dict[str, dict[str, tuple[int, int, str]]] = {",
    ]
    for version, kinds in table.items():
        lines.append(f'    "{version}": {{')
        for kind, (deprecated, removed, instead) in kinds.items():
            lines.append(f'        "{kind}": ({deprecated}, {removed}, "{instead}"),')
        lines.append("    },")
    lines += [
        "}",
        '"""By apiVersion and kind: the minor it is deprecated since, the minor it is gone from',
        "(0: none yet), and what to use instead: an apiVersion, and the kind behind it where that",
        'differs."""\n\n',
        _REPLACEMENT,
    ]
    return "\n".join(lines) + "\n"


_REPLACEMENT = '''\
def replacement(version: str, kind: str, target: int) -> str:
    """What to write instead where `target` is judged for: the newest that is not deprecated there.

    An apiVersion, with a kind behind it where that differs too; empty where there is none.
    """
    found = ""
    while life := LIVES.get(version, {}).get(kind):
        if life[0] > target or not life[2]:
            break
        version, _, other = life[2].partition(" ")
        kind, found = other or kind, life[2]
    ended = LIVES.get(version, {}).get(kind, (0, 0, ""))[1]
    return "" if 0 < ended <= target else found'''


def _newest() -> str:
    return f"1.{API[-1].split('.')[1]}"


def _replacement(kind: str, life: Life) -> str:
    if life.replacement is None:
        return ""
    version, other = life.replacement
    return version if other == kind else f"{version} {other}"


def main() -> int:
    """Write the module."""
    TARGET.write_text(text(table(lives())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
