"""What an editor offers at a finding: a comment, a waiver, and the page of its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from portside.cli.config import NAME
from portside.errors import ExpectedError
from portside.lsp import excuses
from portside.lsp.buffer import Buffer
from portside.lsp.hover import touching
from portside.lsp.session import Session

if TYPE_CHECKING:
    from portside.lsp.abilities import Abilities
    from portside.lsp.marks import Mark
    from portside.lsp.project import Project
    from portside.lsp.verdict import Verdict
    from portside.model.finding import Finding

SHOW = "portside.show"
"""The command that shows a place: a URI, and a range in it or nothing."""
_COMMENT, _WAIVER = "comment", "waiver"
_NO_COMMENT = "no comment can stand there: take a waiver, or in JSON an annotation"


class Actions:
    """Makes the code actions of one session for a client with `abilities`."""

    __slots__ = ("_abilities", "_session")

    def __init__(self, session: Session, abilities: Abilities) -> None:
        self._session = session
        self._abilities = abilities

    async def offered(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The actions for all findings that the range touches."""
        only = params.context.only
        if only and not any(_asks_for_quick_fixes(it) for it in only):
            return []
        uri = params.text_document.uri
        known = await self._session.settled(uri)
        if known is None or not self._abilities.code_actions:
            return []
        verdict, marks = known
        made = [
            action
            for mark in touching(marks, params.range)
            for action in self._of_mark(mark, uri, verdict)
        ]
        if not self._abilities.resolves_edits:
            made = [await self.resolved(it) for it in made]
        return [it for it in made if it.disabled is None or self._abilities.disabled_actions]

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """`action` with its edit; disabled, with the reason, where there can be none."""
        data = action.data
        if not isinstance(data, dict) or action.disabled is not None:
            return action
        known = await self._session.settled(str(data.get("uri")))
        mark = None if known is None else _found(known[1], data)
        if known is None or mark is None or known[0].project is None or mark.finding is None:
            action.disabled = types.CodeActionDisabled("the text has changed since")
            return action
        verdict, project, finding = known[0], known[0].project, mark.finding
        made = self._comment if data.get("do") == _COMMENT else self._waiver
        try:
            await made(action, finding, verdict, project)
        except LookupError:
            action.disabled = types.CodeActionDisabled(_NO_COMMENT)
        except ExpectedError as error:
            place = f"{error.where}: " if error.where else ""
            action.disabled = types.CodeActionDisabled(f"{place}{error.problem}")
        return action

    def _of_mark(self, mark: Mark, uri: str, verdict: Verdict) -> Iterator[types.CodeAction]:
        finding, project = mark.finding, verdict.project
        if finding is None or project is None:
            return
        if mark.excuse is None and excuses.can_be_excused(finding):
            until = excuses.last_day(project, verdict.path)
            comment = f"Excuse {finding.rule} with a comment until {until}"
            made = _action(comment, mark, _data(_COMMENT, uri, finding))
            if excuses.above_the_cap(finding, project):
                said = f"the profile {project.profile} lets no comment excuse what is as severe"
                made.disabled = types.CodeActionDisabled(said)
            yield made
            waiver = f"Waive {finding.rule} in {NAME} until {until}"
            yield _action(waiver, mark, _data(_WAIVER, uri, finding))
        page = self._session.link(verdict)(finding.rule)
        if page and self._abilities.shows_documents:
            shown = f"Show the page of {finding.rule}"
            made = _action(shown, mark, None)
            made.command = types.Command(shown, SHOW, arguments=[page, None])
            yield made

    async def _comment(
        self, action: types.CodeAction, finding: Finding, verdict: Verdict, project: Project
    ) -> None:
        session = self._session
        buffer = session.buffers[_uri(action)]
        if buffer.is_json():
            raise LookupError

        def made() -> excuses.Change:
            return excuses.comment(
                finding,
                buffer,
                excuses.last_day(project, verdict.path),
                excuses.name_in_excuses(finding, project),
                lambda text: session.evaluation(text, _uri(action), verdict),
            )

        self._edit(action, buffer, await session.trial(_uri(action), made))

    async def _waiver(
        self, action: types.CodeAction, finding: Finding, verdict: Verdict, project: Project
    ) -> None:
        session = self._session
        file = excuses.waiver_file(project, verdict.path, session.folders())
        uri = session.uri_of(file)
        buffer = session.buffers.get(uri)
        text = buffer.text if buffer is not None else excuses.text_of(file)
        if text is None and not self._abilities.creates_files:
            raise ExpectedError(f"there is no {NAME}, and this editor lets no server make one")
        change = excuses.waiver(
            finding,
            text,
            file,
            excuses.last_day(project, verdict.path),
            excuses.name_in_excuses(finding, project),
        )
        target = buffer or _closed(uri, text or "", session.buffers[_uri(action)].encoding)
        self._edit(action, target, change, create=text is None)

    def _edit(
        self,
        action: types.CodeAction,
        buffer: Buffer,
        change: excuses.Change,
        *,
        create: bool = False,
    ) -> None:
        """Let `action` make the change, and then show where somebody has to go on."""
        span = types.Range(buffer.at(change.begin), buffer.at(change.end))
        action.edit = self._workspace_edit(buffer, types.TextEdit(span, change.text), create)
        able = self._abilities
        if able.shows_documents and (able.resolves_commands or not able.resolves_edits):
            lead, behind = buffer.text[: change.begin], buffer.text[change.end :]
            after = _closed(buffer.uri, f"{lead}{change.text}{behind}", buffer.encoding)
            begin, end = (after.at(change.begin + it) for it in change.open)
            arguments = [buffer.uri, types.Range(begin, end)]
            action.command = types.Command(action.title, SHOW, arguments=arguments)

    def _workspace_edit(
        self, buffer: Buffer, edit: types.TextEdit, create: bool
    ) -> types.WorkspaceEdit:
        if not self._abilities.document_changes:
            return types.WorkspaceEdit(changes={buffer.uri: [edit]})
        version = buffer.version if buffer.uri in self._session.buffers else None
        identifier = types.OptionalVersionedTextDocumentIdentifier(buffer.uri, version)
        changed = types.TextDocumentEdit(identifier, [edit])
        if not create:
            return types.WorkspaceEdit(document_changes=[changed])
        made = types.CreateFile(
            uri=buffer.uri, options=types.CreateFileOptions(ignore_if_exists=True)
        )
        return types.WorkspaceEdit(document_changes=[made, changed])


def _asks_for_quick_fixes(kind: types.CodeActionKind | str) -> bool:
    wanted = kind.value if isinstance(kind, types.CodeActionKind) else kind
    return types.CodeActionKind.QuickFix.value.startswith(wanted)


def _action(title: str, mark: Mark, data: dict[str, Any] | None) -> types.CodeAction:
    return types.CodeAction(
        f"Portside: {title}",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[mark.diagnostic],
        data=data,
    )


def _data(what: str, uri: str, finding: Finding) -> dict[str, Any]:
    return {"do": what, "uri": uri, "rule": finding.rule, "id": finding.identity}


def _uri(action: types.CodeAction) -> str:
    data: Any = action.data
    return str(data["uri"])


def _found(marks: list[Mark], data: dict[str, Any]) -> Mark | None:
    """The mark that the data of an action is about, in what is known now."""
    for mark in marks:
        it = mark.finding
        if it is not None and (it.rule, it.identity) == (data.get("rule"), data.get("id")):
            return mark
    return None


def _closed(uri: str, text: str, encoding: str) -> Buffer:
    return Buffer(types.TextDocumentItem(uri, "yaml", 0, text), encoding)
