"""The generated tables are what Kubernetes' own code says."""

from __future__ import annotations

import pytest

from tests.oracle import Oracle
from tools import judged_tables


@pytest.mark.needs_oracle
def test_the_tables_are_what_the_oracle_says(oracle: Oracle) -> None:
    folder = judged_tables.ROOT / judged_tables.FOLDER
    written = {
        f"{judged_tables.FOLDER}/{it.name}": it.read_text(encoding="utf-8")
        for it in folder.glob("*.py")
    }

    expected = judged_tables.generated(oracle)

    changed = [path for path in expected if written.get(path) != expected[path]]
    assert changed == [], "run python -m tools.judged_tables"
    assert written.keys() == expected.keys()
