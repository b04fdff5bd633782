"""The language server: what arrives from the client, and whose it is."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Generator, Iterator
from json import JSONDecodeError
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import to_fs_path

from portside import __version__
from portside.cli.config import NAME
from portside.crash import told, traceback_of
from portside.lsp.abilities import Abilities, abilities
from portside.lsp.actions import SHOW, Actions
from portside.lsp.hover import at, hover
from portside.lsp.session import Session
from portside.secrets.veil import veiled

_WATCHING = "portside-watches"
_RULES = "**/*.{yaml,yml}"
_OF_BUILDS = "**/*.{yaml,yml,json,tpl,txt,toml,env,properties,tgz}"
"""What charts and kustomizations are made of, as good as always."""
HOST = "127.0.0.1"


class Protocol(LanguageServerProtocol):
    """pygls' protocol without its own copies of the documents: ours count lines as the LSP does."""

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        """Send an answer; that of a bug of ours without what the exception says (see crash)."""
        if error is not None and error.code == JsonRpcInternalError.CODE:
            error.message = error.message.partition(":")[0]
        super()._send_response(msg_id, result, error)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class Server(LanguageServer):
    """The server of one client. `options` are those of a scan, without its paths."""

    def __init__(self, options: argparse.Namespace) -> None:
        # pygls writes whole messages, and so whole files, to its log; see report_server_error.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
        super().__init__("portside", __version__, protocol_cls=Protocol)
        self.session = Session(options, self._publish, self._tell)
        self.session.folders = lambda: list(self._folders())
        self.watched: set[str] = set()
        _documents(self)
        _answers(self)
        _life(self)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Tell what no answer tells: to the client in a line, with its traceback to the log."""
        said, trace = _reported(error)
        sys.stderr.write(f"portside lsp: {said}\n{trace}")
        if source is not FeatureRequestError:
            message = f"portside: {said}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))

    @property
    def abilities(self) -> Abilities:
        return abilities(self.client_capabilities)

    @property
    def left_in_order(self) -> bool:
        """Whether the client asked to shut down before it left."""
        return bool(self.protocol._shutdown)

    def serve(self, reader: BinaryIO, writer: BinaryIO) -> None:
        """Talk to one client over these streams until it leaves."""
        self.start_io(reader, writer)
        self.session.end()

    def serve_at(self, port: int) -> None:
        """Talk to one client that connects to `port` of this machine."""
        self.start_tcp(HOST, port)
        self.session.end()

    async def watch(self) -> None:
        """Ask the client to tell when what decides changes: configurations, rules, charts."""
        folders = {str(Path(it).resolve()) for it in self.session.projects.folders()}
        watched = {*folders, *([_OF_BUILDS] if self.session.has_builds else ())}
        fresh = watched - self.watched
        if not self.abilities.watches_files or (self.watched and not fresh):
            return
        self.watched |= {*fresh, NAME}
        watchers = [
            types.FileSystemWatcher(it if it == _OF_BUILDS else self._pattern(it))
            for it in sorted(fresh)
        ]
        watchers.append(types.FileSystemWatcher(f"**/{NAME}"))
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        made = types.Registration(
            f"{_WATCHING}-{len(self.watched)}",
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            options,
        )
        await self.client_register_capability_async(types.RegistrationParams([made]))

    def _pattern(self, folder: str) -> str | types.RelativePattern:
        if self.abilities.relative_patterns:
            return types.RelativePattern(Path(folder).as_uri(), _RULES)
        return f"{Path(folder).as_posix()}/{_RULES}"

    def _folders(self) -> Iterator[str]:
        roots = [it.uri for it in self.workspace.folders.values()]
        for uri in roots or [self.workspace.root_uri or ""]:
            path = to_fs_path(uri) if uri else None
            if path:
                yield path

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.text_document_publish_diagnostics(params)

    def _tell(self, said: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Info, said))


def _reported(error: Exception) -> tuple[str, str]:
    """What is said of an error in a line, and its traceback; neither quotes the text at hand."""
    if isinstance(error, JsonRpcInternalError):
        trace = error.data.get("traceback", ()) if isinstance(error.data, dict) else ()
        return f"a bug in portside: {error.message.partition(':')[0]}", "".join(trace)
    if isinstance(error, JsonRpcException | JSONDecodeError):
        return f"a message that cannot be read: {veiled(str(error))}", ""
    return told(error), traceback_of(error)


def _documents(server: Server) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        session.open(params.text_document, _encoding(server))
        await session.settled(params.text_document.uri)
        await server.watch()

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        session.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        session.files_changed([params.text_document.uri])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        session.files_changed(it.uri for it in params.changes)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        session.reload()


def _answers(server: Server) -> None:
    session = server.session

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        known = await session.settled(params.text_document.uri)
        if known is None:
            return None
        verdict, marks = known
        project = verdict.project
        return hover(
            at(marks, params.position),
            project.words if project else lambda _: None,
            session.link(verdict),
            markdown=server.abilities.markdown,
        )

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix], resolve_provider=True),
    )
    async def offered(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await Actions(session, server.abilities).offered(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(action: types.CodeAction) -> types.CodeAction:
        return await Actions(session, server.abilities).resolved(action)

    @server.command(SHOW)
    async def show(uri: str, span: types.Range | None) -> None:
        shown = types.ShowDocumentParams(uri, take_focus=True, selection=span)
        await server.window_show_document_async(shown)


def _life(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        await server.watch()


def _encoding(server: Server) -> str:
    known = server.workspace.position_encoding
    return known.value if isinstance(known, types.PositionEncodingKind) else known or "utf-16"
