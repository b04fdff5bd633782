"""`portside lsp` as a command: how it starts, what it lets out, and how it ends."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.cli.running import COMMAND, environment, portside
from tests.lsp.editor import editor, of, run
from tests.scanning import POD


def message(method: str, **more: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "method": method, **more}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def start() -> bytes:
    return message("initialize", id=1, params={"capabilities": {}})


def test_without_pygls_the_error_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "pygls").mkdir()
    (tmp_path / "pygls" / "__init__.py").write_text(
        "raise ModuleNotFoundError('not here', name='pygls')\n"
    )
    path = f"{tmp_path}:{environment()['PYTHONPATH']}"
    ran = portside("lsp", env={"PYTHONPATH": path})
    assert ran.code == 2
    assert "pip install 'portside[lsp]'" in ran.err


def test_an_editor_that_goes_without_a_word_ends_the_server() -> None:
    assert portside("lsp").code == 1
    assert portside("lsp", stdin=start()).code == 1


def test_one_that_says_goodbye_ends_it_in_order() -> None:
    ran = portside("lsp", stdin=start() + message("shutdown", id=2) + message("exit"))
    assert ran.code == 0
    assert ran.out.startswith("Content-Length: ")


def test_nonsense_on_its_input_is_no_crash() -> None:
    ran = portside("lsp", stdin=b"Content-Length: 3\r\n\r\n{]}" + start())
    assert '"capabilities"' in ran.out


def test_the_server_says_what_it_can() -> None:
    ran = portside("lsp", stdin=start() + message("shutdown", id=2) + message("exit"))
    answers = [json.loads(it.partition("\r\n\r\n")[2]) for it in _messages(ran.out)]
    able = next(it["result"] for it in answers if it.get("id") == 1)["capabilities"]
    assert able["textDocumentSync"]["change"] == types.TextDocumentSyncKind.Incremental
    assert able["codeActionProvider"] == {"codeActionKinds": ["quickfix"], "resolveProvider": True}
    assert able["hoverProvider"]


def _messages(out: str) -> list[str]:
    return [it for it in out.split("Content-Length: ") if it]


def test_it_can_be_talked_to_over_loopback(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*COMMAND, "lsp", "--tcp", str(port)]
    with subprocess.Popen(words, env=environment(), stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        assert f"127.0.0.1:{port}" in server.stderr.readline().decode()
        answer = asyncio.run(_asked(port))
        assert b'"capabilities"' in answer
        server.kill()


async def _asked(port: int) -> bytes:
    async with asyncio.timeout(30):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
        writer.write(start())
        await writer.drain()
        answer = await reader.read(200)
        writer.close()
    return answer


def test_a_port_that_is_none_is_refused() -> None:
    ran = portside("lsp", "--tcp", "70000")
    assert ran.code == 2
    assert "--tcp 70000: no port" in ran.err


def test_a_bug_of_ours_is_told_in_the_text_and_the_server_goes_on(tmp_path: Path) -> None:
    """The real reader has no bug we know of: this server gets one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import portside.sources.read as read\n"
        "parsed = read.parsed\n"
        "def broken(data, *more):\n"
        "    if b'crash' in data:\n"
        "        raise RuntimeError('as if by a bug')\n"
        "    return parsed(data, *more)\n"
        "read.parsed = broken\n"
    )
    path = f"{tmp_path}:{environment()['PYTHONPATH']}"

    async def test() -> None:
        async with editor(tmp_path, PYTHONPATH=path) as it:
            uri = (tmp_path / "pod.yaml").as_uri()
            (found,) = await it.opened(tmp_path / "pod.yaml", POD + "# crash\n")
            assert found.code == "bug"
            assert found.message.endswith("RuntimeError in broken (sitecustomize.py, line 5)")
            found = of(await it.rewritten(uri, POD), "privileged-container")
            assert found.range.start.line == 8

    run(test())
