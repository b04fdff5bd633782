"""Charts in the editor: rendered with what is not saved, judged in all environments."""

from __future__ import annotations

import os
from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import Editor, Place, applied, editor, kind, of, places, run
from tests.render.trees import CHART, write
from tests.scanning import portside

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  hostNetwork: {{ .Values.host }}
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        privileged: true
"""
PRIVILEGED: Place = ("privileged-container", 11, 9)
HOST = "host-network"
FILES = {"Chart.yaml": CHART, "templates/pod.yaml": POD, "values.yaml": "host: false\n"}


def chart(folder: Path, **more: str) -> Path:
    write(folder, FILES | {name.replace("__", "/"): text for name, text in more.items()})
    return folder


def rule(found: list[types.Diagnostic], name: str) -> set[Place]:
    return {it for it in places(found) if it[0] == name}


async def said(it: Editor, file: Path) -> list[types.Diagnostic]:
    """What is said next of a file, open or not."""
    return await it.until(file.as_uri(), lambda _: True)


async def excuse(it: Editor, file: Path, place: Place) -> types.CodeAction:
    """The action that would excuse what is found there with a comment."""
    rule, line, column = place
    context = types.CodeActionContext([])
    at = types.Position(line - 1, column - 1)
    document = types.TextDocumentIdentifier(file.as_uri())
    params = types.CodeActionParams(document, types.Range(at, at), context)
    offered = await it.client.text_document_code_action_async(params) or []
    title = f"Portside: Excuse {rule} "
    (found,) = (one for one in offered if one.title.startswith(title))
    assert isinstance(found, types.CodeAction)
    return await it.resolved(found)


def reasoned(text: str, made: types.CodeAction) -> str:
    """`text` with the edit of an action, and a reason where one is to be written."""
    assert made.edit is not None, made.disabled
    (change,) = made.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    edits = [one for one in change.edits if isinstance(one, types.TextEdit)]
    return applied(text, edits).replace("…", "it loads a module")


async def withdrawn(it: Editor, file: Path) -> None:
    await it.until(file.as_uri(), lambda told: not told.diagnostics)


def test_a_template_is_judged_by_what_it_makes_of_the_text_in_the_editor(
    on_path: str, tmp_path: Path
) -> None:
    file = chart(tmp_path) / "templates" / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(file)
            assert PRIVILEGED in places(found)
            assert of(found, PRIVILEGED[0]).severity == types.DiagnosticSeverity.Error
            assert not [one for one in found if kind(one) == "unread"]
            found = await it.rewritten(file.as_uri(), "{{- /* moved */ -}}\n\n" + POD)
            assert rule(found, PRIVILEGED[0]) == {(PRIVILEGED[0], 13, 9)}
            found = await it.rewritten(file.as_uri(), POD.replace("true", "false"))
            assert rule(found, PRIVILEGED[0]) == set()
        assert file.read_text() == POD

    run(test())


def test_a_finding_stands_in_the_file_that_sets_the_value_with_the_way_there(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path, **{"values-prod.yaml": "# prod\nhost: true\n"})
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values-prod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            found = of(await said(it, values), HOST)
            assert found.range.start == types.Position(1, 0)
            assert found.message.endswith("\nholds in prod")
            assert found.code_description is not None
            (way,) = found.related_information or ()
            assert way.location.uri == template.as_uri()
            assert way.location.range.start.line == 5
            assert way.message == "rendered from here"
            await it.rewritten(template.as_uri(), POD.replace("{{ .Values.host }}", "false"))
            await withdrawn(it, values)

    run(test())


def test_values_that_are_not_saved_are_those_that_are_judged(on_path: str, tmp_path: Path) -> None:
    chart(tmp_path, **{"values-prod.yaml": "host: false\n"})

    async def test() -> None:
        async with editor(tmp_path) as it:
            for file, environment in (("values.yaml", "default"), ("values-prod.yaml", "prod")):
                uri = (tmp_path / file).as_uri()
                assert rule(await it.opened(tmp_path / file), HOST) == set()
                found = await it.rewritten(uri, "# on\n\nhost: true\n")
                assert rule(found, HOST) == {(HOST, 3, 1)}
                assert of(found, HOST).message.endswith(f"\nholds in {environment}")
                assert rule(await it.rewritten(uri, "host: false\n"), HOST) == set()

    run(test())


def test_what_is_found_in_other_files_is_withdrawn_when_the_last_is_closed(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path, templates__other_yaml="", **{"values.yaml": "host: true\n"})
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(tmp_path / "Chart.yaml")
            await it.opened(values)
            assert PRIVILEGED in places(await said(it, template))
            it.close(values.as_uri())
            assert rule(await said(it, values), HOST) == {(HOST, 1, 1)}
            it.close((tmp_path / "Chart.yaml").as_uri())
            await withdrawn(it, template)
            await withdrawn(it, values)

    run(test())


def test_what_was_typed_and_not_saved_is_gone_when_the_text_is_closed(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path)
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            await it.opened(values)
            assert rule(await it.rewritten(values.as_uri(), "host: true\n"), HOST)
            it.close(values.as_uri())
            await it.until(values.as_uri(), lambda told: not told.diagnostics)

    run(test())


def test_a_template_that_was_never_saved_is_a_part_of_its_chart(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path)

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = await it.opened(tmp_path / "templates" / "new.yaml", POD.replace("shop", "new"))
            assert PRIVILEGED in places(found)

    run(test())


def test_a_mistake_in_a_template_is_told_on_its_line_once_for_all_environments(
    on_path: str, tmp_path: Path
) -> None:
    template = chart(tmp_path, **{"values-prod.yaml": "a: 1\n"}) / "templates" / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            broken = POD.replace("{{ .Values.host }}", "{{ fail .Values.host | nonsense }}")
            found = of(await it.rewritten(template.as_uri(), broken), "unread")
            assert found.range.start.line == 5
            assert found.severity == types.DiagnosticSeverity.Warning
            assert "not rendered: " in found.message
            assert 'function "nonsense" not defined' in found.message
            assert found.message.endswith("(and in 1 environment more)")
            assert PRIVILEGED in places(await it.rewritten(template.as_uri(), POD))

    run(test())


def test_values_that_the_schema_refuses_are_told(on_path: str, tmp_path: Path) -> None:
    schema = '{"properties": {"host": {"type": "boolean"}}}'
    values = chart(tmp_path, **{"values.schema.json": schema}) / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(values)
            await it.rewritten(values.as_uri(), "host: 5\n")
            found = of(await said(it, tmp_path / "values.schema.json"), "unread")
            assert "'/host': got number, want boolean" in found.message

    run(test())


def test_a_missing_dependency_is_told_with_the_remedy(on_path: str, tmp_path: Path) -> None:
    head = chart(tmp_path) / "Chart.yaml"
    needed = f"{CHART}dependencies:\n  - {{name: db, version: 1.x.x, repository: ''}}\n"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(head)
            found = of(await it.rewritten(head.as_uri(), needed), "unread")
            assert "db" in found.message
            assert "helm dependency build" in found.message

    run(test())


def test_without_a_renderer_it_is_said_once_what_is_not_judged_and_what_to_do(
    tmp_path: Path,
) -> None:
    chart(tmp_path)
    (tmp_path / "bin").mkdir()

    async def test() -> None:
        async with editor(tmp_path, PATH=str(tmp_path / "bin")) as it:
            await it.opened(tmp_path / "templates" / "pod.yaml")
            await it.opened(tmp_path / "values.yaml")
            found = of(await said(it, tmp_path / "Chart.yaml"), "unread")
            assert found.severity == types.DiagnosticSeverity.Information
            assert "pip install portside-render" in found.message
            (told,) = it.client.messages
            assert told.type == types.MessageType.Info
            assert "pip install portside-render" in told.message

    run(test())


def test_of_many_changes_the_last_text_wins_in_two_files_of_a_chart(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path)
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            await it.opened(values)
            for number in range(20):
                whole = types.TextDocumentContentChangeWholeDocument
                it.send(values.as_uri(), whole(f"host: {str(number % 2 == 1).lower()}\n"))
                it.send(template.as_uri(), whole("\n" * number + POD))
            found = await it.heard(template.as_uri())
            assert rule(found, PRIVILEGED[0]) == {(PRIVILEGED[0], 30, 9)}
            assert rule(await it.heard(values.as_uri()), HOST) == {(HOST, 1, 1)}

    run(test())


def test_a_change_on_the_disk_that_only_moves_lines_is_noticed(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path, **{"values.yaml": "host: true\n"})
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            assert rule(await said(it, values), HOST) == {(HOST, 1, 1)}
            values.write_text("# one\n# two\nhost: true\n")
            it.changed_on_disk(values)
            assert rule(await it.next(values.as_uri()), HOST) == {(HOST, 3, 1)}

    run(test())


def test_a_new_file_of_values_is_an_environment_once_it_is_there(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path)
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values-prod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            values.write_text("host: true\n")
            it.changed_on_disk(values)
            assert rule(await said(it, values), HOST) == {(HOST, 1, 1)}

    run(test())


def test_a_comment_is_offered_in_a_template_where_it_excuses_as_in_a_scan(
    on_path: str, tmp_path: Path
) -> None:
    chart(tmp_path, **{"values.yaml": "host: true\n"})
    template, values = tmp_path / "templates" / "pod.yaml", tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            made = await excuse(it, template, PRIVILEGED)
            text = reasoned(POD, made)
            found = await it.rewritten(template.as_uri(), text)
            assert of(found, PRIVILEGED[0]).severity == types.DiagnosticSeverity.Hint
            assert "excused by a comment" in of(found, PRIVILEGED[0]).message
            assert "unused-waiver" not in {one.code for one in found}
            await it.opened(values)
            made = await excuse(it, values, (HOST, 1, 1))
            template.write_text(text)
            values.write_text(reasoned("host: true\n", made))
        scanned = portside(tmp_path, "scan", "--part", "-o", "json", "--no-cache", ".")
        assert scanned.excused(PRIVILEGED[0]) == scanned.excused(HOST) == [True]
        assert scanned.of("unused-waiver") == []

    run(test())


def test_a_finding_is_explained_in_a_template(on_path: str, tmp_path: Path) -> None:
    template = chart(tmp_path) / "templates" / "pod.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:
            await it.opened(template)
            told = await it.hover(template.as_uri(), 10, 10)
            assert f"`{PRIVILEGED[0]}` · critical" in told
            assert "[The page of this rule](file://" in told

    run(test())


def test_the_warnings_of_a_render_are_told_at_the_chart(on_path: str, tmp_path: Path) -> None:
    inner = {"Chart.yaml": CHART.replace("shop", "sub"), "values.yaml": "a: text\n"}
    chart(tmp_path, **{"values.yaml": "sub: {a: {b: 1}}\n"})
    write(tmp_path / "charts" / "sub", inner)

    async def test() -> None:
        async with editor(tmp_path) as it:
            found = of(await it.opened(tmp_path / "Chart.yaml"), "render-warning")
            assert found.severity == types.DiagnosticSeverity.Information
            assert "skipped value for shop.sub.a" in found.message

    run(test())


def test_charts_of_several_folders_are_told_apart(on_path: str, tmp_path: Path) -> None:
    one, two = chart(tmp_path / "one"), chart(tmp_path / "two")

    async def test() -> None:
        async with editor(one, two) as it:
            await it.opened(one / "templates" / "pod.yaml")
            other = (two / "templates" / "pod.yaml").as_uri()
            assert other not in it.told
            assert PRIVILEGED in places(await it.opened(two / "templates" / "pod.yaml"))

    run(test())


def test_a_chart_is_found_through_a_link(on_path: str, tmp_path: Path) -> None:
    chart(tmp_path / "real")
    os.symlink(tmp_path / "real", tmp_path / "link")

    async def test() -> None:
        async with editor(tmp_path / "link") as it:
            file = tmp_path / "link" / "templates" / "pod.yaml"
            assert PRIVILEGED in places(await it.opened(file))

    run(test())


HELPED = """\
apiVersion: v1
kind: Pod
metadata:
  name: helped
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      {{- include "context" . | nindent 6 }}
"""
HELPER = '{{- define "context" -}}\nsecurityContext:\n  privileged: true\n{{- end }}\n'


def test_places_in_a_chart_follow_each_of_its_texts_as_it_changes(
    on_path: str, tmp_path: Path
) -> None:
    """What is remembered from one text to the next is never that of another."""
    more = {"templates/helped.yaml": HELPED, "templates/_help.tpl": HELPER}
    chart(tmp_path, **{"values.yaml": "host: true\n"}, **more)
    files = ("pod.yaml", "helped.yaml", "_help.tpl")
    pod, helped, helper = (tmp_path / "templates" / it for it in files)
    values = tmp_path / "values.yaml"

    async def test() -> None:
        async with editor(tmp_path) as it:

            async def lines(file: Path, text: str) -> dict[str, set[int]]:
                await it.rewritten(file.as_uri(), text)
                return {
                    one.name: {
                        at[1] for at in places(it.told[one.as_uri()].diagnostics)
                        if at[0] in (PRIVILEGED[0], HOST)
                    }
                    for one in (pod, helped, helper, values) if one.as_uri() in it.told
                }  # fmt: skip

            for file in (pod, helped, helper, values):
                await it.opened(file)
            now = await lines(pod, "\n" + POD)
            helped_at = now["helped.yaml"] | now["_help.tpl"]
            assert (now["pod.yaml"], now["values.yaml"]) == ({12}, {1})
            now = await lines(pod, "\n\n" + POD)
            assert (now["pod.yaml"], now["values.yaml"]) == ({13}, {1})
            assert now["helped.yaml"] | now["_help.tpl"] == helped_at
            now = await lines(values, "# x\nhost: true\n")
            assert (now["pod.yaml"], now["values.yaml"]) == ({13}, {2})
            now = await lines(helper, "\n" + HELPER)
            assert now["_help.tpl"] == {line + 1 for line in helped_at}
            assert now["pod.yaml"] == {13}
            now = await lines(pod, HELPER.replace("context", "other") + "\n" + POD)
            assert now["pod.yaml"] == {16}
            now = await lines(pod, POD)
            assert (now["pod.yaml"], now["values.yaml"]) == ({11}, {2})

    run(test())
