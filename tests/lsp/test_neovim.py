"""Neovim itself with the configuration that the documentation gives it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import environment
from tests.scanning import POD
from tests.shared import ROOT

NVIM = shutil.which("nvim")
PAGE = ROOT / "docs" / "howto" / "editor.md"
LOOK = """\
local function told()
  return vim.iter(vim.diagnostic.get(0)):find(function(it)
    return it.code == 'privileged-container'
  end)
end
vim.wait(20000, told, 20)
local found = told() or {}
local hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', {
  textDocument = vim.lsp.util.make_text_document_params(),
  position = { line = found.lnum, character = found.col },
}, 20000)
vim.api.nvim_buf_set_text(0, 8, 20, 8, 24, { 'false' })
local gone = vim.wait(20000, function() return told() == nil end, 20)
vim.fn.writefile({ vim.json.encode({
  line = found.lnum, column = found.col, last = found.end_col, severity = found.severity,
  hover = hover, gone = gone,
}) }, ANSWER)
vim.cmd('qall!')
"""


def _version() -> tuple[int, int]:
    said = subprocess.run([str(NVIM), "--version"], capture_output=True, text=True, check=True)
    found = re.match(r"NVIM v(\d+)\.(\d+)", said.stdout)
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.skipif(NVIM is None or _version() < (0, 11), reason="Neovim 0.11 is not installed")
def test_neovim_shows_findings_with_the_documented_configuration(tmp_path: Path) -> None:
    (configuration,) = re.findall(
        r"```lua\n(vim\.lsp\.config.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    file, answer = tmp_path / "pod.yaml", tmp_path / "answer.json"
    file.write_text(POD)
    (tmp_path / "portside.yaml").write_text("version: 1\n")
    command = tmp_path / "bin" / "portside"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m portside "$@"\n')
    command.chmod(0o755)
    (tmp_path / "init.lua").write_text(configuration)
    (tmp_path / "look.lua").write_text(f"ANSWER = {json.dumps(str(answer))}\n{LOOK}")
    ran = subprocess.run(
        [str(NVIM), "--headless", "-u", "init.lua", "-c", "luafile look.lua", "pod.yaml"],
        cwd=tmp_path,
        env=environment(
            PATH=f"{command.parent}:{environment()['PATH']}",
            XDG_STATE_HOME=str(tmp_path / "state"),
            XDG_CONFIG_HOME=str(tmp_path / "config"),
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.exists(), ran.stderr
    told = json.loads(answer.read_text())
    assert (told["line"], told["column"], told["last"]) == (8, 8, 24)
    assert told["severity"] == 1
    assert "What to do" in json.dumps(told["hover"])
    assert told["gone"] is True
