"""The table of what Kubernetes serves is the one that its own Go modules make."""

from __future__ import annotations

import shutil

import pytest

from portside.render.api_served import SERVED
from tools import api_served
from tools.api_lifecycle import UnavailableError


@pytest.fixture(scope="module")
def table() -> api_served.Table:
    if shutil.which("go") is None:
        pytest.skip("no go, which reads Kubernetes' modules")
    try:
        return api_served.served()
    except UnavailableError as reason:
        pytest.skip(f"no modules of Kubernetes: {reason}")


@pytest.mark.needs_oracle
def test_the_table_is_that_of_kubernetes_own_modules(table: api_served.Table) -> None:
    assert table == SERVED, "run python -m tools.api_served"


def test_the_module_is_as_the_tool_writes_it() -> None:
    written = api_served.TARGET.read_text(encoding="utf-8")

    assert written == api_served.text(SERVED), "run python -m tools.api_served"
