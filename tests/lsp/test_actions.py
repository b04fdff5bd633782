"""What an editor offers at a finding, and what becomes of the text when it is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.editor import EMACS, Editor, applied, editor, of, run
from tests.scanning import POD

NOW = ("--now", "2026-07-01")
END = "2026-09-29"
RULE = "privileged-container"


async def action(
    it: Editor, uri: str, found: list[types.Diagnostic], verb: str
) -> types.CodeAction:
    """The resolved action at the finding of a privileged container."""
    offered = await it.actions(uri, of(found, RULE))
    return await it.resolved(offered[verb])


def edit_of(made: types.CodeAction, uri: str) -> list[types.TextEdit]:
    """The edit of a document, of which there has to be one only."""
    assert made.edit is not None
    (change,) = (
        it
        for it in made.edit.document_changes or ()
        if isinstance(it, types.TextDocumentEdit) and it.text_document.uri == uri
    )
    return [it for it in change.edits if isinstance(it, types.TextEdit)]


def test_a_comment_excuses_once_it_has_a_reason(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        uri = file.as_uri()
        async with editor(tmp_path, words=NOW) as it:
            made = await action(it, uri, await it.opened(file, POD), "Excuse")
            text = applied(POD, edit_of(made, uri))
            line = f"        privileged: true  # portside:ignore {RULE} until={END} …"
            assert line in text.split("\n")
            found = await it.rewritten(uri, text)
            assert of(found, RULE).severity == types.DiagnosticSeverity.Error
            assert "gives no reason" in of(found, "invalid-waiver").message
            found = await it.rewritten(uri, text.replace("…", "it loads a kernel module"))
            assert of(found, RULE).severity == types.DiagnosticSeverity.Hint
            assert of(found, RULE).message.endswith(
                f"excused by a comment until {END}: it loads a kernel module"
            )
            assert "invalid-waiver" not in {it.code for it in found}

    run(test())


def test_after_the_edit_the_reason_is_marked_to_be_written(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        uri = file.as_uri()
        async with editor(tmp_path, words=NOW) as it:
            made = await action(it, uri, await it.opened(file, POD), "Excuse")
            line = applied(POD, edit_of(made, uri)).split("\n")[8]
            assert made.command is not None
            params = types.ExecuteCommandParams(
                command=made.command.command, arguments=made.command.arguments
            )
            await it.client.workspace_execute_command_async(params)
            (shown,) = it.client.shown_documents
            assert shown.uri == uri
            begin = types.Position(8, line.index("…"))
            end = types.Position(8, line.index("…") + 1)
            assert shown.selection == types.Range(begin, end)

    run(test())


def test_an_excuse_ends_ninety_days_from_today(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            before = datetime.now(UTC).date()
            made = await action(it, file.as_uri(), await it.opened(file, POD), "Excuse")
            after = datetime.now(UTC).date()
        days = {str(day + timedelta(days=90)) for day in (before, after)}
        assert any(f"until={day}" in edit_of(made, file.as_uri())[0].new_text for day in days)

    run(test())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '        privileged: !!bool "true"\n        procMount:\n          Default\n',
            '        privileged: !!bool "true"  # portside:ignore',
        ),
        ("        {privileged: true}\n", "        {privileged: true}  # portside:ignore"),
        ("        privileged:\n          true\n", "        privileged:  # portside:ignore"),
        (
            '        {privileged: true, seLinuxOptions: {type: "a\n          b"}}\n',
            "        # portside:ignore",
        ),
    ],
)
def test_the_comment_stands_where_it_is_one(before: str, after: str, tmp_path: Path) -> None:
    """Behind the line of the field, unless a value that goes on there would swallow it."""
    text = POD.replace("        privileged: true\n", before)

    async def test() -> None:
        uri = (tmp_path / "pod.yaml").as_uri()
        async with editor(tmp_path, words=NOW) as it:
            made = await action(it, uri, await it.opened(tmp_path / "pod.yaml", text), "Excuse")
            fresh = applied(text, edit_of(made, uri))
            assert any(line.startswith(after) for line in fresh.split("\n")), fresh
            found = await it.rewritten(uri, fresh.replace("…", "it must"))
            assert of(found, RULE).severity == types.DiagnosticSeverity.Hint

    run(test())


def test_in_json_there_is_no_comment_to_offer(tmp_path: Path) -> None:
    text = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": '
        '[{"name": "a", "image": "a:1", "securityContext": {"privileged": true}}]}}\n'
    )

    async def test() -> None:
        file = tmp_path / "pod.json"
        async with editor(tmp_path, words=NOW) as it:
            found = await it.opened(file, text, "json")
            made = await action(it, file.as_uri(), found, "Excuse")
            assert made.edit is None
            assert made.disabled is not None
            assert "no comment" in made.disabled.reason
            made = await action(it, file.as_uri(), found, "Waive")
            assert made.edit is not None

    run(test())


def test_what_no_comment_may_excuse_is_not_offered_one(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path, words=("--profile", "strict", *NOW)) as it:
            offered = await it.actions(file.as_uri(), of(await it.opened(file, POD), RULE))
            disabled = offered["Excuse"].disabled
            assert disabled is not None
            assert "strict" in disabled.reason
            assert offered["Waive"].disabled is None

    run(test())


def test_a_waiver_is_added_to_the_configuration_and_asks_who_approves(tmp_path: Path) -> None:
    configuration = "version: 1  # ours\nprofile: recommended\n"
    config = tmp_path / "portside.yaml"
    config.write_text(configuration)
    file = tmp_path / "app" / "pod.yaml"
    file.parent.mkdir()

    async def test() -> None:
        async with editor(tmp_path, words=NOW) as it:
            made = await action(it, file.as_uri(), await it.opened(file, POD), "Waive")
            text = applied(configuration, edit_of(made, config.as_uri()))
            assert text.startswith(configuration)
            missing = await it.opened(config, text)
            assert "reason" in of(missing, "configuration").message
            text = text.replace('reason: ""', "reason: it must")
            missing = await it.rewritten(config.as_uri(), text)
            assert "approver" in of(missing, "configuration").message
            text = text.replace('approver: ""', "approver: me@example.org")
            assert await it.rewritten(config.as_uri(), text) == []
            # What is not saved is not in force.
            found = of(await it.rewritten(file.as_uri(), POD), RULE)
            assert found.severity == types.DiagnosticSeverity.Error
            config.write_text(text)
            it.changed_on_disk(config)
            found = of(await it.next(file.as_uri()), RULE)
            assert found.severity == types.DiagnosticSeverity.Hint
            assert found.message.endswith(f"excused by a waiver until {END}: it must")

    run(test())


def test_a_waiver_goes_into_what_is_open_and_not_saved_yet(tmp_path: Path) -> None:
    config, file = tmp_path / "portside.yaml", tmp_path / "pod.yaml"
    config.write_text("version: 1\n")
    open_text = "version: 1\nwaivers: []\nprofile: strict\n"

    async def test() -> None:
        async with editor(tmp_path, words=NOW) as it:
            await it.opened(config, open_text)
            made = await action(it, file.as_uri(), await it.opened(file, POD), "Waive")
            text = applied(open_text, edit_of(made, config.as_uri()))
            assert text.startswith("version: 1\nwaivers:\n  - rule: privileged-container\n")
            assert text.endswith("\nprofile: strict\n")

    run(test())


def test_without_a_configuration_one_is_made_in_the_root_of_the_workspace(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "below" / "pod.yaml"
    file.parent.mkdir(parents=True)

    async def test() -> None:
        uri = (tmp_path / "portside.yaml").as_uri()
        async with editor(tmp_path, words=NOW) as it:
            made = await action(it, file.as_uri(), await it.opened(file, POD), "Waive")
            assert made.edit is not None
            create, _ = made.edit.document_changes or ()
            assert isinstance(create, types.CreateFile)
            assert create.uri == uri
            text = applied("", edit_of(made, uri))
            assert text.startswith("version: 1\nwaivers:\n  - rule: privileged-container\n")

    run(test())


def test_the_page_of_the_rule_is_shown_in_the_editor(tmp_path: Path) -> None:
    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            found = of(await it.opened(file, POD), RULE)
            offered = await it.actions(file.as_uri(), found)
            command = offered["Show"].command
            assert command is not None
            params = types.ExecuteCommandParams(
                command=command.command, arguments=command.arguments
            )
            await it.client.workspace_execute_command_async(params)
            (shown,) = it.client.shown_documents
            assert found.code_description is not None
            assert shown.uri == found.code_description.href

    run(test())


def test_what_is_excused_needs_no_excuse(tmp_path: Path) -> None:
    text = POD.replace("true", "true  # portside:ignore privileged-container it must")

    async def test() -> None:
        file = tmp_path / "pod.yaml"
        async with editor(tmp_path) as it:
            found = of(await it.opened(file, text), RULE)
            assert set(await it.actions(file.as_uri(), found)) == {"Show"}

    run(test())


def test_an_editor_that_cannot_ask_later_gets_the_edits_at_once(tmp_path: Path) -> None:
    async def test() -> None:
        uri = (tmp_path / "pod.yaml").as_uri()
        async with editor(tmp_path, words=NOW, like=EMACS) as it:
            found = await it.opened(tmp_path / "pod.yaml", POD)
            offered = await it.actions(uri, of(found, RULE))
            (change,) = edit_of(offered["Excuse"], uri)
            assert f"until={END} …" in change.new_text

    run(test())


def test_in_a_dockerfile_the_comment_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    text = "FROM registry.example.org/base:1.2\nUSER root\n"

    async def test() -> None:
        file = tmp_path / "Dockerfile"
        uri = file.as_uri()
        async with editor(tmp_path, words=NOW) as it:
            found = await it.opened(file, text, "dockerfile")
            rule = str(found[0].code)
            made = await it.resolved((await it.actions(uri, found[0]))["Excuse"])
            fresh = applied(text, edit_of(made, uri))
            assert fresh.split("\n")[1] == f"# portside:ignore {rule} until={END} …"
            again = of(await it.rewritten(uri, fresh.replace("…", "it must")), rule)
            assert again.severity == types.DiagnosticSeverity.Hint

    run(test())
