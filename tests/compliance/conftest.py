"""Assessing texts as the command line does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from portside.cli.compliance import _book
from portside.cli.plan import Chosen, choose
from portside.cli.stage_b import Locator, stage_b
from portside.compliance.judge import Assessment, Book, assess
from portside.engine.stage import judge_file
from portside.model.evaluation import Evaluation
from portside.policy.framework import load_framework
from portside.sources.read import parsed
from portside.sources.walk import Found
from portside.syntax import DEFAULT

Assess = Callable[..., Assessment]


SET: dict[str, dict[str, Any]] = {
    "unapproved-registry": {"params": {"allowed": ["registry.example.org"]}},
    "sandbox-runtime-missing": {"params": {"label": "example.org/trust=none"}},
}
"""What an organisation says, without which these rules say nothing."""


@cache
def chosen(name: str) -> Chosen:
    """The plan of a framework's profile."""
    return choose(name, "", settings=SET)


@cache
def book(name: str) -> Book:
    """What the rules of a framework are."""
    return _book(load_framework(name), chosen(name))


def assessed(name: str, text: str, file: str = "shop.yaml", *, whole: bool = True) -> Assessment:
    """The framework called `name` held against one file with `text`."""
    plan = chosen(name).plan
    read = parsed(text.encode(), Found(file, file, given=True), DEFAULT)
    results = [judge_file(read, plan)]
    if plan.wants_facts:
        known: dict[str, Any] = {file: read.resources}
        results = stage_b(results, plan, Locator(DEFAULT, known), whole=whole)
    return assess(load_framework(name), Evaluation(results, target="1.37"), book(name))


@pytest.fixture
def assess_text() -> Assess:
    return assessed
