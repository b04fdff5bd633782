"""Configurations of Dependabot and Renovate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.workflows.github import source
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource


def updates(it: Resource) -> Iterator[Part]:
    """What Dependabot is told to look after."""
    return Part(source(it), (), it.value).parts("updates")


def renovate_rules(it: Resource) -> Iterator[Part]:
    """The maps of a Renovate configuration that may say what is merged: all, and each rule."""
    whole = Part(source(it), (), it.value)
    yield whole
    yield from whole.parts("packageRules")
    if type(whole.at("major")) is dict:
        yield whole.part("major")
