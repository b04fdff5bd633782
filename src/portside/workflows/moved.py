"""An expression in a script → a variable of the step that holds it, which the script then uses.

What a variable holds is never read as code by the shell. Only where a variable means the same: in
a POSIX shell, outside '…', heredocs and comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.mending import Edit, FieldEdit, LineEdit, UnmendableError
from portside.workflows.expression import Reference, walk
from portside.workflows.github import Step, file_of

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.model.resource import Resource
    from portside.workflows.part import Spoken

_SHELLS = ("bash", "sh")
_TAKEN = ("GITHUB_", "RUNNER_", "ACTIONS_")
"""What GitHub's own variables begin with: a step cannot set them."""


def how(step: Step, spoken: Spoken) -> str:
    """How the expression can be moved: `safe` within quotes, `unsafe` as a bare word, or `none`."""
    if not step.run or step.shell not in _SHELLS or spoken.path != (*step.path, "run"):
        return "none"
    before = step.text("run")[: spoken.fence.start]
    if "<<" in step.run or before.endswith("\\"):
        return "none"
    quotes = _quotes(before)
    if quotes == '"' and _is_certain(step):
        return "safe"
    return "unsafe" if quotes in ('"', "") else "none"


def _is_certain(step: Step) -> bool:
    """Whether its shell is known, and not only the usual one."""
    if step.written_shell:
        return "${{" not in step.written_shell
    return step.job is not None and step.job.text("runs-on").startswith(("ubuntu-", "macos"))


def moved(it: Resource, found: Finding) -> Iterator[Edit]:
    """The edits that move the expression at the place of the finding."""
    for step in file_of(it).steps:
        if (*step.path, "run") != found.path:
            continue
        for spoken in step.spoken("run"):
            text = step.text("run")
            span = spoken.fence.start, spoken.fence.end
            line, column, width = step.source.place(found.path, text, span)
            if line != found.line or not column <= found.column < column + width:
                continue
            if how(step, spoken) == "none":
                raise UnmendableError("a variable would mean something else there")
            fence = text[slice(*span)]
            name = _name(step, spoken, fence)
            yield LineEdit(line, fence, f"${{{name}}}", found.path, column)
            yield FieldEdit("set", (*step.path, "env", name), fence)
            return
    raise UnmendableError("it is no part of a shell script")


def _name(step: Step, spoken: Spoken, fence: str) -> str:
    """A name for the variable that nothing else has."""
    references = [it for it in walk(spoken.tree) if isinstance(it, Reference)]
    steps = references[0].path.split(".") if references else ["value"]
    words = [it for it in steps if it not in ("github", "event", "*")][-2:]
    name = "_".join("".join(c if c.isalnum() else "_" for c in it) for it in words).upper()
    if not name or name[0].isdigit() or name.startswith(_TAKEN):
        name = f"VALUE_{name}"
    taken = {key: part.text("env", key) for part in step.variables() for key in part.texts("env")}
    number, wanted = 1, name
    while taken.get(name, fence) != fence or (name not in taken and f"${name}" in step.run):
        number += 1
        name = f"{wanted}_{number}"
    return name


def _quotes(text: str) -> str:
    """The quotes that are open at the end of a script's part; `#` within a comment."""
    quote = ""
    at = 0
    while at < len(text):
        character = text[at]
        if character == "\\" and quote != "'":
            at += 1
        elif quote == "#":
            quote = "" if character == "\n" else "#"
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#" and (not at or text[at - 1] in " \t\n;"):
            quote = "#"
        at += 1
    return quote
