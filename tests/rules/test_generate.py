"""The generated modules are whole at any time, whoever else writes them."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from portside.policy.generate import write
from tests.rules.asking import rules


def _write(folder: Path) -> None:
    write(rules()[:6], folder, "stamp")


def test_several_processes_may_write_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "generated"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {it.suffix for it in folder.iterdir()} == {".py"}
    assert 'STAMP = "stamp"' in (folder / "catalogue.py").read_text().replace("'", '"')
