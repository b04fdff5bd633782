"""What the actions of a template call, and where that stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from portside.charts.template import template_of
from portside.model.place import FieldPath
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.gotemplate.parse import Action, Call, calls


def walk(it: FileResource, names: Collection[str]) -> Iterator[tuple[Action, Call]]:
    """Every function that the template calls, with the action that does; none where it calls none
    of `names`.
    """
    template = template_of(it).template
    for action in () if template.words.isdisjoint(names) else template.actions:
        for call in calls(action.pipe):
            yield action, call


def marked(
    it: FileResource, action: Action, said: str, span: tuple[int, int], about: FieldPath
) -> Violation:
    """The violation that stands between two indices of the template's text.

    Its path is the template that is defined around it, and what it is `about`: no line.
    """
    path = ("define", action.defined, *about) if action.defined else about
    return Violation(said, path, place=template_of(it).mark(*span))
