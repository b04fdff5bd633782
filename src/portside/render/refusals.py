"""Why a chart or a kustomization is unread: the file, the reason in one line, and the remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.charts.dependencies import is_local
from portside.model.finding import Unread
from portside.render import wire
from portside.render.tree import Tree
from portside.secrets.veil import veiled

if TYPE_CHECKING:
    from portside.model.reading import Root, Target
    from portside.render.wire import RenderError

_LONGEST = 600
_REMEDIES = {
    wire.SCHEMA: "mend the values, or name others under environments in portside.yaml",
    wire.SYNTAX: "mend the file",
    wire.TEMPLATE: (
        "mend the template, or give the values that it asks for: environments in portside.yaml"
    ),
    wire.REMOTE: "put it into the tree: portside vendor fetches what is named there",
    wire.LIMIT: "it would take more than a scan may: scan what it makes, or leave it out (exclude)",
    wire.ESCAPE: "nothing outside {within} is read: scan the folder that holds both",
    wire.MISSING: "put it where it is looked for, or take the line out that names it",
    wire.REFUSED: "mend what it names",
}


def refusal(target: Target, error: RenderError) -> Unread:
    """What there is to say of a target that was not rendered."""
    root = target.root
    what = f"Helm chart {root.name}" if root.kind == "helm" else f"kustomization {root.name}"
    if target.environment:
        what += f" in {target.environment}"
    if error.kind == wire.DEPENDENCY:
        remedy = _of_dependency(root, error.message)
    else:
        remedy = _REMEDIES.get(error.kind, _REMEDIES[wire.REFUSED])
        remedy = remedy.format(within=os.path.abspath(root.within))
    reason = f"not rendered: {veiled(_one_line(error.message))}; {remedy}"
    return Unread(what, reason, error_file(target, error), error.line, error.column)


def _of_dependency(root: Root, message: str) -> str:
    """How to get what a chart depends on and does not hold; what is in the tree is not fetched."""
    vendor = "portside vendor fetches it once"
    if root.kind != "helm":
        return vendor
    build = f"helm dependency build {root.name} puts it into charts/"
    missing = message.rpartition(": ")[2].split(", ")
    listed = (Tree(root.path).map_in("Chart.yaml") or {}).get("dependencies")
    named = [it for it in listed if type(it) is dict] if type(listed) is list else []
    away = [it.get("name") for it in named if not is_local(str(it.get("repository") or ""))]
    fetched = not named or any(it in missing for it in away)
    return f"{vendor}, or {build}" if fetched else build


def error_file(target: Target, error: RenderError) -> str:
    """The file at fault, as people call it; the head of the root where none is named."""
    from portside.render.source import head_file

    root = target.root
    if not error.file:
        return head_file(target)
    if root.kind == "helm" and not _is_of_within(root, error.file):
        return _below(root, error.file)
    return _named(root, error.file)


def _is_of_within(root: Root, file: str) -> bool:
    """Whether it is a path below what may be read, and not below the chart."""
    below = os.path.lexists(os.path.join(root.path, file))
    return not below and os.path.lexists(os.path.join(root.within, file))


def _below(root: Root, file: str) -> str:
    file = file.partition("!")[0]
    if root.path.endswith((".tgz", ".tar.gz")):
        return root.name
    return f"{root.name}/{file}" if root.name != "." else file


def _named(root: Root, file: str) -> str:
    """A path below `within` as people call it: as it is found from the root's own name."""
    path = os.path.join(root.within, file)
    below = os.path.relpath(path, root.path)
    return os.path.normpath(os.path.join(root.name, below)).replace(os.sep, "/")


def _one_line(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
