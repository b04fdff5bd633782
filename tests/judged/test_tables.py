"""The generated tables are what Kubernetes' own code says."""

from __future__ import annotations

import subprocess
import sys

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


def test_only_the_tables_that_a_kind_needs_are_loaded() -> None:
    script = (
        "import sys; from portside.judged import admit;"
        "admit({'apiVersion': 'apps/v1', 'kind': 'Deployment'});"
        "print(*sorted(it for it in sys.modules if it.startswith('portside.judged.types.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=judged_tables.ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [it.rpartition(".")[2] for it in done.stdout.split()]
    assert loaded == ["apps_v1", "meta_v1", "pods"]
