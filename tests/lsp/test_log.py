"""What goes wrong in the server is told without the texts that it was about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.acceptance.planted import Planted, told
from tests.cli.running import SOURCE, portside

BUG = """\
from portside.lsp import buffer, session
def broken(*about):
    raise ValueError(str(about[-1]))
buffer.Buffer.__init__ = lambda self, item, *_: broken(item.text)
session.Session.buffer = broken
"""


def message(it: dict[str, Any] | str) -> str:
    text = it if isinstance(it, str) else json.dumps({"jsonrpc": "2.0", **it})
    return f"Content-Length: {len(text.encode())}\r\n\r\n{text}"


def conversation(*messages: dict[str, Any] | str) -> str:
    """Messages between those that begin and end a session."""
    params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
    around: list[dict[str, Any] | str] = [
        {"id": 1, "method": "initialize", "params": params},
        {"method": "initialized", "params": {}},
        {"id": 9, "method": "shutdown"},
        {"method": "exit"},
    ]
    return "".join(map(message, [*around[:2], *messages, *around[2:]]))


def opened(**document: Any) -> dict[str, Any]:
    document = {"uri": "file:///pod.yaml", "languageId": "yaml", "version": 1, **document}
    return {"method": "textDocument/didOpen", "params": {"textDocument": document}}


def hover(place: dict[str, Any]) -> dict[str, Any]:
    params = {"textDocument": {"uri": "file:///pod.yaml"}, "position": place}
    return {"id": 2, "method": "textDocument/hover", "params": params}


def test_a_message_that_cannot_be_read_is_not_quoted() -> None:
    it = Planted()
    ran = portside(
        "lsp",
        stdin=conversation(
            opened(text={"password": it()}),
            opened(uri=1, version=it(), text=it()),
            hover({"line": it(), "character": 0}),
            '{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"text": "' + it(),
            '{"jsonrpc": "2.0" ' + it() + "}",
        ),
    )
    assert ran.code == 0
    assert "a message that cannot be read: Invalid Params" in ran.out
    assert "a message that cannot be read: Expecting ',' delimiter" in ran.err
    assert told(ran.out + ran.err) == []


def test_a_bug_in_an_answer_or_a_notification_does_not_tell_the_text(tmp_path: Path) -> None:
    """The server has no such bug that we know of: this one gets one."""
    (tmp_path / "sitecustomize.py").write_text(BUG)
    it = Planted()
    ran = portside(
        "lsp",
        stdin=conversation(opened(text=f"password: {it()}"), hover({"line": 0, "character": 0})),
        env={"PYTHONPATH": f"{tmp_path}:{SOURCE}"},
    )
    assert ran.code == 0
    assert "a bug in portside: ValueError" in ran.out
    assert told(ran.out + ran.err) == []
