"""An editor as a test drives it: pytest-lsp's client, which checks the server against the
specification, with a real `portside lsp` in a process of its own behind it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Union

import pytest
from cattrs import Converter
from lsprotocol import types
from pygls.protocol import default_converter

from tests.cli.running import environment

pytest.importorskip("pytest_lsp", reason="the extra `test` installs pytest-lsp")

from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features

PATIENCE = 60.0
CODE, NEOVIM, EMACS = "visual_studio_code", "neovim", "emacs"
PLAIN = "an editor that can do nothing"
Place = tuple[str, int, int]


class Editor:
    """One running client and what it has open."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.told: dict[str, types.PublishDiagnosticsParams] = {}
        """What was said last of each URI."""
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}
        self.registered: list[types.Registration] = []

        handlers = client.protocol.fm.features
        handlers[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = self._hear
        handlers[types.CLIENT_REGISTER_CAPABILITY] = self._register

    def _register(self, params: types.RegistrationParams) -> None:
        self.registered += params.registrations

    def _hear(self, params: types.PublishDiagnosticsParams) -> None:
        self.told[params.uri] = params
        self._news.set()

    async def opened(
        self, file: Path | str, text: str | None = None, language: str = "yaml"
    ) -> list[types.Diagnostic]:
        """Open a file (or, with `text`, what is not saved) and wait for what is said of it."""
        uri = file.as_uri() if isinstance(file, Path) else file
        written = text if text is not None else Path(file).read_bytes().decode()
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, written)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.heard(uri)

    async def typed(self, uri: str, text: str, span: types.Range) -> list[types.Diagnostic]:
        """Put `text` in the place of `span`, and wait for what is said then."""
        self.send(uri, types.TextDocumentContentChangePartial(text=text, range=span))
        return await self.heard(uri)

    async def rewritten(self, uri: str, text: str) -> list[types.Diagnostic]:
        """Change the whole text, and wait for what is said then."""
        self.send(uri, types.TextDocumentContentChangeWholeDocument(text=text))
        return await self.heard(uri)

    def send(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        self._versions[uri] += 1
        it = types.VersionedTextDocumentIdentifier(uri=uri, version=self._versions[uri])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(it, changes))

    def close(self, uri: str) -> None:
        it = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(it))

    async def heard(self, uri: str) -> list[types.Diagnostic]:
        """What is said of the newest version of `uri`."""
        return await self.until(uri, lambda it: it.version == self._versions[uri])

    async def next(self, uri: str) -> list[types.Diagnostic]:
        """What is said of `uri` next, be it open or not."""
        self.told.pop(uri, None)
        return await self.until(uri, lambda _: True)

    async def until(self, uri: str, right: Any) -> list[types.Diagnostic]:
        async with asyncio.timeout(PATIENCE):
            while uri not in self.told or not right(self.told[uri]):
                self._news.clear()
                await self._news.wait()
        return list(self.told[uri].diagnostics)

    async def actions(self, uri: str, found: types.Diagnostic) -> dict[str, types.CodeAction]:
        """The code actions at a diagnostic, by the first word of their titles."""
        context = types.CodeActionContext([found])
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), found.range, context)
        offered = await self.client.text_document_code_action_async(params) or []
        return {it.title.split()[1]: it for it in offered if isinstance(it, types.CodeAction)}

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        found: types.CodeAction = await self.client.code_action_resolve_async(action)
        return found

    async def hover(self, uri: str, line: int, character: int) -> str:
        params = types.HoverParams(
            types.TextDocumentIdentifier(uri), types.Position(line, character)
        )
        found = await self.client.text_document_hover_async(params)
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def changed_on_disk(self, *files: Path) -> None:
        """Tell the server, as an editor that watches files does."""
        events = [types.FileEvent(it.as_uri(), types.FileChangeType.Changed) for it in files]
        params = types.DidChangeWatchedFilesParams(events)
        self.client.workspace_did_change_watched_files(params)


@asynccontextmanager
async def editor(
    *folders: Path, words: Sequence[str] = (), like: str = CODE, **changes: str | None
) -> AsyncIterator[Editor]:
    """An editor with these folders open. `changes` are of the server's environment."""
    client = LanguageClient(converter_factory=_converter)
    register_lsp_features(client)
    await client.start_io(
        *(sys.executable, "-m", "portside", "lsp", *words), env=environment(**changes)
    )
    made = Editor(client)
    roots = [types.WorkspaceFolder(uri=it.as_uri(), name=it.name) for it in folders]
    await client.initialize_session(
        types.InitializeParams(capabilities=abilities(like), workspace_folders=roots)
    )
    yield made
    await client.shutdown_session()
    assert client._server is not None
    assert client._server.returncode == 0
    await client.stop()  # type: ignore[no-untyped-call]


def abilities(like: str) -> types.ClientCapabilities:
    """What the editor called `like` can do; VS Code has learnt of late to resolve commands."""
    if like == PLAIN:
        return types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities())
    made: types.ClientCapabilities = client_capabilities(like)
    document = made.text_document
    if like == CODE and document is not None and document.code_action is not None:
        document.code_action.resolve_support = types.ClientCodeActionResolveOptions(
            ["edit", "command"]
        )
    return made


def _converter() -> Converter:
    """pygls' own, but for what lsprotocol gets wrong: it takes an action for its command."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    made.register_structure_hook(
        Union[types.Command, types.CodeAction],  # noqa: UP007 - lsprotocol's type, to the letter
        lambda it, _: made.structure(
            it, types.Command if isinstance(it.get("command"), str) else types.CodeAction
        ),
    )
    return made


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def places(found: Sequence[types.Diagnostic]) -> set[Place]:
    """(rule, line, column) of the findings among `found`, counted from 1 as reports do."""
    return {
        (str(it.code), it.range.start.line + 1, it.range.start.character + 1)
        for it in found
        if kind(it) == "finding"
    }


def kind(found: types.Diagnostic) -> str:
    return str(data(found)["kind"])


def data(found: types.Diagnostic) -> dict[str, Any]:
    assert isinstance(found.data, dict)
    return found.data


def of(found: Sequence[types.Diagnostic], code: str) -> types.Diagnostic:
    """The only one with this code."""
    (one,) = (it for it in found if it.code == code)
    return one


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """`text` with one edit, as an editor makes it; for texts of ASCII with LF."""
    (edit,) = edits
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    begin, end = (starts[it.line] + it.character for it in (edit.range.start, edit.range.end))
    return text[:begin] + edit.new_text + text[end:]
