"""The sentences that several reports share: what was found, in how much, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.severity import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, Step, Unread
    from portside.model.mending import Outcome
    from portside.report.context import Context
    from portside.report.totals import Totals


_FOLLOW = "that follow from these"


def found(totals: Totals) -> str:
    """`1 critical, 2 medium in 2 of 41 objects`; what there is to say where nothing was found."""
    numbers = zip(totals.severities[::-1], NAMES[::-1], strict=True)
    parts = [f"{number} {name}" for number, name in numbers if number]
    if parts:
        said = ", ".join(parts)
        objects = many(totals.seen_objects, "object")
        return f"{said} in {totals.at_fault} of {objects}" if totals.at_fault else said
    if totals.seen_objects:
        return "no findings"
    return "nothing to judge: no Kubernetes object was read"


def besides(totals: Totals, hint: str = "") -> str:
    """The findings that do not count, and what is undecided, each with its number; or nothing."""
    parts = [
        f"{number} {word}"
        for number, word in (
            (totals.covered, "that follows from these" if totals.covered == 1 else _FOLLOW),
            (totals.excused, "excused"),
            (totals.undecided, "undecided"),
        )
        if number
    ]
    return f"{', '.join(parts)}{hint}" if parts else ""


def looked_at(evaluation: Evaluation, context: Context, totals: Totals) -> str:
    """`187 rules on 41 objects of 39 files`, and whether that is all there was to look at."""
    rules = many(evaluation.rules, "rule")
    objects = many(totals.seen_objects, "object")
    said = f"{rules} on {objects} of {many(totals.read_files, 'file')}"
    others = sum(totals.files.values()) - totals.read_files - totals.files["unread"]
    if others:
        said += f"; {many(others, 'other file')} without objects"
    return said + incomplete(context, totals)


def incomplete(context: Context, totals: Totals) -> str:
    """What keeps the answer from being whole, led by a semicolon; or nothing."""
    said = ""
    if totals.unread:
        so = "accepted by --allow-unread" if context.allow_unread else "exit 3"
        said += f"; {totals.unread} not looked at: the answer is incomplete ({so})"
    if totals.undecided and context.strict:
        said += f"; {totals.undecided} undecided, which --strict does not accept (exit 3)"
    return said


MENDS = "--fix mends this"
_STATES = {"fixed": "fixed", "refused": "not fixed", "rolled-back": "rolled back"}
_STATES["declined"] = "declined"


def outcome(it: Outcome) -> str:
    """`fixed`, or `not fixed: the reason`."""
    said = _STATES[it.state]
    return f"{said}: {it.reason}" if it.reason else said


def fixes(evaluation: Evaluation) -> str:
    """`3 fixed, 1 rolled back`; nothing where nothing was to be mended."""
    states = [it.state for it in evaluation.outcomes or ()]
    return ", ".join(
        f"{states.count(state)} {word}" for state, word in _STATES.items() if state in states
    )


def many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def excused_by(it: Excuse) -> str:
    """`waiver of team-a until 2027-01-31: the reason (portside.yaml:9)`."""
    owner = f" of {it.owner}" if it.owner else ""
    until = f" until {it.until}" if it.until else ""
    where = f" ({it.where})" if it.where else ""
    return f"{it.kind}{owner}{until}: {it.reason or 'no reason is given'}{where}"


def unread_sentence(it: Unread) -> str:
    """The reason, led by what is unread where that is neither the file nor the folder it is in."""
    folder = it.file.rpartition("/")[0]
    if it.what in (it.file, "") or (folder and it.what.endswith(folder)):
        return it.reason
    return f"{it.what}: {it.reason}"


_ROLES = {
    "template": "rendered from {}",
    "helper": "by the helper in {}",
    "values": "set in {}",
    "default": "the chart's default in {}",
    "set": "set by {}",
    "base": "written in {}",
    "patch": "patched in {}",
    "kustomization": "built by {}",
}


def origin(it: Finding) -> str:
    """`rendered from chart/templates/a.yaml:7; set in values.yaml:12; holds in dev, prod`.

    Empty for what is judged as written. The place of the finding itself is not said again.
    """
    parts = [_step(one) for one in it.chain if (one.file, one.line) != (it.file, it.line)]
    if it.confidence == "guess":
        parts.append("the line is a guess")
    if it.environments:
        parts.append(f"holds in {', '.join(it.environments)}")
    return "; ".join(parts)


def _step(it: Step) -> str:
    place = f"{it.file}:{it.line}" if it.line else it.file
    named = " ".join(part for part in (place, f"({it.what})" if place and it.what else "") if part)
    return _ROLES[it.role].format(named or it.what)


def joined(*parts: str, by: str = "; ") -> str:
    return by.join(part for part in parts if part)


def excess(text: str, most: int) -> Iterable[str]:
    """`text` itself, or its first `most` characters and how many there are more."""
    if len(text) <= most:
        return (text,)
    return (text[:most], f"… ({len(text) - most} characters more)")


def bounded(text: str, most: int) -> str:
    """`text`, cut to about `most` characters with how many were left out."""
    return "".join(excess(text, most))
